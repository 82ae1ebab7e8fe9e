"""From the confidence of the rules to how often deciders agreed with such recommendations: a monotone map in bins."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt

LEAST_IN_BIN = 25  # fewer say too little to be told
ENOUGH = 50  # decisions from which on a map is fitted at all
FOLDS = 5
GOOD_ENOUGH = 0.10  # a map that misses by more, on decisions it has not seen, is kept but not used
GOAL = 0.05  # TRUST 6
_95 = 1.96


@dataclass(frozen=True, slots=True)
class Example:
    """A decided recommendation: how sure the rules were, and whether the deciders did what they said."""

    raw: float
    agreed: bool


@dataclass(frozen=True, slots=True)
class Bin:
    """Recommendations of about one confidence: from which to which, how many, and in how many the deciders agreed."""

    lowest: float
    highest: float
    n: int
    agreed: int

    @property
    def share(self) -> float:
        """The share in which the deciders agreed."""
        return self.agreed / self.n

    @property
    def interval(self) -> tuple[float, float]:
        """Where the true share lies in 95 of 100 such counts (Wilson)."""
        n, p = self.n, self.share
        middle, wide = p + _95**2 / (2 * n), _95 * sqrt(p * (1 - p) / n + _95**2 / (4 * n * n))
        return max(0.0, (middle - wide) / (1 + _95**2 / n)), min(1.0, (middle + wide) / (1 + _95**2 / n))


def fit(examples: Iterable[Example], least: int = LEAST_IN_BIN) -> tuple[Bin, ...]:
    """Bins of rising confidence whose shares never fall (pool adjacent violators), each with at least so many examples."""
    counts: dict[float, tuple[int, int]] = {}
    for item in examples:
        n, agreed = counts.get(item.raw, (0, 0))
        counts[item.raw] = n + 1, agreed + item.agreed
    bins: list[Bin] = []
    for raw in sorted(counts):
        bins.append(Bin(raw, raw, *counts[raw]))
        while len(bins) > 1 and (bins[-2].n < least or bins[-2].share >= bins[-1].share):
            bins[-2:] = [_joined(bins[-2], bins[-1])]
    while len(bins) > 1 and bins[-1].n < least:
        bins[-2:] = [_joined(bins[-2], bins[-1])]
    return tuple(bins)


def _joined(left: Bin, right: Bin) -> Bin:
    return Bin(left.lowest, right.highest, left.n + right.n, left.agreed + right.agreed)


def bin_of(bins: Sequence[Bin], raw: float) -> Bin | None:
    """The bin that a confidence counts in; between two bins the lower one, so that nothing is promised too much."""
    return next((item for item in reversed(bins) if raw >= item.lowest), bins[0] if bins else None)


def calibrated(bins: Sequence[Bin], raw: float) -> float:
    """The share in which deciders agreed with recommendations of this confidence; unchanged where there are no bins."""
    found = bin_of(bins, raw)
    return found.share if found else raw


def calibration_error(pairs: Iterable[tuple[float, bool]], groups: int = 10) -> float:
    """Expected calibration error over groups of about equal size: how far what was said lies from what came, on average.
    What was said alike stays in one group, so that the order of the examples cannot matter."""
    said: dict[float, tuple[int, int]] = {}
    for value, came in pairs:
        n, good = said.get(value, (0, 0))
        said[value] = n + 1, good + came
    total = sum(n for n, _ in said.values())
    error, group, expected, good = 0.0, 0, 0.0, 0
    for value in sorted(said):
        group, expected, good = group + said[value][0], expected + value * said[value][0], good + said[value][1]
        if group >= total / groups:
            error, group, expected, good = error + abs(expected - good) / total, 0, 0.0, 0
    return error + (abs(expected - good) / total if group else 0.0)


def unseen_error(examples: Sequence[Example], least: int = LEAST_IN_BIN) -> float:
    """The calibration error of maps on examples that they were not fitted on: each fifth by the other four."""
    pairs = []
    for fold in range(FOLDS):
        bins = fit((item for place, item in enumerate(examples) if place % FOLDS != fold), least)
        pairs += [(calibrated(bins, item.raw), item.agreed) for item in examples[fold::FOLDS]]
    return calibration_error(pairs)
