"""What hangs on an account or a partner, in words: the rows that a merge, a split or its undoing would carry along."""

import uuid
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import Count, F, QuerySet

from conflicts.models import Conflict, ConflictStatus
from conflicts.wording import listing, money, on
from partners import models as m

LIMIT = 200  # rows of one kind that a preview spells out; whoever has more is told so


class Item(NamedTuple):
    """A row in words."""

    pk: str
    text: str


@dataclass(frozen=True)
class Kind:
    """One kind of record: the rows that count, the column that says whose each is, and how it reads."""

    label: str
    on: str
    rows: Callable[[], QuerySet[Any]]
    text: Callable[[Any], str]


@dataclass(frozen=True)
class Held:
    """What two sides hold of one kind; `more` says that not everything is spelled out."""

    kind: str
    label: str
    left: tuple[Item, ...]
    right: tuple[Item, ...]
    more: bool = False


def held(kinds: Mapping[str, Kind], left: Collection[uuid.UUID], right: Collection[uuid.UUID]) -> tuple[Held, ...]:
    """What these ids and those hold: one query a kind; kinds of which there is nothing are left out."""
    found = (_held(name, kind, frozenset(left), [*left, *right]) for name, kind in kinds.items())
    return tuple(one for one in found if one.left or one.right)


def _held(name: str, kind: Kind, left: frozenset[uuid.UUID], ids: list[uuid.UUID]) -> Held:
    rows = list(kind.rows().filter(**{f"{kind.on}__in": ids}).annotate(whose=F(kind.on)).order_by("pk")[: LIMIT + 1])
    items = [(row.whose in left, Item(str(row.pk), kind.text(row))) for row in rows[:LIMIT]]
    return Held(
        kind=name,
        label=kind.label,
        left=tuple(item for here, item in items if here),
        right=tuple(item for here, item in items if not here),
        more=len(rows) > LIMIT,
    )


def in_words(kind: Kind, ids: Iterable[str]) -> list[str]:
    """Rows by their ids, as they read now."""
    return [kind.text(row) for row in kind.rows().filter(pk__in=list(ids)).order_by("pk")[:LIMIT]]


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


def _party(row: Any) -> str:
    return row.partner.name if row.partner else "Direct team"


def _lines(row: Any) -> str:
    return ", ".join(row.product_lines)


def _period(row: Any) -> str:
    """From 1 January 2025 until 31 December 2026; empty when nothing limits it."""
    begins = f"from {on(row.valid_from)}" if row.valid_from else ""
    return " ".join(filter(None, [begins, f"until {on(row.valid_until)}" if row.valid_until else ""]))


def _registration(row: m.Registration) -> str:
    return _joined(row.ref, row.claimant_name, f"“{row.account_name}”", row.get_status_display().lower())


def _ownership(row: m.Ownership) -> str:
    return _joined(f"{_party(row)} ({row.get_role_display().lower()})", _lines(row), _period(row))


def _opportunity(row: m.CrmOpportunity) -> str:
    amount = money(row.amount, row.currency) if row.amount is not None else ""
    return _joined(row.external_id, _party(row), amount, row.stage.replace("_", " "))


def _quote(row: m.PriceQuote) -> str:
    price = money(row.unit_price, row.currency) if row.unit_price is not None else ""
    return _joined(row.external_id, _party(row), row.product_line, price)


def _exception(row: m.AccountException) -> str:
    whom = "for everybody" if not (row.partner or row.direct) else f"for {_party(row)}"
    return _joined(row.external_id, whom, f"lifts {listing(k.replace('_', ' ') for k in row.lifts)}", _period(row))


def _protection(row: m.Protection) -> str:
    until = f"until {on(row.period.upper)}" if row.period.upper else ""
    return _joined(row.product_line, row.registration.claimant_name, row.registration.ref, until)


def _conflict(row: Any) -> str:
    return f"{row.account} · opened {on(row.opened_at)} · {row.claims_now} claim{'' if row.claims_now == 1 else 's'}"


def _child(row: m.Account) -> str:
    return _joined(row.name, row.get_unit_display().lower())


def _agreement(row: m.Agreement) -> str:
    reach = "exclusive" if row.exclusive else ""
    return _joined(row.external_id, row.get_status_display().lower(), _lines(row), reach, _period(row))


def _on_account(text: Callable[[Any], str]) -> Callable[[Any], str]:
    """The row, and the account that it is about."""
    return lambda row: _joined(text(row), f"on {row.account}" if row.account else "")


def _submitted() -> QuerySet[m.Registration]:
    return m.Registration.objects.filter(submitted_at__isnull=False).select_related("partner")


def _running() -> QuerySet[m.Protection]:
    return m.Protection.objects.filter(ended_at__isnull=True).select_related("registration__partner")


def _open_conflicts() -> QuerySet[Any]:
    rows = Conflict.objects.filter(status=ConflictStatus.OPEN).select_related("account")
    return rows.annotate(claims_now=Count("claims"))


OF_ACCOUNTS: dict[str, Kind] = {
    "accounts": Kind("Counts as it", "merged_into_id", m.Account.objects.all, str),
    "names": Kind("Names it is known by", "account_id", m.AccountName.objects.all, str),
    "registrations": Kind("Registrations", "claim__account_id", _submitted, _registration),
    "ownerships": Kind(
        "Owners and support", "account_id", lambda: m.Ownership.objects.select_related("partner"), _ownership
    ),
    "opportunities": Kind(
        "CRM opportunities", "account_id", lambda: m.CrmOpportunity.objects.select_related("partner"), _opportunity
    ),
    "quotes": Kind("Quotes", "account_id", lambda: m.PriceQuote.objects.select_related("partner"), _quote),
    "exceptions": Kind(
        "Exceptions", "account_id", lambda: m.AccountException.objects.select_related("partner"), _exception
    ),
    "protections": Kind("Protected deals", "account_id", _running, _protection),
    "conflicts": Kind("Open conflicts", "account_id", _open_conflicts, _conflict),
    "children": Kind("Belongs to it", "parent_id", m.Account.objects.all, _child),
}

OF_PARTNERS: dict[str, Kind] = {
    "people": Kind(
        "People who sign in",
        "partner_id",
        lambda: m.Membership.objects.filter(active=True).select_related("user"),
        str,
    ),
    "agreements": Kind("Agreements", "partner_id", m.Agreement.objects.all, _agreement),
    "registrations": Kind("Registrations", "partner_id", _submitted, _registration),
    "ownerships": Kind(
        "Accounts owned or supported",
        "partner_id",
        lambda: m.Ownership.objects.select_related("partner", "account"),
        lambda row: _joined(str(row.account), row.get_role_display().lower(), _lines(row), _period(row)),
    ),
    "territories": Kind(
        "Territories",
        "partner_id",
        lambda: m.TerritoryAssignment.objects.select_related("territory"),
        lambda row: _joined(str(row.territory), row.get_role_display().lower()),
    ),
    "exceptions": Kind(
        "Exceptions",
        "partner_id",
        lambda: m.AccountException.objects.select_related("partner", "account"),
        _on_account(_exception),
    ),
    "opportunities": Kind(
        "CRM opportunities",
        "partner_id",
        lambda: m.CrmOpportunity.objects.select_related("partner", "account"),
        _on_account(_opportunity),
    ),
    "quotes": Kind(
        "Quotes",
        "partner_id",
        lambda: m.PriceQuote.objects.select_related("partner", "account"),
        _on_account(_quote),
    ),
    "resellers": Kind("Buys through it", "distributor_id", m.Partner.objects.all, str),
}
