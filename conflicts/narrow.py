"""Cuts facts down to one claim set: small enough to be kept with its decision, and with the same findings."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date

from conflicts.claims import ClaimSet, registration_live, roots_of
from conflicts.facts import DIRECT, Facts, Opportunity, Partner, PastRegistration, Registration, Territory
from conflicts.territories import Holders, covers
from conflicts.windows import day


def narrow(facts: Facts, claim_set: ClaimSet) -> Facts:
    """Only what bears on the claim set. Live claims elsewhere remain as a count towards capacity."""
    ids = {(claim.kind, claim.id) for claim in claim_set.claims}
    kept = {claim.id for claim in claim_set.claims if claim.kind == "registration"}
    parties = {claim.claimant for claim in claim_set.claims}
    accounts = claim_set.account_ids
    roots = {root for claim in claim_set.claims for root in roots_of(facts, claim)}
    quotes = tuple(item for item in facts.quotes if item.account_id in accounts)
    territories = _rules(facts, claim_set, parties)
    named = parties | {item.seller for item in quotes}
    named |= {assignment.assignee for item in territories for assignment in item.assignments}
    return replace(
        facts,
        partners=_with_distributors(facts, named),
        agreements=tuple(item for item in facts.agreements if item.partner_id in parties),
        territories=territories,
        exceptions=tuple(item for item in facts.exceptions if facts.root_of(item.account_id) in roots),
        accounts=tuple(item for item in facts.accounts if facts.root_of(item.id) in roots),
        registrations=tuple(item for item in facts.registrations if item.id in kept or _past(item, accounts, parties)),
        other_registrations=_elsewhere(facts, kept, parties),
        activities=tuple(item for item in facts.activities if item.registration_id in kept),
        evidence=tuple(item for item in facts.evidence if item.registration_id in kept),
        ownerships=tuple(item for item in facts.ownerships if ("ownership", item.id) in ids),
        opportunities=tuple(
            item for item in facts.opportunities if ("opportunity", item.id) in ids or _won(item, accounts)
        ),
        quotes=quotes,
    )


def _past(registration: Registration, accounts: Collection[str], parties: Collection[str]) -> bool:
    on = {registration.account_id, registration.possible_account_id}
    return registration.status == "rejected" and registration.claimant in parties and not on.isdisjoint(accounts)


def _won(opportunity: Opportunity, accounts: Collection[str]) -> bool:
    return opportunity.stage == "closed_won" and opportunity.account_id in accounts


def _rules(facts: Facts, claim_set: ClaimSet, parties: Collection[str]) -> tuple[Territory, ...]:
    """The rules that bear on the claim set, with those of their holders only who matter to it."""
    bearing = [item for item in facts.territories if _bears(facts, item, claim_set.account_ids, parties)]
    judged: dict[str, set[date]] = {party: set() for party in parties}
    for claim in claim_set.claims:
        if claim.kind == "registration" and claim.since:
            judged[claim.claimant].add(day(claim.since))
    partners = {item.id: item for item in facts.partners}
    return Holders(partners, facts.at).cut(bearing, judged, partners)


def _bears(facts: Facts, territory: Territory, accounts: Collection[str], parties: Collection[str]) -> bool:
    if any(covers(territory, facts.account(account), frozenset()) for account in accounts):
        return True
    partners = (facts.partner(party) for party in parties)
    own = {*parties, *(partner.distributor_id for partner in partners if partner)} - {DIRECT}
    return any(assignment.assignee in own for assignment in territory.assignments)


def _with_distributors(facts: Facts, named: Collection[str]) -> tuple[Partner, ...]:
    distributors = {item.distributor_id for item in facts.partners if item.id in named}
    return tuple(item for item in facts.partners if item.id in named or item.id in distributors)


def _elsewhere(facts: Facts, kept: Collection[str], parties: Collection[str]) -> tuple[PastRegistration, ...]:
    """The live registrations of the same parties outside the set, each once."""
    everything: list[Registration | PastRegistration] = [*facts.other_registrations, *facts.registrations]
    found = {
        item.id: PastRegistration(
            item.id, item.ref, item.claimant, item.status, item.submitted_at, item.protected_from, item.protected_until
        )
        for item in everything
        if item.id not in kept and item.claimant in parties and registration_live(item, facts.at)
    }
    return tuple(found.values())
