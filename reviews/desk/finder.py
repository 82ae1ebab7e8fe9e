"""What the command palette finds by words: cases by number or account, partners and accounts by name; five queries."""

import re
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import Q, QuerySet
from django.urls import reverse

from partners.lookup import begins, with_words
from partners.models import Account, AccountName, Partner
from partners.naming import name_key
from partners.permissions import programs_of, visible
from partners.places import place_name
from reviews.desk.words import kind_chip
from reviews.models import Case
from reviews.states import UNSETTLED

MOST = 8  # of each sort
LEAST = 2  # letters before anything is looked for
_ACCOUNTS = 50  # whose cases are looked for; fewer are shown


@dataclass(frozen=True)
class Hit:
    """One line: what it is called, what tells it apart, and where it leads."""

    label: str
    note: str
    url: str
    icon: str


@dataclass(frozen=True)
class Group:
    """Hits of one sort."""

    title: str
    hits: list[Hit]


def hits(user: Any, words: str) -> list[Group]:
    """Cases, partners and accounts that fit, at most eight of each and only what `user` may see; empty groups are left out."""
    words = words.replace("\x00", "").strip()[:200]
    if len(words) < LEAST:
        return []
    accounts = _accounts(user, words)
    found = [
        Group("Cases", [_case(case) for case in _cases(user, words, accounts)]),
        Group("Partners", [_partner(partner) for partner in _partners(user, words)]),
        Group("Accounts", [_account(account) for account in accounts[:MOST]]),
    ]
    return [group for group in found if group.hits]


def _accounts(user: Any, words: str) -> list[Account]:
    """Those whose name begins so come first, then those with the words within a name that they are known by."""
    key = name_key(words)
    if not key:
        return []
    names = visible(user, AccountName.objects.select_related("account")).order_by("key", "pk")
    first = {name.account_id: name.account for name in names.filter(begins("key", key))[:_ACCOUNTS]}
    ids = [found for program in programs_of(user) for found in with_words(program, key, _ACCOUNTS)]
    rest = visible(user, Account.objects.filter(pk__in=ids)).order_by("name", "pk")
    return list((first | {account.pk: account for account in rest if account.pk not in first}).values())


def _partners(user: Any, words: str) -> QuerySet[Partner]:
    rows = visible(user, Partner.objects.filter(Q(name__icontains=words) | Q(external_id__iexact=words)))
    return rows.select_related("tier").order_by("name", "pk")[:MOST]


def _cases(user: Any, words: str, accounts: list[Account]) -> list[Case]:
    """By number, or on an account that was found: what can still be decided first, then the newest."""
    fits = Q(account__in=[account.pk for account in accounts])
    number = re.fullmatch(r"(?:cf-?)?([0-9]{1,9})", words.lower())
    if number:
        fits |= Q(number=int(number[1]))
    rows = visible(user, Case.objects.filter(fits)).select_related("account")
    open_first = models.Case(models.When(status__in=UNSETTLED, then=0), default=1)
    return list(rows.order_by(open_first, "-opened_at", "-number")[:MOST])


def _case(case: Case) -> Hit:
    note = f"{case.account.name} · {kind_chip(case.kind, long=True).text} · {case.get_status_display().lower()}"
    return Hit(case.ref, note, reverse("review:case", args=[case.pk]), "inbox")


def _partner(partner: Partner) -> Hit:
    note = " · ".join(filter(None, (partner.external_id, str(partner.tier or ""), partner.country)))
    return Hit(partner.name, note, reverse("admin:partners_partner_change", args=[partner.pk]), "users")


def _account(account: Account) -> Hit:
    where = ", ".join(filter(None, (account.city, place_name(account.country, account.subdivision))))
    merged = "counts as another account" if account.merged_into_id else ""
    note = " · ".join(filter(None, (where, account.external_id, merged)))
    return Hit(account.name, note, reverse("admin:partners_account_change", args=[account.pk]), "building")
