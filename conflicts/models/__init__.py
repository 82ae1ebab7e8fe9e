"""What reasoning keeps: policies, claims, conflicts, findings, recommendations; and proposals of what is one company."""

from conflicts.models.duplicates import ClusterStatus, DuplicateCluster, DuplicatePair, DuplicateScan, Engine, KeptApart
from conflicts.models.reasoning import (
    Claim,
    ClaimSource,
    Conflict,
    ConflictStatus,
    Finding,
    PolicyStatus,
    PolicyVersion,
    Recommendation,
    TerritoryOverlap,
)
from conflicts.models.signals import Signal, SignalKind, SignalOutcome, SignalOwner, SignalStatus
from conflicts.models.weights import IdentityWeights, WeightsStatus

__all__ = [
    "Claim",
    "ClaimSource",
    "ClusterStatus",
    "Conflict",
    "ConflictStatus",
    "DuplicateCluster",
    "DuplicatePair",
    "DuplicateScan",
    "Engine",
    "Finding",
    "IdentityWeights",
    "KeptApart",
    "PolicyStatus",
    "PolicyVersion",
    "Recommendation",
    "Signal",
    "SignalKind",
    "SignalOutcome",
    "SignalOwner",
    "SignalStatus",
    "TerritoryOverlap",
    "WeightsStatus",
]
