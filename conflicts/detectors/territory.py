"""Claim against rule: territories, each judged on the day of submission."""

from __future__ import annotations

from datetime import date

from conflicts import wording
from conflicts.detectors.finding import Citation, Finding, Sentence, cite_account, cite_registration, cite_territory
from conflicts.detectors.subjects import partner_registrations
from conflicts.facts import Facts, Registration, Territory
from conflicts.policy import Policy
from conflicts.territories import covers, held_by_others, live, own_territories
from conflicts.windows import day


def detect(facts: Facts, policy: Policy) -> list[Finding]:
    """out_of_territory and exclusive_territory."""
    found = []
    for registration in partner_registrations(facts):
        on = day(registration.submitted_at)
        own = own_territories(facts, registration.claimant, on)
        others = _covering_for_others(facts, registration, on)
        if own and not any(_covers(facts, item, registration) for item in own):
            found.append(_out_of_territory(facts, policy, registration, own, others))
        ours = {item.id for item in own}
        found += [
            _exclusive_territory(facts, policy, registration, item)
            for item in others
            if item.exclusive and item.id not in ours
        ]
    return found


def _covers(facts: Facts, territory: Territory, registration: Registration) -> bool:
    return covers(territory, facts.account(registration.judged_account_id), registration.product_lines)


def _covering_for_others(facts: Facts, registration: Registration, on: date) -> list[Territory]:
    found = [
        item
        for item in facts.territories
        if live(item, on)
        and _covers(facts, item, registration)
        and held_by_others(facts, item, registration.claimant, on)
    ]
    return sorted(found, key=lambda item: (item.ref, item.id))


def _out_of_territory(
    facts: Facts, policy: Policy, registration: Registration, own: list[Territory], others: list[Territory]
) -> Finding:
    blocks = policy.findings["out_of_territory"].blocks

    def say() -> tuple[str, list[Citation]]:
        mine, where = wording.some({item.name for item in own}), facts.account_name(registration.judged_account_id)
        text = f"{where} lies outside the territories of {facts.name_of(registration.claimant)} ({mine})"
        if others:
            text += f" and inside {wording.some(item.name for item in others)}, held by others"
        rules = sorted(own, key=lambda item: (item.ref, item.id)) + others
        return f"{text}.", _cite(facts, registration, rules)

    return Finding(
        kind="out_of_territory",
        registration_id=registration.id,
        against_kind="",
        against_id="",
        against_ref="",
        blocking=blocks == "always" or (blocks == "when_others_cover" and bool(others)),
        told=Sentence(say),
        identity_confirmed=registration.identity_confirmed,
    )


def _exclusive_territory(facts: Facts, policy: Policy, registration: Registration, territory: Territory) -> Finding:
    def say() -> tuple[str, list[Citation]]:
        holders = held_by_others(facts, territory, registration.claimant, day(registration.submitted_at))
        who = wording.some(facts.name_of(item) for item in holders)
        where = facts.account_name(registration.judged_account_id)
        text = f"{where} lies in {territory.name}, the exclusive territory of {who}."
        return text, _cite(facts, registration, [territory])

    return Finding(
        kind="exclusive_territory",
        registration_id=registration.id,
        against_kind="territory",
        against_id=territory.id,
        against_ref=territory.ref,
        blocking=policy.findings["exclusive_territory"].blocks == "always",
        told=Sentence(say),
        identity_confirmed=registration.identity_confirmed,
    )


def _cite(facts: Facts, registration: Registration, rules: list[Territory]) -> list[Citation]:
    account = facts.account(registration.judged_account_id)
    where = [cite_account(account)] if account else []
    return [cite_registration(facts, registration), *where, *(cite_territory(facts, item) for item in rules)]
