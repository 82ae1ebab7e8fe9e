"""Cases, decisions, what each party was told, and the way out."""

from reviews.models.case import Assignment, Case, Message, Party, PartyOutcome, WorkNote
from reviews.models.decision import Approval, Decision, OverrideReason
from reviews.models.escalation import Escalation, EscalationCause
from reviews.models.mediation import (
    EntryKind,
    Mediation,
    MediationEntry,
    MediationSide,
    MediationStage,
    MediationStatus,
    Proposal,
    ProposalAnswer,
    ProposalStatus,
    Verdict,
)
from reviews.models.notice import Notice, NoticeKind
from reviews.models.outbox import Attempt, Outbox, OutboxStatus, Target, TargetKind

__all__ = [
    "Approval",
    "Assignment",
    "Attempt",
    "Case",
    "Decision",
    "EntryKind",
    "Escalation",
    "EscalationCause",
    "Mediation",
    "MediationEntry",
    "MediationSide",
    "MediationStage",
    "MediationStatus",
    "Message",
    "Notice",
    "NoticeKind",
    "Outbox",
    "OutboxStatus",
    "OverrideReason",
    "Party",
    "PartyOutcome",
    "Proposal",
    "ProposalAnswer",
    "ProposalStatus",
    "Target",
    "TargetKind",
    "Verdict",
    "WorkNote",
]
