"""Decided cases as precedents at the desk: kept with the decision, found by index, told, and warned of when one departs."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from conflicts.models import Calibration, Precedent, Recommendation
from conflicts.precedents import FIRST, LATER
from partners.services import NotPossibleError
from reviews import pipeline
from reviews.calibrating import calibration_in_force, examples, fit_calibration
from reviews.choices import Choice
from reviews.desk.material import cases as desk_cases
from reviews.desk.material import gather
from reviews.desk.precedents import precedent_card
from reviews.models import Case
from reviews.precedents import keep_missing_precedents
from reviews.services import approve, decide
from reviews.services.decisions import Override
from tests import factories
from tests.factories import AT
from tests.reviews.at_the_desk import fresh, many_cases, opened, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def decided(cast):
    """Four like cases; in the first three the deal went, as recommended, to who came first."""
    many_cases(cast, 4)
    with cast.scope():
        found = list(Case.objects.order_by("number"))
        for case in found[:3]:
            approve(case=case, by=cast.carl, at=AT, seen_version=case.version)
    return found


def test_a_decision_leaves_a_precedent(cast, decided):
    with cast.scope():
        kept = Precedent.objects.get(conflict=decided[0].conflict_id)
        assert Precedent.objects.count() == 3
        assert (kept.kind, kept.action, kept.to) == ("competing_registration", "award", FIRST)
        assert (kept.country, kept.subdivision, kept.segment, kept.band) == ("US", "US-TX", "standard", 1)
        assert (kept.product_lines, kept.tiers, kept.finding_kinds) == (["pumps"], ["gold"], ["competing_registration"])
        assert not kept.is_override


def test_the_page_tells_them_with_what_is_alike(client, cast, decided):
    page = text_of(opened(client, cast.carl, decided[3]))
    assert "Customer 000 Water Works" in page
    assert "Awarded to the partner that came first" in page
    assert "same region: US-TX" in page
    assert "departs" not in page
    first = text_of(opened(client, cast.carl, fresh(cast, decided[0])))
    assert "No case like this one has been decided yet" in first  # nothing was decided before it


def test_a_recommendation_that_departs_is_marked(client, cast, decided):
    with cast.scope():
        Precedent.objects.update(to=LATER)
    page = text_of(opened(client, cast.carl, decided[3]))
    assert (
        "This departs from the precedents: 3 of the 3 most similar decided cases were awarded to a partner that came later"
        in page
    )
    assert page.count("This departs from the precedents") == 2  # above the claims, and beside the cases themselves


def test_an_override_is_told_as_one(client, cast, decided):
    with cast.scope():
        case = decided[3]
        beta = str(cast.beta.pk)
        why = Override("relationship", "They have worked with this customer for years.")
        decide(case=case, choice=Choice("award", beta), by=cast.carl, at=AT, seen_version=case.version, override=why)
        decide(case=case, choice=Choice("award", beta), by=cast.cleo, at=AT, seen_version=fresh(cast, case).version)
        kept = Precedent.objects.get(conflict=case.conflict_id)
        assert (kept.is_override, kept.to) == (True, LATER)
    names = {"account_name": "Customer 999 Water Works", "account_domain": "a-999.example"}
    with cast.scope():
        factories.account(cast, "A-999", "Customer 999 Water Works")
    for partner, days in ((cast.alpha, 2), (cast.beta, 1)):
        factories.submitted(cast, partner, days_ago=days, amount=Decimal(40_000), **names)
    pipeline.detect(cast.program, AT)
    with cast.scope():
        new = Case.objects.get(account__external_id="A-999")
    assert "override" in text_of(opened(client, cast.carl, new))


def test_two_queries_whatever_there_is(cast, decided):
    with cast.scope():
        case = desk_cases().get(pk=decided[3].pk)
        made = gather(cast.carl, case, AT)
        _ = made.facts, made.policy, made.answer
        counts = []
        for _round in range(2):
            with CaptureQueriesContext(connection) as queries:
                card = precedent_card(made)
            counts.append(len(queries))
            _copies(decided[0], 300)
        assert counts == [2, 2]
        assert [row.score for row in card.rows] == [100, 100, 100]


def _copies(case, count):
    """So many more almost like it, decided before."""
    kept = Precedent.objects.get(conflict=case.conflict_id)
    kept.tiers, kept.decided_at, conflict = ["other"], kept.decided_at - timedelta(days=1), kept.conflict
    for _ in range(count):
        conflict.pk = None
        conflict._state.adding = True
        conflict.id = type(conflict)._meta.pk.get_default()
        type(conflict).objects.bulk_create([conflict])
        kept.pk = type(kept)._meta.pk.get_default()
        kept.conflict_id = conflict.pk
        Precedent.objects.bulk_create([kept])


def test_cases_decided_before_there_were_precedents_become_some(cast, monkeypatch):
    many_cases(cast, 2)
    with cast.scope():
        for name in ("keep_precedent", "keep_study"):
            monkeypatch.setattr(f"reviews.services.settling.{name}", lambda **_: None)
        for case in Case.objects.order_by("number"):
            approve(case=case, by=cast.carl, at=AT, seen_version=case.version)
        assert not Precedent.objects.exists()
        assert len(list(keep_missing_precedents(program_id=cast.program.pk))) == 2
        assert {(row.action, row.to) for row in Precedent.objects.all()} == {("award", FIRST)}
        assert not list(keep_missing_precedents(program_id=cast.program.pk))
    with pytest.raises(CommandError, match="it takes 50"):
        call_command("calibrate", "--program", cast.program.code)


# How often deciders agree


def test_too_few_decisions_make_no_map(cast, decided):
    with cast.scope():
        assert [item.agreed for item in examples(cast.program.pk)] == [True, True, True]
        with pytest.raises(NotPossibleError, match="it takes 50"):
            fit_calibration(program=cast.program, by=cast.pat, at=AT)
        assert calibration_in_force(cast.program.pk, AT) is None


def test_a_map_is_told_from_then_on(client, cast, decided, monkeypatch):
    monkeypatch.setattr("reviews.calibrating.ENOUGH", 3)
    assert "is not measured yet" in text_of(opened(client, cast.carl, decided[3]))
    with cast.scope():
        row = fit_calibration(program=cast.program, by=cast.pat, at=AT)
        assert (row.number, row.decisions, row.agreed, row.holds) == (1, 3, 3, True)
        again = fit_calibration(program=cast.program, by=cast.pat, at=AT + timedelta(days=1))
        assert again.number == 2
        assert calibration_in_force(cast.program.pk, AT + timedelta(hours=1)) == row
        assert calibration_in_force(cast.program.pk, AT - timedelta(hours=1)) is None
        recommended = Recommendation.objects.get(conflict=decided[3].conflict_id).confidence
    page = text_of(opened(client, cast.carl, decided[3]))
    assert "Deciders did what was recommended in 100% of 3 cases of about this confidence" in page
    assert recommended > 0.5


def test_a_map_that_does_badly_is_not_told(cast):
    with cast.scope():
        Calibration.objects.create(
            program=cast.program, number=1, bins=[], decisions=60, agreed=30, error=0.4, holds=False, fitted_at=AT
        )
        assert calibration_in_force(cast.program.pk, AT) is None
