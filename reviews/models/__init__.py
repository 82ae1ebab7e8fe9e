"""Cases, decisions, what each party was told, and the way out."""

from reviews.models.announcement import PolicyAcknowledgement, PolicyReminder
from reviews.models.appeal import Appeal, AppealAnswer, AppealGround, AppealStatus
from reviews.models.breach import Breach, BreachCategory, BreachFile, BreachStatus
from reviews.models.bulk import BulkApproval, BulkItem, BulkState
from reviews.models.case import Assignment, Case, Message, Party, PartyOutcome, WorkNote
from reviews.models.concern import Concern, ConcernCategory, ConcernOutcome, ConcernReview
from reviews.models.decision import BY_RULE, Approval, Decision, OverrideReason
from reviews.models.escalation import Escalation, EscalationCause
from reviews.models.first_opinion import FirstOpinion, OpinionAction
from reviews.models.frame import NoticeTemplate
from reviews.models.hold import Hold
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
from reviews.models.playbook import Playbook, PlaybookTick
from reviews.models.sending import (
    Enclosure,
    HowTold,
    NoticePreference,
    Sending,
    SendingStatus,
    SendingTry,
    Way,
    Webhook,
    WebhookSecret,
)
from reviews.models.spot_checks import AutomaticApproval, SpotCheck, SpotCheckAlarm, SpotCheckAnswer, SpotCheckWeek
from reviews.models.study import Lesson, Study
from reviews.models.survey import Survey, SurveyOutcome
from reviews.models.taken_back import TakenBack, TakenBackFor
from reviews.models.team import Absence, AssignmentRule
from reviews.models.views import SavedView, Skip, SkipReason

__all__ = [
    "BY_RULE",
    "Absence",
    "Appeal",
    "AppealAnswer",
    "AppealGround",
    "AppealStatus",
    "Approval",
    "Assignment",
    "AssignmentRule",
    "Attempt",
    "AutomaticApproval",
    "Breach",
    "BreachCategory",
    "BreachFile",
    "BreachStatus",
    "BulkApproval",
    "BulkItem",
    "BulkState",
    "Case",
    "Concern",
    "ConcernCategory",
    "ConcernOutcome",
    "ConcernReview",
    "Decision",
    "Enclosure",
    "EntryKind",
    "Escalation",
    "EscalationCause",
    "FirstOpinion",
    "Hold",
    "HowTold",
    "Lesson",
    "Mediation",
    "MediationEntry",
    "MediationSide",
    "MediationStage",
    "MediationStatus",
    "Message",
    "Notice",
    "NoticeKind",
    "NoticePreference",
    "NoticeTemplate",
    "OpinionAction",
    "Outbox",
    "OutboxStatus",
    "OverrideReason",
    "Party",
    "PartyOutcome",
    "Playbook",
    "PlaybookTick",
    "PolicyAcknowledgement",
    "PolicyReminder",
    "Proposal",
    "ProposalAnswer",
    "ProposalStatus",
    "SavedView",
    "Sending",
    "SendingStatus",
    "SendingTry",
    "Skip",
    "SkipReason",
    "SpotCheck",
    "SpotCheckAlarm",
    "SpotCheckAnswer",
    "SpotCheckWeek",
    "Study",
    "Survey",
    "SurveyOutcome",
    "TakenBack",
    "TakenBackFor",
    "Target",
    "TargetKind",
    "Verdict",
    "Way",
    "Webhook",
    "WebhookSecret",
    "WorkNote",
]
