"""Points learned from choices: on decisions with known points, monotone, whole, careful with few, and a trial that is fair."""

import math
import random
from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conflicts.learning.shares import Share
from conflicts.learning.trial import ENOUGH, Outcome, Past, learn
from conflicts.learning.weights import (
    LEAST_SEEN,
    Choice,
    fit_weights,
    held_out,
    points_of,
    reached,
    rises,
    rungs,
    steps_of,
)
from conflicts.policy import STANDARD, Policy
from conflicts.policy.parts import Recency, Scoring
from conflicts.recommend.weigh import Case
from tests.conflicts.build import POLICY, World, key, world

SCORING, MARGIN = POLICY.scoring, POLICY.parameters.margin
STEPS = steps_of(SCORING)
NOISE = MARGIN / math.log(9)
OTHER = replace(SCORING, earliest=12, own_territory=35)


def claimant(dice: random.Random, first: bool) -> tuple[int, ...]:
    rows = {
        "earliest": int(first), "proof": dice.choice([0, 0, 1, 2, 2, 3, 4, 5]), "last_activity": dice.choice([0, 1, 2, 3, 3]),
        "own_territory": int(dice.random() < 0.35), "closed_won": int(dice.random() < 0.2),
        "customer_letter": int(dice.random() < 0.1),
    }  # fmt: skip
    return reached(rows, STEPS)


def scores(choice: Choice, scoring: Scoring) -> dict[str, int]:
    return {who: sum(a * b for a, b in zip(shown, rises(scoring), strict=True)) for who, shown in choice.shown.items()}


def choices(dice: random.Random, count: int, true: Scoring) -> list[Choice]:
    """People who weigh by `true`, with as much chance as the margin allows for."""
    found = []
    for _ in range(count):
        many = 3 if dice.random() < 0.2 else 2
        first = dice.randrange(many)
        shown = {f"c{i}": claimant(dice, i == first) for i in range(many)}
        points = scores(Choice("", "c0", shown), true)
        weights = [math.exp(points[who] / NOISE) for who in shown]
        found.append(Choice(f"{dice.random()}", dice.choices(list(shown), weights)[0], shown))
    return found


def agreement(found: list[Choice], scoring: Scoring) -> float:
    right = 0.0
    for choice in found:
        points = scores(choice, scoring)
        tops = [who for who, value in points.items() if value == max(points.values())]
        right += (choice.chosen in tops) / len(tops)
    return right / len(found)


def test_what_people_weigh_otherwise_is_found_in_enough_decisions() -> None:
    dice = random.Random(11)
    fresh = choices(dice, 1500, OTHER)
    gains = []
    for _ in range(3):
        fitted = fit_weights(choices(dice, ENOUGH, OTHER), SCORING, MARGIN).scoring
        assert fitted.own_territory > SCORING.own_territory
        assert fitted.earliest < SCORING.earliest
        gains.append(agreement(fresh, fitted) - agreement(fresh, SCORING))
    best = agreement(fresh, OTHER) - agreement(fresh, SCORING)
    print(f"\n{ENOUGH} decisions gain {min(gains):.3f} to {max(gains):.3f} of {best:.3f} agreement")  # noqa: T201
    assert min(gains) > best / 3


def test_where_people_weigh_as_written_little_is_lost() -> None:
    dice = random.Random(12)
    fresh = choices(dice, 1500, SCORING)
    losses = [
        agreement(fresh, SCORING)
        - agreement(fresh, fit_weights(choices(dice, ENOUGH, SCORING), SCORING, MARGIN).scoring)
        for _ in range(3)
    ]
    assert max(losses) < 0.02


def test_many_decisions_come_close_to_the_points_that_people_use() -> None:
    fitted = fit_weights(choices(random.Random(13), 1500, OTHER), SCORING, MARGIN).scoring
    assert abs(fitted.own_territory - OTHER.own_territory) <= 5
    assert abs(fitted.earliest - OTHER.earliest) <= 5


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10_000), st.integers(20, 200))
def test_ladders_go_on_rising_and_points_are_whole(seed: int, count: int) -> None:
    dice = random.Random(seed)
    backward = []
    for choice in choices(dice, count, SCORING):
        points = scores(choice, SCORING)
        backward.append(replace(choice, chosen=min(points, key=lambda who: points[who])))
    fitted = fit_weights(backward, SCORING, MARGIN).scoring
    proof = [fitted.proof[kind] for kind in SCORING.proof]
    assert proof == sorted(set(proof)), "each rung of proof above the one below"
    windows = [window.points for window in fitted.last_activity]
    assert windows == sorted(windows, reverse=True)
    assert all(isinstance(value, int) and value >= 0 for value in points_of(fitted).values())


def test_few_decisions_change_nothing() -> None:
    few = choices(random.Random(5), LEAST_SEEN - 1, OTHER)
    assert fit_weights(few, SCORING, MARGIN).scoring == SCORING
    assert fit_weights([], SCORING, MARGIN).scoring == SCORING


