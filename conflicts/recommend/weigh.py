"""Who stands against whom, and how much each claimant has to show: grouping by claimant, and the score."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property, partial

from conflicts import wording
from conflicts.claims import NEVER, Claim, claim_order, live_claims, same_chain
from conflicts.detectors.finding import Citation, Finding, Sentence, cite_claim, cite_territory
from conflicts.facts import DIRECT, Activity, Facts, Opportunity, Ownership, Registration, Territory
from conflicts.policy import Policy
from conflicts.territories import covers, missing_facts, own_territories
from conflicts.windows import day, instant, latest, within_days

Words = tuple[str, tuple[Citation, ...]]
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
    """The points in one criterion, with the words for it and the records that show it."""

    criterion: str
    points: int
    told: Sentence
    known: bool = True

    @property
    def sentence(self) -> str:
        """How they came about, in words."""
        return self.told.text

    @property
    def cited(self) -> tuple[Citation, ...]:
        """The records that show it."""
        return self.told.cited


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

    def under(self, policy: Policy, findings: tuple[Finding, ...], alike: Iterable[str]) -> Case:
        """The same facts in another policy's eyes; of what was found, these parts (properties) are alike and are kept."""
        other = Case(self.facts, findings, policy)
        vars(other).update({name: vars(self)[name] for name in alike if name in vars(self)})
        return other

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
    """The points of one claimant in every criterion of the policy. Their words hang on the facts, never on the case: it
    keeps them, and a ring costs a back-test a third of its time."""
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
    facts, first = case.facts, min((item.since for item in case.claimants), default=NEVER)
    alone, since = sum(item.since == first for item in case.claimants) == 1, claimant.since
    points = case.policy.scoring.earliest if since == first and since != NEVER and alone else 0

    def say() -> Words:
        mine = next((item for item in claimant.claims if item.since == since), claimant.claims[0])
        cited, when, name = (cite_claim(facts, mine),), wording.on(mine.since), facts.name_of(claimant.id)
        if since == NEVER:
            return f"When the claim of {name} began is unknown.", cited
        if since != first:
            return f"{name} came later, on {when}.", cited
        return f"{name} came first{'' if alone else ' at the same time as another'}, on {when}.", cited

    return Points("earliest", points, Sentence(say), known=since != NEVER)


def _proof(case: Case, claimant: Claimant) -> Points:
    facts, best = case.facts, proof_of(case, claimant.registration_ids)

    def say() -> Words:
        name = facts.name_of(claimant.id)
        if best is None:
            return f"{name} has shown no dated proof of work.", ()
        text = f"{name} has shown {wording.proof(best.kind)} on {wording.on(best.occurred_on)}."
        return text, (cite_activity(facts, best),)

    return Points("proof", case.policy.scoring.proof[best.kind] if best else 0, Sentence(say))


def last_active(facts: Facts, claimant: Claimant) -> datetime | date | None:
    """When a claimant was last active by the time of evaluation."""
    return latest([moment for moment, _ in _active(facts, claimant)], facts.at)


def cite_last_active(facts: Facts, claimant: Claimant) -> tuple[Citation, ...]:
    """The record that shows it; none where nothing is known."""
    last = last_active(facts, claimant)
    shown = (cite() for moment, cite in _active(facts, claimant) if moment == last) if last is not None else ()
    return tuple(sorted(shown, key=lambda item: (item.text, item.source_id))[:1])


def _active(facts: Facts, claimant: Claimant) -> Iterator[tuple[datetime | date | None, Callable[[], Citation]]]:
    """The moments of a claimant's activity, known or not, each with how its record is cited."""
    for key in claimant.registration_ids:
        for item in facts.activities_of(key):
            yield item.occurred_on, partial(cite_activity, facts, item)
    own = {claim.id: claim for claim in claimant.claims if claim.kind != "registration"}
    records: Iterable[Ownership | Opportunity] = (*facts.ownerships, *facts.opportunities) if own else ()
    for record in records:
        if record.id in own:
            yield record.last_activity_at, partial(cite_claim, facts, own[record.id])


