"""From an assessment to what a case is about: its leading kind, what is at stake, and the route of approvals."""

import uuid

from conflicts.facts import DIRECT
from conflicts.policy import Policy
from conflicts.services import Assessment
from reviews.routing import route
from reviews.services.cases import CaseShape

# What a case is called by when several findings hold: the gravest first.
GRAVITY = (
    "exclusive_territory", "reserved_account", "agreement_inactive", "product_not_entitled", "tier_insufficient",
    "capacity_reached", "competing_registration", "account_owned", "co_sell", "direct_engagement",
    "duplicate_registration", "corporate_family", "out_of_territory", "price_overlap", "discount_outside_policy",
)  # fmt: skip


def shape_of(assessment: Assessment, policy: Policy) -> CaseShape:
    """What the case of this claim set is about."""
    claims = assessment.claim_set.claims
    kinds = {finding.kind for finding in assessment.findings}
    amounts = [claim.amount for claim in claims if claim.amount is not None]
    return CaseShape(
        kind=next((kind for kind in GRAVITY if kind in kinds), "raised_concern" if assessment.raised else "routine"),
        product_lines=tuple(sorted(assessment.claim_set.product_lines)),
        amount=max(amounts, default=None),
        route=route(assessment.facts, assessment.findings, assessment.answer, policy),
        registration_ids=tuple(uuid.UUID(i) for i in assessment.claim_set.registration_ids),
        hours=policy.clock.hours,
        at_risk_pct=policy.clock.at_risk_pct,
        claimants=tuple(dict.fromkeys(None if c.claimant == DIRECT else uuid.UUID(c.claimant) for c in claims)),
    )
