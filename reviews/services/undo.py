"""The minutes after the last approval: nothing has left yet, so a decider takes it back, sends it now, or its time comes."""

from datetime import datetime
from typing import Any

from django.db import transaction

from channelconflict.models import User
from partners.permissions import roles_in
from partners.services import NotPossibleError
from reviews.models import Approval, Case, Decision, TakenBackFor
from reviews.permissions import NotAllowedError, conflict_of_interest
from reviews.routing import ROLE_ORDER
from reviews.services.cases import StaleCaseError, lock_case, look_anew, save_case, take_back, whole_route
from reviews.services.decisions import check_nobody_left, choice_of, current_recommendation, standing_decision
from reviews.services.settling import carry_out
from reviews.services.working import check_staff, claim_case
from reviews.states import Act, CaseStatus, check_can

NOT_YOURS = "Only those who decided the case can undo it or send it now."


@transaction.atomic
def undo_decision(*, case: Case, by: User, at: datetime, seen_version: int) -> Case:
    """Take a decision back before it leaves: the case is in review again, with whoever undid it, on its old clock.

    Any decider of the route may, until `settles_at`. The decision stays on the record as taken back.
    """
    case = _decided(case, by, seen_version)
    if case.settles_at <= at:
        raise NotPossibleError(f"{case.ref} is leaving: it could be undone until {case.settles_at:%H:%M} UTC.")
    take_back(case=case, act=Act.UNDO, cause=TakenBackFor.UNDONE, by=by, at=at)
    case.pending = whole_route(case)
    save_case(case, by=by, at=at, action="case.undone")
    claim_case(case=case, by=by, at=at)
    return case


@transaction.atomic
def settle_case(*, case: Case, by: User | None, at: datetime, seen_version: int | None = None) -> Case:
    """Let a decided case leave: by a decider (`by`) at once, by the product when its time has come.

    A worker may come twice, or too early: then nothing happens. What was decided on other facts than those that hold
    now does not leave: the case goes back into review.
    """
    case = _decided(case, by, seen_version) if by else lock_case(case, None)
    if case.status != CaseStatus.SETTLING or (by is None and case.settles_at > at):
        return case
    decision = _sound_decision(case)
    if decision is None:
        look_anew(case=case, at=at)
        return save_case(case, by=None, at=at, action="case.not_sent")
    carry_out(case=case, decision=decision, choice=choice_of(decision), by=by, at=at)
    return case


def why_not_undo(user: Any, case: Case) -> str:
    """The sentence that says why `user` may neither undo nor send a decided case, or ""."""
    standing = case.decisions.filter(taken_back__isnull=True).order_by("-number").first()
    if standing is not None and standing.is_by_rule:
        return why_no_say(user, case)
    mine = Approval.objects.filter(decision__taken_back__isnull=True, case=case, approved_by=user)
    return "" if mine.exists() else NOT_YOURS


def why_no_say(user: Any, case: Case) -> str:
    """The sentence that says why `user` may not take back what the policy's rule decided, or send it now; or ""."""
    if not roles_in(user, case.program_id) & set(ROLE_ORDER):
        return "A partner manager, or a higher role, can take back what was decided by rule."
    return conflict_of_interest(user, case)


def _decided(case: Case, by: User, seen_version: int | None) -> Case:
    """The case, locked, if `by` may still say what becomes of its decision."""
    locked = lock_case(case, None)
    check_staff(by, locked)
    if locked.decided_at:
        raise NotPossibleError(
            f"{locked.ref} left at {locked.decided_at:%-d %b %Y %H:%M} UTC: its parties may have read it, so it stands."
        )
    check_can(locked.status, Act.SETTLE)
    why_not = why_not_undo(by, locked)
    if why_not:
        raise NotAllowedError(why_not)
    return lock_case(locked, seen_version)


def _sound_decision(case: Case) -> Decision | None:
    """What was decided, if everything that it was decided on still holds."""
    try:
        check_nobody_left(case)
    except StaleCaseError:
        return None
    return standing_decision(case, current_recommendation(case))
