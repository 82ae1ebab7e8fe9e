"""What may be done to a draft, by whom and in which state; a draft is locked and looked at here before anything is done."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from channelconflict.models import User
from conflicts.drafting.rules import current_values, is_stale
from conflicts.models import DraftStatus, TerritoryDraft
from partners.models import Territory
from partners.permissions import may
from partners.services import NotPossibleError, StaleRowError, save_row

S = DraftStatus
# What may be done to a draft in which state.
ACTS: dict[str, tuple[DraftStatus, ...]] = {
    "change": (S.DRAFT,),
    "ask": (S.DRAFT,),
    "take back": (S.AWAITING,),
    "approve": (S.AWAITING,),
    "reject": (S.AWAITING,),
    "withdraw": (S.DRAFT, S.AWAITING, S.SCHEDULED),
    "undo": (S.LIVE,),
}


class StaleDraftError(StaleRowError):
    """A rule of the draft was changed since the draft saw it; the text names the rules."""


def why_not(draft: TerritoryDraft, act: str, by: Any) -> str:
    """A sentence why this person may not do this now; "" if they may."""
    if not may(by, "change_rules", draft):
        return "Only people who may change the program's rules do this."
    if draft.status not in ACTS[act]:
        return f"This draft is {draft.get_status_display().lower()}: it cannot be {_DONE.get(act, act)} any more."
    if act in ("approve", "reject") and by.pk in _writers(draft):
        return "You wrote in this draft or asked for it: a second person decides, another one with the right to change rules."
    return ""


_DONE = {"change": "changed", "ask": "handed on", "take back": "taken back", "approve": "approved", "reject": "rejected",
         "withdraw": "withdrawn", "undo": "undone"}  # fmt: skip


def _writers(draft: TerritoryDraft) -> set[Any]:
    return {draft.asked_by_id, *draft.changes.values_list("made_by_id", flat=True)}


def check_right(by: User, subject: Any) -> None:
    """Refuse whoever may not change the rules."""
    if by is None or not may(by, "change_rules", subject):
        raise NotPossibleError("Only people who may change the program's rules do this.")


def locked(draft: TerritoryDraft, act: str, by: User, seen_version: int | None = None) -> TerritoryDraft:
    """The row as it stands, if this may be done to it and it is the version that was seen."""
    check_right(by, draft)
    row = TerritoryDraft.objects.select_for_update(no_key=True, of=("self",)).select_related("program").get(pk=draft.pk)
    if row.status not in ACTS[act]:
        raise NotPossibleError(why_not(row, act, by))
    if seen_version is not None and seen_version != row.version:
        raise StaleRowError(
            f"{row} was changed by somebody else meanwhile (version {row.version}, you saw {seen_version})."
            " Nothing was done: look at it again first."
        )
    return row


def keep_draft(
    row: TerritoryDraft, by: User | None, at: datetime, action: str, facts: Mapping[str, Any] | None = None
) -> TerritoryDraft:
    """Count the change and keep it, with its audit row."""
    row.version += 1
    return save_row(row, by=by, at=at, action=action, facts={"version": row.version, **(facts or {})})


def check_fresh(row: TerritoryDraft) -> None:
    """Refuse a draft of which a rule was changed since, naming the rules; they are locked until the transaction ends."""
    changes = [change for change in row.changes.order_by("pk") if change.territory_id]
    locked = Territory.objects.select_for_update(no_key=True).filter(pk__in=[change.territory_id for change in changes])
    now = current_values(locked.order_by("pk"))
    stale = [now[change.territory_id][1]["name"] for change in changes if is_stale(change, now[change.territory_id])]
    if stale:
        raise StaleDraftError(
            f"{', '.join(stale)}: changed by somebody else since this draft saw it. Look at the difference and"
            " bring the draft up to date."
        )
