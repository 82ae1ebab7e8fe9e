"""The staff site's pages of what reasoning keeps, of who is who, of possible duplicates, and the territory editor."""

from conflicts.admin import (
    changes,
    drafts,
    duplicates,
    identity,
    model,
    policies,
    reasoning,
    scans,
    signals,
    territories,
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
    "signals",
    "territories",
    "weights",
]
