"""Merges, splits and their undoing as the preview showed them: what changed meanwhile is refused, not done unseen."""

from datetime import datetime
from typing import Any

from django.db import transaction

from channelconflict.models import User
from conflicts.moves import Preview, merging, splitting, undoing
from partners.identity import Parts, merge_accounts, merge_partners, split_account, undo_change
from partners.models import Account, IdentityChange, Partner
from partners.services import NotPossibleError, StaleRowError


@transaction.atomic
def merge_as_shown(
    *, subject: Any, target: Any, seen: str, by: User | None, at: datetime, reason: str = ""
) -> IdentityChange:
    """Merge two accounts, or two partners; `seen` is the signature of the preview."""
    _hold(type(subject), subject.pk, target.pk)
    subject.refresh_from_db()
    target.refresh_from_db()
    _check(merging(subject, target), seen)
    if isinstance(subject, Partner):
        return merge_partners(subject=subject, target=target, by=by, at=at, reason=reason)
    return merge_accounts(subject=subject, target=target, by=by, at=at, reason=reason)


@transaction.atomic
def split_as_shown(
    *, account: Account, name: str, parts: Parts, seen: str, by: User, at: datetime, reason: str = ""
) -> IdentityChange:
    """Split an account; `seen` is the signature of the preview."""
    _hold(Account, account.pk)
    account.refresh_from_db()
    _check(splitting(account, name, parts), seen)
    return split_account(account=account, name=name, parts=parts, by=by, at=at, reason=reason)


@transaction.atomic
def undo_as_shown(*, change: IdentityChange, seen: str, by: User | None, at: datetime) -> IdentityChange:
    """Undo a merge or a split; `seen` is the signature of the preview."""
    _hold(Partner if change.of_partners else Account, change.subject_id, change.target_id)
    change.refresh_from_db()
    _check(undoing(change), seen)
    return undo_change(change=change, by=by, at=at)


def _hold(model: Any, *ids: Any) -> None:
    """Lock them before looking: detection locks accounts too, so nothing joins or leaves them in between."""
    list(model.objects.select_for_update(no_key=True, of=("self",)).filter(pk__in=ids).order_by("pk").values_list("pk"))


def _check(preview: Preview, seen: str) -> None:
    if preview.refusal:
        raise NotPossibleError(preview.refusal)
    if preview.seen != seen:
        raise StaleRowError(
            "Something changed since you looked: below is what stands now. Nothing was done; read it, and confirm again."
        )
