"""From facts to findings: one module a kind family, all of the same shape, and the registry that asks them all."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from conflicts.claims import Claim, ClaimSet, claim_sets, live_claims
from conflicts.detectors import competing, entitlement, pricing, reserved, territory
from conflicts.detectors.finding import Citation, Finding
from conflicts.detectors.lifting import lifting_exception
from conflicts.facts import Facts
from conflicts.narrow import narrow
from conflicts.policy import KINDS, Policy
from conflicts.territories import TerritoryOverlap, territory_overlaps

__all__ = [
    "REGISTRY",
    "Citation",
    "Claim",
    "ClaimSet",
    "Detector",
    "Finding",
    "TerritoryOverlap",
    "claim_sets",
    "detect",
    "detect_with",
    "live_claims",
    "makes_case",
    "narrow",
    "territory_overlaps",
]

EVER = datetime.min.replace(tzinfo=UTC)
_PLACE = {kind: number for number, kind in enumerate(KINDS)}


@dataclass(frozen=True)
class Detector:
    """One module of detectors: what it finds, and the parameters of the policy that it looks at."""

    ask: Callable[[Facts, Policy], list[Finding]]
    kinds: frozenset[str]
    reads: frozenset[str] = frozenset()


REGISTRY: tuple[Detector, ...] = (
    Detector(
        competing.detect,
        frozenset(
            {"duplicate_registration", "resubmission", "competing_registration", "same_chain", "account_owned",
             "direct_engagement", "co_sell", "corporate_family"}
        ),
        frozenset({"direct_freshness_days", "lookback_days"}),
    ),
    Detector(reserved.detect, frozenset({"reserved_account"}), frozenset({"reserved_segments"})),
    Detector(territory.detect, frozenset({"out_of_territory", "exclusive_territory"})),
    Detector(
        entitlement.detect,
        frozenset({"agreement_inactive", "product_not_entitled", "tier_insufficient", "capacity_reached"}),
    ),
    Detector(pricing.detect, frozenset({"price_overlap", "discount_outside_policy"}), frozenset({"price_tolerance_pct"})),
)  # fmt: skip


def detect(facts: Facts, policy: Policy) -> list[Finding]:
    """Every finding that holds for every live registration, those that an exception lifts left out."""
    return detect_with(REGISTRY, facts, policy)


def detect_with(
    detectors: Iterable[Detector], facts: Facts, policy: Policy, known: Iterable[Finding] = ()
) -> list[Finding]:
    """The same, asking only some detectors: what the others find in these facts is known."""
    found = [finding for detector in detectors for finding in detector.ask(facts, policy)]
    if facts.exceptions:
        found = [finding for finding in found if lifting_exception(facts, finding) is None]
    found += known
    return sorted(found, key=lambda finding: _order(facts, finding)) if len(found) > 1 else found


def makes_case(findings: Iterable[Finding], policy: Policy) -> bool:
    """Some finding is enough for a case."""
    return any(policy.makes_case(finding.kind) for finding in findings)


def _order(facts: Facts, finding: Finding) -> tuple[datetime, str, int, str, str]:
    registration = facts.registration(finding.registration_id)
    when = registration.submitted_at if registration else EVER
    ref = registration.ref if registration else finding.registration_id
    return when, ref, _PLACE[finding.kind], finding.against_ref, finding.against_id
