"""Whether a case is of so low a risk that the policy lets the product approve what the rules recommend. Pure.

Every condition must hold, and what is unknown does not hold. What people do about a case (a hold, a concern, somebody who
works on it) is passed in as sentences.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from conflicts.policy.automation import LowRisk
from conflicts.recommend.weigh import Case, Claimant, last_active
from conflicts.windows import day, instant, latest


@dataclass(frozen=True, slots=True)
class Situation:
    """What is asked of a case. `confidence`: the share of such recommendations that deciders followed, None = not measured;
    `oldest_sign`: days since the latest sign of the claimant that has been silent longest, None = unknown."""

    kinds: frozenset[str]
    action: str
    owner: str
    route: tuple[str, ...]
    amount: Decimal | None
    confidence: float | None
    missing: tuple[str, ...] = ()
    identity_unsure: bool = False
    oldest_sign: int | None = None
    hindered_by: tuple[str, ...] = ()


def why_not(rule: LowRisk, now: Situation) -> tuple[str, ...]:
    """The sentences that say why people decide this case; none when the product may approve it."""
    fits = (
        (rule.approve, "The policy lets people decide every case."),
        (bool(now.kinds), "No finding stands: there is nothing to weigh."),
        (now.kinds <= set(rule.kinds), "A finding stands that the policy leaves to people."),
        (now.action == "award" and bool(now.owner), "It is not awarded to one claimant who registered it."),
        (len(now.route) == 1, "More than one role decides it."),
        (now.amount is not None and now.amount <= rule.amount_at_most, "The amount is unknown or above the limit."),
        (now.confidence is not None and round(now.confidence * 100) >= rule.confidence_at_least,
         "It is not measured that deciders follow such recommendations often enough."),
        (not now.missing, "Something that the rules ask for is unknown."),
        (not now.identity_unsure, "Who the customer is has to be confirmed."),
        (now.oldest_sign is not None and 0 <= now.oldest_sign <= rule.fresh_days, "The facts of a claim are not fresh."),
    )  # fmt: skip
    return (*(text for holds, text in fits if not holds), *now.hindered_by)


def situation_of(
    case: Case,
    *,
    action: str,
    owner: str,
    route: Sequence[str],
    confidence: float | None,
    missing: Sequence[str],
    hindered_by: Sequence[str] = (),
) -> Situation:
    """The situation of a case whose recommendation is known."""
    return Situation(
        kinds=frozenset(item.kind for item in case.findings),
        action=action,
        owner=owner if any(item.claimant == owner for item in case.eligible if item.kind == "registration") else "",
        route=tuple(route),
        amount=_amount(case),
        confidence=confidence,
        missing=tuple(missing),
        identity_unsure=any(not item.identity_confirmed for item in case.findings),
        oldest_sign=_oldest_sign(case),
        hindered_by=tuple(hindered_by),
    )


def _amount(case: Case) -> Decimal | None:
    """The largest amount; unknown as long as that of one registration is."""
    if any(claim.amount is None for claim in case.claims if claim.kind == "registration"):
        return None
    return max((claim.amount for claim in case.claims if claim.amount is not None), default=None)


def _oldest_sign(case: Case) -> int | None:
    signs = [_sign(case, claimant) for claimant in case.everybody]
    known = [days for days in signs if days is not None]
    return max(known) if known and len(known) == len(signs) else None


def _sign(case: Case, claimant: Claimant) -> int | None:
    """Whole days since the latest of a claimant's claims and activities."""
    at = case.facts.at
    found = latest([last_active(case.facts, claimant), *(claim.since for claim in claimant.claims)], at)
    return (day(at) - day(instant(found))).days if found is not None else None
