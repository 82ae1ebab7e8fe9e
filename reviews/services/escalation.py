"""Escalation: a case is handed to the next role of its line, or that role is told because the time runs out."""

import uuid
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from channelconflict.audit import explain, record
from channelconflict.models import User
from partners.services import NotPossibleError
from reviews.models import Assignment, Case, Escalation, EscalationCause
from reviews.permissions import label
from reviews.routing import ROLE_ORDER, SECOND, above, raised
from reviews.services.cases import lock_case, save_case
from reviews.services.working import check_staff
from reviews.states import Act, CaseStatus, check_can

RUNNING = (CaseStatus.OPEN, CaseStatus.IN_REVIEW)


@transaction.atomic
def escalate(*, case: Case, reason: str, by: User, at: datetime, seen_version: int) -> Case:
    """Hand a case to the next role of its line, with a reason: lower roles take none of its steps any more."""
    case = lock_case(case, seen_version)
    check_staff(by, case)
    case.status = check_can(case.status, Act.ESCALATE)
    why_not = why_not_escalate(case)
    if why_not:
        raise NotPossibleError(why_not)
    if not reason.strip():
        raise NotPossibleError("Say in a sentence why the next role should take it.")
    step, to = case.pending[0], above(case.pending[0])
    case.handed_to = case.escalated_to = to
    case.pending = raised(case.pending, to)
    case.assignee = None  # it was somebody's of the lower role
    facts = {"from": step, "to": to, "cause": EscalationCause.HAND.value}
    save_case(case, by=by, at=at, action="case.escalated", facts=facts, private={"reason": reason.strip()})
    _keep_escalation(case, EscalationCause.HAND, step, to, reason.strip(), by, at)
    for held in Assignment.objects.select_for_update(no_key=True).filter(case=case, released_at__isnull=True):
        held.released_at = at
        held.save(update_fields=["released_at"])
    return case


def why_not_escalate(case: Case) -> str:
    """The sentence that says why nobody stands above the case's next step, or ""."""
    if not case.pending:
        return "The route is complete: nothing is left to hand on."
    if above(case.pending[0]):
        return ""
    role = case.pending[0].removeprefix(SECOND)
    where = "is the top of the line" if role in ROLE_ORDER else "stands beside the line"
    return f"The next step is for {label(role)}, which {where}: there is no higher role."


def late_cases(program_id: uuid.UUID, at: datetime) -> QuerySet[Case]:
    """The cases whose next role is to be told at `at`, since they are at risk or breached and it was not told yet."""
    told = Escalation.objects.filter(case=OuterRef("pk"))
    breached = Q(due_at__lte=at) & ~Q(Exists(told.filter(cause=EscalationCause.BREACHED)))
    at_risk = Q(due_at__gt=at) & ~Q(Exists(told.filter(cause=EscalationCause.AT_RISK)))
    rows = Case.objects.filter(program_id=program_id, status__in=RUNNING, paused_at__isnull=True, at_risk_at__lte=at)
    return rows.filter(breached | at_risk).order_by("due_at", "pk")


@transaction.atomic
def escalate_in_time(*, case: Case, at: datetime) -> bool:
    """Tell the next role that a case is at risk or breached, once for each; says whether there was anything to tell.

    The step stays with whose it is (a higher role may take it anyway), and the version stays too: nothing that a
    decision rests on has changed, so nobody who is deciding is sent back.
    """
    case = lock_case(case, None)
    if case.status not in RUNNING or case.paused_at or case.at_risk_at > at or not case.pending:
        return False
    cause = EscalationCause.BREACHED if case.due_at <= at else EscalationCause.AT_RISK
    if case.escalations.filter(cause=cause).exists():
        return False
    step = case.pending[0]
    before = case.escalated_to or step
    role = before.removeprefix(SECOND)
    to = above(before) or (role if role in ROLE_ORDER else "channel_lead")  # beside the line: its lead is told
    case.escalated_to = to
    explain(case, by=None, at=at, reason="case.escalated")
    case.save(update_fields=["escalated_to"])
    record(action="case.escalated", by=None, at=at, subject=case, program_id=case.program_id, case_id=case.pk,
           facts={"from": step, "to": to, "cause": cause.value})  # fmt: skip
    _keep_escalation(case, cause, step, to, "", None, at)
    return True


def _keep_escalation(
    case: Case, cause: EscalationCause, step: str, to: str, reason: str, by: User | None, at: datetime
) -> Escalation:
    return Escalation.objects.create(
        program_id=case.program_id, case=case, cause=cause, from_role=step.removeprefix(SECOND), to_role=to,
        reason=reason, escalated_by=by, escalated_at=at,
    )  # fmt: skip
