"""Who is who: what a registration names -> an account of ours, or none."""

from conflicts.identity.resolve import Resolution, resolve

__all__ = ["Resolution", "resolve"]
