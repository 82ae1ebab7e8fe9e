"""Versions of the weights as rows: who may, what is refused, what judges, and the way back. As staff, on the database."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import Error, connection, transaction
from django.test.utils import CaptureQueriesContext

from channelconflict.models import AuditEvent
from conflicts.identity import learning
from conflicts.identity.resolve import what_was_seen
from conflicts.identity.score import STANDARD
from conflicts.identity.trial import Seen
from conflicts.identity.weights import SHIPPED
from conflicts.models import IdentityWeights, WeightsStatus
from conflicts.services import project_claim, say_who_it_is
from partners import models as m
from partners.identity import merge_accounts
from partners.services import NotPossibleError
from tests import factories
from tests.conflicts import made_up, reviews_said
from tests.factories import AT

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(cast):
    """Act as staff of the program."""
    with cast.scope():
        yield cast


@pytest.fixture
def reviewed(staff):
    """120 reviewed queries."""
    reviews_said.say(staff, made_up.reviewed(120, seed=2))
    return staff


def drafted(cast, at=AT) -> IdentityWeights:
    proposal = learning.propose(cast.program.pk)
    return learning.draft_weights(program=cast.program, proposal=proposal, by=cast.pat, at=at)


def published(cast) -> IdentityWeights:
    return learning.publish_weights(weights=drafted(cast), by=cast.pat, at=AT)


def unlike(row: IdentityWeights, by: float) -> IdentityWeights:
    """The draft, so eager or so shy that people would have to notice."""
    row.start += by
    row.save()
    return row


def acts() -> list[str]:
    return list(
        AuditEvent.objects.filter(action__startswith="identity_weights").order_by("pk").values_list("action", flat=True)
    )


# --- making one ---


def test_below_100_reviewed_queries_there_is_no_draft(staff):
    reviews_said.say(staff, made_up.reviewed(120, seed=2)[:40])
    proposal = learning.propose(staff.program.pk)
    assert "40 reviewed queries so far: from 100 on" in proposal.too_few
    with pytest.raises(NotPossibleError, match="40 reviewed queries"):
        learning.draft_weights(program=staff.program, proposal=proposal, by=staff.pat, at=AT)
    assert not IdentityWeights.objects.exists()


def test_nobody_said_anything(staff):
    proposal = learning.propose(staff.program.pk)
    assert proposal.too_few.startswith("0 reviewed queries so far")
    assert proposal.version.weights.bits == pytest.approx(dict(SHIPPED.bits))


def test_a_draft_says_what_it_was_made_of(reviewed):
    row = drafted(reviewed)
    count = len(learning.reviewed_queries(reviewed.program.pk)[0])
    assert (row.version, row.status, row.base) == ("p-1", "draft", SHIPPED.version)
    assert row.reviewed == count >= 100
    assert row.trial["against"] == SHIPPED.version
    assert 10 < row.trial["before"]["queries"] == row.trial["after"]["queries"] < count / 2
    assert row.bits != dict(SHIPPED.bits)
    assert acts() == ["identity_weights.drafted"]
    assert row.history.get().history_user == reviewed.pat


def test_the_same_draft_is_not_kept_twice_and_new_verdicts_make_another(reviewed):
    first = drafted(reviewed)
    assert drafted(reviewed, AT + timedelta(days=1)).pk == first.pk
    reviews_said.say(reviewed, made_up.reviewed(200, seed=5))
    assert drafted(reviewed).version == "p-2"


def test_it_always_begins_at_the_shipped_weights(reviewed):
    published(reviewed)
    again = learning.propose(reviewed.program.pk)
    assert again.version.weights.bits == again.in_force.weights.bits  # the same verdicts do not count twice
    assert again.trial.changes == ()


# --- what is read ---


def test_what_people_said_is_read_as_it_was_meant(staff):
    factories.account(staff, "A-ATLAS", "Atlas Chemicals", city="Austin")
    factories.account(staff, "A-LYRA", "Orion Chemistry")
    orion, atlas, lyra = m.Account.objects.order_by("pk")
    seen = [{"account": str(a.pk), "facts": {"name_share_50": float(n)}} for n, a in enumerate((orion, atlas, lyra))]

    def asked(**verdicts: str) -> tuple:
        registration = factories.draft(staff, staff.alpha)
        registration.save()
        accounts = {"orion": orion, "atlas": atlas, "lyra": lyra}
        for hours, (name, verdict) in enumerate(verdicts.items()):
            m.MatchVerdict.objects.create(
                program=staff.program, registration=registration, account=accounts[name], verdict=verdict, seen=seen,
                said_by_id=staff.ada.pk, said_at=AT + timedelta(hours=hours),
            )  # fmt: skip
        found = [q for q in learning.reviewed_queries(staff.program.pk)[0] if q.key == str(registration.pk)]
        return tuple((q.right, [s.facts["name_share_50"] for s in q.candidates]) for q in found)

    assert asked(atlas="same") == ((1, [0.0, 1.0, 2.0]),)
    assert asked(orion="different") == ((-1, [0.0]),)  # nothing was said of the others
    assert asked(orion="different", lyra="family") == ((-1, [0.0, 2.0]),)
    assert asked(orion="different", lyra="same") == ((2, [0.0, 1.0, 2.0]),)


def test_facts_of_another_release_are_left_out(staff):
    reviews_said.say(staff, [made_up.Query("q", (Seen({"name_of_the_moon": 1.0}),), 0)])
    assert learning.reviewed_queries(staff.program.pk) == ((), 1)


def test_a_merged_account_is_the_one_that_it_counts_as(staff):
    orion = m.Account.objects.get()
    twin = factories.account(staff, "A-TWIN", "Orion Chemical Company")
    registration = factories.submitted(staff, staff.alpha)
    say_who_it_is(registration=registration, account=orion, verdict=m.Verdict.SAME, by=staff.ada, at=AT)
    merge_accounts(subject=twin, target=orion, by=staff.pat, at=AT)
    (query,), left_out = learning.reviewed_queries(staff.program.pk)
    assert (query.right, left_out) == (0, 0)
    assert len(query.candidates) == 1  # both were seen, and both are it


def test_what_was_seen_first_stays(staff):
    """A second look would see the name that the first verdict gave to the account."""
    orion = m.Account.objects.get()
    registration = factories.submitted(staff, staff.alpha, account_name="Orion Chemistry Works")
    before = what_was_seen(registration)
    say_who_it_is(registration=registration, account=orion, verdict=m.Verdict.SAME, by=staff.ada, at=AT)
    assert what_was_seen(registration) != before
    said = say_who_it_is(registration=registration, account=orion, verdict=m.Verdict.DIFFERENT, by=staff.ada, at=AT)
    said.refresh_from_db()
    assert said.seen == json.loads(json.dumps(before))
    assert {"account", "facts", "related", "grounded"} == set(said.seen[0])


def test_the_account_made_of_the_same_words_was_not_seen(staff):
    """It would look like a perfect candidate that people refused."""
    registration = factories.submitted(staff, staff.alpha, account_name="Orion Chem Works", account_domain="")
    claim = project_claim(registration=registration, at=AT)
    assert claim.made_account
    orion = m.Account.objects.get(external_id="A-ORION")
    said = say_who_it_is(registration=registration, account=orion, verdict=m.Verdict.SAME, by=staff.ada, at=AT)
    assert [entry["account"] for entry in said.seen] == [str(orion.pk)]
    assert [q.right for q in learning.reviewed_queries(staff.program.pk)[0]] == [0]


# --- in force, and back ---


def test_a_version_in_force_judges_and_the_way_back_is_one_step(reviewed):
    first = published(reviewed)
    weights, thresholds = learning.weights_in_force(reviewed.program.pk)
    assert (weights.version, weights.bits) == ("p-1", first.bits)
    assert thresholds.same == first.same
    reviews_said.say(reviewed, made_up.reviewed(200, seed=5))
    second = published(reviewed)
    first.refresh_from_db()
    assert (first.status, second.status, second.replaced) == ("retired", "live", first)
    back = learning.return_weights(weights=second, by=reviewed.pat, at=AT)
    assert (back, back.status) == (first, "live")
    assert learning.return_weights(weights=first, by=reviewed.pat, at=AT) is None
    assert learning.weights_in_force(reviewed.program.pk) == (SHIPPED, STANDARD)
    told = ["drafted", "published", "drafted", "retired", "published", "taken_back", "returned_to", "taken_back"]
    assert acts() == [f"identity_weights.{act}" for act in told]
    with pytest.raises(NotPossibleError, match="p-1 is not in force"):
        learning.return_weights(weights=first, by=reviewed.pat, at=AT)
    with pytest.raises(NotPossibleError, match="p-2 is retired: only a draft"):
        learning.publish_weights(weights=second, by=reviewed.pat, at=AT)


def test_asking_what_judges_is_one_query(reviewed):
    published(reviewed)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        learning.weights_in_force(reviewed.program.pk)
    assert len(asked) == 1


def test_a_version_that_errs_more_is_refused(reviewed):
    reviews_said.say(reviewed, made_up.neighbours(40))
    row = unlike(drafted(reviewed), by=+12)
    with pytest.raises(NotPossibleError, match=r"p-1 would be right in \d\d\.\d\d% of what it calls the same"):
        learning.publish_weights(weights=row, by=reviewed.pat, at=AT)
    row.refresh_from_db()
    assert row.status == WeightsStatus.DRAFT


@pytest.mark.parametrize("who", ["ada", "lena", "audrey", "acme_rep"])
def test_only_those_who_may_change_the_rules_publish_or_return(reviewed, who):
    row = drafted(reviewed)
    by = getattr(reviewed, who)
    with pytest.raises(NotPossibleError, match="Only those who may change"):
        learning.publish_weights(weights=row, by=by, at=AT)
    row = learning.publish_weights(weights=row, by=reviewed.olga, at=AT)
    with pytest.raises(NotPossibleError, match="Only those who may change"):
        learning.return_weights(weights=row, by=by, at=AT)


def test_a_version_of_another_release_does_not_judge(reviewed):
    row = drafted(reviewed)
    del row.bits["name_exact"]
    row.save()
    with pytest.raises(NotPossibleError, match="another release"):
        learning.publish_weights(weights=row, by=reviewed.pat, at=AT)
    row.status, row.live_from = WeightsStatus.LIVE, AT
    row.save()
    assert learning.weights_in_force(reviewed.program.pk) == (SHIPPED, STANDARD)


def test_the_database_keeps_one_in_force_and_what_was_in_force(reviewed):
    row = published(reviewed)
    row.start = 0.0
    with pytest.raises(Error, match=r"locked|cannot"), transaction.atomic():
        row.save()
    other = IdentityWeights(program=reviewed.program, number=9, status="live", live_from=AT, start=0, bits={}, base="x",
                            reviewed=1, same=0.9, margin=0.3, different=0.1, made_at=AT)  # fmt: skip
    with pytest.raises(Error, match="one_live_identity_weights"), transaction.atomic():
        other.save()
    other.status, other.live_from, other.same = "draft", None, 0.05
    with pytest.raises(Error, match="identity_thresholds_in_order"), transaction.atomic():
        other.save()


def test_another_program_neither_sees_nor_feels_it(reviewed):
    published(reviewed)
    other = factories.make_cast("southsea")
    with other.scope():
        assert not IdentityWeights.objects.exists()
        assert learning.weights_in_force(other.program.pk) == (SHIPPED, STANDARD)
        assert learning.reviewed_queries(reviewed.program.pk) == ((), 0)


# --- the command ---


def run(*words: str, capsys) -> str:
    call_command("fit_identity", *words)
    return capsys.readouterr().out


def test_the_command_tries_keeps_and_publishes(cast, capsys):
    with cast.scope():
        reviews_said.say(cast, made_up.reviewed(120, seed=2))
    said = run(capsys=capsys)
    assert "reviewed queries; on" in said
    assert "p-1 is kept as a draft; manage.py fit_identity --publish p-1 --user NAME" in said
    report = json.loads(run("--json", capsys=capsys))
    assert (report["version"], report["in_force"], report["holds"]) == ("p-1", SHIPPED.version, True)
    assert report["reviewed"] >= 100
    with pytest.raises(CommandError, match="--publish needs --user"):
        run("--publish", "p-1", capsys=capsys)
    with pytest.raises(CommandError, match="'p-7' is no version of northwind \\(the last ones: p-1\\)"):
        run("--publish", "p-7", "--user", "pat", capsys=capsys)
    with pytest.raises(CommandError, match="no user 'nobody'"):
        run("--publish", "p-1", "--user", "nobody", capsys=capsys)
    with pytest.raises(CommandError, match="Only those who may change"):
        run("--publish", "p-1", "--user", "ada", capsys=capsys)
    assert "p-1 is in force in northwind" in run("--publish", "p-1", "--user", "pat", capsys=capsys)


def test_the_command_says_that_there_are_too_few(cast, capsys):
    with cast.scope():
        reviews_said.say(cast, made_up.reviewed(120, seed=2)[:7])
    said = run(capsys=capsys)
    assert "7 reviewed queries so far: from 100 on they say enough to change the weights" in said
    assert f"{SHIPPED.version} stays in force." in said
    assert json.loads(run("--json", capsys=capsys))["version"] == ""
