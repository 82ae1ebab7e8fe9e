"""Cases, decisions, what each party was told, and the way out."""

from reviews.models.appeal import Appeal, AppealAnswer, AppealGround, AppealStatus
from reviews.models.breach import Breach, BreachCategory, BreachFile, BreachStatus
from reviews.models.case import Assignment, Case, Message, Party, PartyOutcome, WorkNote
from reviews.models.decision import Approval, Decision, OverrideReason
from reviews.models.hold import Hold
from reviews.models.notice import Notice, NoticeKind
from reviews.models.outbox import Attempt, Outbox, OutboxStatus, Target, TargetKind

__all__ = [
    "Appeal",
    "AppealAnswer",
    "AppealGround",
    "AppealStatus",
    "Approval",
    "Assignment",
    "Attempt",
    "Breach",
    "BreachCategory",
    "BreachFile",
    "BreachStatus",
    "Case",
    "Decision",
    "Hold",
    "Message",
    "Notice",
    "NoticeKind",
    "Outbox",
    "OutboxStatus",
    "OverrideReason",
    "Party",
    "PartyOutcome",
    "Target",
    "TargetKind",
    "WorkNote",
]
