"""Who works on a case, and the notes they keep."""

from datetime import datetime, timedelta

from django.db import transaction

from channelconflict.audit import record
from channelconflict.models import User
from partners.services import NotPossibleError
from reviews.models import Assignment, Case, WorkNote
from reviews.permissions import NotAllowedError, why_only_reads
from reviews.services.cases import lock_case, save_case, whole_route
from reviews.states import Act, check_can

LEASE = timedelta(minutes=10)


@transaction.atomic
def claim_case(*, case: Case, by: User, at: datetime) -> Assignment:
    """Take a case to work on it, for ten minutes at a time; another's running lease is respected."""
    case = lock_case(case, None)
    check_staff(by, case)
    following = check_can(case.status, Act.CLAIM)
    held = (
        Assignment.objects.select_for_update(no_key=True, of=("self",))
        .filter(case=case, released_at__isnull=True)
        .select_related("user")
        .first()
    )
    if held and held.user_id == by.pk:
        held.lease_until = at + LEASE
        held.save(update_fields=["lease_until"])
        return held
    if held and held.lease_until > at:
        raise NotPossibleError(f"{held.user} is working on {case.ref} until {held.lease_until:%H:%M} UTC.")
    if held:
        held.released_at = at
        held.save(update_fields=["released_at"])
    if case.status != following:
        case.status = following
        save_case(case, by=by, at=at, action="case.claimed")
    else:
        record(action="case.claimed", by=by, at=at, subject=case, program_id=case.program_id, case_id=case.pk)
    return Assignment.objects.create(
        program_id=case.program_id, case=case, user=by, taken_at=at, lease_until=at + LEASE
    )


@transaction.atomic
def release_case(*, case: Case, by: User, at: datetime) -> None:
    """Give a case back to the queue."""
    case = lock_case(case, None)
    held = (
        Assignment.objects.select_for_update(no_key=True).filter(case=case, user=by, released_at__isnull=True).first()
    )
    if held is None:
        raise NotPossibleError(f"You are not working on {case.ref}.")
    following = check_can(case.status, Act.RELEASE)
    held.released_at = at
    held.save(update_fields=["released_at"])
    if case.pending == whole_route(case):  # a route that has begun stays in review
        case.status = following
    save_case(case, by=by, at=at, action="case.released")


@transaction.atomic
def add_note(*, case: Case, text: str, by: User, at: datetime) -> WorkNote:
    """Add an internal note; no party ever sees it."""
    check_staff(by, case)
    if not text.strip():
        raise NotPossibleError("A note needs some text.")
    note = WorkNote.objects.create(program_id=case.program_id, case=case, author=by, text=text.strip(), written_at=at)
    record(action="case.noted", by=by, at=at, subject=case, program_id=case.program_id, case_id=case.pk,
           private={"text": note.text})  # fmt: skip
    return note


def check_staff(by: User, case: Case) -> None:
    """Refuse whoever only reads this case."""
    sentence = why_only_reads(by, case)
    if sentence:
        raise NotAllowedError(sentence)
