"""Made-up claim sets from a seed: every record kind that reasoning knows, free text in every field that has some, no two
claims at one instant. For metamorphic tests and for the simulated deciders of `bench confidence`."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from conflicts import facts as f

AT = datetime(2026, 3, 20, 10, tzinfo=UTC)
LADDER = ("first_contact", "meeting", "technical_validation", "proposal", "sow_signed")
LINES = ("pumps", "valves", "controls")
NAMES = ("Aquila Flow", "Borealis Pumps", "Cygnus Trading", "Dorado Fluid", "Eridanus Systems", "Fornax Supply")


def made_case(seed: int) -> f.Facts:
    """The facts of one account family with two to four claimants, told by the seed alone."""
    return _Maker(random.Random(seed)).facts()


class _Maker:
    """Draws one case; each method adds the records of a kind."""

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        self.lists: dict[str, list[Any]] = {}
        self.partners = [f"p{number}" for number in range(dice.choice((2, 2, 2, 3, 4)))]
        self.moment = 0

    def facts(self) -> f.Facts:
        """All of it."""
        self._program()
        self._accounts()
        for partner in self.partners:
            self._partner(partner)
        for number, partner in enumerate(self.partners):
            self._registration(f"r{number}", partner)
        if self._one_in(8):
            self._registration("r9", self.dice.choice(self.partners))
        if self._one_in(6):
            self._registration("r8", f.DIRECT)
        self._others()
        program = f.Program("prog", "north", "Northwind Partners", "USD")
        return f.Facts(AT, program, **{kind: tuple(items) for kind, items in self.lists.items()})

    def _one_in(self, n: int) -> bool:
        return self.dice.randrange(n) == 0

    def _add(self, kind: str, item: Any) -> None:
        self.lists.setdefault(kind, []).append(item)

    def _ago(self, *days: float) -> datetime:
        """So many days ago, and never at the instant of another."""
        self.moment += 1
        return AT - timedelta(days=self.dice.uniform(*days), seconds=self.moment)

    def _on(self, *days: int) -> Any:
        return (AT - timedelta(days=self.dice.randint(*days))).date()

    def _scope(self) -> frozenset[str]:
        return frozenset({"pumps"} | ({"valves"} if self._one_in(3) else set()))

    def _program(self) -> None:
        for line in LINES:
            needed = "controls-pro" if line == "controls" else ""
            self._add("product_lines", f.ProductLine(f"l-{line}", line, line.title(), needed))
        self._add("tiers", f.Tier("t-gold", "gold", "Gold"))
        self._add("tiers", f.Tier("t-silver", "silver", "Silver", Decimal(100_000), 3, Decimal(10)))

    def _accounts(self) -> None:
        segment = "strategic" if self._one_in(14) else "standard"
        known: dict[str, Any] = {"country": "US", "city": "Houston", "postal_code": "77002", "industry": "325"}
        subdivision = "" if self._one_in(12) else "US-TX"
        self._add("accounts", f.Account("a0", "A-0", "Orion Chemicals", subdivision=subdivision, employees=1200,
                                        segment=segment, **known))  # fmt: skip
        self._add("accounts", f.Account("a1", "A-1", "Orion Texas", subdivision="US-TX", segment="standard",
                                        parent_id="a0", **known))  # fmt: skip

    def _partner(self, partner: str) -> None:
        number = int(partner[1:])
        distributor = "p0" if number and self._one_in(12) else ""
        tier = "t-silver" if self._one_in(3) else "t-gold"
        self._add("partners", f.Partner(partner, f"P-{number}", NAMES[number], tier, distributor))
        status = "suspended" if self._one_in(20) else "active"
        self._add("agreements", f.Agreement(f"ag{number}", f"AG-{number}", partner, status=status))
        if self.dice.random() < 0.35:
            here = self.dice.random() < 0.6
            ground: dict[str, Any] = {"countries": frozenset({"US"} if here else {"CA"})}
            if self._one_in(2):
                ground = {"subdivisions": frozenset({"US-TX"} if here else {"US-CA"})}
            assigned = (f.Assignment(f"ta{number}", f"TA-{number}", partner),)
            self._add("territories", f.Territory(
                f"te{number}", f"T-{number}", f"Territory {number}", assignments=assigned, priority=number,
                exclusive=self._one_in(12), **ground))  # fmt: skip

    def _registration(self, key: str, claimant: str) -> None:
        dice = self.dice
        status = dice.choice(("submitted", "submitted", "submitted", "in_review", "action_required", "approved"))
        if self._one_in(15) and claimant != f.DIRECT:
            status = "rejected"
        submitted = self._ago(0.5, 75)
        protected: dict[str, Any] = {}
        if status == "approved":
            protected = {"protected_from": submitted, "protected_until": submitted + timedelta(days=90)}
        band = Decimal(dice.choice((25_000, 60_000, 120_000, 300_000)))
        amount: dict[str, Any] = {"amount": band - 1000} if dice.random() < 0.7 else {"amount_band_max": band}
        doubt = "a1" if self._one_in(15) else ""
        self._add("registrations", f.Registration(
            key, f"REG-{key}", claimant, "a1" if self._one_in(8) else "a0", self._scope(), status, submitted,
            currency="EUR" if self._one_in(15) else "USD", possible_account_id=doubt,
            account_name="Orion Chemicals Inc.", **amount, **protected))  # fmt: skip
        for step in range(dice.choice((0, 0, 1, 1, 2, 3))):
            when = None if self._one_in(12) else self._on(0, 70)
            kind = dice.choice((*LADDER, "phone_call"))
            self._add("activities", f.Activity(f"{key}-{step}", f"ACT-{key}-{step}", key, kind, when, "They liked it."))
        if self._one_in(7):
            verified = self._one_in(2)
            self._add("evidence", f.Evidence(f"ev-{key}", f"EV-{key}", key, "customer_letter", verified, "A letter."))

    def _others(self) -> None:
        """Owners, opportunities, quotes, exceptions, registrations elsewhere."""
        dice = self.dice
        if self._one_in(7):
            active = None if self._one_in(3) else self._ago(1, 150)
            self._add("ownerships", f.Ownership(
                "o0", "OWN-0", "a0", dice.choice((*self.partners, f.DIRECT)), product_lines=self._scope(),
                valid_from=self._on(300, 900), last_activity_at=active))  # fmt: skip
        if self._one_in(4):
            co_sell = dice.choice(self.partners) if self._one_in(4) else ""
            self._add("opportunities", f.Opportunity(
                "op0", "OPP-0", "a0", f.DIRECT, self._scope(), Decimal(45_000), "USD", "qualified", self._ago(5, 120),
                None, self._ago(1, 50), co_sell))  # fmt: skip
        if self._one_in(4):
            closed = None if self._one_in(5) else self._ago(30, 900)
            self._add("opportunities", f.Opportunity(
                "op1", "OPP-1", "a0", dice.choice((*self.partners, f.DIRECT)), self._scope(), Decimal(45_000), "USD",
                "closed_won", self._ago(901, 950), closed))  # fmt: skip
        for number, seller in enumerate(self.partners if self._one_in(6) else ()):
            price = Decimal(dice.choice((90, 100, 110)))
            self._add("quotes", f.Quote(f"q{number}", f"Q-{number}", seller, "a0", "pumps", price, "USD",
                                        discount_pct=Decimal(dice.choice((5, 15)))))  # fmt: skip
        if self._one_in(10):
            lifts = frozenset({dice.choice(("reserved_account", "exclusive_territory", "agreement_inactive"))})
            self._add("exceptions", f.AccountException("x0", "X-0", "a0", lifts, reason="A pilot.", owner="Olga"))
        for number in range(3 if self._one_in(10) else 0):
            self._add("other_registrations", f.PastRegistration(
                f"e{number}", f"REG-E{number}", self.partners[-1], "submitted", self._ago(80, 90)))  # fmt: skip
