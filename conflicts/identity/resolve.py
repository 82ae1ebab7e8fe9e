"""Candidates from the database by indexed keys, best match first; what people said wins over the machine."""

import uuid
from collections import defaultdict
from dataclasses import dataclass, field

from django.db import connection
from django.db.models import Q

from conflicts.identity.score import POSSIBLE, SAME, Match, Named, match
from partners.models import Account, AccountName, MatchVerdict, Registration, Verdict
from partners.naming import name_key, registered_domain


@dataclass(frozen=True)
class Resolution:
    """The account that a registration names: known (`same`), perhaps (`possible`), or neither."""

    same: Account | None = None
    possible: Account | None = None
    probability: float = 0.0
    reasons: tuple[str, ...] = field(default_factory=tuple)


def resolve(registration: Registration) -> Resolution:
    """Find the account of a registration among those of its program (as staff of that program)."""
    said = dict(MatchVerdict.objects.filter(registration=registration).values_list("account_id", "verdict"))
    chosen = next((account for account, verdict in said.items() if verdict == Verdict.SAME), None)
    if chosen:
        return Resolution(Account.objects.get(pk=chosen), None, 1.0, ("A person said that it is this company.",))
    typed = Named(
        frozenset(filter(None, [name_key(registration.account_name)])),
        registered_domain(registration.account_domain),
        registration.account_country,
        registered_domain(registration.contact_email),
    )
    ranked = sorted(
        ((match(typed, named), account) for account, named in _candidates(registration.program_id, typed)),
        key=lambda pair: (
            pair[0].verdict != SAME,
            -pair[0].probability,
            _places_differ(registration, pair[1]),
            str(pair[1].pk),
        ),
    )
    return _choose([(m, a) for m, a in ranked if said.get(a.pk) != Verdict.DIFFERENT])


def _choose(ranked: list[tuple[Match, Account]]) -> Resolution:
    if not ranked:
        return Resolution()
    best, account = ranked[0]
    if best.verdict == SAME:
        return Resolution(account, None, best.probability, best.reasons)
    if best.verdict == POSSIBLE:
        return Resolution(None, account, best.probability, best.reasons)
    return Resolution(reasons=("No account of ours looks like it.",))


def _places_differ(registration: Registration, account: Account) -> int:
    typed = (registration.account_postal_code, registration.account_city, registration.account_subdivision)
    ours = (account.postal_code, account.city, account.subdivision)
    return sum(bool(a and b and a.lower() != b.lower()) for a, b in zip(typed, ours, strict=True))


def _candidates(program_id: uuid.UUID, typed: Named) -> list[tuple[Account, Named]]:
    wanted = Q(names__key__in=typed.keys)
    if domain := typed.domain or typed.mail_domain:
        wanted |= Q(domain=domain)
    ids = set(Account.objects.filter(wanted, program_id=program_id).values_list("pk", flat=True)[:200])
    for key in () if ids else typed.keys:  # the trigram search is the dear one: only when no key hits
        ids |= _similar(key)
    keys: dict[uuid.UUID, set[str]] = defaultdict(set)
    for account_id, key in AccountName.objects.filter(account_id__in=ids).values_list("account_id", "key"):
        keys[account_id].add(key)
    accounts = Account.objects.filter(pk__in=ids)
    return [(a, Named(frozenset(keys[a.pk]), registered_domain(a.domain) or a.domain, a.country)) for a in accounts]


def _similar(key: str) -> set[uuid.UUID]:
    with connection.cursor() as cursor:
        cursor.execute("select account_id from similar_account_names(%s, 20)", [key])
        return {row[0] for row in cursor.fetchall()}
