"""The records that reasoning knows, as frozen values.

An `id` is opaque; a `ref` is what people call the record (its external id or number). Unknown strings are "",
other unknown values None. Times are aware and UTC; a day is a UTC day; a product scope without lines means all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

DIRECT = "direct"  # the claimant that is the vendor's own team; every other claimant is a partner's id
Lines = frozenset[str]  # product line codes; empty = all
ALL: Lines = frozenset()


@dataclass(frozen=True, slots=True)
class Program:
    """The tenant whose facts these are."""

    id: str
    ref: str
    name: str
    currency: str


@dataclass(frozen=True, slots=True)
class ProductLine:
    """A product line; `ref` is the code that product scopes carry."""

    id: str
    ref: str
    name: str
    required_certification: str = ""


@dataclass(frozen=True, slots=True)
class Tier:
    """What a level of the program allows; None = no limit."""

    id: str
    ref: str
    name: str
    max_deal_amount: Decimal | None = None
    capacity: int | None = None
    max_discount_pct: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Partner:
    """A partner; one with a distributor sells through it, and both form a distribution chain."""

    id: str
    ref: str
    name: str
    tier_id: str = ""
    distributor_id: str = ""
    certifications: frozenset[str] = frozenset()
    status: str = "active"


@dataclass(frozen=True, slots=True)
class Agreement:
    """The paper under which a partner sells."""

    id: str
    ref: str
    partner_id: str
    product_lines: Lines = ALL
    status: str = "active"
    valid_from: date | None = None
    valid_until: date | None = None
    max_discount_pct: Decimal | None = None
    exclusive: bool = False


@dataclass(frozen=True, slots=True)
class Assignment:
    """A claimant's part in a territory: role `owner` or `support`."""

    id: str
    ref: str
    assignee: str
    role: str = "owner"
    valid_from: date | None = None
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class Territory:
    """A territory rule; an empty dimension means all."""

    id: str
    ref: str
    name: str
    countries: frozenset[str] = frozenset()
    subdivisions: frozenset[str] = frozenset()
    postal_prefixes: frozenset[str] = frozenset()
    industries: frozenset[str] = frozenset()
    employees_min: int | None = None
    employees_max: int | None = None
    product_lines: Lines = ALL
    named_account_ids: frozenset[str] = frozenset()
    excluded_account_ids: frozenset[str] = frozenset()
    exclusive: bool = False
    priority: int = 0
    valid_from: date | None = None
    valid_until: date | None = None
    assignments: tuple[Assignment, ...] = ()


@dataclass(frozen=True, slots=True)
class AccountException:
    """An exception: on this account (or its family), for this party ("" = everybody), these findings do not hold."""

    id: str
    ref: str
    account_id: str
    lifts: frozenset[str]
    kind: str = ""
    family: bool = False
    party: str = ""
    product_lines: Lines = ALL
    valid_from: date | None = None
    valid_until: date | None = None
    reason: str = ""
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Account:
    """A customer. `root_id` is its ultimate parent where the loader knows it; else it is found by the parents.
    `crm_owner` is the claimant that owns it by the synchronised CRM record."""

    id: str
    ref: str
    name: str
    country: str = ""
    subdivision: str = ""
    city: str = ""
    postal_code: str = ""
    industry: str = ""
    employees: int | None = None
    segment: str = ""
    parent_id: str = ""
    root_id: str = ""
    crm_owner: str = ""


@dataclass(frozen=True, slots=True)
class Registration:
    """A registered deal. `account_id` is the account that it was resolved to, or the new one made for it;
    `possible_account_id` is another account that it may be, as long as no person has said same or not;
    `related_account_id` one of whose family it may be, as long as no person has said so or not.
    `amount` is the exact one; `amount_band_max` the upper end of its band."""

    id: str
    ref: str
    claimant: str
    account_id: str
    product_lines: Lines
    status: str
    submitted_at: datetime
    amount: Decimal | None = None
    amount_band_max: Decimal | None = None
    currency: str = ""
    protected_from: datetime | None = None
    protected_until: datetime | None = None
    possible_account_id: str = ""
    account_name: str = ""
    related_account_id: str = ""

    @property
    def identity_confirmed(self) -> bool:
        """No possible match waits for a person."""
        return self.possible_account_id in ("", self.account_id)

    @property
    def judged_account_id(self) -> str:
        """The account whose facts the rules look at: the possible one as long as it is possible."""
        return self.possible_account_id or self.account_id


@dataclass(frozen=True, slots=True)
class PastRegistration:
    """A registration outside this claim set that still counts: towards the capacity of its partner."""

    id: str
    ref: str
    claimant: str
    status: str
    submitted_at: datetime
    protected_from: datetime | None = None
    protected_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Activity:
    """Dated proof of work on a registration."""

    id: str
    ref: str
    registration_id: str
    kind: str
    occurred_on: date | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A paper on a registration; only a verified one weighs."""

    id: str
    ref: str
    registration_id: str
    kind: str
    verified: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Ownership:
    """Who owns or supports an account; only role `owner` is a claim."""

    id: str
    ref: str
    account_id: str
    owner: str
    role: str = "owner"
    product_lines: Lines = ALL
    valid_from: date | None = None
    valid_until: date | None = None
    last_activity_at: datetime | None = None
    share_pct: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Opportunity:
    """A CRM opportunity; that of a partner is history only."""

    id: str
    ref: str
    account_id: str
    owner: str
    product_lines: Lines = ALL
    amount: Decimal | None = None
    currency: str = ""
    stage: str = ""
    created_at: datetime | None = None
    closed_at: datetime | None = None
    last_activity_at: datetime | None = None
    co_sell_partner_id: str = ""


@dataclass(frozen=True, slots=True)
class Quote:
    """A price that a seller offered for one product line."""

    id: str
    ref: str
    seller: str
    account_id: str
    product_line: str
    unit_price: Decimal | None = None
    currency: str = ""
    list_price: Decimal | None = None
    discount_pct: Decimal | None = None
    valid_from: date | None = None
    valid_until: date | None = None


def called(claimant: str, partner: Partner | None) -> str:
    """How people call a claimant."""
    if claimant == DIRECT:
        return "the direct team"
    return partner.name if partner else "an unknown partner"


def overlap(left: Lines, right: Lines) -> bool:
    """Two product scopes overlap when one is empty (all) or they share a line."""
    return not left or not right or not left.isdisjoint(right)
