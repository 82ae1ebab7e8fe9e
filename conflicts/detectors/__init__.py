"""From facts to findings: one module a kind family, all of the same shape, and the registry that asks them all."""

from __future__ import annotations

from collections.abc import Callable, Iterable
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
    "Finding",
    "TerritoryOverlap",
    "claim_sets",
    "detect",
    "live_claims",
    "makes_case",
    "narrow",
    "territory_overlaps",
]

EVER = datetime.min.replace(tzinfo=UTC)
_PLACE = {kind: number for number, kind in enumerate(KINDS)}
Detector = Callable[[Facts, Policy], list[Finding]]
REGISTRY: tuple[Detector, ...] = (
    competing.detect,
    reserved.detect,
    territory.detect,
    entitlement.detect,
    pricing.detect,
)


def detect(facts: Facts, policy: Policy) -> list[Finding]:
    """Every finding that holds for every live registration, those that an exception lifts left out."""
    found = [finding for detector in REGISTRY for finding in detector(facts, policy)]
    if facts.exceptions:
        found = [finding for finding in found if lifting_exception(facts, finding) is None]
    return sorted(found, key=lambda finding: _order(facts, finding)) if len(found) > 1 else found


def makes_case(findings: Iterable[Finding], policy: Policy) -> bool:
    """Some finding is enough for a case."""
    return any(policy.makes_case(finding.kind) for finding in findings)


def _order(facts: Facts, finding: Finding) -> tuple[datetime, str, int, str, str]:
    registration = facts.registration(finding.registration_id)
    when = registration.submitted_at if registration else EVER
    ref = registration.ref if registration else finding.registration_id
    return when, ref, _PLACE[finding.kind], finding.against_ref, finding.against_id
