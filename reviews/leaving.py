"""Decided cases leave when their minutes are over, once the facts were looked at a last time. Workers may come twice."""

import logging
from datetime import datetime

from channelconflict.models import User
from channelconflict.scope import staff_of
from conflicts.models import Claim
from partners.models import Program
from reviews.examining import examine
from reviews.models import Case
from reviews.services.undo import settle_case, why_not_undo
from reviews.states import CaseStatus

log = logging.getLogger(__name__)


def settle_due(program: Program, at: datetime) -> None:
    """Let leave what is due in a program, each case in a transaction of its own.

    One case's trouble does not keep the others waiting: it is logged, and tried again at the next sweep.
    """
    with staff_of(program.pk):
        due = list(Case.objects.filter(program=program, status=CaseStatus.SETTLING, settles_at__lte=at).order_by("pk"))
    for case in due:
        try:
            settle(case, by=None, at=at)
        except Exception:
            log.exception("%s could not leave", case.ref)


def settle(case: Case, *, by: User | None, at: datetime, seen_version: int | None = None) -> Case:
    """Look at a decided case's facts once more, then let it leave, in one transaction; by a decider before its time.

    The case is DECIDED if it left; IN_REVIEW or CLOSED if other facts took the decision back.
    """
    with staff_of(case.program_id, by=by):
        now = Case.objects.select_related("program").get(pk=case.pk)
        if now.status == CaseStatus.SETTLING and not (by and why_not_undo(by, now)):
            claims = Claim.objects.filter(conflict=now.conflict_id)
            examine(now.program, {now.account_id, *claims.values_list("account_id", flat=True)}, at)
            now.refresh_from_db()
            if now.status != CaseStatus.SETTLING:
                return now
        return settle_case(case=now, by=by, at=at, seen_version=seen_version)
