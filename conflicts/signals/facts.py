"""Everything that early warning may know, as counts by week and states of claims; load.py fills it, a simulator too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

WEEKS = 56  # of history: a year to compare with, and the four weeks that are looked at
Weekly = Sequence[int]  # events a week, the oldest first; the last week ends on the day that is looked at


@dataclass(frozen=True, slots=True)
class Seller:
    """A partner; `stake` is the sum of its live claims in the program's currency."""

    id: str
    name: str
    region: str = ""
    stake: float = 0.0


@dataclass(frozen=True, slots=True)
class Gaps:
    """Quartiles of the natural logs of the days between activities, and how many there were."""

    n: int
    q1: float
    q2: float
    q3: float


@dataclass(frozen=True, slots=True)
class ClaimState:
    """A claim at the moment of looking: days since its last activity (`idle`), and the days without one before (`gap`)."""

    source: str  # registration, ownership or opportunity
    id: str
    ref: str
    partner: str  # "" = the direct team
    account: str
    account_name: str
    idle: int
    gap: int | None = None
    line: str = ""
    region: str = ""
    amount: float = 0.0
    contested: bool = False  # somebody else has a claim on the account
    promised: bool = True  # a follow-up is expected: a live registration or an open opportunity


@dataclass(frozen=True, slots=True)
class Probing:
    """A partner's registrations of half a year that are old enough to be worked: all, neither worked nor won, refused."""

    registered: int
    neither: int
    refused: int


Quotes = Mapping[int, tuple[float, int]]  # weeks ago -> (median discount in percent, number of quotes)


@dataclass(frozen=True)
class Histories:
    """The facts of one program at the end of `day`; keys are ids of partners, codes of lines and regions."""

    day: date
    sellers: Mapping[str, Seller] = field(default_factory=dict)
    registrations: Mapping[str, Weekly] = field(default_factory=dict)
    tickets: Mapping[str, Weekly] = field(default_factory=dict)
    escalated: Mapping[str, Weekly] = field(default_factory=dict)
    activities: Mapping[str, Weekly] = field(default_factory=dict)
    refused: Mapping[str, Weekly] = field(default_factory=dict)
    lines: Mapping[str, Weekly] = field(default_factory=dict)  # partners that registered, by product line
    regions: Mapping[str, Weekly] = field(default_factory=dict)  # the same by country of the customer
    names: Mapping[str, str] = field(default_factory=dict)  # of product lines
    quotes: Mapping[tuple[str, str], Quotes] = field(default_factory=dict)  # (partner, product line)
    gaps: Mapping[tuple[str, str, str], Gaps] = field(default_factory=dict)  # (partner, line, region), "" = all of them
    claims: Sequence[ClaimState] = ()
    probing: Mapping[str, Probing] = field(default_factory=dict)

    def week(self, ago: int) -> date:
        """The first day of the week that ended `ago` weeks before `day`."""
        return self.day - timedelta(days=7 * (ago + 1) - 1)
