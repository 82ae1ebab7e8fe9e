"""Claim against rule: agreements, certifications, the limits of a tier. Judged on the day of submission."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import date

from conflicts import wording
from conflicts.claims import amount_of, registration_live
from conflicts.detectors.finding import Citation, Finding, Sentence, cite_registration
from conflicts.detectors.subjects import partner_registrations
from conflicts.facts import Agreement, Facts, PastRegistration, Registration, Tier
from conflicts.policy import Policy
from conflicts.windows import day, in_force, instant

Words = tuple[str, list[Citation]]
Load = dict[str, dict[str, Registration | PastRegistration]]


def detect(facts: Facts, policy: Policy) -> list[Finding]:
    """agreement_inactive, product_not_entitled, tier_insufficient and capacity_reached."""
    load = _load(facts)
    found = []
    for registration in partner_registrations(facts):
        found += _agreement(facts, policy, registration)
        tier = facts.tier_of(registration.claimant)
        if tier is not None:
            found += _tier(facts, policy, registration, tier)
            found += _capacity(facts, policy, registration, tier, load)
    return found


def active_agreements(facts: Facts, claimant: str, on: date) -> list[Agreement]:
    """The agreements of a partner that are active on a day."""
    return [
        item
        for item in facts.agreements_of(claimant)
        if item.status == "active" and in_force(item.valid_from, item.valid_until, on)
    ]


def _agreement(facts: Facts, policy: Policy, registration: Registration) -> list[Finding]:
    on, name = day(registration.submitted_at), facts.name_of(registration.claimant)
    active = active_agreements(facts, registration.claimant, on)
    if not active:

        def say_inactive() -> Words:
            known = sorted(facts.agreements_of(registration.claimant), key=lambda item: item.ref)
            why = wording.listing(_why_inactive(item, on) for item in known) or "there is none"
            return f"{name} had no active agreement on {wording.on(on)}: {why}.", [_cite(item) for item in known]

        return [_finding(facts, policy, "agreement_inactive", registration, say_inactive)]
    outside = sorted(
        code
        for code in registration.product_lines
        if not any(not item.product_lines or code in item.product_lines for item in active)
    )
    missing = _missing_certifications(facts, registration)
    if not outside and not missing:
        return []

    def say_not_entitled() -> Words:
        reasons = []
        if outside:
            reasons.append(f"no active agreement of {name} covers {wording.products(facts, frozenset(outside))}")
        if missing:
            reasons.append(f"{name} lacks the certification {wording.listing(missing)}")
        return f"{wording.listing(reasons)}.", [_cite(item) for item in active]

    return [_finding(facts, policy, "product_not_entitled", registration, say_not_entitled)]


def _missing_certifications(facts: Facts, registration: Registration) -> list[str]:
    partner = facts.partner(registration.claimant)
    held = partner.certifications if partner else frozenset()
    lines = (facts.line(code) for code in registration.product_lines)
    return sorted({line.required_certification for line in lines if line} - held - {""})


def _tier(facts: Facts, policy: Policy, registration: Registration, tier: Tier) -> list[Finding]:
    amount, limit = amount_of(registration, facts.program.currency), tier.max_deal_amount
    if amount is None or limit is None or amount <= limit:
        return []

    def say() -> Words:
        worth, allowed = (wording.money(item, facts.program.currency) for item in (amount, limit))
        text = f"The deal of {worth} is above {allowed}, the most that the tier {tier.name} may register."
        return text, [_cite_tier(tier)]

    return [_finding(facts, policy, "tier_insufficient", registration, say)]


def _capacity(facts: Facts, policy: Policy, registration: Registration, tier: Tier, load: Load) -> list[Finding]:
    if tier.capacity is None:
        return []
    others = [
        item
        for item in load[registration.claimant].values()
        if item.id != registration.id and item.submitted_at < registration.submitted_at
    ]
    if len(others) < tier.capacity:
        return []

    def say() -> Words:
        had = f"{facts.name_of(registration.claimant)} already had {len(others)} other live registrations"
        return f"{had}; the tier {tier.name} allows {tier.capacity}.", [_cite_tier(tier)]

    return [_finding(facts, policy, "capacity_reached", registration, say)]


def _load(facts: Facts) -> Load:
    """The live registrations of every partner whose tier has a limit, here and elsewhere, each once."""
    limited = {item.id for item in facts.tiers if item.capacity is not None}
    partners = {item.id for item in facts.partners if item.tier_id in limited}
    found: Load = defaultdict(dict)
    everything: list[Registration | PastRegistration] = [*facts.other_registrations, *facts.registrations]
    for item in everything if partners else ():
        if item.claimant in partners and registration_live(item, facts.at):
            found[item.claimant][item.id] = item
    return found


def _why_inactive(agreement: Agreement, on: date) -> str:
    if agreement.status != "active":
        return f"{agreement.ref} is {agreement.status}"
    if agreement.valid_from is not None and on < agreement.valid_from:
        return f"{agreement.ref} begins on {wording.on(agreement.valid_from)}"
    return f"{agreement.ref} ended on {wording.on(agreement.valid_until)}"


def _cite(agreement: Agreement) -> Citation:
    scope = wording.listing(sorted(agreement.product_lines)) or "all products"
    dates = f"from {wording.on(agreement.valid_from)}" if agreement.valid_from else "without a first day"
    until = f" until {wording.on(agreement.valid_until)}" if agreement.valid_until else ""
    text = f"{agreement.ref}: agreement for {scope}, {agreement.status}, {dates}{until}"
    at = instant(agreement.valid_from) if agreement.valid_from else None
    return Citation("", "agreement", text, at, agreement.id)


def _cite_tier(tier: Tier) -> Citation:
    return Citation("", "tier", f"{tier.ref}: tier {tier.name}", None, tier.id)


def _finding(facts: Facts, policy: Policy, kind: str, registration: Registration, say: Callable[[], Words]) -> Finding:
    def with_registration() -> Words:
        text, cited = say()
        return text, [cite_registration(facts, registration), *cited]

    return Finding(
        kind=kind,
        registration_id=registration.id,
        against_kind="",
        against_id="",
        against_ref="",
        blocking=policy.findings[kind].blocks == "always",
        told=Sentence(with_registration),
    )
