"""Which accounts (or partners) are known not to be one company: people said so, or a relation between them is on record."""

import uuid
from collections.abc import Collection, Iterable, Iterator

from django.db.models import Q
from django.db.models.functions import Coalesce

from conflicts.models import KeptApart
from partners.models import Account, ChangeKind, IdentityChange, MatchVerdict, Partner, Verdict

Pair = tuple[uuid.UUID, uuid.UUID]


def in_order(one: uuid.UUID, other: uuid.UUID) -> Pair:
    """A pair has one spelling."""
    return (one, other) if one < other else (other, one)


def apart(program_id: uuid.UUID, ids: Collection[uuid.UUID], *, of_partners: bool) -> set[Pair]:
    """The pairs that must not be proposed, of which one at least is among `ids` (four queries at most)."""
    told = KeptApart.objects.filter(Q(left_id__in=ids) | Q(right_id__in=ids), program_id=program_id)
    found = set(told.values_list("left_id", "right_id"))
    found |= set(_all_in_order(_split_or_unmerged(program_id, ids, of_partners)))
    related = _partners_related if of_partners else _accounts_related
    return found | set(_all_in_order(related(program_id, ids)))


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
    own = Coalesce("registration__claim__account__merged_into_id", "registration__claim__account_id")
    other = Coalesce("account__merged_into_id", "account_id")
    named = said.annotate(own=own, other=other).filter(Q(own__in=ids) | Q(other__in=ids))
    yield from named.values_list("own", "other")


def _partners_related(
    program_id: uuid.UUID, ids: Collection[uuid.UUID]
) -> Iterator[tuple[uuid.UUID | None, uuid.UUID | None]]:
    """Reseller and distributor."""
    rows = Partner.objects.filter(Q(pk__in=ids) | Q(distributor_id__in=ids), program_id=program_id)
    yield from rows.filter(distributor__isnull=False).values_list("pk", "distributor_id")
