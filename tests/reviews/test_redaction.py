"""What a party is told holds nothing of the other side: every kind of case, with marks in every text of every partner.

The exercises cover every kind, precedence and exception. Each is loaded with marked partners, its cases are decided in
every way, and each party's statement is searched for the others' marks, read by the linter, and compared with the one it
would get if the others were other people. PROVE=1 takes all of them, else every twelfth.
"""

import json
import os
from collections import defaultdict
from copy import deepcopy
from dataclasses import replace
from decimal import Decimal

import pytest
from django.utils.translation import override

from conflicts.policy.catalogue import KINDS
from partners.models import Partner
from reviews import exercises
from reviews.choices import DIRECT, Choice
from reviews.exercise_file import read
from reviews.models import Case
from reviews.neutral import About, flaws
from reviews.services import current_recommendation
from reviews.services import statements as told_by
from reviews.services.plan import claimant
from reviews.services.statements import preview
from reviews.training.shelf import FOLDER

pytestmark = pytest.mark.django_db
FILES = sorted(FOLDER.glob("*.json"))
SAMPLE = FILES if os.environ.get("PROVE") else FILES[::12]
# Every text that a partner brings along; what it is called in the records by others (refs, codes) is marked by itself.
TEXTS = {
    "partners": ("name",),
    "registrations": ("contact_email", "note"),
    "activities": ("note",),
    "evidence": ("note",),
    "territories": ("name",),
}


def mark_of(partner):
    return f"zq{''.join(c for c in partner.lower() if c.isalnum())}mark"


def planted(document):
    """The exercise with a mark of its owner in every text."""
    changed = deepcopy(document)
    owner_of = {
        row["external_id"]: row.get("partner") or DIRECT for row in document["records"].get("registrations", ())
    }
    assigned = {row["territory"]: row.get("partner") or DIRECT
                for row in document["records"].get("territory_assignments", ())}  # fmt: skip
    for kind, names in TEXTS.items():
        for row in changed["records"].get(kind, ()):
            whose = row["external_id"] if kind == "partners" else (
                row.get("partner") or owner_of.get(row.get("registration", ""))
                or assigned.get(row.get("external_id", "")) or ""
            )  # fmt: skip
            for name in names:
                if whose and whose != DIRECT and (name in row or kind in ("partners", "registrations")):
                    mark = mark_of(whose)
                    row[name] = (
                        f"{mark}@{mark}.example" if name == "contact_email" else f"{row.get(name, '')} {mark}".strip()
                    )
    return changed


def choices(claimants):
    """Every way in which a case can be decided."""
    partners = [who for who in claimants if who != DIRECT]
    yield from (Choice("award", owner) for owner in claimants)
    yield Choice("reject_all")
    yield Choice("direct_retained", DIRECT)
    yield from (Choice("co_sell", owner, (DIRECT,)) for owner in partners)
    yield from (Choice("co_sell", DIRECT, (helper,)) for helper in partners)
    if len(claimants) > 1:
        half = (100 - 37, 37)
        yield Choice("split", shares=dict(zip(claimants[:2], map(Decimal, half), strict=True)))


def statements(program, done):
    """(party's reference, kind of notice, text, how it was decided, its own names and figures) for every case and way."""
    for case in Case.objects.filter(pk__in=done.cases).select_related("program"):
        recommendation = current_recommendation(case)
        claims = list(case.conflict.claims.filter(registration__isnull=False).select_related("registration", "partner"))
        blocking = defaultdict(list)
        for found in case.conflict.findings.filter(gone_at__isnull=True, blocking=True):
            blocking[found.registration_id].append(found.kind)
        sides = list(dict.fromkeys(claimant(claim) for claim in claims))
        for choice in choices(sides):
            for more in ({}, {"is_override": True}, {"agreed": True}):
                for told in preview(choice=choice, recommendation=recommendation, claims=claims, blocking=blocking,
                                    at=recommendation.made_at, **more):  # fmt: skip
                    if told.text:
                        yield case, told, choice, recommendation


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("path", SAMPLE, ids=lambda path: path.stem)
def test_no_statement_holds_anything_of_another(path, language):
    document = json.loads(path.read_text())
    exercise = read(planted(document))

    def look(program, done):
        seen = 0
        planted_names = set(Partner.objects.filter(program=program).values_list("name", flat=True))
        assert all("mark" in name for name in planted_names)
        for _case, told, choice, recommendation in statements(program, done):
            text, registration = f"{told.text.subject}\n{told.text.body}", told.registration
            own = registration.partner.external_id if registration.partner else DIRECT
            others = [row for row in document["records"].get("partners", ()) if row["external_id"] != own]
            marks = [mark_of(row["external_id"]) for row in others]
            assert not [mark for mark in marks if mark in text.lower()], (choice, text)
            refs = [row["external_id"] for row in document["records"].get("registrations", ())]
            hidden = [row["external_id"] for row in others] + [ref for ref in refs if ref != registration.ref]
            hidden += [row["name"] for row in others]
            rule = next(
                (r for r in recommendation.policy.policy.rules if r.id == recommendation.result["rule_id"]), None
            )
            mine = [registration.account_name, registration.ref, registration.number, rule.title if rule else ""]
            mine += [f"{share} %" for share in choice.shares.values()]
            assert flaws(text, About(own=mine, others=hidden), language) == [], text
            seen += 1
        return seen

    with override(language):
        assert exercises.play(exercise, look) or not document["expect"].get("cases")


def test_every_kind_of_case_and_action_is_among_the_exercises():
    """The proof is only as wide as its exercises."""
    cases = [case for path in FILES for case in json.loads(path.read_text())["expect"].get("cases") or ()]
    assert {found["kind"] for case in cases for found in case.get("findings", ())} == set(KINDS)
    assert {case["action"] for case in cases} == {
        "award", "split", "co_sell", "direct_retained", "reject_all", "request_information", "mediate",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["statement", "linter"])
def test_a_leak_would_be_seen(monkeypatch, name):
    """Both halves of the proof see a name that slips in."""
    path = next(path for path in FILES if path.stem == "07-close-call")
    leak = mark_of("P-ALPHA") if name == "statement" else "P-ALPHA"
    written = told_by.notices.write
    monkeypatch.setattr(told_by.notices, "write", lambda outcome: replace(written(outcome), body=f"See {leak}."))
    with pytest.raises(AssertionError):
        test_no_statement_holds_anything_of_another(path, "en")
