"""Has practice parted from the rules? A Bernoulli CUSUM over decisions, each an override or not. Pure.

Page (1954); Reynolds and Stoumbos (1999) for counts of one at a time: an override adds `step` - 1, any other decision
takes 1 away, never below 0. The run lengths are solved exactly as a Markov chain, so a threshold is a promise.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

USUAL = 0.10  # overrides that are taken as usual until somebody says otherwise
ODDS = 2.25  # the change that is looked for: 10 % -> 20 % are odds of 1:9 -> 1:4
# Decisions between two false alarms. The promise is 1,000; at 1,500 the drift from 10 to 20 % is still found in a
# median of 60 decisions (tests/conflicts/test_cusum.py, both by the exact chain and by simulation).
APART = 1500
LOWEST, HIGHEST = 0.02, 0.30  # what may be called usual; beyond that the rules do not describe practice at all


@dataclass(frozen=True, slots=True)
class Design:
    """Where an alarm is given: for a usual share, the step of an override and the threshold of the sum."""

    usual: float
    step: int
    threshold: int
    apart: float  # decisions between two false alarms (the mean, exact)

    @property
    def drifted(self) -> float:
        """The share that it is made to find soonest."""
        return drifted_from(self.usual)


@dataclass(frozen=True, slots=True)
class Watched:
    """A stream as followed to its end. Places count from 0; `since` is where the present rise began."""

    score: int
    since: int
    seen: int
    overridden: int  # since then
    crossed: int | None  # the first place at which the sum reached the threshold
    path: tuple[int, ...]

    @property
    def cases(self) -> int:
        """Decisions since the present rise began."""
        return self.seen - self.since


def drifted_from(usual: float) -> float:
    """The share of overrides at odds so much higher."""
    odds = ODDS * usual / (1 - usual)
    return odds / (1 + odds)


def as_usual(share: float) -> float:
    """A share that may be called usual, in whole percents."""
    return round(min(max(share, LOWEST), HIGHEST), 2)


@lru_cache(maxsize=64)
def design(usual: float = USUAL, apart: int = APART) -> Design:
    """The lowest threshold whose false alarms lie at least `apart` decisions apart."""
    drifted = drifted_from(usual)
    lost = -math.log((1 - drifted) / (1 - usual))
    won = math.log(drifted * (1 - usual) / (usual * (1 - drifted)))
    step = max(2, math.floor(won / lost))
    low, high = step, step
    while mean_run(usual, step, high) < apart:
        low, high = high, high * 2
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if mean_run(usual, step, middle) >= apart else (middle + 1, high)
    return Design(usual, step, low, mean_run(usual, step, low))


def follow(overridden: Iterable[bool], plan: Design) -> Watched:
    """Add up a stream in the order in which it was decided. It is not begun anew after an alarm: that a person does."""
    score = since = seen = count = 0
    crossed: int | None = None
    path = []
    for override in overridden:
        seen += 1
        count += override
        score = score + plan.step - 1 if override else max(0, score - 1)
        if score == 0:
            since, count = seen, 0
        if crossed is None and score >= plan.threshold:
            crossed = seen - 1
        path.append(score)
    return Watched(score, since, seen, count, crossed, tuple(path))


def mean_run(share: float, step: int, threshold: int) -> float:
    """Decisions until an alarm, on average and from 0, when this share of them is overridden: solved exactly."""
    rows = []
    for place in range(threshold):
        row = [0.0] * threshold
        row[place] += 1.0
        row[max(0, place - 1)] -= 1 - share
        if place + step - 1 < threshold:
            row[place + step - 1] -= share
        rows.append(row)
    return _solve(rows, [1.0] * threshold)[0]


def median_run(share: float, plan: Design, quiet: int = 0) -> int:
    """Decisions until an alarm in half of all streams, after so many quiet ones at the usual share (without an alarm)."""
    chance = [1.0] + [0.0] * (plan.threshold - 1)
    for _ in range(quiet):
        chance = _next(chance, plan.usual, plan.step)
        left = sum(chance)
        chance = [part / left for part in chance]
    decisions = 0
    while sum(chance) > 0.5:
        chance = _next(chance, share, plan.step)
        decisions += 1
    return decisions


def _next(chance: Sequence[float], share: float, step: int) -> list[float]:
    """The chances of each sum one decision later; what reached the threshold is gone."""
    after = [0.0] * len(chance)
    for place, part in enumerate(chance):
        after[max(0, place - 1)] += part * (1 - share)
        if place + step - 1 < len(chance):
            after[place + step - 1] += part * share
    return after


def _solve(rows: list[list[float]], right: list[float]) -> list[float]:
    """Gaussian elimination; the matrix is diagonally dominant from below, so no pivot is needed."""
    size = len(right)
    for i in range(size):
        for k in range(i + 1, size):
            if factor := rows[k][i] / rows[i][i]:
                right[k] -= factor * right[i]
                row, above = rows[k], rows[i]
                for j in range(i, size):
                    if above[j]:
                        row[j] -= factor * above[j]
    found = [0.0] * size
    for i in reversed(range(size)):
        found[i] = (right[i] - sum(rows[i][j] * found[j] for j in range(i + 1, size))) / rows[i][i]
    return found
