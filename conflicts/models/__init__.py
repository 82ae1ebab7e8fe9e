"""What reasoning keeps: policies, claims, conflicts, findings, recommendations; duplicates and drafts of rules that wait."""

from conflicts.models.drafts import ChangeKind, DraftStatus, TerritoryChange, TerritoryDraft
from conflicts.models.duplicates import ClusterStatus, DuplicateCluster, DuplicatePair, DuplicateScan, Engine, KeptApart
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
from conflicts.models.weights import IdentityWeights, WeightsStatus

__all__ = [
    "ChangeKind",
    "Claim",
    "ClaimSource",
    "ClusterStatus",
    "Conflict",
    "ConflictStatus",
    "DraftStatus",
    "DuplicateCluster",
    "DuplicatePair",
    "DuplicateScan",
    "Engine",
    "Finding",
    "IdentityWeights",
    "KeptApart",
    "PolicyStatus",
    "PolicySummary",
    "PolicyVersion",
    "Recommendation",
    "Signal",
    "SignalKind",
    "SignalOutcome",
    "SignalOwner",
    "SignalStatus",
    "TerritoryChange",
    "TerritoryDraft",
    "TerritoryOverlap",
    "WeightsStatus",
]
