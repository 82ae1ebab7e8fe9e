"""Taking a merge or a split back: what would go where."""

import uuid
from collections.abc import Iterable

from conflicts.holdings import OF_ACCOUNTS, OF_PARTNERS, held
from conflicts.moves.preview import Preview, ended, many
from conflicts.wording import listing
from partners.identity import why_no_undo
from partners.models import Account, ChangeKind, IdentityChange

HANGS_ON_IT = {name: kind for name, kind in OF_ACCOUNTS.items() if name != "accounts"}  # what is merged is told
_LOOKED_AT_AGAIN = ("The conflicts of both are looked at again: what grew together by the merge parts.",)


def undoing(change: IdentityChange) -> Preview:
    """What taking a merge or a split back would do."""
    refusal = why_no_undo(change)
    follows: tuple[str, ...]
    if change.kind == ChangeKind.SPLIT:
        back = held(HANGS_ON_IT, [change.target_id], [change.subject_id])
        follows = (
            f"{change.target_name} counts as {change.subject_name} again, with whatever it gained meanwhile.",
            "What left comes back, names and registrations too; the conflicts are looked at again.",
        )
        return Preview(
            change.target_name,
            change.subject_name,
            "counts as the other one again",
            "stays",
            held=back,
            follows=follows,
            refusal=refusal,
        )
    if change.of_partners:
        both = held(OF_PARTNERS, [change.subject_id], [change.target_id])
        follows = (f"{change.subject_name} is a claimant of its own again.", *_LOOKED_AT_AGAIN)
    else:
        both = held(HANGS_ON_IT, [change.subject_id, *map(uuid.UUID, change.moved["accounts"])], _left_with(change))
        follows = (f"{change.subject_name} is an account of its own again.", *_going_along(change), *_LOOKED_AT_AGAIN)
    return Preview(
        change.subject_name,
        change.target_name,
        "is on its own again",
        "stays",
        held=both,
        follows=follows,
        refusal=refusal,
    )


def _left_with(change: IdentityChange) -> list[uuid.UUID]:
    others = Account.objects.filter(merged_into=change.target_id).exclude(pk__in=[change.subject_id])
    gone = set(change.moved["accounts"])
    return [change.target_id, *(pk for pk in others.order_by("pk").values_list("pk", flat=True) if str(pk) not in gone)]


def _going_along(change: IdentityChange) -> Iterable[str]:
    """What had been merged into it before goes with it, and what the merge protected elsewhere comes back."""
    if before := Account.objects.filter(pk__in=change.moved["accounts"]).order_by("name", "pk"):
        yield ended(f"{listing(map(str, before))} will count as {change.subject_name} again, as before")
    if back := len(change.moved["protections"]):
        yield ended(f"{many(back, 'protection')} will be on {change.subject_name} again")
