"""What reasoning keeps: policies, claims, conflicts, findings, recommendations."""

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
from conflicts.models.weights import IdentityWeights, WeightsStatus

__all__ = [
    "Claim",
    "ClaimSource",
    "Conflict",
    "ConflictStatus",
    "Finding",
    "IdentityWeights",
    "PolicyStatus",
    "PolicyVersion",
    "Recommendation",
    "TerritoryOverlap",
    "WeightsStatus",
]
