"""Cases, decisions, what each party was told, and the way out."""

from reviews.models.case import Assignment, Case, Message, Party, PartyOutcome, WorkNote
from reviews.models.concern import Concern, ConcernCategory, ConcernOutcome, ConcernReview
from reviews.models.decision import Approval, Decision, OverrideReason
from reviews.models.notice import Notice, NoticeKind
from reviews.models.outbox import Attempt, Outbox, OutboxStatus, Target, TargetKind
from reviews.models.playbook import Playbook, PlaybookTick
from reviews.models.study import Lesson, Study
from reviews.models.taken_back import TakenBack, TakenBackFor

__all__ = [
    "Approval",
    "Assignment",
    "Attempt",
    "Case",
    "Concern",
    "ConcernCategory",
    "ConcernOutcome",
    "ConcernReview",
    "Decision",
    "Lesson",
    "Message",
    "Notice",
    "NoticeKind",
    "Outbox",
    "OutboxStatus",
    "OverrideReason",
    "Party",
    "PartyOutcome",
    "Playbook",
    "PlaybookTick",
    "Study",
    "TakenBack",
    "TakenBackFor",
    "Target",
    "TargetKind",
    "WorkNote",
]
