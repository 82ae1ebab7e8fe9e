"""The staff site's pages of what reasoning keeps, and of possible duplicates."""

from conflicts.admin import duplicates, reasoning, scans

__all__ = ["duplicates", "reasoning", "scans"]
