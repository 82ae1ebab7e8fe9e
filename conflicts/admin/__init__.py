"""The staff site's pages of what reasoning keeps, of who is who, of duplicates, of trials, and the territory editor."""

from conflicts.admin import (
    changes,
    drafts,
    duplicates,
    identity,
    model,
    policies,
    reasoning,
    scans,
    shadows,
    signals,
    territories,
    trials,
    weights,
)

__all__ = [
    "changes",
    "drafts",
    "duplicates",
    "identity",
    "model",
    "policies",
    "reasoning",
    "scans",
    "shadows",
    "signals",
    "territories",
    "trials",
    "weights",
]
