"""The sweep's look at cases of low risk: where the live policy lets the product approve them, it does, each by itself."""

import logging
from datetime import datetime

from django.utils import timezone

from channelconflict.scope import staff_of
from conflicts.services import policy_in_force
from partners.models import Program
from reviews.models import Decision
from reviews.services.by_rule import approve_by_rule, left_today, low_risk_candidates

log = logging.getLogger(__name__)
MOST = 200  # cases a look; what fits none of the finer conditions ages out of the candidates in a day


def approve_low_risk(program: Program, at: datetime | None = None) -> list[Decision]:
    """Approve what the live policy lets the product approve; a policy that lets it approve nothing stops it at once."""
    at = at or timezone.now()
    with staff_of(program.pk):
        policy = policy_in_force(program).policy
        if not policy.automation.cases.approve or left_today(program, policy, at) < 1:
            return []
        cases = list(low_risk_candidates(program, policy, at)[:MOST])
    done = []
    for case in cases:
        try:
            with staff_of(program.pk):
                done.append(approve_by_rule(case=case, at=at))
        except Exception:  # one case's trouble must not keep the others waiting
            log.exception("%s could not be approved by rule", case.ref)
    return [decision for decision in done if decision is not None]
