"""Everything reasoning may know of one moment: it sees no database, no clock and no request."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from conflicts import memo
from conflicts.facts.records import (
    Account,
    AccountException,
    Activity,
    Agreement,
    Evidence,
    Opportunity,
    Ownership,
    Partner,
    PastRegistration,
    ProductLine,
    Program,
    Quote,
    Registration,
    Territory,
    Tier,
    called,
)
from conflicts.windows import day


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
    def kept(self) -> dict[Any, Any]:
        """What pure functions made of these facts alone, so that the next one who asks need not make it again."""
        return {}

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
        return called(claimant, self.partner(claimant))

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


def to_memo(facts: Facts) -> dict[str, Any]:
    """The facts as plain JSON."""
    plain: dict[str, Any] = memo.dump(facts)
    return plain


def from_memo(data: dict[str, Any]) -> Facts:
    """The facts that `to_memo` wrote, equal to the last bit."""
    return memo.load(Facts, data)


def from_memo_text(text: str) -> Facts:
    """The same from the memo's JSON: for thousands of them."""
    return memo.load_text(Facts, text)
