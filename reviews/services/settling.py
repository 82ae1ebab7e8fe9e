"""A decision leaves: from here on it is an outcome that parties read, that protects, and that other systems are told."""

from datetime import datetime

from django.db import transaction

from channelconflict.models import User
from reviews.choices import Choice
from reviews.models import Case, Decision
from reviews.precedents import keep_precedent
from reviews.services.cases import save_case
from reviews.services.outcomes import apply_outcome
from reviews.services.studies import keep_study
from reviews.states import Act, check_can


@transaction.atomic
def carry_out(*, case: Case, decision: Decision, choice: Choice, by: User | None, at: datetime) -> None:
    """Let a decided case leave at `at`: every time that the outcome starts counts from it.

    `by` sent it (None = its time had come); what follows is done in the name of whoever completed the route.
    """
    case.status, case.settles_at, case.decided_at = check_can(case.status, Act.SETTLE), None, at
    save_case(case, by=by, at=at, action="case.settled", facts={"decision": decision.pk})
    keep_precedent(case=case, decision=decision)  # before the findings are settled
    keep_study(case=case, decision=decision)
    last = decision.approvals.select_related("approved_by").order_by("approved_at", "pk").last()
    apply_outcome(case=case, decision=decision, choice=choice, by=last.approved_by if last else None, at=at)
