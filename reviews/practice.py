"""Practice beside the written rule: what was recommended in decided cases and what people chose, read for learning."""

import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from conflicts.facts import from_memo
from conflicts.learning.calibration import Judged
from conflicts.learning.drift import Decided, Key, Measured, look
from conflicts.learning.playbooks import KIND, PROGRAM
from conflicts.learning.services import AlarmChange, begun_anew, keep_alarms
from conflicts.learning.trial import Learned, Outcome, Past, learn
from conflicts.memo import MemoError
from conflicts.models import PolicyVersion, Recommendation
from conflicts.services import policy_in_force
from partners.models import Program
from reviews.choices import DECIDABLE, DIRECT, Choice
from reviews.models import BY_RULE, Case, Decision

# Of the newest so many: older ones tell of other times, and a look stays short.
WATCHED, LEARNED_FROM, REPORTED = 20_000, 2_000, 5_000
_READ = (
    "case_id", "case__number", "case__decided_at", "case__kind", "action", "owner_id", "owner_direct", "support", "shares",
    "is_override", "reason_code", "agreed_in_id", "recommendation_id", "recommendation__action", "recommendation__confidence",
    "recommendation__abstained", "recommendation__engine", "recommendation__result__rule_id",
    "recommendation__result__owner", "recommendation__result__support", "recommendation__result__shares",
)  # fmt: skip


@dataclass(frozen=True)
class DecidedCase:
    """A decided case: the outcome, and the recommendation that it was decided on."""

    case: uuid.UUID
    number: int
    at: datetime
    kind: str
    chosen: Choice
    recommended: (
        Choice | None
    )  # None: it asked for information or for a mediator, or the sides agreed: nothing to follow
    recommendation: uuid.UUID
    reason_code: str
    rule: str
    engine: str
    confidence: float

    @property
    def followed(self) -> bool:
        """Whether people did as was recommended."""
        return self.recommended is not None and self.chosen.same_as(self.recommended)


def decided_cases(program: Program, newest: int = WATCHED) -> list[DecidedCase]:
    """The newest decided cases with the outcome that stands, the earlier decided first."""
    cases = Case.objects.filter(program=program, decided_at__isnull=False).order_by("-decided_at", "-pk")
    latest = (
        Decision.objects.filter(case__in=cases.values("pk")[:newest])
        .exclude(decided_as__startswith=BY_RULE)  # nobody agreed or parted there
        .order_by("case_id", "-number")
        .distinct("case_id")
        .values(*_READ)
    )
    return sorted((_decided_case(row) for row in latest), key=lambda one: (one.at, one.number))


def _decided_case(row: dict[str, Any]) -> DecidedCase:
    chosen = Choice(row["action"], _owner(row), tuple(row["support"]), row["shares"])
    action, told = row["recommendation__action"], "recommendation__result__"
    recommended = Choice(
        action, row[f"{told}owner"] or "", tuple(row[f"{told}support"] or ()), row[f"{told}shares"] or {}
    )
    return DecidedCase(
        case=row["case_id"],
        number=row["case__number"],
        at=row["case__decided_at"],
        kind=row["case__kind"],
        chosen=chosen,
        recommended=recommended if action in DECIDABLE and row["agreed_in_id"] is None else None,
        recommendation=row["recommendation_id"],
        reason_code=row["reason_code"],
        rule=row[f"{told}rule_id"] or "",
        engine=row["recommendation__engine"],
        confidence=row["recommendation__confidence"],
    )


def _owner(row: dict[str, Any]) -> str:
    """As services.decisions.choice_of reads it of a Decision."""
    return DIRECT if row["owner_direct"] else str(row["owner_id"] or "")


# --- drift ---


def measured(program: Program, decided: Sequence[DecidedCase]) -> list[Measured]:
    """How every stream of decisions stands now."""
    stream = [Decided(one.at, not one.followed, one.rule, one.kind) for one in decided if one.recommended]
    return look(stream, begun_anew(program))


def examine_drift(*, program: Program, at: datetime) -> AlarmChange:
    """Look at the decisions of a program, and raise an alarm where people part from the rules."""
    streams = measured(program, decided_cases(program))
    return keep_alarms(program=program, measured=streams, titles=titles_of(program, streams), at=at)


def titles_of(program: Program, streams: Sequence[Measured]) -> dict[Key, str]:
    """How streams are called: rules by their title in the policy in force, or else in the last one that had them."""
    titles = rule_titles(program)
    return {one.key: title_of(one.stream, one.subject, titles) for one in streams}


def title_of(stream: str, subject: str, titles: dict[str, str]) -> str:
    """What one stream is called."""
    if stream == PROGRAM:
        return "All cases"
    if stream == KIND:
        words = subject.replace("_", " ")
        return f"{words[:1].upper()}{words[1:]} cases"
    return f"{subject} {titles.get(subject, '')}".strip()


def rule_titles(program: Program) -> dict[str, str]:
    """Rule ids with their titles; the newest version that was ever in force has the last word."""
    found: dict[str, str] = {}
    rows = PolicyVersion.objects.filter(program=program, live_from__isnull=False).order_by("number")
    for document in rows.values_list("document", flat=True):
        found |= {str(rule["id"]): str(rule["title"]) for rule in document.get("rules", ())}
    return found


# --- calibration ---


def judged(decided: Sequence[DecidedCase]) -> tuple[list[Judged], int]:
    """What the confidence said and what people did; and how many recommendations named no outcome to follow."""
    outcomes = [one for one in decided if one.recommended]
    found = [Judged(one.confidence, one.followed, one.rule, one.engine, f"{one.at:%Y-%m}") for one in outcomes]
    return found, len(decided) - len(outcomes)


# --- the points of the score ---


def learn_weights(program: Program) -> Learned:
    """Fit the points of the policy in force to what people decided."""
    left_out: Counter[str] = Counter()
    decided = decided_cases(program, LEARNED_FROM)
    return learn(_past(decided, left_out), policy_in_force(program).policy, left_out)


def _past(decided: Sequence[DecidedCase], left_out: Counter[str]) -> Iterator[Past]:
    """The cases with the facts that were before people, some at a time: a memo is large."""
    for begin in range(0, len(decided), 200):
        some = decided[begin : begin + 200]
        rows = Recommendation.objects.filter(pk__in=[one.recommendation for one in some])
        memos = dict(rows.values_list("pk", "facts"))
        for one in some:
            try:
                facts = from_memo(memos[one.recommendation])
            except MemoError:
                left_out["unreadable"] += 1
                continue
            chosen = Outcome(one.chosen.action, one.chosen.winners())
            reason = "" if one.followed else one.reason_code
            yield Past(str(one.case), f"CF-{one.number}", facts, chosen, reason, open=one.recommended is None)
