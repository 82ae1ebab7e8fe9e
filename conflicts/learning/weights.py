"""The points of the score as people's choices weigh them: a fit to pairs of claimants, one chosen and one not. Pure.

Bradley and Terry's model (1952) with the current points as its centre: the chance that one claimant is chosen rises with
its lead. Points are counted in steps of their ladders, each at least 0, so more proof never counts for less.
"""

from __future__ import annotations

import math
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from conflicts.policy.parts import Recency, Scoring

HELD_OUT = 4  # one of so many is never learned from: it judges
# How far a step is thought to lie from the present one before anybody decided (points, a standard deviation): what
# 100 decisions can outweigh and ten cannot. Tried in tests/conflicts/test_weights.py on decisions with known weights.
SPREAD = 3.0
LEAST_SEEN = 20  # decisions in which a step differs between chosen and not; one seen less often stays as it is
NINE_OF_TEN = math.log(9)  # at a lead of the policy's margin nine of ten choices are taken to go to the leader
SWEEPS = 400


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a ladder, or a criterion without one (`rung` is then empty)."""

    criterion: str
    rung: str = ""

    @property
    def name(self) -> str:
        """As the document names it."""
        return f"{self.criterion}.{self.rung}" if self.rung else self.criterion


@dataclass(frozen=True, slots=True)
class Choice:
    """Whom people chose of those with an eligible claim; `shown` says for each claimant which steps it has reached."""

    key: str
    chosen: str
    shown: Mapping[str, tuple[int, ...]]

    @property
    def held_out(self) -> bool:
        """Whether it judges (and is never learned from); by its key alone, so for ever."""
        return held_out(self.key)


@dataclass(frozen=True, slots=True)
class Fitted:
    """New points, and in how many of the decisions learned from each step told one claimant from another."""

    scoring: Scoring
    seen: Mapping[str, int]


def held_out(key: str) -> bool:
    """One of four, for ever the same ones."""
    return zlib.crc32(key.encode()) % HELD_OUT == 0


def steps_of(scoring: Scoring) -> tuple[Step, ...]:
    """The steps of the score, each ladder from its lowest rung up."""
    proof = sorted(scoring.proof, key=lambda kind: scoring.proof[kind])  # equal ones as the document lists them
    windows = sorted(scoring.last_activity, key=lambda window: -window.days)
    return (
        Step("earliest"),
        *(Step("proof", kind) for kind in proof),
        *(Step("last_activity", str(window.days)) for window in windows),
        Step("own_territory"),
        Step("closed_won"),
        Step("customer_letter"),
    )


def rungs(scoring: Scoring) -> Scoring:
    """The same ladders with the number of the rung in place of its points: what a claimant shows can be read off."""
    steps = steps_of(scoring)
    number = {step: 1 + sum(s.criterion == step.criterion for s in steps[:i]) for i, step in enumerate(steps)}
    return Scoring(
        earliest=1,
        proof={kind: number[Step("proof", kind)] for kind in scoring.proof},
        last_activity=tuple(
            Recency(window.days, number[Step("last_activity", str(window.days))]) for window in scoring.last_activity
        ),
        own_territory=1,
        closed_won=1,
        customer_letter=1,
    )


def reached(rows: Mapping[str, int], steps: Sequence[Step]) -> tuple[int, ...]:
    """1 for every step that a claimant has reached, of its rungs by criterion."""
    above: Counter[str] = Counter()
    found = []
    for step in steps:
        above[step.criterion] += 1
        found.append(int(rows.get(step.criterion, 0) >= above[step.criterion]))
    return tuple(found)


def rises(scoring: Scoring) -> tuple[int, ...]:
    """What each step adds to the one below it."""
    points = points_of(scoring)
    below: dict[str, int] = {}
    found = []
    for step in steps_of(scoring):
        found.append(points[step.name] - below.get(step.criterion, 0))
        below[step.criterion] = points[step.name]
    return tuple(found)


def points_of(scoring: Scoring) -> dict[str, int]:
    """The points of every step, as the document has them."""
    found = {f"proof.{kind}": points for kind, points in scoring.proof.items()}
    found |= {f"last_activity.{window.days}": window.points for window in scoring.last_activity}
    plain = ("earliest", "own_territory", "closed_won", "customer_letter")
    return {name: getattr(scoring, name) for name in plain} | found


def fit_weights(choices: Iterable[Choice], current: Scoring, margin: int, spread: float = SPREAD) -> Fitted:
    """The points that people's choices speak for, drawn to the current ones; held out choices are left out.

    The sum of the highest points stays as it is: a lead of the margin goes on meaning what it means.
    """
    steps, before = steps_of(current), rises(current)
    told = [choice for choice in choices if not choice.held_out]
    pairs = [pair for choice in told for pair in _pairs(choice)]
    seen = {
        step.name: sum(any(pair[i] for pair, _ in _pairs(choice)) for choice in told) for i, step in enumerate(steps)
    }
    free = [i for i, step in enumerate(steps) if seen[step.name] >= LEAST_SEEN]
    after = _descend(pairs, before, free, NINE_OF_TEN / max(1, margin), spread, [_least(step) for step in steps])
    moved, kept = sum(after[i] for i in free), sum(before[i] for i in free)
    scale = kept / moved if moved else 1.0
    after = [value * scale if i in free else value for i, value in enumerate(after)]
    return Fitted(_whole(current, steps, after), seen)


def _pairs(choice: Choice) -> list[tuple[tuple[int, ...], float]]:
    """What the chosen one shows more or less than each other; all the pairs of a decision weigh one."""
    chosen = choice.shown[choice.chosen]
    others = [shown for claimant, shown in choice.shown.items() if claimant != choice.chosen]
    return [(tuple(a - b for a, b in zip(chosen, other, strict=True)), 1 / len(others)) for other in others]


def _least(step: Step) -> float:
    """A rung of proof stays above the one below it: 'a meeting or more' must go on telling them apart."""
    return 1.0 if step.criterion == "proof" else 0.0


def _descend(
    pairs: Sequence[tuple[tuple[int, ...], float]], before: Sequence[int], free: Sequence[int], slope: float,
    spread: float, least: Sequence[float],
) -> list[float]:  # fmt: skip
    """The minimum, step by step in turn; each move is bounded by the steepest curve (1/4), so none goes too far."""
    points = [float(value) for value in before]
    pull = 1 / spread**2
    touched = {i: [n for n, (pair, _) in enumerate(pairs) if pair[i]] for i in free}
    curve = {
        i: pull + sum(pairs[n][1] * (slope * pairs[n][0][i]) ** 2 / 4 for n in numbers)
        for i, numbers in touched.items()
    }
    leads = [sum(a * b for a, b in zip(pair, points, strict=True)) for pair, _ in pairs]
    for _ in range(SWEEPS):
        largest = 0.0
        for i in free:
            pushed = sum(pairs[n][1] * slope * pairs[n][0][i] * _doubt(slope * leads[n]) for n in touched[i])
            wanted = max(least[i], points[i] + (pushed - pull * (points[i] - before[i])) / curve[i])
            if change := wanted - points[i]:
                points[i] = wanted
                largest = max(largest, abs(change))
                for n in touched[i]:
                    leads[n] += change * pairs[n][0][i]
        if largest < 1e-3:
            break
    return points


def _doubt(lead: float) -> float:
    """The chance that the one behind is chosen."""
    return 1 / (1 + math.exp(max(-60.0, min(60.0, lead))))


def _whole(current: Scoring, steps: Sequence[Step], values: Sequence[float]) -> Scoring:
    """Whole points, ladders still rising."""
    exact: dict[str, float] = {}
    whole: dict[str, int] = {}
    top: dict[str, int] = {}
    for step, value in zip(steps, values, strict=True):
        exact[step.criterion] = exact.get(step.criterion, 0.0) + value
        lowest = top.get(step.criterion, 0) + int(_least(step))
        top[step.criterion] = whole[step.name] = max(lowest, math.floor(exact[step.criterion] + 0.5))
    return replace(
        current,
        earliest=whole["earliest"],
        proof={kind: whole[f"proof.{kind}"] for kind in current.proof},
        last_activity=tuple(
            replace(window, points=whole[f"last_activity.{window.days}"]) for window in current.last_activity
        ),
        own_territory=whole["own_territory"],
        closed_won=whole["closed_won"],
        customer_letter=whole["customer_letter"],
    )
