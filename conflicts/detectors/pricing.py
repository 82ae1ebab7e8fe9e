"""Price against price, and price against rule: quotes for the account and the lines of a registration."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal

from conflicts import wording
from conflicts.claims import same_chain
from conflicts.detectors.entitlement import active_agreements
from conflicts.detectors.finding import Citation, Finding, Sentence, cite_quote, cite_registration
from conflicts.detectors.subjects import live_registrations
from conflicts.facts import Facts, Quote, Registration
from conflicts.policy import Policy
from conflicts.windows import day


def detect(facts: Facts, policy: Policy) -> list[Finding]:
    """price_overlap and discount_outside_policy."""
    on_account: dict[str, list[Quote]] = defaultdict(list)
    for quote in facts.quotes:
        on_account[quote.account_id].append(quote)
    found = []
    for registration in live_registrations(facts):
        quotes = on_account[registration.judged_account_id]
        relevant = [item for item in quotes if item.product_line in registration.product_lines]
        own = [item for item in relevant if item.seller == registration.claimant]
        for mine in own:
            found += [
                _price_overlap(facts, policy, registration, mine, other)
                for other in relevant
                if _apart(facts, policy, mine, other)
            ]
            limit = discount_limit(facts, mine, day(registration.submitted_at))
            discount = discount_of(mine)
            if limit is not None and discount is not None and discount > limit:
                found.append(_discount(facts, policy, registration, mine, discount, limit))
    return found


def discount_of(quote: Quote) -> Decimal | None:
    """The discount as given, else as the list price shows it."""
    if quote.discount_pct is not None:
        return quote.discount_pct
    if quote.list_price is None or quote.unit_price is None or quote.list_price <= 0:
        return None
    return (quote.list_price - quote.unit_price) * 100 / quote.list_price


def discount_limit(facts: Facts, quote: Quote, on: date) -> Decimal | None:
    """The highest among the active agreements that cover the line, else that of the tier; None = no limit."""
    limits = [
        item.max_discount_pct
        for item in active_agreements(facts, quote.seller, on)
        if item.max_discount_pct is not None and (not item.product_lines or quote.product_line in item.product_lines)
    ]
    tier = facts.tier_of(quote.seller)
    return max(limits) if limits else tier.max_discount_pct if tier else None


def _apart(facts: Facts, policy: Policy, mine: Quote, other: Quote) -> bool:
    """Two sellers, one line, one currency, a common day, and prices further apart than tolerated."""
    if other.seller in ("", mine.seller) or same_chain(facts, mine.seller, other.seller):
        return False
    if mine.product_line != other.product_line or mine.currency != other.currency or not _common_day(mine, other):
        return False
    if mine.unit_price is None or other.unit_price is None:
        return False
    low, high = sorted((mine.unit_price, other.unit_price))
    return (high - low) * 100 > low * policy.parameters.price_tolerance_pct


def _common_day(left: Quote, right: Quote) -> bool:
    begins = [item.valid_from for item in (left, right) if item.valid_from]
    ends = [item.valid_until for item in (left, right) if item.valid_until]
    return not begins or not ends or max(begins) <= min(ends)


def _price_overlap(facts: Facts, policy: Policy, registration: Registration, mine: Quote, other: Quote) -> Finding:
    one, two = sorted((mine, other), key=lambda item: item.ref)

    def say() -> tuple[str, list[Citation]]:
        prices = [wording.money(item.unit_price, item.currency) for item in (mine, other)]
        line = wording.products(facts, frozenset({mine.product_line}))
        text = (
            f"{facts.name_of(mine.seller)} quotes {prices[0]} for {line} and {facts.name_of(other.seller)} {prices[1]}, "
            f"more than {policy.parameters.price_tolerance_pct} % apart, to the same customer at the same time."
        )
        return text, [cite_registration(facts, registration), cite_quote(facts, one), cite_quote(facts, two)]

    return Finding(
        kind="price_overlap",
        registration_id=registration.id,
        against_kind="quotes",
        against_id=f"{one.id}/{two.id}",
        against_ref=f"{one.ref}/{two.ref}",
        blocking=policy.findings["price_overlap"].blocks == "always",
        told=Sentence(say),
        identity_confirmed=registration.identity_confirmed,
    )


def _discount(
    facts: Facts, policy: Policy, registration: Registration, quote: Quote, discount: Decimal, limit: Decimal
) -> Finding:
    def say() -> tuple[str, list[Citation]]:
        line = wording.products(facts, frozenset({quote.product_line}))
        text = (
            f"{facts.name_of(quote.seller)} quotes {line} with a discount of {wording.percent(discount)}; "
            f"the limit is {wording.percent(limit)}."
        )
        return text, [cite_registration(facts, registration), cite_quote(facts, quote)]

    return Finding(
        kind="discount_outside_policy",
        registration_id=registration.id,
        against_kind="quote",
        against_id=quote.id,
        against_ref=quote.ref,
        blocking=policy.findings["discount_outside_policy"].blocks == "always",
        told=Sentence(say),
        identity_confirmed=registration.identity_confirmed,
    )
