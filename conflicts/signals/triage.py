"""How urgent a signal is: impact (what is at stake) times certainty (how far beyond its threshold)."""

from __future__ import annotations

from collections.abc import Sequence

from conflicts.signals.measure import Measure

ACT, SOON, WATCH = 1, 2, 3
SEVERITIES = {ACT: "act today", SOON: "this week", WATCH: "watch"}
SURE, FAIRLY = 1.6, 1.2  # times the threshold


def impact(measure: Measure, amounts: Sequence[float]) -> int:
    """1 to 3: which of the two higher `amounts` of the policy's routing the stake reaches; contested counts one more."""
    reached = sum(measure.stake >= amount for amount in sorted(amounts)[-2:] if amount > 0)
    return min(3, 1 + reached + measure.contested)


def certainty(measure: Measure) -> int:
    """1 to 3: how far the score lies beyond its threshold."""
    beyond = measure.score / measure.threshold if measure.threshold else 0.0
    return 1 + (beyond >= FAIRLY) + (beyond >= SURE)


def severity(measure: Measure, amounts: Sequence[float]) -> int:
    """1 = act today (impact x certainty of 6 or more), 2 = this week (3 or more), 3 = watch."""
    weight = impact(measure, amounts) * certainty(measure)
    return ACT if weight >= 6 else SOON if weight >= 3 else WATCH
