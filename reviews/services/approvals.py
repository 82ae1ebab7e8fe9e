"""The record of what was approved without a person: what was known then, by which rule of which version."""

from datetime import datetime

from django.db import transaction

from conflicts.models import Claim, PolicyVersion
from partners.models import Registration
from reviews.models import AutomaticApproval, Decision


@transaction.atomic
def keep_approval(
    *, claim: Claim, policy: PolicyVersion, at: datetime, decision: Decision | None = None
) -> AutomaticApproval:
    """Keep that a registration was approved without a person; `claim` comes with registration, partner's tier, account.

    The act itself is recorded by whoever approves.
    """
    rules, registration = policy.policy.automation, claim.registration
    partner, account = registration.partner, claim.account
    return AutomaticApproval.objects.create(
        program_id=registration.program_id,
        registration=registration,
        decision=decision,
        partner=partner,
        policy=policy,
        rule=rules.cases.rule if decision else rules.rule,
        reason=decision.recommendation.sentence if decision else rules.reason,
        tier=partner.tier.name if partner and partner.tier else "",
        region=account.subdivision or account.country,
        facts=facts_of(registration, claim),
        approved_at=at,
    )


def facts_of(registration: Registration, claim: Claim | None) -> dict[str, str]:
    """What is known of a registration, by name, as texts: kept at the approval, and read again beside it at a check."""
    place = (registration.account_postal_code, registration.account_city, registration.account_subdivision)
    work = sorted((a.occurred_on, str(a.get_kind_display())) for a in registration.activities.all())
    amount = registration.amount if registration.amount is not None else registration.band_upper
    return {
        "Customer as typed": registration.account_name,
        "Account on record": claim.account.name if claim else "",
        "Domain": registration.account_domain,
        "Place": ", ".join(part for part in (*place, registration.account_country) if part),
        "Products": ", ".join(registration.product_lines),
        "Amount": f"{amount:,.0f} {registration.currency}".strip() if amount is not None else "",
        "Stage": str(registration.get_stage_display()),
        "Proof of work": "; ".join(f"{kind} on {day:%-d %b %Y}" for day, kind in work),
        "Current supplier": registration.incumbent,
        "Note": registration.note,
    }
