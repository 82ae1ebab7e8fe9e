"""The drift alarm: what its thresholds promise, by the exact chain and by simulation, and how streams are followed."""

import os
import random
from datetime import UTC, datetime, timedelta
from statistics import median

import pytest

from conflicts.learning.cusum import (
    APART,
    HIGHEST,
    LOWEST,
    USUAL,
    Design,
    as_usual,
    design,
    drifted_from,
    follow,
    mean_run,
    median_run,
)
from conflicts.learning.drift import Begun, Decided, look
from conflicts.learning.playbooks import KIND, PLAYBOOKS, PROGRAM, RULE

WHOLE = os.environ.get("PROVE") == "1"
RUNS, QUIET_CASES = (10_000, 3_000_000) if WHOLE else (400, 150_000)
FOUND_WITHIN, FALSE_ALARMS_APART = 60, 1_000  # the promise: docs/trust.md
AT = datetime(2026, 3, 2, tzinfo=UTC)


def run(dice: random.Random, share: float, plan: Design, most: int = 1_000_000) -> int:
    """Decisions until the alarm, with the steps taken as `follow` takes them."""
    score = 0
    for number in range(1, most):
        score = score + plan.step - 1 if dice.random() < share else max(0, score - 1)
        if score >= plan.threshold:
            return number
    return most


def test_the_promise_holds_by_the_exact_chain() -> None:
    plan = design()
    assert plan.usual == USUAL == 0.1
    assert plan.drifted == pytest.approx(0.2)
    assert mean_run(0.1, plan.step, plan.threshold) >= APART > FALSE_ALARMS_APART
    assert median_run(0.2, plan) <= FOUND_WITHIN
    assert median_run(0.2, plan, quiet=500) <= FOUND_WITHIN
    # The figures of docs/learning.md, and the price of one false alarm in 1,000 for three streams together.
    told = (plan.step - 1, plan.threshold, round(plan.apart), median_run(0.2, plan), median_run(0.2, plan, quiet=500))
    assert told == (5, 24, 1513, 57, 53)
    assert median_run(0.2, design(USUAL, apart=3 * FALSE_ALARMS_APART)) == 72


def test_the_promise_holds_in_simulated_streams() -> None:
    """10 % -> 20 % in a median of 60 cases; false alarms a thousand apart, counted over one long quiet stream."""
    dice, plan = random.Random(1954), design()
    found = median(run(dice, 0.2, plan) for _ in range(RUNS))
    alarms = seen = 0
    while seen < QUIET_CASES:
        seen += run(dice, 0.1, plan)
        alarms += 1
    line = (
        f"\ndrift 10 -> 20 %: median {found} cases over {RUNS:,} streams; {alarms} false alarms in {seen:,} quiet cases"
    )
    print(line)  # noqa: T201
    assert found <= FOUND_WITHIN
    assert seen / alarms >= FALSE_ALARMS_APART


def test_the_streams_of_a_program_together() -> None:
    """Each case is in three streams, so a program hears more often of nothing: measured, and said in docs/learning.md."""
    dice, alarms, cases = random.Random(7), 0, QUIET_CASES // 3
    plan = design()
    scores: dict[tuple[str, int], int] = {}
    for _ in range(cases):
        override = dice.random() < 0.1
        for key in (
            (PROGRAM, 0),
            (RULE, dice.choices(range(8), (4, 3, 2, 2, 1, 1, 1, 1))[0]),
            (KIND, dice.randrange(5)),
        ):
            score = scores.get(key, 0)
            score = score + plan.step - 1 if override else max(0, score - 1)
            if score >= plan.threshold:
                alarms, score = alarms + 1, 0
            scores[key] = score
    print(f"\nthree kinds of streams together: {1000 * alarms / cases:.2f} false alarms in 1,000 cases")  # noqa: T201
    assert 1000 * alarms / cases <= 3.0


def test_the_exact_chain_agrees_with_simulation() -> None:
    dice = random.Random(3)
    plan = Design(0.1, 4, 9, 0.0)
    exact = mean_run(0.25, plan.step, plan.threshold)
    simulated = sum(run(dice, 0.25, plan) for _ in range(4000)) / 4000
    assert simulated == pytest.approx(exact, rel=0.06)


@pytest.mark.parametrize("usual", [LOWEST, 0.05, 0.1, 0.15, 0.2, HIGHEST])
def test_every_usual_share_keeps_false_alarms_apart(usual: float) -> None:
    plan = design(usual)
    assert plan.apart >= APART
    assert mean_run(usual, plan.step, plan.threshold - 1) < APART, "no higher than it has to be"
    assert usual < drifted_from(usual) < 1
    assert median_run(plan.drifted, plan) < 200


def test_what_may_be_called_usual_is_whole_percents_within_reason() -> None:
    assert [as_usual(share) for share in (0.0, 0.123, 0.9)] == [LOWEST, 0.12, HIGHEST]


def test_a_stream_is_followed_from_where_its_rise_began() -> None:
    plan = Design(0.1, 6, 24, 0.0)
    seen = follow([True, False, False, False, False, False, False, True, True, False, True], plan)
    assert seen.path == (5, 4, 3, 2, 1, 0, 0, 5, 10, 9, 14)
    assert (seen.since, seen.cases, seen.overridden, seen.crossed) == (7, 4, 3, None)
    assert follow([True] * 5, plan).crossed == 4
    assert follow([], plan).cases == 0


def decided(number: int, overridden: bool, rule: str = "R-07", kind: str = "competing_registration") -> Decided:
    return Decided(AT + timedelta(hours=number), overridden, rule, kind)


def test_one_bad_rule_alarms_and_the_others_stay_quiet() -> None:
    calm = [decided(n, n % 20 == 0, "R-06", "account_owned") for n in range(100)]
    bad = [decided(100 + n, n % 3 != 0) for n in range(12)]
    found = {one.key: one for one in look([*calm, *bad], {})}
    assert list(found) == [(PROGRAM, ""), (RULE, "R-06"), (RULE, "R-07"), (KIND, "account_owned"),
                           (KIND, "competing_registration")]  # fmt: skip
    assert found[(RULE, "R-07")].alarms
    assert not found[(RULE, "R-06")].alarms
    assert not found[(KIND, "account_owned")].alarms
    assert found[(RULE, "R-07")].since == bad[1].at
    assert found[(RULE, "R-07")].sentence("R-07 Score") == (
        "R-07 Score: 8 of the latest 11 decisions were otherwise than recommended; 10% is usual."
    )


def test_a_stream_begun_anew_forgets_what_was_and_takes_what_is_usual_now() -> None:
    rows = [decided(n, n % 2 == 0) for n in range(40)]
    begun = {(RULE, "R-07"): Begun(rows[29].at, 0.3)}
    one = next(found for found in look(rows, begun) if found.key == (RULE, "R-07"))
    assert one.watched.seen == 10
    assert one.plan.usual == 0.3
    assert not one.alarms


def test_every_stream_has_a_playbook() -> None:
    assert set(PLAYBOOKS) == {PROGRAM, RULE, KIND}
    assert all(book.look and book.do and book.ask for book in PLAYBOOKS.values())
