"""What a change of the facts concerns: registrations whose account must be resolved anew, accounts to look at again."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, QuerySet

from conflicts.identity.candidates import candidates
from conflicts.identity.stock import read_parties
from conflicts.models import Claim
from conflicts.together import claims_on
from partners.identity import standing_partners
from partners.models import (
    PENDING,
    Account,
    Partner,
    Program,
    Registration,
    RegistrationStatus,
    Territory,
    Touch,
    TouchKind,
)

LIVE = (*PENDING, RegistrationStatus.APPROVED)


@dataclass
class Concerned:
    """Ids of what must be looked at again, and whether territory rules are among the causes."""

    registrations: set[uuid.UUID] = field(default_factory=set)
    accounts: set[uuid.UUID] = field(default_factory=set)
    rules: bool = False


def concerned_by(program: Program, touches: Iterable[Touch]) -> Concerned:
    """Everything that these changes may change the findings of: never too little, seldom too much."""
    by_kind: dict[str, list[Touch]] = defaultdict(list)
    for touch in touches:
        by_kind[touch.kind].append(touch)
    live = Claim.objects.filter(program=program, registration__status__in=LIVE)
    subjects = {kind: {touch.subject_id for touch in rows} for kind, rows in by_kind.items()}
    found = Concerned(rules=TouchKind.TERRITORY in by_kind)
    found.accounts |= subjects.get(TouchKind.ACCOUNT, set())
    found.registrations |= _misnamed(program, live, subjects.get(TouchKind.IDENTITY, set()))
    found.registrations |= set(_registrations(live, registration__in=subjects.get(TouchKind.NAMED, ())))
    found.accounts |= _accounts(Claim.objects.filter(registration__in=subjects.get(TouchKind.REGISTRATION, ())))
    found.accounts |= _accounts(live.filter(_behind(subjects.get(TouchKind.CAPACITY, set()))))
    partners = subjects.get(TouchKind.PARTNER, set())
    partners |= set(Partner.objects.filter(tier__in=subjects.get(TouchKind.TIER, ())).values_list("pk", flat=True))
    rules = by_kind.get(TouchKind.TERRITORY, [])
    partners |= _assigned(rules)
    found.accounts |= _accounts(live.filter(_of_partners(program, partners)))
    found.accounts |= _covered(program, live, rules)
    if TouchKind.PROGRAM in by_kind:
        found.accounts |= _accounts(live)
    return found


def _accounts(claims: QuerySet[Claim]) -> set[uuid.UUID]:
    return set(claims.values_list("account_id", flat=True))


def _registrations(claims: QuerySet[Claim], *conditions: Q, **named: Any) -> set[uuid.UUID]:
    return set(claims.filter(*conditions, **named).values_list("registration_id", flat=True))


def _misnamed(program: Program, live: QuerySet[Claim], accounts: set[uuid.UUID]) -> set[uuid.UUID]:
    """Registrations that may name one of these accounts: those on accounts that look like it, or that it is found by."""
    if not accounts or not live.exists():
        return set()
    alike = set(accounts)
    for party in read_parties(list(accounts)).values():
        alike |= set(candidates(program.pk, party))
    return _registrations(live, claims_on(alike))


def _behind(registrations: set[uuid.UUID]) -> Q:
    """The later registrations of the same partners, where capacity is limited: each counts those before it."""
    found = Q(pk__in=())
    rows = Registration.objects.filter(pk__in=registrations, partner__tier__capacity__isnull=False)
    for partner, at in rows.values_list("partner_id", "submitted_at"):
        found |= Q(registration__partner_id=partner, registration__submitted_at__gte=at)
    return found


def _of_partners(program: Program, partners: set[uuid.UUID]) -> Q:
    """Claims of these partners, under whatever name, and of those that sell for them."""
    if not partners:
        return Q(pk__in=())
    standing = standing_partners(program.pk)
    ids = partners | {standing.get(partner, partner) for partner in partners}
    ids |= {one for one, other in standing.items() if other in ids}
    return Q(partner__in=ids) | Q(registration__partner__in=ids) | Q(partner__distributor__in=ids)


def _assigned(rules: Iterable[Touch]) -> set[uuid.UUID]:
    ids = {touch.subject_id for touch in rules}
    return set(Partner.objects.filter(assignments__territory__in=ids).values_list("pk", flat=True))


def _covered(program: Program, live: QuerySet[Claim], rules: Iterable[Touch]) -> set[uuid.UUID]:
    """Accounts under these rules, as they are and as they were, by the dimensions that an index knows."""
    rows: list[Mapping[str, Any]] = [touch.was for touch in rules if touch.was]
    rows += Territory.objects.filter(pk__in={touch.subject_id for touch in rules}).values()
    found = set[uuid.UUID]()
    for row in rows:
        inside = Account.objects.filter(_where(row), program=program)
        found |= _accounts(live.filter(Q(account__in=inside) | Q(possible_account__in=inside)))
    return found


def _where(territory: Mapping[str, Any]) -> Q:
    where = Q()
    for column, name in (("country", "countries"), ("subdivision", "subdivisions"), ("external_id", "named_accounts")):
        if territory[name]:
            where &= Q(**{f"{column}__in": territory[name]})
    return where
