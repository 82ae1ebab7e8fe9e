"""A second person agrees to a draft or refuses it; it goes live at once or on its day."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction

from channelconflict.models import User
from conflicts.drafting.rules import Wish, live_day, overlaps_made, wish_of
from conflicts.drafting.states import S, check_fresh, keep_draft, locked, why_not
from conflicts.drafting.values import Values, typed
from conflicts.models import TerritoryDraft
from conflicts.territories import TerritoryOverlap
from conflicts.windows import day
from partners.models import Program, Territory, TerritoryAssignment
from partners.services import (
    NotPossibleError,
    StaleRowError,
    record_assignment,
    record_territory,
    remove_assignment,
    save_row,
)

REASON_IS_WANTED = "Say why: the reason stands beside your name."


class OverlapError(NotPossibleError):
    """The draft would make rules collide; `overlaps` tells which."""

    def __init__(self, sentence: str, overlaps: Collection[TerritoryOverlap]) -> None:
        super().__init__(sentence)
        self.overlaps = overlaps


@transaction.atomic
def approve_draft(
    *, draft: TerritoryDraft, seen_version: int, by: User, at: datetime, reason: str = ""
) -> TerritoryDraft:
    """The second person agrees: it goes live at once, or on its day. New overlaps take a reason (each goes to sales_ops)."""
    row = locked(draft, "approve", by, seen_version)
    _check_second(row, by)
    check_fresh(row)
    made = overlaps_made(row, at)
    if made and not reason.strip():
        listed = " ".join(overlap.sentence for overlap in made)
        raise OverlapError(
            f"This draft makes rules collide, so that accounts there go to sales operations. {listed}"
            " Change the draft, or say why it shall be so.",
            made,
        )
    row.status, row.decided_by_id, row.decided_at, row.reason = S.SCHEDULED, by.pk, at, reason.strip()
    row.confirmed = [{"first": o.first_id, "second": o.second_id, "sentence": o.sentence} for o in made]
    keep_draft(
        row,
        by,
        at,
        "territory_draft.approved",
        _persons(row) | {"overlaps": len(made), "live_on": str(row.live_on or "")},
    )
    return _go_live(row, by, at) if live_day(row, day(at)) <= day(at) else row


@transaction.atomic
def reject_draft(*, draft: TerritoryDraft, reason: str, by: User, at: datetime) -> TerritoryDraft:
    """The second person refuses, with a reason."""
    row = locked(draft, "reject", by)
    _check_second(row, by)
    if not reason.strip():
        raise NotPossibleError(REASON_IS_WANTED)
    row.status, row.decided_by_id, row.decided_at, row.reason = S.REJECTED, by.pk, at, reason.strip()
    return keep_draft(row, by, at, "territory_draft.rejected", _persons(row))


@transaction.atomic
def publish_due(*, program: Program, at: datetime) -> list[TerritoryDraft]:
    """Let scheduled drafts go live whose day has come; one that no longer can is a draft again, with the reason."""
    due = TerritoryDraft.objects.select_for_update(no_key=True, skip_locked=True).filter(
        program=program, status=S.SCHEDULED, live_on__lte=day(at)
    )
    done = []
    for row in due.order_by("live_on", "pk"):
        try:
            with transaction.atomic():
                check_fresh(row)
                _check_confirmed(row, at)
                done.append(_go_live(row, None, at))
        except (NotPossibleError, StaleRowError) as error:
            row.refresh_from_db()
            row.status, row.decided_by_id, row.decided_at = S.DRAFT, None, None
            row.note = f"It could not go live on {row.live_on}. {error}"
            keep_draft(row, None, at, "territory_draft.held_back")
    return done


def _check_second(row: TerritoryDraft, by: User) -> None:
    if sentence := why_not(row, "approve", by):
        raise NotPossibleError(sentence)


def _persons(row: TerritoryDraft) -> dict[str, Any]:
    return {"asked_by": row.asked_by_id, "decided_by": row.decided_by_id}


def _check_confirmed(row: TerritoryDraft, at: datetime) -> None:
    known = {(one.get("first"), one.get("second")) for one in row.confirmed}
    known |= {(second, first) for first, second in known}
    fresh = [o for o in overlaps_made(row, at) if (o.first_id, o.second_id) not in known]
    if fresh:
        raise OverlapError(
            "Rules would collide that did not when it was approved. " + " ".join(o.sentence for o in fresh), fresh
        )


def _go_live(row: TerritoryDraft, by: User | None, at: datetime) -> TerritoryDraft:
    """Write the rules through their own services. The product's own acts name both persons in the draft's audit event."""
    author = User.objects.filter(pk=row.decided_by_id).first()
    asker = User.objects.filter(pk=row.asked_by_id).first()
    why = f"Draft “{row.name[:50]}” of {asker}, agreed by {author}"[:100]
    on, told = day(at), []
    for change in row.changes.select_related("territory").order_by("pk"):
        wish = wish_of(change, max(on, row.live_on or on))
        rule = change.territory or Territory(program_id=row.program_id)
        _check_reference(rule, wish)
        for name, value in typed(wish.values).items():
            setattr(rule, name, value)
        record_territory(territory=rule, by=by or author, at=at, seen_version=change.seen_version, reason=why)
        _assign(rule, wish.values["assignments"], by or author, at, why)
        if change.territory_id is None:
            change.territory = rule
            save_row(change, by=by, at=at, action="territory_draft.added", facts={"territory": rule.pk})
        told.append(str(rule.pk))
    row.status, row.live_at = S.LIVE, at
    return keep_draft(row, by, at, "territory_draft.live", _persons(row) | {"territories": told})


def _check_reference(rule: Territory, wish: Wish) -> None:
    ref = wish.values["external_id"]
    taken = Territory.objects.filter(program_id=rule.program_id, external_id=ref).exclude(pk=rule.pk)
    if taken.exists():
        raise NotPossibleError(
            f"Another territory has the reference {ref} by now: give {wish.values['name']} another one."
        )


def _assign(rule: Territory, wanted: list[Values], by: User | None, at: datetime, why: str) -> None:
    """Take away who no longer works it, then add who is new."""
    keys = {(one["partner"], one["direct"], one["role"]) for one in wanted}
    for row in list(rule.assignments.order_by("pk")):
        key = (str(row.partner_id) if row.partner_id else None, row.direct, row.role)
        if key in keys:
            keys.discard(key)
        else:
            remove_assignment(assignment=row, by=by, at=at, reason=why)
    for partner, direct, role in sorted(keys, key=str):
        made = TerritoryAssignment(
            program_id=rule.program_id, territory=rule, partner_id=partner, direct=direct, role=role
        )
        record_assignment(assignment=made, by=by, at=at, reason=why)
