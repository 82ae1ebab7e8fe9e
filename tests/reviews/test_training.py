"""Training: the library covers the policy, exercises are stepped through on the web, and nothing is left behind."""

import html
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from channelconflict.models import AuditEvent
from conflicts.models import Claim
from conflicts.policy import ACTIONS, KINDS, STANDARD
from partners.ingest.kinds import FINDING_KINDS
from partners.models import Account, Program, Registration
from reviews.exercise_file import read, read_file
from reviews.models import Case
from reviews.training import seen, shelf
from reviews.training.answer import Answer, differences, expected
from reviews.training.forms import LARGEST
from tests import factories
from tests.reviews.at_the_desk import text_of

ORDINARY, OVERLAPS = "02-two-partners-first-worked", "08-territory-rules-overlap"
TRACES = (Program, Account, Registration, Case, Claim, AuditEvent)
# Which exercise is decided by which rule of the policy.
DECIDED_BY = {
    "R-01": "130-agreement-inactive", "R-02": "06-strategic-account", "R-03": "120-reserved-accounts", "R-04": "136-co-sell",
    "R-05": "145-protection-held-60-days", "R-06": "111-owner-working-60-days", "R-07": "151-owner-is-the-only-one-left",
    "R-08": "02-two-partners-first-worked", "R-09": "163-request-information-large", "R-10": "162-information-before-co-sell",
    "R-11": "07-close-call", "R-12": "161-equal-scores-rank-by-earlier",
}  # fmt: skip


def url(name, **query):
    found = reverse("review:exercise", args=[name])
    return f"{found}?{'&'.join(f'{key}={value}' for key, value in query.items())}"


def own(client, document, **more):
    content = document if isinstance(document, bytes) else json.dumps(document).encode()
    return client.post(reverse("review:own_exercise"), {"file": SimpleUploadedFile("my.json", content), **more})


def document(name=ORDINARY):
    return json.loads((shelf.FOLDER / f"{name}.json").read_text())


# The library


def test_the_library_covers_every_kind_and_every_action():
    entries = shelf.library().values()
    assert len(entries) >= 40
    assert {kind for entry in entries for kind in entry.kinds} == {*KINDS, shelf.OVERLAP, shelf.NO_CONFLICT}
    assert {action for entry in entries for action in entry.actions} == set(ACTIONS)
    assert {entry.level for entry in entries} == set(shelf.LEVELS)


def exceptions():
    rows = [
        row
        for path in shelf.FOLDER.glob("*.json")
        for row in json.loads(path.read_text())["records"].get("exceptions", [])
    ]
    assert rows
    return rows


def test_exceptions_lift_every_kind_that_can_be_lifted_and_come_in_every_form():
    rows = exceptions()
    lifted = {kind for row in rows for kind in row.get("lifts") or []}
    # Neither stands against anybody: a chain and an earlier rejection make no case. Rules are no registrations.
    assert set(FINDING_KINDS) - lifted <= {"same_chain", "resubmission", "territory_overlap"}
    assert {bool(row.get("family")) for row in rows} == {True, False}
    assert {("direct" if p == "direct" else "partner" if p else "all") for p in (row.get("party") for row in rows)} == {
        "direct", "partner", "all",
    }  # fmt: skip
    assert any(row.get("product_lines") for row in rows)
    assert any(row.get("valid_until") for row in rows)


@pytest.mark.django_db
@pytest.mark.parametrize("name", [f"{n}" for n in shelf.library() if "-lifted-" in n and n > "2"])
def test_it_is_the_exception_that_lifts(name):
    """Without it the findings are there."""
    whole = document(name)
    lifted = {kind for row in whole["records"]["exceptions"] for kind in row["lifts"]} - {"direct_engagement"}
    found = seen.look(read(whole | {"records": whole["records"] | {"exceptions": []}}))
    assert lifted <= {finding.kind for case in found.cases for finding in case.findings}


@pytest.mark.django_db
@pytest.mark.parametrize(("rule", "name"), DECIDED_BY.items())
def test_every_rule_decides_some_exercise(rule, name):
    assert set(DECIDED_BY) == {str(item["id"]) for item in STANDARD["rules"]}
    assert rule in {case.rule for case in seen.of_library(name).cases}


def test_every_row_of_the_authority_matrix_is_used():
    routes = {
        tuple(case["route"]) for path in shelf.FOLDER.glob("*.json") for case in read_file(path).expect.get("cases", [])
    }
    assert {tuple(row["roles"]) for row in STANDARD["routing"]["table"]} <= routes
    assert any("sales_ops" in route for route in routes)
    assert any("legal" in route for route in routes)


# Answers


def test_what_a_trainee_sees_otherwise_is_said():
    right = expected(document()["expect"], ["R-1", "R-2", "R-9"])
    assert list(differences(right, right)) == []
    given = Answer(frozenset({"co_sell"}), {"R-1": ("split", ""), "R-2": ("", ""), "R-9": ("none", "")})
    assert list(differences(given, right)) == [
        "There is a finding that you did not name: competing registration.",
        "You named a finding that does not hold: co sell.",
        "R-1: you said split, owner nobody; expected is award, owner P-ALPHA.",
        "R-2: you did not say what becomes of it; expected is award, owner P-ALPHA.",
    ]


# The pages


@pytest.fixture
def desk(client, cast):
    client.force_login(cast.bob)
    return client


def test_the_library_is_for_staff(client, cast):
    addresses = [reverse("review:training"), reverse("review:own_exercise"), url(ORDINARY)]
    assert {client.get(address).status_code for address in addresses} == {302}
    client.force_login(cast.acme_rep)
    assert {client.get(address).status_code for address in addresses} == {404}


