"""Views of the queue that people keep: their own, which they may share with the program's staff to read."""

from datetime import datetime

from django.db import transaction

from channelconflict.audit import record
from channelconflict.models import User
from partners.models import Program
from partners.permissions import may
from partners.services import NotPossibleError, save_row
from reviews.models import SavedView
from reviews.permissions import NotAllowedError

LONGEST = 60


@transaction.atomic
def save_view(*, program: Program, name: str, query: str, shared: bool, by: User, at: datetime) -> SavedView:
    """Keep a filter and an order of the queue (its address after the question mark) under a name of one's own."""
    if not may(by, "view_desk", program):
        raise NotAllowedError("You have no role in this program.")
    view = SavedView(
        program=program, owner=by, name=_free_name(name, program, by), query=query, shared=shared, saved_at=at
    )
    return save_row(view, by=by, at=at, action="view.saved", facts={"shared": shared})


@transaction.atomic
def change_view(*, view: SavedView, name: str, shared: bool, by: User, at: datetime) -> SavedView:
    """Give one's own view another name, or share it, or keep it to oneself again."""
    view = _own(view, by)
    view.name, view.shared = _free_name(name, view.program, by, view), shared
    return save_row(view, by=by, at=at, action="view.changed", facts={"shared": shared})


@transaction.atomic
def delete_view(*, view: SavedView, by: User, at: datetime) -> None:
    """Forget one's own view; no case is touched."""
    view = _own(view, by)
    record(action="view.deleted", by=by, at=at, subject=view, program_id=view.program_id)
    view.delete()


def _own(view: SavedView, by: User) -> SavedView:
    row = SavedView.objects.select_for_update(no_key=True).filter(pk=view.pk).first()
    if row is None:
        raise NotPossibleError("This view is deleted already.")
    if row.owner_id != by.pk:
        raise NotAllowedError("This view is somebody else's: save it under a name of your own to change it.")
    return row


def _free_name(name: str, program: Program, by: User, view: SavedView | None = None) -> str:
    name = " ".join(name.split())
    if not 0 < len(name) <= LONGEST:
        raise NotPossibleError(f"Give the view a name of 1 to {LONGEST} characters.")
    others = SavedView.objects.filter(program=program, owner=by, name__iexact=name)
    if any(other != view for other in others):
        raise NotPossibleError(f"You have a view called '{name}' already: choose another name.")
    return name
