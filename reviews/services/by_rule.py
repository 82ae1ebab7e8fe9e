"""Approving a case of low risk by the policy's rule: no person chooses, and any partner manager can take it back in time.

Only what the rules recommend, only while nobody has the case in hands, and at most so many a day. Whatever was taken back
goes to people.
"""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q, QuerySet

from conflicts.detectors import detect
from conflicts.facts import from_memo
from conflicts.low_risk import Situation, situation_of, why_not
from conflicts.models import Recommendation
from conflicts.policy import Policy
from conflicts.recommend.confidence import calibrated
from conflicts.recommend.weigh import Case as Weighed
from conflicts.services import InForce, policy_in_force
from partners.models import Program
from reviews.calibrating import bins_of, calibration_in_force
from reviews.concern_states import ConcernStatus
from reviews.models import BY_RULE, Case, Concern, Decision, Message
from reviews.services.cases import StaleCaseError, lock_case
from reviews.services.decisions import check_nobody_left, complete_route, new_decision, recommended_choice
from reviews.states import Act, CaseStatus, check_can

FRESH = timedelta(days=1)  # turned on, a rule decides what comes from then on, and no backlog


@transaction.atomic
def approve_by_rule(*, case: Case, at: datetime) -> Decision | None:
    """Approve a case as its rules recommend, if the live policy lets the product; None where people decide it."""
    Program.objects.select_for_update(no_key=True).get(pk=case.program_id)  # so many a day: counted one at a time
    case = lock_case(case, None)
    in_force = policy_in_force(case.program)
    recommendation = case.conflict.recommendations.filter(superseded_at__isnull=True).select_related("policy").first()
    if recommendation is None or left_today(case.program, in_force.policy, at) < 1:
        return None
    if reasons_against(case, recommendation, in_force, at):
        return None
    choice = recommended_choice(recommendation)
    try:
        check_nobody_left(case)
    except StaleCaseError:
        return None
    if choice is None:
        return None
    rule = in_force.policy.automation.cases.rule
    case.status = check_can(case.status, Act.APPROVE_BY_RULE)
    decision = new_decision(
        case=case, choice=choice, recommendation=recommendation, role=f"{BY_RULE}{rule}", by=None, at=at
    )
    case.pending = []
    facts = {
        "decision": decision.pk, "action": decision.action, "rule": rule, "snapshot": decision.snapshot_sha256,
        "policy": decision.policy_id,
    }  # fmt: skip
    complete_route(case=case, decision=decision, by=None, at=at, action="case.decided_by_rule", facts=facts)
    return decision


def reasons_against(case: Case, recommendation: Recommendation, in_force: InForce, at: datetime) -> tuple[str, ...]:
    """Why people decide a case, in sentences; none when the product may approve it."""
    rule = in_force.policy.automation.cases
    if not rule.approve or recommendation.policy_id != in_force.row.pk:
        return ("The live policy lets people decide it.",)
    return why_not(rule, situation(case, recommendation, in_force.policy, at))


def situation(case: Case, recommendation: Recommendation, policy: Policy, at: datetime) -> Situation:
    """What the policy asks of a case, from the memo of its recommendation and what people do about it."""
    facts, calibration = from_memo(recommendation.facts), calibration_in_force(case.program_id, at)
    measured = calibrated(bins_of(calibration), recommendation.confidence) if calibration else None
    return situation_of(
        Weighed(facts, tuple(detect(facts, policy)), policy),
        action=recommendation.action if recommendation.engine == "rules" and not recommendation.abstained else "",
        owner=str(recommendation.result.get("owner") or ""),
        route=case.route,
        confidence=measured,
        missing=recommendation.result.get("missing") or (),
        hindered_by=_hindered_by(case, recommendation, at),
    )


def _hindered_by(case: Case, recommendation: Recommendation, at: datetime) -> list[str]:
    raised = Concern.objects.exclude(status=ConcernStatus.ANSWERED).filter(
        Q(registration__claim__conflict=case.conflict_id) | Q(review__case=case)
    )
    found = (
        (case.status != CaseStatus.OPEN or case.assignee_id is not None, "Somebody has it in hands."),
        (case.held_until is not None, "Its claims are on hold."),
        (case.decisions.exists(), "It was decided before: people decide it now."),
        (case.notes.exists() or Message.objects.filter(party__case=case).exists(), "People have written about it."),
        (case.conflict.findings.filter(snoozed_until__isnull=False).exists(), "Something of it sleeps."),
        (raised.exists(), "A concern about it is open."),
        (recommendation.made_at <= at - FRESH, "The recommendation is older than a day."),
    )
    return [text for holds, text in found if holds]


def left_today(program: Program, policy: Policy, at: datetime) -> int:
    """How many cases the product may still approve today, in the program's time zone; what was taken back counts."""
    zone = ZoneInfo(program.timezone)
    midnight = datetime.combine(at.astimezone(zone).date(), time(), zone)
    done = Decision.objects.filter(program=program, decided_as__startswith=BY_RULE, decided_at__gte=midnight)
    return policy.automation.cases.a_day - done.count()


def low_risk_candidates(program: Program, policy: Policy, at: datetime) -> QuerySet[Case]:
    """Open cases that may be of low risk by what their rows say; `approve_by_rule` asks the rest."""
    rule = policy.automation.cases
    return Case.objects.filter(
        program=program, status=CaseStatus.OPEN, assignee__isnull=True, held_until__isnull=True, decisions__isnull=True,
        route__len=1, kind__in=rule.kinds, amount__lte=rule.amount_at_most,
        conflict__recommendations__superseded_at__isnull=True, conflict__recommendations__action="award",
        conflict__recommendations__abstained=False, conflict__recommendations__made_at__gt=at - FRESH,
    ).order_by("opened_at", "pk")  # fmt: skip