def test_held_out_decisions_are_never_learned_from() -> None:
    dice = random.Random(8)
    some = choices(dice, 200, OTHER)
    kept = [c for c in some if not held_out(c.key)]
    assert 100 < len(kept) < 180
    turned = [c if not c.held_out else replace(c, chosen=next(w for w in c.shown if w != c.chosen)) for c in some]
    assert fit_weights(some, SCORING, MARGIN) == fit_weights(turned, SCORING, MARGIN)


def test_rungs_tell_what_a_claimant_shows_whatever_the_points() -> None:
    odd = replace(
        SCORING, proof=SCORING.proof | {"meeting": 5}, last_activity=(Recency(14, 0), Recency(30, 0), Recency(60, 0))
    )
    assert list(rungs(odd).proof.values()) == [1, 2, 3, 4, 5]
    assert {w.days: w.points for w in rungs(odd).last_activity} == {14: 3, 30: 2, 60: 1}
    assert reached({"proof": 2, "last_activity": 1}, STEPS) == (0, 1, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0)


# --- decided cases ---


def rivals(number: int, *, territory: bool) -> World:
    """Alpha is first with a meeting; Beta came later, with more proof, and in every other case in its own territory."""
    made = world("ALPHA", "BETA").registration("R-1", "ALPHA", 20).registration("R-2", "BETA", 10)
    made.activity("R-1", "meeting", 20 + number % 9).activity("R-2", "technical_validation", 3)
    if territory:
        made.territory("T", "BETA", countries="US")
    return made


def past(count: int, owner: str = "BETA", reason: str = "rule_wrong") -> list[Past]:
    chosen = Outcome("award", frozenset({key(owner)}))
    return [Past(str(UUID(int=n)), f"CF-{n}", rivals(n, territory=True).facts(), chosen, reason) for n in range(count)]


def test_decided_cases_say_whom_people_chose_and_a_proposal_is_made() -> None:
    learned = learn(past(ENOUGH + 20), POLICY)
    assert learned.used == ENOUGH + 20
    assert learned.why_not == ""
    assert learned.trial.before.of >= 20
    assert learned.trial.after.part > learned.trial.before.part
    change = learned.trial.changes[0]
    assert change.better
    assert not change.worse
    assert "Beta" in change.after
    moved = {name: then - now for name, now, then, _ in learned.points}
    assert moved["earliest"] < 0 < moved["own_territory"]
    assert Policy.from_document(STANDARD).scoring == SCORING, "nothing that stands was changed"


def test_too_few_say_so() -> None:
    learned = learn(past(12), POLICY)
    assert learned.why_not.startswith("12 decided cases rest on the score so far: from 100 on")
    assert "1 decided case rests" in learn(past(1), POLICY).why_not


@pytest.mark.parametrize(
    "reason", ["relationship", "evidence_wrong", "evidence_missing", "identity_wrong", "exception", "agreement_clause",
               "timing", "other"],
)  # fmt: skip
def test_reasons_that_say_nothing_against_the_points_teach_nothing(reason: str) -> None:
    learned = learn(past(30, reason=reason), POLICY)
    assert learned.used == 0
    assert learned.left_out == {reason: 30}


def test_where_the_rules_named_nobody_another_reason_still_says_whom_people_chose() -> None:
    opened = [replace(one, override_reason="other", open=True) for one in past(3)]
    assert learn(opened, POLICY).used == 3
    assert learn([replace(one, override_reason="relationship") for one in opened], POLICY).used == 0


def test_a_case_that_an_earlier_rule_decides_teaches_nothing() -> None:
    facts = world("ALPHA").registration("R-1", "ALPHA", 20).facts()
    one = Past("a", "CF-1", facts, Outcome("award", frozenset({key("ALPHA")})))
    assert learn([one], POLICY).left_out == {"earlier_rule": 1}


def test_people_who_do_as_written_leave_the_points_alone() -> None:
    facts = rivals(0, territory=True).facts()
    split = Outcome("split", frozenset({key("ALPHA"), key("BETA")}))
    learned = learn([Past(f"case-{n}", f"CF-{n}", facts, split) for n in range(ENOUGH)], POLICY)
    assert learned.trial.before == learned.trial.after
    assert learned.trial.before.part == learned.trial.before.of > 0
    assert learned.why_not.startswith("The present points fit best")


def test_a_share_of_few_has_a_wide_interval() -> None:
    low, high = Share(2, 2).interval
    assert low < 0.4
    assert high == 1.0
    assert Share(0, 0).words == "none yet"
    assert Share(65, 80).words == "81% (65 of 80; 95 % interval 71 to 88%)"


def test_the_standings_of_a_case_are_read_as_rungs() -> None:
    made = rivals(0, territory=True)
    policy = replace(POLICY, scoring=rungs(SCORING))
    case = Case(made.facts(), tuple(made.findings()), policy)
    shown = {s.claimant.id: {row.criterion: row.points for row in s.rows} for s in case.standings}
    assert shown[key("BETA")]["proof"] == 3
    assert shown[key("ALPHA")]["earliest"] == 1
