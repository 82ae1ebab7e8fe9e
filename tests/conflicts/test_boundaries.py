"""Between one moment of change and the next, looking again finds the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from conflicts.boundaries import next_change
from conflicts.claims import claim_sets
from conflicts.detectors import detect
from conflicts.facts import Facts
from conflicts.recommend import recommend
from tests.conflicts.build import POLICY, World, on, world
from tests.conflicts.test_properties import worlds


def seen(facts: Facts) -> Any:
    """What is found and recommended, without words that count days."""
    findings = detect(facts, POLICY)
    found = sorted((f.registration_id, f.kind, f.against_id, f.blocking, f.identity_confirmed) for f in findings)
    sets = sorted(sorted(claim.id for claim in s.claims) for s in claim_sets(facts, POLICY))
    if not sets:  # nobody claims anything
        return found
    answer = recommend(facts, findings, POLICY)
    points = sorted((row.claimant, row.criterion, row.points) for row in answer.score_rows)
    return found, sets, answer.action, answer.owner, sorted(answer.support), dict(answer.shares), points


@settings(max_examples=200, deadline=None)
@given(worlds(), st.floats(0, 0.999999))  # nearer to 1 the product rounds up to the moment itself
def test_nothing_changes_before_the_next_moment(made: World, share: float) -> None:
    facts = made.facts()
    until = next_change(facts, POLICY)
    later = facts.at + (share * (until - facts.at) if until else timedelta(days=2000 * share))
    later = min(later, until - timedelta(microseconds=1)) if until else later  # a share near 1 is rounded up
    assert seen(replace(facts, at=later)) == seen(facts)


def test_the_moments_follow_each_other_to_an_end() -> None:
    facts = world().registration("R-1", "ALPHA", 9, status="approved").activity("R-1", "meeting", 3).facts()
    seen_at, count = facts.at, 0
    while (after := next_change(replace(facts, at=seen_at), POLICY)) is not None:
        assert after > seen_at
        seen_at, count = after, count + 1
        assert count < 100
    assert count > 3


def test_facts_without_dates_never_change_by_themselves() -> None:
    assert next_change(world().registration("R-1", "ALPHA").facts(), POLICY) is None


def test_an_ownership_that_begins_is_a_moment() -> None:
    facts = world().registration("R-1", "ALPHA").ownership("BETA", valid_from=on(-4)).facts()
    first = next_change(facts, POLICY)
    assert first is not None
    assert first.date() == on(-4)
    assert [f.kind for f in detect(replace(facts, at=first), POLICY)] == ["account_owned"]
    assert detect(replace(facts, at=first - timedelta(seconds=1)), POLICY) == []
