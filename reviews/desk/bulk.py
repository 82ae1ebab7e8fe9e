"""What the page of a bulk approval shows: the preview of each case, then what became of it."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from conflicts.wording import listing
from reviews.desk.rows import Row, rows_of
from reviews.desk.words import Chip, stamp
from reviews.models import BulkApproval, BulkItem, BulkState, Case
from reviews.permissions import label

_CHIPS = {
    BulkState.OFFERED: Chip("can be approved", "", "check"),
    BulkState.REFUSED: Chip("not in bulk", "warn", "alert"),
    BulkState.LEFT_OUT: Chip("left out", "quiet", "dot"),
    BulkState.WAITING: Chip("waits", "", "clock"),
    BulkState.DONE: Chip("approved", "good", "check"),
    BulkState.CHANGED: Chip("changed since", "warn", "differs"),
    BulkState.NOT_POSSIBLE: Chip("not possible any more", "bad", "cross"),
    BulkState.FAILED: Chip("failed", "bad", "alert"),
}
_ORDER = (
    BulkState.FAILED, BulkState.NOT_POSSIBLE, BulkState.CHANGED, BulkState.WAITING, BulkState.REFUSED, BulkState.OFFERED,
    BulkState.DONE, BulkState.LEFT_OUT,
)  # fmt: skip


@dataclass(frozen=True)
class BulkLine:
    """One case: how the queue shows it, how it stands in the bulk, and why; `step` says whose word comes after."""

    key: str
    row: Row
    chip: Chip
    offered: bool
    step: str
    told: str


@dataclass(frozen=True)
class BulkPage:
    """The whole page. What needs a look comes first."""

    bulk: BulkApproval
    lines: list[BulkLine]
    counts: list[Chip]
    offered: int
    done: int
    sent: int
    mine: bool
    running: bool
    when: str


def bulk_page(user: Any, bulk: BulkApproval, now: datetime) -> BulkPage:
    """The page of `bulk` for `user`, in a fixed number of queries."""
    items = list(bulk.items.select_related("case").order_by("number", "pk"))
    rows = rows_of(user, [item.case_id for item in items], now)
    ordered = sorted((item for item in items if item.case_id in rows), key=lambda item: _ORDER.index(_state(item)))
    found = Counter(_state(item) for item in ordered)
    return BulkPage(
        bulk=bulk,
        lines=[_line(item, rows[item.case_id], sent=bulk.sent_at is not None) for item in ordered],
        counts=[Chip(f"{found[s]} {_CHIPS[s].text}", _CHIPS[s].tone, _CHIPS[s].icon) for s in _ORDER if found[s]],
        offered=found[BulkState.OFFERED],
        done=found[BulkState.DONE],
        sent=sum(found.values()) - found[BulkState.REFUSED] - found[BulkState.LEFT_OUT],
        mine=bulk.asked_by_id == user.pk,
        running=bulk.sent_at is not None and bulk.finished_at is None,
        when=stamp(bulk.sent_at or bulk.previewed_at),
    )


def _state(item: BulkItem) -> BulkState:
    return BulkState(item.state)


def _line(item: BulkItem, row: Row, *, sent: bool) -> BulkLine:
    state = _state(item)
    return BulkLine(
        key=str(item.pk),
        row=row,
        chip=_CHIPS[state],
        offered=state == BulkState.OFFERED,
        step=_step(item.case, done=sent) if state in (BulkState.OFFERED, BulkState.WAITING, BulkState.DONE) else "",
        told=item.told,
    )


def _step(case: Case, *, done: bool) -> str:
    """Before: what one's word does. After: who comes next."""
    after = [label(step) for step in case.pending[0 if done else 1 :]]
    if done:
        return f"next: {after[0]}" if after else "decided"
    return f"your step, then {listing(after)}" if after else "your word decides it"
