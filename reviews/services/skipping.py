"""Passing a case by in the queue: with a coded reason, counted, and not offered to the same person again at once."""

from datetime import datetime

from django.db import transaction

from channelconflict.audit import record
from channelconflict.models import User
from partners.services import NotPossibleError
from reviews.models import Assignment, Case, Skip, SkipReason
from reviews.services.cases import lock_case
from reviews.services.decisions import current_recommendation
from reviews.services.working import check_staff, release_case
from reviews.states import Act, check_can


@transaction.atomic
def skip_case(*, case: Case, reason: str, text: str, by: User, at: datetime, seen_version: int) -> Skip:
    """Pass a case by, and give it back if one has taken it. It comes back with another recommendation, or last of all."""
    case = lock_case(case, seen_version)
    check_staff(by, case)
    check_can(case.status, Act.SKIP)
    if reason not in SkipReason.values:
        raise NotPossibleError("Choose the reason for skipping.")
    if reason == SkipReason.OTHER and not text.strip():
        raise NotPossibleError("Say in a few words why you skip it.")
    skip = Skip.objects.create(
        program_id=case.program_id, case=case, user=by, reason=reason, text=text.strip(),
        recommendation=current_recommendation(case), skipped_at=at,
    )  # fmt: skip
    private = {"text": skip.text} if skip.text else None
    record(action="case.skipped", by=by, at=at, subject=case, program_id=case.program_id, case_id=case.pk,
           facts={"reason": reason}, private=private)  # fmt: skip
    if Assignment.objects.filter(case=case, user=by, released_at__isnull=True).exists():
        release_case(case=case, by=by, at=at)
    return skip