def _last_activity(case: Case, claimant: Claimant) -> Points:
    facts, last = case.facts, last_active(case.facts, claimant)

    def say() -> Words:
        name = facts.name_of(claimant.id)
        if last is None:
            return f"No activity of {name} is known.", ()
        return f"{name} was last active on {wording.on(last)}.", cite_last_active(facts, claimant)

    steps = case.policy.scoring.last_activity if last is not None else ()
    points = next((step.points for step in steps if within_days(last, step.days, facts.at)), 0)
    return Points("last_activity", points, Sentence(say), known=last is not None)


def _own_territory(case: Case, claimant: Claimant) -> Points:
    if claimant.id == DIRECT:
        return Points("own_territory", 0, Sentence(lambda: ("The direct team has no territory of its own here.", ())))
    facts, territory, unknown = case.facts, *_territory_of(case.facts, claimant)

    def say() -> Words:
        name = facts.name_of(claimant.id)
        if territory is not None:
            text = f"The account lies in {territory.name}, a territory of {name}."
            return text, (cite_territory(facts, territory),)
        if unknown:
            missing = wording.listing(unknown)
            return f"Whether the account lies in a territory of {name} is unknown without its {missing}.", ()
        return f"The account lies in no territory of {name}.", ()

    points = case.policy.scoring.own_territory if territory is not None else 0
    return Points("own_territory", points, Sentence(say), known=territory is not None or not unknown)


def _territory_of(facts: Facts, claimant: Claimant) -> tuple[Territory | None, list[str]]:
    """The territory of its own in which the account lies; else what is not known of the account."""
    unknown: list[str] = []
    for claim in claimant.claims:
        account = facts.account(claim.possible_account_id or claim.account_id)
        judged = day(claim.since) if claim.kind == "registration" and claim.since else day(facts.at)
        own = own_territories(facts, claim.claimant, judged)
        for territory in sorted(own, key=lambda item: (item.ref, item.id)):
            if covers(territory, account, claim.product_lines):
                return territory, []
            unknown += missing_facts(territory, account, claim.product_lines)
    return None, unknown


def _closed_won(case: Case, claimant: Claimant) -> Points:
    facts, days = case.facts, case.policy.parameters.closed_won_days
    on_case = [
        item
        for item in facts.opportunities
        if item.owner in claimant.members and item.stage == "closed_won" and item.account_id in case.account_ids
    ]
    won = [item for item in on_case if within_days(item.closed_at, days, facts.at)]

    def say() -> Words:
        name = facts.name_of(claimant.id)
        if not won:
            return f"{name} has won no deal with this customer in the last {days} days.", ()
        last = max(won, key=lambda item: (item.closed_at or facts.at, item.ref, item.id))
        text = f"{name} won a deal with this customer on {wording.on(last.closed_at)}"
        return f"{text}.", (Citation("", "opportunity", f"{last.ref}: {text}", last.closed_at, last.id),)

    known = bool(won) or all(item.closed_at is not None for item in on_case)
    return Points("closed_won", case.policy.scoring.closed_won if won else 0, Sentence(say), known)


def _customer_letter(case: Case, claimant: Claimant) -> Points:
    facts = case.facts
    papers = (item for key in claimant.registration_ids for item in facts.evidence_of(key))
    letters = [item for item in papers if item.kind == "customer_letter"]
    verified = sorted((item for item in letters if item.verified), key=lambda item: (item.ref, item.id))

    def say() -> Words:
        name = facts.name_of(claimant.id)
        if not verified:
            open_ = f"A letter of the customer for {name} is not verified."
            return open_ if letters else f"No customer letter for {name}.", ()
        text = f"The customer prefers {name} in writing"
        return f"{text}.", (Citation("", "evidence", f"{text}: a verified letter", None, verified[0].id),)

    points = case.policy.scoring.customer_letter if verified else 0
    return Points("customer_letter", points, Sentence(say), known=bool(verified) or not letters)
