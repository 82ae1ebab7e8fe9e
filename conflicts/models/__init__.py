"""What reasoning keeps: policies, claims, conflicts, findings, recommendations; duplicates and drafts of rules that wait."""

from conflicts.models.advice import Calibration, Precedent
from conflicts.models.drafts import ChangeKind, DraftStatus, TerritoryChange, TerritoryDraft
from conflicts.models.duplicates import ClusterStatus, DuplicateCluster, DuplicatePair, DuplicateScan, Engine, KeptApart
from conflicts.models.learning import (
    DriftAlarm,
    DriftAnswer,
    DriftStatus,
    DriftStream,
    Feedback,
    FeedbackVerdict,
    OutputPart,
    WeightsProposal,
)
from conflicts.models.opinions import (
    ModelBudget,
    ModelCall,
    ModelMode,
    ModelOpinion,
    ModelSwitch,
    OpinionStatus,
    PromptStatus,
    PromptVersion,
)
from conflicts.models.policies import PolicyStatus, PolicySummary, PolicyVersion
from conflicts.models.reasoning import (
    Claim,
    ClaimSource,
    Conflict,
    ConflictStatus,
    Finding,
    Recommendation,
    TerritoryOverlap,
)
from conflicts.models.signals import Signal, SignalKind, SignalOutcome, SignalOwner, SignalStatus
from conflicts.models.trials import PolicyTrial, ShadowAnswer, TrialKind
from conflicts.models.weights import IdentityWeights, WeightsStatus

__all__ = [
    "Calibration",
    "ChangeKind",
    "Claim",
    "ClaimSource",
    "ClusterStatus",
    "Conflict",
    "ConflictStatus",
    "DraftStatus",
    "DriftAlarm",
    "DriftAnswer",
    "DriftStatus",
    "DriftStream",
    "DuplicateCluster",
    "DuplicatePair",
    "DuplicateScan",
    "Engine",
    "Feedback",
    "FeedbackVerdict",
    "Finding",
    "IdentityWeights",
    "KeptApart",
    "ModelBudget",
    "ModelCall",
    "ModelMode",
    "ModelOpinion",
    "ModelSwitch",
    "OpinionStatus",
    "OutputPart",
    "PolicyStatus",
    "PolicySummary",
    "PolicyTrial",
    "PolicyVersion",
    "Precedent",
    "PromptStatus",
    "PromptVersion",
    "Recommendation",
    "ShadowAnswer",
    "Signal",
    "SignalKind",
    "SignalOutcome",
    "SignalOwner",
    "SignalStatus",
    "TerritoryChange",
    "TerritoryDraft",
    "TerritoryOverlap",
    "TrialKind",
    "WeightsProposal",
    "WeightsStatus",
]
