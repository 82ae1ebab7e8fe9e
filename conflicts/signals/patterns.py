"""The learned detector: a partner's four weeks as one point, unlike every other partner's months before.

Each point holds how far registrations, tickets, work and refusals lie from the usual, in spreads, and how far they part
from one another; a forest learns a year of such points of all partners.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import median

from conflicts.signals.counts import BLOCKS
from conflicts.signals.forest import Forest
from conflicts.signals.robust import mad

FEATURES = ("registrations", "support tickets", "work on claims", "refusals", "discounts")
NOTHING = [0.0] * (BLOCKS + 1)
ENOUGH, SAMPLED = 60, 400  # points to learn from; of these so many say what a usual score is
FAR = 1.5  # spreads: a feature that is worth a word
Point = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Oddity:
    """How unlike the rest a partner's last four weeks are, and the features that make them so, the farthest first."""

    isolation: float
    usual: float
    spread: float
    score: float
    far: tuple[tuple[str, float], ...]


def oddities(figures: Sequence[Mapping[str, Sequence[float]]]) -> dict[str, Oddity]:
    """By partner. `figures` are those of FEATURES: partner -> twelve earlier blocks and the last, in spreads."""
    partners = sorted(set().union(*figures)) if figures else []
    rows = {key: [_point(row) for row in zip(*(f.get(key, NOTHING) for f in figures), strict=True)] for key in partners}
    past = [point for row in rows.values() for point in row[:-1]]
    if len(past) < ENOUGH:
        return {}
    # What the partners do at the same time is learned too: a campaign of all is nothing strange.
    forest = Forest([*past, *(row[-1] for row in rows.values())])
    known = [forest.score(point) for point in past[:: max(1, len(past) // SAMPLED)]]
    usual = median(known)
    spread = mad(known, usual) or 1.0
    return {key: _oddity(row[-1], forest.score(row[-1]), usual, spread) for key, row in rows.items()}


def _point(row: tuple[float, ...]) -> Point:
    """The figures, and two directions in which several small moves add up: cuts go along one axis only."""
    registrations, tickets, work, refusals, discounts = row
    push, strain = registrations + refusals + discounts - work, tickets + refusals - work
    return (*row, push / 2, strain / sqrt(3), registrations - work)


def _oddity(point: Point, isolation: float, usual: float, spread: float) -> Oddity:
    far = sorted(zip(FEATURES, point, strict=False), key=lambda item: -abs(item[1]))
    telling = tuple((name, value) for name, value in far if abs(value) >= FAR)
    return Oddity(isolation, usual, spread, (isolation - usual) / spread, telling)