def test_it_lists_what_is_trained_and_what_is_decided_most(desk, cast):
    page = text_of(desk.get(reverse("review:training")))
    assert "Two partners, one account under two spellings" in page
    assert "No case is decided yet" in page
    page = text_of(desk.get(reverse("review:training"), {"kind": "price_overlap"}))
    assert "Two partners, one account under two spellings" not in page
    case = factories.conflict_case(cast)
    with cast.scope():
        Case.objects.filter(pk=case.pk).update(decided_at=factories.AT)
    page = text_of(desk.get(reverse("review:training")))
    assert "Decided most here" in page
    assert "competing registration 1" in page
    assert "Alpha" not in page


STEPS = [
    (1, ("These are all its records", "Orion Chemicals Inc.", "validation")),
    (2, ("What becomes of R-1", "competing registration", "Direct team")),
    (3, ("ORION CHEMICALS, INCORPORATED", "A-ORION: Orion Chemicals Inc.", "same")),
    (4, ("Alpha Flow registered Orion Chemicals Inc. for Pumps as well",)),
    (5, ("Award to Alpha Flow", "Why not otherwise", "R-08")),
    (6, ("Partner manager",)),
    (7, ("You and the exercise differ in", "The rules make of it exactly what the file expects")),
]


@pytest.mark.parametrize(("step", "texts"), STEPS)
def test_each_step_shows_its_part(desk, step, texts):
    page = text_of(desk.get(url(ORDINARY, step=step)))
    for text in texts:
        assert text in page
    assert f"step {step} of 7" in page


def test_the_answer_goes_along_and_is_compared(desk):
    said = {"kinds": "competing_registration", "action_0": "award", "owner_0": "P-ALPHA", "action_1": "award"}
    page = desk.get(url(ORDINARY, step=4, **said)).content.decode()
    assert '<input type="hidden" name="owner_0" value="P-ALPHA">' in page
    page = text_of(desk.get(url(ORDINARY, step=7, **said)))
    assert "differ in 1 point." in page
    assert "R-2: you said award, owner nobody; expected is award, owner P-ALPHA." in page
    page = text_of(desk.get(url(ORDINARY, step=7, **said, owner_1="P-ALPHA")))
    assert "You see it as the exercise does." in page


def test_an_unknown_step_or_answer_is_the_first_step_and_no_answer(desk):
    assert "step 1 of 7" in text_of(desk.get(url(ORDINARY, step="x9")))
    assert "step 7 of 7" in text_of(desk.get(url(ORDINARY, step=99)))
    assert desk.get(url(ORDINARY, step=3, action_0="nonsense", kinds="zz")).status_code == 200
    assert desk.get(url("no-such-exercise")).status_code == 404


def test_rules_that_collide_are_shown(desk):
    assert "Rules that collide" in text_of(desk.get(url(OVERLAPS, step=4)))


def test_one_of_ones_own_is_played_and_leaves_nothing(desk, cast):
    case = factories.conflict_case(cast)
    with cast.scope():
        before = {model: model.objects.count() for model in TRACES}
    first = own(desk, document())
    assert "step 1 of 7" in text_of(first)
    carried = first.content.decode().split('name="document" value="', 1)[1].split('"', 1)[0]
    later = desk.post(reverse("review:own_exercise"), {"document": html.unescape(carried), "step": "5"})
    assert "Award to Alpha Flow" in text_of(later)
    with cast.scope():
        assert {model: model.objects.count() for model in TRACES} == before
    assert Program.objects.count() == 1
    page = text_of(desk.get(reverse("review:queue")))
    assert "1 open" in page
    assert case.ref in page


def test_an_exercise_sees_no_real_record(desk, cast):
    """The same customer and partners stand in the real program: the exercise finds only its own."""
    factories.conflict_case(cast)
    records = document()["records"] | {"registrations": [], "activities": []}
    with_own = own(desk, document() | {"records": records}, step="4")
    assert "Nothing stands against any registration" in text_of(with_own)


BAD = [
    (b"", "The submitted file is empty."),
    (b"{", "Line 1 is not JSON"),
    (b"\xff\xfe", "The file is not UTF-8 text"),
    (b'{"name": "\\u0000"}', "NUL characters"),
    (b'{"name": "\\ud800"}', "half a character"),
    (b"[" * 100_000, "nested too deeply"),
    (b'{"name": "x"}', "An exercise needs"),
    (b" " * (LARGEST + 1), "at most 200 kB are read"),
]


@pytest.mark.parametrize(("content", "sentence"), BAD, ids=lambda value: "" if isinstance(value, bytes) else value)
def test_a_bad_file_is_refused_in_a_sentence(desk, content, sentence):
    response = own(desk, content)
    assert response.status_code == 400
    assert sentence in text_of(response)


def test_bad_rows_and_too_many_of_them_are_named(desk):
    records = document()["records"]
    bad = document() | {"records": records | {"tiers": [{"code": "gold plus", "name": "Plus"}]}}
    response = own(desk, bad)
    assert response.status_code == 400
    assert "tiers, row 1, column code" in text_of(response)
    many = document() | {"records": records | {"evidence": [{"registration": "R-1"}] * 501}}
    assert "here are at most 500 played at once" in text_of(own(desk, many))
    assert desk.post(reverse("review:own_exercise")).status_code == 400
    assert desk.get(reverse("review:own_exercise")).status_code == 302


def test_a_page_takes_few_queries(desk):
    desk.get(url(ORDINARY))  # played once a process
    for address in (reverse("review:training"), url(ORDINARY, step=5)):
        with CaptureQueriesContext(connection) as queries:
            desk.get(address)
        assert len([q for q in queries if not q["sql"].startswith(("SAVEPOINT", "RELEASE"))]) <= 12
