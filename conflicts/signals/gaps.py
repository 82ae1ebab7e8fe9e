"""Days without activity on a claim against those that are usual for its partner, product line and region (log scale)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp, log

from conflicts.signals.facts import ClaimState, Gaps
from conflicts.signals.robust import QUARTILES, moderated, shrunk

BORROWED = 10  # the wider group counts as ten gaps
NARROWEST = 0.5  # of a log: nobody works by the clock
UNKNOWN = Gaps(0, log(15), log(22), log(36))  # before there is any history: about three weeks


@dataclass(frozen=True, slots=True)
class Usual:
    """The usual gap in days, and its spread as a log."""

    days: float
    spread: float

    def score(self, days: int) -> float:
        """How many spreads a gap of `days` lies above the usual."""
        return (log(1 + days) - log(1 + self.days)) / self.spread


def usual(claim: ClaimState, gaps: Mapping[tuple[str, str, str], Gaps]) -> Usual:
    """From the program to the line and region to the partner, each drawn towards the wider one."""
    centre, spread = UNKNOWN.q2, _spread(UNKNOWN)
    for key in (("", "", ""), ("", claim.line, claim.region), (claim.partner, "", "")):
        found = gaps.get(key)
        if found is not None and (any(key) or found.n):
            centre = shrunk(found.q2, found.n, centre, BORROWED)
            spread = moderated(_spread(found), found.n, spread, BORROWED)
    return Usual(exp(centre) - 1, max(spread, NARROWEST))


def _spread(found: Gaps) -> float:
    return (found.q3 - found.q1) / QUARTILES


def longest(found: Usual, score: float) -> float:
    """The gap in days at which the score is reached."""
    return round(exp(log(1 + found.days) + score * found.spread) - 1, 1)
