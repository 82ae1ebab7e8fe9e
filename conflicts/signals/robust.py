"""Statistics that a few wild values do not move.

Median and MAD (Hampel 1974); midmean (Tukey 1977); slope of medians (Theil 1950, Sen 1968); square-root scale for counts
(Anscombe 1948); spreads moderated towards those of the peers (Smyth 2004).
"""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from statistics import median

NORMAL = 1.4826  # makes the MAD of a normal variable its standard deviation
SELDOM = 0.5  # an expectation below is taken for this: one event is no surge
QUARTILES = 1.349  # the distance of a normal variable's quartiles in standard deviations


def mad(values: Sequence[float], centre: float) -> float:
    """The median distance from `centre`, scaled to a standard deviation; 0 without values."""
    return NORMAL * median([abs(value - centre) for value in values]) if values else 0.0


def midmean(values: Sequence[float]) -> float:
    """The mean of the middle half: as robust as the median, less coarse with small counts; 0 without values."""
    ordered, cut = sorted(values), len(values) // 4
    middle = ordered[cut : len(ordered) - cut]
    return sum(middle) / len(middle) if middle else 0.0


def slope(values: Sequence[float]) -> float:
    """The median slope of all pairs of equally spaced values, a step; 0 for fewer than two."""
    pairs = [(later - value) / (j - i) for i, value in enumerate(values) for j, later in _after(values, i)]
    return median(pairs) if pairs else 0.0


def _after(values: Sequence[float], i: int) -> list[tuple[int, float]]:
    return [(j, values[j]) for j in range(i + 1, len(values))]


def stable(count: float) -> float:
    """A count on the scale where chance has the same spread (about 1) whatever its size."""
    return 2 * sqrt(max(count, 0.0) + 0.375)


def counted(value: float) -> float:
    """The count that stands at `value` on the stable scale."""
    return max((value / 2) ** 2 - 0.375, 0.0) if value > 0 else 0.0


def beyond(count: float, expected: float) -> float:
    """How far a count lies above what was expected, in standard deviations of chance alone.

    On the two-thirds scale, where even small counts are near enough normal in the tail (Anscombe 1953).
    """
    due = max(expected, SELDOM)
    return float(1.5 * (max(count, 0.0) ** (2 / 3) - due ** (2 / 3)) / due ** (1 / 6))


def moderated(own: float, n: int, peers: float, weight: float) -> float:
    """A spread from `n` own values and the peers', which count as `weight` values: few values borrow, many do not."""
    return sqrt((n * own**2 + weight * peers**2) / (n + weight)) if n + weight else 0.0


def shrunk(own: float, n: float, peers: float, weight: float) -> float:
    """A level from `n` own values, drawn towards the peers', which count as `weight` values."""
    return (n * own + weight * peers) / (n + weight) if n + weight else peers
