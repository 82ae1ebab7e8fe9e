"""Writing a draft of territory rules: open, edit, bring up to date, hand to a second person, give up, undo."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from channelconflict.models import User
from conflicts.drafting.rules import current_values, ended, is_stale, live_day, values_in
from conflicts.drafting.states import S, StaleDraftError, check_fresh, check_right, keep_draft, locked
from conflicts.drafting.values import LABELS, Values, merged
from conflicts.models import ChangeKind, TerritoryChange, TerritoryDraft
from conflicts.windows import day
from partners.models import Program, Territory
from partners.services import NotPossibleError, save_row


@dataclass(frozen=True)
class Edit:
    """One rule of a draft as somebody edits it: which rule and version they saw (none: a new rule), and what it shall be."""

    kind: ChangeKind
    after: Values
    territory: Territory | None = None
    seen_version: int | None = None


@transaction.atomic
def open_draft(
    *, program: Program, name: str, by: User, at: datetime, why: str = "", live_on: date | None = None
) -> TerritoryDraft:
    """Begin a draft. It changes nothing until a second person agreed and its day has come."""
    check_right(by, program)
    row = TerritoryDraft(
        program=program, name=name.strip()[:120], why=why, live_on=live_on, created_by_id=by.pk, created_at=at
    )
    return save_row(row, by=by, at=at, action="territory_draft.opened")


@transaction.atomic
def name_draft(
    *, draft: TerritoryDraft, name: str, why: str, live_on: date | None, seen_version: int, by: User, at: datetime
) -> TerritoryDraft:
    """Change what a draft is called, why it is made and from which day it shall hold."""
    row = locked(draft, "change", by, seen_version)
    row.name, row.why, row.live_on = name.strip()[:120], why, live_on
    return keep_draft(row, by, at, "territory_draft.named", {"live_on": str(live_on or "")})


@transaction.atomic
def put_in_draft(
    *, draft: TerritoryDraft, edit: Edit, by: User, at: datetime, change: TerritoryChange | None = None
) -> TerritoryChange:
    """Add an edit to a draft, or put it in the place of what the draft has of that rule. The rule itself stays as it is."""
    row = locked(draft, "change", by)
    kept = change or TerritoryChange(program_id=row.program_id, draft=row)
    if edit.territory is not None:
        kept = TerritoryChange.objects.filter(draft=row, territory=edit.territory).first() or kept
        version, now = current_values([Territory.objects.select_for_update(no_key=True).get(pk=edit.territory.pk)])[
            edit.territory.pk
        ]
        if edit.seen_version != version:
            raise StaleDraftError(
                f"{edit.territory} was changed by somebody else meanwhile (version {version}, you saw {edit.seen_version})."
                " Nothing was kept: load the page again and repeat your change."
            )
        kept.territory, kept.seen_version, kept.before = edit.territory, version, now
    kept.kind, kept.after = edit.kind, {} if edit.kind == ChangeKind.END else edit.after
    kept.made_by_id, kept.made_at = by.pk, at
    if edit.kind == ChangeKind.END:
        ended(kept.before, live_day(row, day(at)))
    save_row(kept, by=by, at=at, action="territory_draft.changed", facts={"draft": row.pk, "kind": edit.kind})
    keep_draft(row, by, at, "territory_draft.edited", {"rules": row.changes.count()})
    return kept


@transaction.atomic
def drop_from_draft(*, change: TerritoryChange, by: User, at: datetime) -> None:
    """Take one rule out of a draft."""
    row = locked(change.draft, "change", by)
    TerritoryChange.objects.filter(pk=change.pk, draft=row).delete()
    keep_draft(row, by, at, "territory_draft.edited", {"rules": row.changes.count()})


@transaction.atomic
def rebase_draft(*, draft: TerritoryDraft, by: User, at: datetime) -> list[str]:
    """Put the draft's changes upon the rules as they are now; sentences about fields that both sides changed."""
    row = locked(draft, "change", by)
    changes = list(row.changes.select_related("territory"))
    now = current_values([change.territory for change in changes if change.territory])
    told = []
    for change in (one for one in changes if one.territory_id and is_stale(one, now[one.territory_id])):
        version, theirs = now[change.territory_id]
        if change.kind != ChangeKind.END:
            change.after, clashes = merged(change.before, values_in(change.after), theirs)
            told += [f"{theirs['name']}: both changed {LABELS[name].lower()}; this draft's counts." for name in clashes]
        change.before, change.seen_version = theirs, version
        save_row(change, by=by, at=at, action="territory_draft.rebased", facts={"draft": row.pk, "version": version})
    keep_draft(row, by, at, "territory_draft.edited", {"rules": len(changes)})
    return told


@transaction.atomic
def ask_second_person(*, draft: TerritoryDraft, seen_version: int, by: User, at: datetime) -> TerritoryDraft:
    """Hand a draft to a second person."""
    row = locked(draft, "ask", by, seen_version)
    if not row.changes.exists():
        raise NotPossibleError("This draft changes nothing yet: add a rule first.")
    check_fresh(row)
    row.status, row.asked_by_id, row.asked_at, row.note = S.AWAITING, by.pk, at, ""
    return keep_draft(row, by, at, "territory_draft.asked")


@transaction.atomic
def take_back_draft(*, draft: TerritoryDraft, by: User, at: datetime) -> TerritoryDraft:
    """Go on writing instead of waiting for the second person."""
    row = locked(draft, "take back", by)
    row.status = S.DRAFT
    return keep_draft(row, by, at, "territory_draft.taken_back")


@transaction.atomic
def withdraw_draft(*, draft: TerritoryDraft, by: User, at: datetime) -> TerritoryDraft:
    """Give a draft up before it is live: nothing of it ever holds."""
    row = locked(draft, "withdraw", by)
    row.status = S.WITHDRAWN
    return keep_draft(row, by, at, "territory_draft.withdrawn")


@transaction.atomic
def reverse_draft(*, draft: TerritoryDraft, by: User, at: datetime) -> TerritoryDraft:
    """Make the draft that undoes a live one: new rules end, ended and changed ones are as before, later changes stay."""
    row = locked(draft, "undo", by)
    back = open_draft(program=row.program, name=f"Undo of {row.name}", by=by, at=at)
    back.reverses = row
    save_row(back, by=by, at=at, action="territory_draft.reversing", facts={"of": row.pk})
    changes = list(row.changes.select_related("territory"))
    now = current_values([change.territory for change in changes])
    for change in changes:
        version, values = now[change.territory_id]
        edit = Edit(ChangeKind.END, {}, change.territory, version)
        if change.kind != ChangeKind.ADD:
            was = ended(change.before, day(row.live_at)) if change.kind == ChangeKind.END else values_in(change.after)
            edit = Edit(ChangeKind.CHANGE, merged(was, change.before, values)[0], change.territory, version)
        put_in_draft(draft=back, edit=edit, by=by, at=at)
    back.refresh_from_db()
    return back
