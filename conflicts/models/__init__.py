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

__all__ = [
    "Claim",
    "ClaimSource",
    "Conflict",
    "ConflictStatus",
    "Finding",
    "PolicyStatus",
    "PolicyVersion",
    "Recommendation",
    "TerritoryOverlap",
]
