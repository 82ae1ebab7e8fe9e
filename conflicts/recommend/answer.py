"""What the recommender says, in full: the choice, its reasons, the other options, and how it came about."""

from __future__ import annotations

from dataclasses import dataclass, field

from conflicts.detectors.finding import Citation
from conflicts.policy.conditions import Node

DECIDES, HOLDS_NOT, UNKNOWN, NOT_REACHED = "decides", "does_not_hold", "unknown", "not_reached"
ABSTAINING = frozenset({"request_information", "mediate"})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is to be done: the action, the owner (a partner id, `direct` or empty), support roles and shares."""

    action: str
    owner: str = ""
    support: tuple[str, ...] = ()
    shares: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TraceStep:
    """One rule: whether it decides, does not hold, cannot be known to hold, or was not reached. A rule that was asked
    comes with its condition as it came out: actual value and true, false or unknown at each node."""

    rule_id: str
    title: str
    state: str
    sentence: str
    unknown: tuple[str, ...] = ()
    condition: Node | None = None

    @property
    def applied(self) -> bool:
        """This rule decides."""
        return self.state == DECIDES


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """The points of one claimant in one criterion; `known` is false where a fact is missing."""

    claimant: str
    criterion: str
    points: int
    sentence: str
    cites: tuple[str, ...] = ()
    known: bool = True


@dataclass(frozen=True, slots=True)
class Reason:
    """A sentence and the labels of the records that it rests on."""

    sentence: str
    cites: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Option:
    """A possible decision; one not chosen says why not, and what would change that."""

    action: str
    owner: str
    title: str
    chosen: bool
    why_not: str = ""
    would_change: str = ""


@dataclass(frozen=True, slots=True)
class Recommendation:
    """The whole answer for one claim set. `evidence` resolves the labels that reasons and score rows cite."""

    action: str
    owner: str
    support: tuple[str, ...]
    shares: dict[str, int]
    rule_id: str
    sentence: str
    reasons: tuple[Reason, ...]
    score_rows: tuple[ScoreRow, ...]
    options: tuple[Option, ...]
    would_change: tuple[str, ...]
    missing: tuple[str, ...]
    confidence: float
    abstained: bool
    trace: tuple[TraceStep, ...]
    evidence: tuple[Citation, ...]
