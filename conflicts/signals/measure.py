"""What a look at the histories finds: one measure a subject, with its numbers and a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

BURST, TICKETS, PRICE = "registration_burst", "ticket_surge", "price_swing"
WAKES, NO_FOLLOW_UP, FISHING, PATTERN = "dormant_wakes", "no_follow_up", "fishing", "unusual_pattern"
KINDS = (BURST, TICKETS, PRICE, WAKES, NO_FOLLOW_UP, FISHING, PATTERN)
CALM = 0.6  # a standing signal ends below this share of its threshold: what hovers at the line does not come and go


@dataclass(frozen=True, slots=True)
class Measure:
    """Observed against expected, in `unit`; `score` is their distance in spreads. A signal from `threshold` on.

    `spread` is on the scale of the comparison: square roots of counts, logs of days, points of discount. `series` are
    the values behind it, the oldest first, each with its label (a day, or words).
    """

    kind: str
    key: str  # what it is about: "partner:<id>", "line:<code>", "registration:<id>" ...
    unit: str
    observed: float
    expected: float
    spread: float
    score: float
    threshold: float
    since: date
    until: date
    sentence: str
    series: tuple[tuple[str, float], ...] = ()
    partner: str = ""
    account: str = ""
    line: str = ""
    region: str = ""
    stake: float = 0.0
    contested: bool = False
    least: bool = True  # it is large enough to matter at all

    @property
    def alarms(self) -> bool:
        """It is worth a signal."""
        return self.least and self.score >= self.threshold

    @property
    def stands(self) -> bool:
        """Enough of it is left that a signal raised before stays."""
        return self.score >= CALM * self.threshold
