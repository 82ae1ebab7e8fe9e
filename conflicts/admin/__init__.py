"""The staff site's pages of what reasoning keeps."""

from conflicts.admin import reasoning, weights

__all__ = ["reasoning", "weights"]
