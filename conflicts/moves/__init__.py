"""What a merge, a split or its undoing would do, side by side and in sentences; and its signature, which is confirmed."""

from typing import Any

from conflicts.moves.accounts import MAY_BE_SPLIT, alike, merging_accounts, names_to_give_away, splitting
from conflicts.moves.partners import merging_partners
from conflicts.moves.preview import Fact, Preview
from conflicts.moves.undo import undoing
from partners.models import Partner

__all__ = ["MAY_BE_SPLIT", "Fact", "Preview", "alike", "merging", "names_to_give_away", "splitting", "undoing"]


def merging(subject: Any, target: Any) -> Preview:
    """What letting `subject` count as `target` would do (two accounts, or two partners)."""
    return merging_partners(subject, target) if isinstance(subject, Partner) else merging_accounts(subject, target)
