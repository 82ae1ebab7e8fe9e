"""A tiny builder of facts: one call a record, readable names, sensible defaults, ids unlike refs."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from conflicts.detectors import Finding, detect
from conflicts.facts import (
    DIRECT,
    Account,
    AccountException,
    Activity,
    Agreement,
    Assignment,
    Evidence,
    Facts,
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
)
from conflicts.policy import STANDARD, Policy
from conflicts.recommend import Recommendation, recommend

POLICY = Policy.from_document(STANDARD)
NOW = datetime(2026, 3, 20, 10, tzinfo=UTC)
TODAY = NOW.date()


def ago(days: float, at: datetime = NOW) -> datetime:
    """So many days before now."""
    return at - timedelta(days=days)


def on(days: int) -> date:
    """The day so many days before today."""
    return TODAY - timedelta(days=days)


def money(value: float | str | None) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def key(ref: str | None) -> str:
    """The id of the record that people call `ref`."""
    return "" if not ref else DIRECT if ref == DIRECT else f"id-{ref}"


@dataclass
class World:
    """A small program under construction; each call adds one record."""

    at: datetime = NOW
    lists: dict[str, list[Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for code, needed in (("pumps", ""), ("valves", ""), ("controls", "controls-pro")):
            self._add("product_lines", ProductLine(key(code), code, code.capitalize(), needed))
        self._add("tiers", Tier(key("gold"), "gold", "Gold"))
        self._add("tiers", Tier(key("silver"), "silver", "Silver", Decimal(100000), 2, Decimal(10)))
        self.account("ACME")

    def _add(self, kind: str, item: Any) -> None:
        self.lists.setdefault(kind, []).append(item)

    def account(self, ref: str, **more: Any) -> World:
        known = {"country": "US", "subdivision": "US-TX", "postal_code": "77002", "industry": "325", "employees": 1200}
        more.setdefault("segment", "standard")
        more["parent_id"] = key(more.pop("parent", None))
        self._add("accounts", Account(key(ref), ref, ref.capitalize(), **(known | more)))
        return self

    def partner(
        self, ref: str, *, tier: str = "gold", distributor: str = "", agreement: bool = True, **more: Any
    ) -> World:
        held = frozenset(more.pop("certifications", ("controls-pro",)))
        self._add("partners", Partner(key(ref), ref, ref.capitalize(), key(tier), key(distributor), held))
        return self.agreement(ref) if agreement else self

    def agreement(self, partner: str, lines: str = "", **more: Any) -> World:
        number = len(self.lists.get("agreements", ())) + 1
        pct = money(more.pop("max_discount_pct", None))
        ref = f"AG-{number}"
        self._add("agreements", Agreement(key(ref), ref, key(partner), scope(lines), max_discount_pct=pct, **more))
        return self

    def registration(self, ref: str, partner: str, days: float = 5, lines: str = "pumps", **more: Any) -> World:
        account = more.pop("account", "ACME")
        for name in ("amount", "amount_band_max"):
            more[name] = money(more.get(name, 40000 if name == "amount" else None))
        more["possible_account_id"] = key(more.pop("possible", None))
        more.setdefault("currency", "USD")
        more.setdefault("status", "submitted")
        if more["status"] == "approved":
            more.setdefault("protected_from", ago(days))
            more.setdefault("protected_until", ago(days - 90))
        at = more.pop("at", ago(days))
        status = more.pop("status")
        self._add(
            "registrations", Registration(key(ref), ref, key(partner), key(account), scope(lines), status, at, **more)
        )
        return self

    def elsewhere(self, ref: str, partner: str, days: float, status: str = "submitted") -> World:
        self._add("other_registrations", PastRegistration(key(ref), ref, key(partner), status, ago(days)))
        return self

    def activity(self, registration: str, kind: str, days: int | None = 1) -> World:
        number = len(self.lists.get("activities", ())) + 1
        when = None if days is None else on(days)
        self._add("activities", Activity(f"act-{number}", f"act-{number}", key(registration), kind, when))
        return self

    def letter(self, registration: str, verified: bool = True, kind: str = "customer_letter") -> World:
        number = len(self.lists.get("evidence", ())) + 1
        self._add("evidence", Evidence(f"ev-{number}", f"ev-{number}", key(registration), kind, verified))
        return self

    def ownership(self, owner: str, account: str = "ACME", lines: str = "", **more: Any) -> World:
        number = len(self.lists.get("ownerships", ())) + 1
        more.setdefault("valid_from", on(400))
        ref = f"own-{number}"
        self._add("ownerships", Ownership(ref, ref, key(account), key(owner), product_lines=scope(lines), **more))
        return self

    def opportunity(
        self, ref: str, owner: str = DIRECT, account: str = "ACME", lines: str = "pumps", **more: Any
    ) -> World:
        more["amount"] = money(more.get("amount", 10000))
        more.setdefault("currency", "USD")
        more.setdefault("stage", "qualified")
        more.setdefault("created_at", ago(10))
        more["co_sell_partner_id"] = key(more.pop("co_sell", None))
        self._add("opportunities", Opportunity(key(ref), ref, key(account), key(owner), scope(lines), **more))
        return self

    def territory(self, ref: str, owners: str = "", support: str = "", **more: Any) -> World:
        for name in ("countries", "subdivisions", "postal_prefixes", "industries"):
            more[name] = scope(more.get(name, ""))
        more["product_lines"] = scope(more.pop("lines", ""))
        for name in ("named", "excluded"):
            more[f"{name}_account_ids"] = frozenset(key(item) for item in more.pop(name, "").split())
        roles = [(who, "owner") for who in owners.split()] + [(who, "support") for who in support.split()]
        assigned = tuple(Assignment(f"{ref}-{who}", ref, key(who), role) for who, role in roles)
        more.setdefault("priority", 10)
        self._add("territories", Territory(key(ref), ref, f"Territory {ref}", assignments=assigned, **more))
        return self

    def exception(self, lifts: str, account: str = "ACME", party: str = "", lines: str = "", **more: Any) -> World:
        number = len(self.lists.get("exceptions", ())) + 1
        ref = f"X-{number}"
        item = AccountException(
            key(ref), ref, key(account), scope(lifts), party=key(party), product_lines=scope(lines), **more
        )
        self._add("exceptions", item)
        return self

    def quote(self, ref: str, seller: str, price: float | None, line: str = "pumps", **more: Any) -> World:
        account = more.pop("account", "ACME")
        for name in ("list_price", "discount_pct"):
            more[name] = money(more.get(name))
        more.setdefault("currency", "USD")
        self._add("quotes", Quote(key(ref), ref, key(seller), key(account), line, money(price), **more))
        return self

    def facts(self) -> Facts:
        program = Program(key("north"), "north", "Northwind", "USD")
        return Facts(self.at, program, **{kind: tuple(items) for kind, items in self.lists.items()})

    def findings(self) -> list[Finding]:
        return detect(self.facts(), POLICY)

    def kinds(self, ref: str) -> list[tuple[str, str]]:
        """(kind, against) of the findings on one registration."""
        return sorted((item.kind, item.against_ref) for item in self.findings() if item.registration_id == key(ref))

    def blocked(self) -> set[str]:
        return {item.kind for item in self.findings() if item.blocking}

    def recommend(self) -> Recommendation:
        return recommend(self.facts(), self.findings(), POLICY)

    def outcome(self) -> tuple[str, str]:
        """(rule, "action owner +support") of the recommendation, in refs."""
        facts, said = self.facts(), self.recommend()
        words = [said.action, *([facts.ref_of(said.owner)] if said.owner else [])]
        words += [f"+{facts.ref_of(item)}" for item in said.support]
        words += sorted(f"{facts.ref_of(item)}:{share}" for item, share in said.shares.items())
        return said.rule_id, " ".join(words)


def scope(lines: str) -> frozenset[str]:
    return frozenset(lines.split())


def world(*partners: str, at: datetime = NOW) -> World:
    """A world with one account, ACME, and these partners, each with an agreement for everything."""
    made = World(at)
    for ref in partners or ("ALPHA", "BETA"):
        made.partner(ref)
    return made


def chain_world() -> World:
    """Alpha and Beta alone; Delta and Epsilon sell through the distributor Gamma."""
    made = world("ALPHA", "BETA", "GAMMA")
    return made.partner("DELTA", distributor="GAMMA").partner("EPSILON", distributor="GAMMA")
