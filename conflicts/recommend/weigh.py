"""Who stands against whom, and how much each claimant has to show: grouping by claimant, and the score."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from conflicts import wording
from conflicts.claims import NEVER, Claim, claim_order, live_claims, same_chain
from conflicts.detectors.finding import Citation, Finding, cite_claim, cite_territory
from conflicts.facts import DIRECT, Activity, Facts, Opportunity, Ownership, Registration
from conflicts.policy import Policy
from conflicts.territories import covers, missing_facts, own_territories
from conflicts.windows import day, instant, latest, within_days

CRITERIA = ("earliest", "proof", "last_activity", "own_territory", "closed_won", "customer_letter")


@dataclass(frozen=True, slots=True)
class Claimant:
    """A partner, the direct team or a distribution chain, with all its claims that count together."""

    id: str  # of a chain, its first registrant
    members: tuple[str, ...]
    claims: tuple[Claim, ...]

    @property
    def since(self) -> datetime:
        """The earliest claim; never, where no time is known."""
        return min((claim.since for claim in self.claims if claim.since), default=NEVER)

    @property
    def registration_ids(self) -> tuple[str, ...]:
        """Its registrations, the earlier first."""
        return tuple(claim.id for claim in self.claims if claim.kind == "registration")


@dataclass(frozen=True, slots=True)
class Points:
    """The points in one criterion, in words, with the records that show it."""

    criterion: str
    points: int
    sentence: str
    cited: tuple[Citation, ...] = ()
    known: bool = True


@dataclass(frozen=True, slots=True)
class Standing:
    """A claimant with its points."""

    claimant: Claimant
    rows: tuple[Points, ...]

    @property
    def total(self) -> int:
        """All points."""
        return sum(row.points for row in self.rows)

    @property
    def proof(self) -> int:
        """The points for proof of work."""
        return next(row.points for row in self.rows if row.criterion == "proof")


@dataclass(frozen=True)
class Case:
    """The facts and findings of one claim set, arranged for deciding."""

    facts: Facts
    findings: tuple[Finding, ...]
    policy: Policy

    @cached_property
    def claims(self) -> tuple[Claim, ...]:
        """All live claims."""
        return tuple(live_claims(self.facts, self.policy))

    @cached_property
    def eligible(self) -> tuple[Claim, ...]:
        """The claims that no blocking finding takes out."""
        blocked = {item.registration_id for item in self.findings if item.blocking}
        return tuple(item for item in self.claims if item.kind != "registration" or item.id not in blocked)

    @cached_property
    def claimants(self) -> tuple[Claimant, ...]:
        """The claimants with an eligible claim."""
        return group(self.facts, self.eligible)

    @cached_property
    def everybody(self) -> tuple[Claimant, ...]:
        """The claimants, eligible or not."""
        return group(self.facts, self.claims)

    @cached_property
    def account_ids(self) -> frozenset[str]:
        """The accounts that the case is about."""
        return frozenset().union(*(claim.account_ids for claim in self.claims))

    @cached_property
    def standings(self) -> tuple[Standing, ...]:
        """The claimants by score; equal scores rank by the earlier claim."""
        found = [Standing(item, tuple(score(self, item))) for item in self.claimants]
        ref = self.facts.ref_of
        return tuple(sorted(found, key=lambda item: (-item.total, item.claimant.since, ref(item.claimant.id))))

    def findings_of(self, kind: str) -> list[Finding]:
        """The findings of one kind on eligible registrations."""
        ids = {claim.id for claim in self.eligible if claim.kind == "registration"}
        return [item for item in self.findings if item.kind == kind and item.registration_id in ids]

    def registrations(self) -> list[Registration]:
        """The eligible registrations, the earlier first."""
        found = (self.facts.registration(item.id) for item in self.eligible if item.kind == "registration")
        return [item for item in found if item is not None]


def group(facts: Facts, claims: Iterable[Claim]) -> tuple[Claimant, ...]:
    """Claims by claimant. A claim joins a distribution chain when it is of one chain with every party in it:
    two resellers of one distributor stay two claimants, and the distributor stands with the earlier of them."""
    groups: list[list[Claim]] = []
    for claim in sorted(claims, key=_registrations_first):
        home = next((items for items in groups if any(item.claimant == claim.claimant for item in items)), None)
        home = home or next((items for items in groups if _all_of_chain(facts, items, claim)), None)
        if home is None:
            groups.append([claim])
        else:
            home.append(claim)
    return tuple(
        Claimant(items[0].claimant, tuple(dict.fromkeys(item.claimant for item in items)), tuple(items))
        for items in groups
    )


def _registrations_first(claim: Claim) -> tuple[bool, datetime, str, str]:
    return claim.kind != "registration", *claim_order(claim)


def _all_of_chain(facts: Facts, items: list[Claim], claim: Claim) -> bool:
    return all(same_chain(facts, item.claimant, claim.claimant) for item in items)


def score(case: Case, claimant: Claimant) -> list[Points]:
    """The points of one claimant in every criterion of the policy."""
    criteria: dict[str, Callable[[Case, Claimant], Points]] = {
        "earliest": _earliest,
        "proof": _proof,
        "last_activity": _last_activity,
        "own_territory": _own_territory,
        "closed_won": _closed_won,
        "customer_letter": _customer_letter,
    }
    return [criteria[name](case, claimant) for name in CRITERIA]


def proof_of(case: Case, registration_ids: Iterable[str]) -> Activity | None:
    """The activity on these registrations that proves most."""
    ladder = case.policy.scoring.proof
    found = [item for key in registration_ids for item in case.facts.activities_of(key) if item.kind in ladder]
    return max(found, key=lambda item: (ladder[item.kind], _on(item), item.ref, item.id), default=None)


def cite_activity(facts: Facts, activity: Activity) -> Citation:
    """A dated activity on a registration."""
    registration = facts.registration(activity.registration_id)
    text = f"{wording.proof(activity.kind)} on {wording.on(activity.occurred_on)}"
    text = f"{registration.ref}: {text}, shown by {facts.name_of(registration.claimant)}" if registration else text
    return Citation("", "activity", wording.sentence(text), instant(_on(activity)), activity.id)


def _on(activity: Activity) -> date:
    return activity.occurred_on or date.min


def _earliest(case: Case, claimant: Claimant) -> Points:
    first = min((item.since for item in case.claimants), default=NEVER)
    holders = [item for item in case.claimants if item.since == first]
    mine = next((item for item in claimant.claims if item.since == claimant.since), claimant.claims[0])
    cited, when = (cite_claim(case.facts, mine),), wording.on(mine.since)
    name = case.facts.name_of(claimant.id)
    if claimant.since == NEVER:
        return Points("earliest", 0, f"When the claim of {name} began is unknown.", cited, known=False)
    if claimant.since != first:
        return Points("earliest", 0, f"{name} came later, on {when}.", cited)
    if len(holders) > 1:
        return Points("earliest", 0, f"{name} came first at the same time as another, on {when}.", cited)
    return Points("earliest", case.policy.scoring.earliest, f"{name} came first, on {when}.", cited)


def _proof(case: Case, claimant: Claimant) -> Points:
    best, name = proof_of(case, claimant.registration_ids), case.facts.name_of(claimant.id)
    if best is None:
        return Points("proof", 0, f"{name} has shown no dated proof of work.")
    text = f"{name} has shown {wording.proof(best.kind)} on {wording.on(best.occurred_on)}."
    return Points("proof", case.policy.scoring.proof[best.kind], text, (cite_activity(case.facts, best),))


def last_active(case: Case, claimant: Claimant) -> tuple[datetime | date | None, tuple[Citation, ...]]:
    """When a claimant was last active by the time of evaluation, and the record that shows it."""
    facts = case.facts
    moments: list[tuple[datetime | date | None, Citation]] = [
        (item.occurred_on, cite_activity(facts, item))
        for key in claimant.registration_ids
        for item in facts.activities_of(key)
    ]
    own = {claim.id: claim for claim in claimant.claims if claim.kind != "registration"}
    records: list[Ownership | Opportunity] = [*facts.ownerships, *facts.opportunities]
    for record in records:
        if record.id in own:
            moments.append((record.last_activity_at, cite_claim(facts, own[record.id])))
    last = latest([moment for moment, _ in moments], facts.at)
    cited = sorted((item for moment, item in moments if moment == last), key=lambda item: (item.text, item.source_id))
    return last, tuple(cited[:1]) if last is not None else ()


def _last_activity(case: Case, claimant: Claimant) -> Points:
    name = case.facts.name_of(claimant.id)
    last, cited = last_active(case, claimant)
    if last is None:
        return Points("last_activity", 0, f"No activity of {name} is known.", known=False)
    points = next(
        (step.points for step in case.policy.scoring.last_activity if within_days(last, step.days, case.facts.at)), 0
    )
    return Points("last_activity", points, f"{name} was last active on {wording.on(last)}.", cited)


def _own_territory(case: Case, claimant: Claimant) -> Points:
    facts, name = case.facts, case.facts.name_of(claimant.id)
    if claimant.id == DIRECT:
        return Points("own_territory", 0, "The direct team has no territory of its own here.")
    unknown: list[str] = []
    for claim in claimant.claims:
        account = facts.account(claim.possible_account_id or claim.account_id)
        judged = day(claim.since) if claim.kind == "registration" and claim.since else day(facts.at)
        own = own_territories(facts, claim.claimant, judged)
        for territory in sorted(own, key=lambda item: (item.ref, item.id)):
            if covers(territory, account, claim.product_lines):
                text = f"The account lies in {territory.name}, a territory of {name}."
                points = case.policy.scoring.own_territory
                return Points("own_territory", points, text, (cite_territory(facts, territory),))
            unknown += missing_facts(territory, account, claim.product_lines)
    if unknown:
        text = f"Whether the account lies in a territory of {name} is unknown without its {wording.listing(unknown)}."
        return Points("own_territory", 0, text, known=False)
    return Points("own_territory", 0, f"The account lies in no territory of {name}.")


def _closed_won(case: Case, claimant: Claimant) -> Points:
    days, name = case.policy.parameters.closed_won_days, case.facts.name_of(claimant.id)
    on_case = [
        item
        for item in case.facts.opportunities
        if item.owner in claimant.members and item.stage == "closed_won" and item.account_id in case.account_ids
    ]
    won = [item for item in on_case if within_days(item.closed_at, days, case.facts.at)]
    if not won:
        undated = any(item.closed_at is None for item in on_case)
        text = f"{name} has won no deal with this customer in the last {days} days."
        return Points("closed_won", 0, text, known=not undated)
    last = max(won, key=lambda item: (item.closed_at or case.facts.at, item.ref, item.id))
    text = f"{name} won a deal with this customer on {wording.on(last.closed_at)}"
    cited = Citation("", "opportunity", f"{last.ref}: {text}", last.closed_at, last.id)
    return Points("closed_won", case.policy.scoring.closed_won, f"{text}.", (cited,))


def _customer_letter(case: Case, claimant: Claimant) -> Points:
    name = case.facts.name_of(claimant.id)
    letters = [
        item
        for key in claimant.registration_ids
        for item in case.facts.evidence_of(key)
        if item.kind == "customer_letter"
    ]
    verified = sorted((item for item in letters if item.verified), key=lambda item: (item.ref, item.id))
    if not verified:
        text = f"A letter of the customer for {name} is not verified." if letters else f"No customer letter for {name}."
        return Points("customer_letter", 0, text, known=not letters)
    text = f"The customer prefers {name} in writing"
    cited = Citation("", "evidence", f"{text}: a verified letter", None, verified[0].id)
    return Points("customer_letter", case.policy.scoring.customer_letter, f"{text}.", (cited,))
