"""The staff site's pages of what reasoning keeps, and of possible duplicates."""

from conflicts.admin import duplicates, reasoning, scans, signals, weights

__all__ = ["duplicates", "reasoning", "scans", "signals", "weights"]
