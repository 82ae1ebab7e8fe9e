"""Made-up past cases of one vendor with memos as the product keeps them: facts of one claim set, recommended on, decided."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from conflicts.claims import claim_sets
from conflicts.detectors import detect, makes_case, narrow
from conflicts.facts import (
    DIRECT,
    Account,
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
from conflicts.policy import Policy
from conflicts.recommend import Recommendation, recommend

LINES = ("pumps", "valves", "controls", "drives", "sensors", "seals", "meters", "services")
STATES = ("US-TX", "US-CA", "US-NY", "US-IL", "US-OH", "US-WA", "US-GA", "US-FL", "US-MA", "US-CO")
PROOF = ("first_contact", "first_contact", "meeting", "meeting", "technical_validation", "proposal", "sow_signed")
SEGMENTS = ("standard",) * 17 + ("strategic", "house", "named")


@dataclass(frozen=True)
class Made:
    """A past case: its facts and what was recommended on them."""

    facts: Facts
    answer: Recommendation


class Vendor:
    """The rules and partners that all cases share; `cases` are drawn from a seed."""

    def __init__(self, program_id: uuid.UUID, partners: int, at: datetime, seed: int) -> None:
        self.random, self.at = Random(seed), at
        self.ids = Random(program_id.int)  # a run that was killed leaves its rows: two runs share no id
        self.program = Program(str(program_id), "bench", "Benchmark", "USD")
        self.lines = tuple(ProductLine(self._id(), code, code.capitalize()) for code in LINES)
        self.tiers = (
            Tier(self._id(), "gold", "Gold"), Tier(self._id(), "silver", "Silver", Decimal(500_000)),
            Tier(self._id(), "bronze", "Bronze", Decimal(250_000), 40, Decimal(20)),
        )  # fmt: skip
        self.partners = [self._partner(number) for number in range(partners)]
        self.agreements = {
            item.id: Agreement(self._id(), f"AG-{n}", item.id, valid_from=self._on(900), status=self._agreement())
            for n, item in enumerate(self.partners)
        }
        self.territories = tuple(self._territory(number) for number in range(40))
        self.elsewhere = {item.id: self._elsewhere(item) for item in self.partners}

    def cases(self, count: int, policy: Policy) -> Iterator[Made]:
        """So many, each with something against somebody."""
        found = 0
        while found < count:
            facts = self._facts(found)
            for claim_set in claim_sets(facts, policy):
                findings = detect(facts, policy)
                mine = [item for item in findings if item.registration_id in claim_set.registration_ids]
                if claim_set.registration_ids and makes_case(mine, policy) and found < count:
                    kept = narrow(facts, claim_set)
                    yield Made(kept, recommend(kept, mine, policy))
                    found += 1

    def _id(self) -> str:
        return str(uuid.UUID(int=self.ids.getrandbits(128), version=4))

    def _on(self, days: int) -> Any:
        return (self.at - timedelta(days)).date()

    def _agreement(self) -> str:
        return "expired" if self.random.random() < 0.04 else "active"

    def _partner(self, number: int) -> Partner:
        tier = self.tiers[number % 3]
        return Partner(self._id(), f"P-{number}", f"Partner {number}", tier.id)

    def _territory(self, number: int) -> Territory:
        holders = self.random.sample(self.partners, 2)
        assigned = tuple(
            Assignment(self._id(), f"T-{number}/{item.ref}", item.id, role)
            for item, role in zip(holders, ("owner", "support"), strict=True)
        )
        return Territory(
            self._id(), f"T-{number}", f"Territory {number}", frozenset({"US"}), frozenset({STATES[number % 10]}),
            product_lines=frozenset({LINES[number // 5 % 8]}), exclusive=number % 20 == 0, priority=number, assignments=assigned,
        )  # fmt: skip

    def _elsewhere(self, partner: Partner) -> tuple[PastRegistration, ...]:
        """Live deals elsewhere: only those of a tier with a limit are in a memo."""
        if partner.tier_id != self.tiers[2].id:
            return ()
        return tuple(
            PastRegistration(
                self._id(), f"R-{partner.ref}-{n}", partner.id, "approved", self.at - timedelta(60, n),
                self.at - timedelta(60), self.at + timedelta(30),
            )
            for n in range(self.random.randrange(2, 45))
        )  # fmt: skip

    def _facts(self, number: int) -> Facts:
        random, at = self.random, self.at - timedelta(self.random.random() * 300)
        account = Account(
            self._id(), f"A-{number}", f"Customer {number}", "US", random.choice(STATES), "Springfield",
            f"{random.randrange(100_000):05}", random.choice(("325", "333", "541", "622")), random.randrange(20, 5000),
            random.choice(SEGMENTS),
        )  # fmt: skip
        sellers = random.sample(self.partners, random.choice((1, 2, 2, 2, 3, 3, 4)))
        line = random.choice(LINES)
        registrations = [self._registration(item, account, line, at, n) for n, item in enumerate(sellers)]
        facts = Facts(
            at=at, program=self.program, product_lines=self.lines, tiers=self.tiers, partners=tuple(self.partners),
            agreements=tuple(self.agreements[item.id] for item in sellers), territories=self.territories,
            accounts=(account,), registrations=tuple(registrations),
            other_registrations=tuple(past for item in sellers for past in self.elsewhere[item.id]),
        )  # fmt: skip
        return self._with_work(facts, account, line, sellers)

    def _registration(self, partner: Partner, account: Account, line: str, at: datetime, number: int) -> Registration:
        random = self.random
        submitted = at - timedelta(random.random() * 80 + number)
        approved = random.random() < 0.25
        lines = frozenset({line, random.choice(LINES)} if random.random() < 0.2 else {line})
        return Registration(
            self._id(), f"R-{random.randrange(10**8)}", partner.id, account.id, lines, "approved" if approved else "submitted",
            submitted, Decimal(random.randrange(5_000, 400_000)), None, "USD", submitted if approved else None,
            submitted + timedelta(90) if approved else None, account_name=account.name,
        )  # fmt: skip

    def _with_work(self, facts: Facts, account: Account, line: str, sellers: list[Partner]) -> Facts:
        random, at = self.random, facts.at
        work = [
            Activity(self._id(), "", item.id, random.choice(PROOF), (at - timedelta(random.random() * 70)).date())
            for item in facts.registrations
            for _ in range(random.randrange(4))
        ]
        letters = [
            Evidence(self._id(), "", item.id, "customer_letter", random.random() < 0.5)
            for item in facts.registrations
            if random.random() < 0.08
        ]
        owner = random.choice([*self.partners[:20], None])
        owns = Ownership(self._id(), "", account.id, owner.id if owner else DIRECT, valid_from=self._on(700),
                         last_activity_at=at - timedelta(random.random() * 200))  # fmt: skip
        deal = Opportunity(self._id(), f"O-{random.randrange(10**6)}", account.id, DIRECT, frozenset({line}), Decimal(40_000),
                           "USD", random.choice(("qualified", "qualified", "closed_won")), at - timedelta(200), None,
                           at - timedelta(random.random() * 120))  # fmt: skip
        quotes = tuple(
            Quote(self._id(), f"Q-{random.randrange(10**6)}", item.id, account.id, line, Decimal(random.randrange(95, 110)),
                  "USD", Decimal(115))
            for item in sellers
            if random.random() < 0.3
        )  # fmt: skip
        return replace(
            facts, activities=tuple(work), evidence=tuple(letters), quotes=quotes,
            ownerships=(owns,) if random.random() < 0.15 else (), opportunities=(deal,) if random.random() < 0.3 else (),
        )  # fmt: skip
