"""Learning from what people said: the signs hold, the prior holds, who judges is never learned from, no harm is done."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conflicts.identity.evidence import SIGNS
from conflicts.identity.fit import Reviewed, fit
from conflicts.identity.score import POSSIBLE, STANDARD, Thresholds
from conflicts.identity.trial import Query, Seen, Trial, Version, compare, figures, judged, learn, side_by_side
from conflicts.identity.weights import SHIPPED, Weights
from tests.conflicts import made_up

START = Version(SHIPPED, STANDARD)
FACTS = st.dictionaries(st.sampled_from(sorted(SIGNS)), st.floats(0, 4), max_size=8)
SEEN = st.builds(Seen, FACTS, st.booleans(), st.booleans())


@st.composite
def queries(draw: st.DrawFn) -> Query:
    candidates = draw(st.lists(SEEN, min_size=1, max_size=4))
    return Query(str(draw(st.uuids())), candidates, draw(st.integers(-1, len(candidates) - 1)))


# --- fit with a prior ---


@settings(max_examples=30, deadline=None)
@given(st.lists(queries(), max_size=12))
def test_what_is_learned_keeps_the_signs_and_stays_monotone(found: list[Query]) -> None:
    learned = learn(found, prior=START, name="p-1")
    assert set(learned.weights.bits) == set(SIGNS)
    assert all(SIGNS[fact] * bits >= 0 for fact, bits in learned.weights.bits.items())
    assert STANDARD.same <= learned.thresholds.same < 1
    assert (learned.thresholds.margin, learned.thresholds.different) == (STANDARD.margin, STANDARD.different)


@settings(max_examples=30, deadline=None)
@given(st.lists(queries(), max_size=12))
def test_facts_that_nobody_has_seen_stay_as_they_were(found: list[Query]) -> None:
    learned = learn(found, prior=START, name="p-1").weights
    seen = {fact for q in found if not q.held_out for candidate in q.candidates for fact in candidate.facts}
    for fact in SIGNS.keys() - seen:
        assert learned.bits[fact] == pytest.approx(SHIPPED.bits[fact], abs=0.002)


def test_a_stronger_ridge_holds_the_prior_more() -> None:
    told = [Reviewed([{"name_exact": 1.0, "country_same": 1.0}], -1)] * 60

    def moved(ridge: float) -> float:
        return (
            SHIPPED.bits["name_exact"] - fit(told, version="t", kept={}, prior=SHIPPED, ridge=ridge).bits["name_exact"]
        )

    assert moved(1.0) > moved(10.0) > moved(100.0) > 0


def test_nothing_said_is_nothing_learned() -> None:
    learned = learn([], prior=START, name="p-1")
    assert learned.weights == Weights("p-1", SHIPPED.start, {fact: pytest.approx(SHIPPED.bits[fact]) for fact in SIGNS})
    assert learned.thresholds == STANDARD
    assert compare([], START, learned) == Trial(figures([], START), figures([], learned), ())


# --- who judges ---


@settings(deadline=None)
@given(st.lists(st.uuids(), unique=True, min_size=400, max_size=400))
def test_about_a_quarter_is_held_out_and_for_ever(keys: list) -> None:
    held = [Query(str(key), (), -1).held_out for key in keys]
    assert 50 < sum(held) < 150
    assert held == [Query(str(key), (Seen({}),), 0).held_out for key in keys]


@settings(max_examples=20, deadline=None)
@given(st.lists(queries(), min_size=4, max_size=12))
def test_what_is_held_out_is_not_learned_from(found: list[Query]) -> None:
    otherwise = [Query(q.key, q.candidates, -1) if q.held_out else q for q in found]
    assert learn(found, prior=START, name="p") == learn(otherwise, prior=START, name="p")


def test_the_key_of_a_registration_decides_once() -> None:
    """These very keys were held out, or not, when the first version was made: it must stay so."""
    assert Query("00000000-0000-7000-8000-000000000000", (), -1).held_out is False
    assert [n for n in range(12) if Query(f"00000000-0000-7000-8000-{n:012d}", (), -1).held_out] == HELD_OUT


HELD_OUT = [5, 7, 11]


# --- the trial ---


def one(fact: str, right: int, key: str = "k", grounded: bool = True) -> Query:
    return Query(key, (Seen({fact: 1.0}, grounded=grounded),), right)


SURE = Version(Weights("sure", 10.0, {}), STANDARD)
SHY = Version(Weights("shy", -10.0, {}), STANDARD)


def test_figures_count_what_they_say() -> None:
    told = [one("name_exact", 0), one("name_exact", 0), one("name_exact", -1), one("name_exact", 0, grounded=False)]
    found = figures(told, SURE)
    assert (found.queries, found.same, found.same_right, found.possible, found.known, found.missed) == (
        4,
        3,
        2,
        1,
        3,
        0,
    )
    assert found.precision == pytest.approx(2 / 3)
    shy = figures(told, SHY)
    assert (shy.same, shy.missed, shy.precision) == (0, 3, 1.0)  # who calls nothing the same makes no mistake
    assert shy.log_loss > found.log_loss


def test_a_version_that_errs_more_does_not_hold() -> None:
    held = [q for n in range(100) if (q := one("name_exact", 0 if n % 5 else -1, key=f"k{n}")).held_out]
    assert not compare(held, SHY, SURE).holds
    assert compare(held, SURE, SHY).holds
    assert compare(held, SURE, SURE).holds
    assert compare(held, SURE, SURE).changes == ()
    assert {(c.before, c.after) for c in compare(held, SURE, SHY).changes} == {("same", "different")}


def test_the_threshold_rises_until_it_is_right_as_often() -> None:
    """Half of what looks alike is not: the version may become less sure, not more."""
    told = [one("name_exact", n % 2 - 1, key=f"x{n}") for n in range(200)]
    eager = Version(Weights("eager", 3.2, dict.fromkeys(SIGNS, 0.0)), Thresholds(same=0.9))
    assert figures(told, eager).precision == 0.5
    careful = Version(Weights("careful", 2.9, dict.fromkeys(SIGNS, 0.0)), Thresholds(same=0.9))
    learned = learn(told, prior=careful, name="p-1")  # the prior calls none of them the same
    assert figures([q for q in told if not q.held_out], learned).precision == 1.0


def test_side_by_side_reads_what_was_kept() -> None:
    told = compare([one("name_exact", 0, key=f"k{n}") for n in range(40)], SHY, SURE).as_json()
    rows = {title: (was, now) for title, was, now in side_by_side(told["before"], told["after"])}
    count = told["before"]["queries"]
    assert rows["“Same” is right"] == ("–", f"100.0% ({count} of {count})")
    assert rows["Known, but called different"] == (f"100.0% ({count} of {count})", f"0.0% (0 of {count})")


# --- a simulated reviewer ---


def _unclear(found: tuple[Query, ...]) -> list[Query]:
    """What a person is asked about: possible ones; of those that are not it, only the one asked about is told."""
    asked = []
    for query in found:
        decision = judged(query, START)
        if decision.verdict == POSSIBLE and decision.best is not None:
            right = decision.best == query.right
            asked.append(query if right else Query(query.key, (query.candidates[decision.best],), -1))
    return asked


@pytest.mark.parametrize("asked", ["any", "unclear"])
def test_200_reviewed_queries_do_no_harm(asked: str) -> None:
    judges = made_up.reviewed(400, seed=1)
    told = made_up.reviewed(1200, seed=2)
    pool = list(told) if asked == "any" else _unclear(told)
    learned = learn(random.Random(3).sample(pool, min(200, len(pool))), prior=START, name="p-1")
    before, after = figures(judges, START), figures(judges, learned)
    assert before.queries > 350
    assert before.same > 100
    assert after.precision >= before.precision - 0.004
    assert after.log_loss <= before.log_loss + 0.01
    assert after.missed / after.known <= before.missed / before.known + 0.01
    assert after.same >= before.same * 0.95


def test_a_program_of_its_own_kind_is_learned() -> None:
    """Its domains are shared by everybody: people say 'not the same' to equal domains, and equal domains count less."""
    told = [Query(f"d{n}", (Seen({"domain_same": 1.0, "name_share_35": 1.0}),), -1) for n in range(200)]
    learned = learn(told, prior=START, name="p-1").weights
    assert learned.bits["domain_same"] < SHIPPED.bits["domain_same"] - 0.3
