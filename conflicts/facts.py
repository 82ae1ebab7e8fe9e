"""Everything reasoning may know, as frozen values: it sees no database, no clock and no request.
An `id` is opaque; a `ref` is what people call the record (its external id or number). Unknown strings are "",
other unknown values None. Times are aware and UTC; a day is a UTC day; a product scope without lines means all."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from conflicts import memo
from conflicts.windows import day

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
    `possible_account_id` is another account that it may be, as long as no person has said same or not.
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


@dataclass(frozen=True)
class Facts:
    """What is known at `at`, the time of evaluation. `registrations` holds those that compete here and rejected
    earlier ones on the same accounts; `other_registrations` the live ones elsewhere of the same partners."""

    at: datetime
    program: Program
    product_lines: tuple[ProductLine, ...] = ()
    tiers: tuple[Tier, ...] = ()
    partners: tuple[Partner, ...] = ()
    agreements: tuple[Agreement, ...] = ()
    territories: tuple[Territory, ...] = ()
    exceptions: tuple[AccountException, ...] = ()
    accounts: tuple[Account, ...] = ()
    registrations: tuple[Registration, ...] = ()
    other_registrations: tuple[PastRegistration, ...] = ()
    activities: tuple[Activity, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    ownerships: tuple[Ownership, ...] = ()
    opportunities: tuple[Opportunity, ...] = ()
    quotes: tuple[Quote, ...] = ()

    # Caches live in __dict__: they are no fields, so equality and memo do not see them.
    @cached_property
    def _by_id(self) -> dict[str, dict[str, Any]]:
        return {
            "partner": {item.id: item for item in self.partners},
            "account": {item.id: item for item in self.accounts},
            "registration": {item.id: item for item in self.registrations},
            "tier": {item.id: item for item in self.tiers},
            "line": {item.ref: item for item in self.product_lines},
        }

    @cached_property
    def _belonging(self) -> dict[tuple[str, str], list[Any]]:
        found: dict[tuple[str, str], list[Any]] = defaultdict(list)
        for activity in self.activities:
            if activity.occurred_on is not None and activity.occurred_on <= day(self.at):
                found["activity", activity.registration_id].append(activity)
        for paper in self.evidence:
            found["evidence", paper.registration_id].append(paper)
        for agreement in self.agreements:
            found["agreement", agreement.partner_id].append(agreement)
        return found

    def partner(self, claimant: str) -> Partner | None:
        """The partner, or None for the direct team and for a partner that was not loaded."""
        return self._by_id["partner"].get(claimant)

    def account(self, account_id: str) -> Account | None:
        """The account, or None if it was not loaded."""
        return self._by_id["account"].get(account_id)

    def registration(self, registration_id: str) -> Registration | None:
        """The registration, or None if it was not loaded."""
        return self._by_id["registration"].get(registration_id)

    def tier_of(self, claimant: str) -> Tier | None:
        """The tier of a partner, if it has one."""
        partner = self.partner(claimant)
        return self._by_id["tier"].get(partner.tier_id) if partner else None

    def line(self, code: str) -> ProductLine | None:
        """The product line with this code, if the program has it."""
        return self._by_id["line"].get(code)

    def activities_of(self, registration_id: str) -> list[Activity]:
        """The dated activities of a registration that have happened by the time of evaluation."""
        return self._belonging.get(("activity", registration_id), [])

    def evidence_of(self, registration_id: str) -> list[Evidence]:
        """The papers of a registration."""
        return self._belonging.get(("evidence", registration_id), [])

    def agreements_of(self, claimant: str) -> list[Agreement]:
        """All agreements of a partner, whether in force or not."""
        return self._belonging.get(("agreement", claimant), [])

    def name_of(self, claimant: str) -> str:
        """How people call a claimant."""
        if claimant == DIRECT:
            return "the direct team"
        partner = self.partner(claimant)
        return partner.name if partner else "an unknown partner"

    def ref_of(self, claimant: str) -> str:
        """The external id of a claimant; `direct` stays `direct`."""
        partner = self.partner(claimant)
        return partner.ref if partner else claimant

    def account_name(self, account_id: str) -> str:
        """How people call an account."""
        account = self.account(account_id)
        return account.name if account else "an unknown account"

    def root_of(self, account_id: str) -> str:
        """The ultimate parent of an account: itself where it has none."""
        seen: list[str] = []
        current = account_id
        while current and current not in seen:
            seen.append(current)
            account = self.account(current)
            if account is None:
                return current
            if account.root_id:
                return account.root_id
            if not account.parent_id:
                return current
            current = account.parent_id
        return min(seen) if seen else account_id  # accounts that are each other's parents form one family


def overlap(left: Lines, right: Lines) -> bool:
    """Two product scopes overlap when one is empty (all) or they share a line."""
    return not left or not right or not left.isdisjoint(right)


def to_memo(facts: Facts) -> dict[str, Any]:
    """The facts as plain JSON."""
    plain: dict[str, Any] = memo.dump(facts)
    return plain


def from_memo(data: dict[str, Any]) -> Facts:
    """The facts that `to_memo` wrote, equal to the last bit."""
    return memo.load(Facts, data)
