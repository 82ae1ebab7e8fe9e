"""The staff site's pages of what reasoning keeps."""

from conflicts.admin import reasoning

__all__ = ["reasoning"]
