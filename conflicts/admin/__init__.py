"""The staff site's pages of what reasoning keeps, of who is who, and of possible duplicates."""

from conflicts.admin import changes, duplicates, identity, reasoning, scans, signals, weights

__all__ = ["changes", "duplicates", "identity", "reasoning", "scans", "signals", "weights"]
