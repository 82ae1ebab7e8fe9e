"""Which accounts (or partners) are known not to be one company: people said so, or a relation between them is on record."""

import uuid
from collections.abc import Collection, Iterable, Iterator
from itertools import chain

from django.db.models import Q

from conflicts.models import KeptApart
from partners.identity import standing_partners
from partners.models import Account, ChangeKind, IdentityChange, MatchVerdict, Partner, Verdict

Pair = tuple[uuid.UUID, uuid.UUID]


def in_order(one: uuid.UUID, other: uuid.UUID) -> Pair:
    """A pair has one spelling."""
    return (one, other) if one < other else (other, one)


def apart(program_id: uuid.UUID, ids: Collection[uuid.UUID], *, of_partners: bool) -> set[Pair]:
    """The pairs that must not be proposed, of which one at least is among `ids` (five queries at most).

    What was said of one that was merged holds for the one that it counts as.
    """
    stands = _merged_into(program_id, ids, of_partners)
    wide = [*ids, *stands]
    related = _partners_related if of_partners else _accounts_related
    told = KeptApart.objects.filter(Q(left_id__in=wide) | Q(right_id__in=wide), program_id=program_id)
    pairs = chain(
        told.values_list("left_id", "right_id"),
        _split_or_unmerged(program_id, wide, of_partners),
        related(program_id, wide),
    )
    return set(_all_in_order((stands.get(one, one), stands.get(other, other)) for one, other in pairs))


def _merged_into(
    program_id: uuid.UUID, ids: Collection[uuid.UUID], of_partners: bool
) -> dict[uuid.UUID | None, uuid.UUID | None]:
    if of_partners:
        standing = standing_partners(program_id)
        return {one: other for one, other in standing.items() if other in set(ids)}
    rows = Account.objects.filter(program_id=program_id, merged_into_id__in=ids)
    return dict(rows.values_list("pk", "merged_into_id"))


def _all_in_order(pairs: Iterable[tuple[uuid.UUID | None, uuid.UUID | None]]) -> Iterator[Pair]:
    return (in_order(one, other) for one, other in pairs if one and other and one != other)


def _split_or_unmerged(program_id: uuid.UUID, ids: Collection[uuid.UUID], of_partners: bool) -> Iterator[Pair]:
    """Somebody took one from the other, or took their merge back."""
    undone = Q(kind=ChangeKind.MERGE, undone_at__isnull=False) | Q(kind=ChangeKind.SPLIT, undone_at=None)
    rows = IdentityChange.objects.filter(undone, program_id=program_id, of_partners=of_partners)
    yield from rows.filter(Q(subject_id__in=ids) | Q(target_id__in=ids)).values_list("subject_id", "target_id")


def _accounts_related(
    program_id: uuid.UUID, ids: Collection[uuid.UUID]
) -> Iterator[tuple[uuid.UUID | None, uuid.UUID | None]]:
    """Parent and child; what a registration named (and made an account of) and what it was said not to be."""
    family = Account.objects.filter(Q(pk__in=ids) | Q(parent_id__in=ids), program_id=program_id, parent__isnull=False)
    yield from family.values_list("pk", "parent_id")
    said = MatchVerdict.objects.filter(program_id=program_id, verdict__in=(Verdict.DIFFERENT, Verdict.FAMILY))
    named = said.filter(Q(account_id__in=ids) | Q(registration__claim__account_id__in=ids))
    yield from named.values_list("registration__claim__account_id", "account_id")


def _partners_related(
    program_id: uuid.UUID, ids: Collection[uuid.UUID]
) -> Iterator[tuple[uuid.UUID | None, uuid.UUID | None]]:
    """Reseller and distributor."""
    rows = Partner.objects.filter(Q(pk__in=ids) | Q(distributor_id__in=ids), program_id=program_id)
    yield from rows.filter(distributor__isnull=False).values_list("pk", "distributor_id")
