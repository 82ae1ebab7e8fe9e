"""Registrations that probe: many that nobody works or wins, many refused, against the peers' rates.

Distances from the peers' median rate; a partner's registrations resemble one another, so that many of them say less
than as many of different partners (Williams 1982). The two rates are joined as Stouffer (1949) does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import median

from conflicts.signals.facts import Probing
from conflicts.signals.robust import mad

TOLD = 4  # registrations from which on a partner's rate says something of the peers
HALVINGS = 20
SHARED = 0.05, 0.95  # a rate of nothing or everything would make the first other one a wonder


@dataclass(frozen=True, slots=True)
class Haul:
    """How many were neither worked nor won, how many the peers let expect, and the joint score."""

    expected: float
    spread: float
    score: float


def hauls(found: Mapping[str, Probing]) -> dict[str, Haul]:
    """By partner; whoever registered nothing is left out."""
    neither = _distances({key: (p.registered, p.neither) for key, p in found.items() if p.registered})
    refused = _distances({key: (p.registered, p.refused) for key, p in found.items() if p.registered})
    return {
        key: Haul(expected, spread, (score + refused[key][2]) / sqrt(2))
        for key, (expected, spread, score) in neither.items()
    }


def _distances(found: Mapping[str, tuple[int, int]]) -> dict[str, tuple[float, float, float]]:
    rates = [hits / n for n, hits in found.values() if n >= TOLD]
    pooled = sum(hits for _, hits in found.values()) / sum(n for n, _ in found.values()) if found else 0.5
    rate = min(max(median(rates) if rates else pooled, SHARED[0]), SHARED[1])
    kin = _kinship([(n, hits - n * rate) for n, hits in found.values() if n >= TOLD], rate)
    spreads = {key: _spread(n, rate, kin) for key, (n, _) in found.items()}
    return {key: (n * rate, spreads[key], (hits - n * rate) / spreads[key]) for key, (n, hits) in found.items()}


def _spread(n: int, rate: float, kin: float) -> float:
    return sqrt(n * rate * (1 - rate) * (1 + (n - 1) * kin))


def _kinship(off: Sequence[tuple[int, float]], rate: float) -> float:
    """How alike the registrations of one partner are: at this correlation the middle half of the peers is as it should be."""
    low, high = 0.0, 1.0
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        wide = mad([distance / _spread(n, rate, middle) for n, distance in off], 0.0) > 1
        low, high = (middle, high) if wide else (low, middle)
    return low
