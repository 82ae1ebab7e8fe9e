"""Shares of a count, with how far the truth may lie from them. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass

Z = 1.959964  # 95 % of a normal distribution lie within so many standard deviations


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    part: int
    of: int

    @property
    def value(self) -> float:
        """The share itself; of nothing it is 0."""
        return self.part / self.of if self.of else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval (1927): it stays within 0 and 1 and is honest for few; of nothing, anything."""
        if not self.of:
            return 0.0, 1.0
        n, p = self.of, self.value
        centre = (p + Z * Z / (2 * n)) / (1 + Z * Z / n)
        half = Z * math.sqrt(p * (1 - p) / n + Z * Z / (4 * n * n)) / (1 + Z * Z / n)
        return max(0.0, centre - half), min(1.0, centre + half)

    @property
    def words(self) -> str:
        """81 % (65 of 80; 95 % interval 71 to 88 %)."""
        if not self.of:
            return "none yet"
        low, high = self.interval
        return f"{self.value:.0%} ({self.part} of {self.of}; 95 % interval {100 * low:.0f} to {high:.0%})"
