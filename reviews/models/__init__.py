"""Cases, decisions, what each party was told, and the way out."""

from reviews.models.case import Assignment, Case, Message, Party, PartyOutcome, WorkNote
from reviews.models.decision import Approval, Decision, OverrideReason
from reviews.models.notice import Notice, NoticeKind
from reviews.models.outbox import Attempt, Outbox, OutboxStatus, Target, TargetKind
from reviews.models.taken_back import TakenBack, TakenBackFor

__all__ = [
    "Approval",
    "Assignment",
    "Attempt",
    "Case",
    "Decision",
    "Message",
    "Notice",
    "NoticeKind",
    "Outbox",
    "OutboxStatus",
    "OverrideReason",
    "Party",
    "PartyOutcome",
    "TakenBack",
    "TakenBackFor",
    "Target",
    "TargetKind",
    "WorkNote",
]
