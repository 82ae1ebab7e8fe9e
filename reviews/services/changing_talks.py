"""Talks under way are changed: the sides get more time, or somebody else facilitates. Every side is told."""

from datetime import datetime

from django.db import transaction

from channelconflict.models import User
from partners.services import LONGEST_TALK, NotPossibleError, save_row
from reviews import talk_notices
from reviews.models import Case, Mediation, MediationSide, MediationStage, MediationStatus, NoticeKind
from reviews.permissions import NotAllowedError, conflict_of_interest, why_no_lead, why_only_reads
from reviews.services.cases import lock_case, move_promises, save_case
from reviews.services.ending_talks import tell_side
from reviews.services.mediation import REMINDED_AT, check_facilitator, talks_to_run
from reviews.services.wording import check_words
from reviews.states import Act, WrongStateError, check_can
from reviews.text import Text


@transaction.atomic
def extend_talks(*, mediation: Mediation, days: int, body: str, by: User, at: datetime, seen_version: int) -> Mediation:
    """Move the deadline by so many open days, before it has passed; `body` is what every side reads of it."""
    case, mediation = talks_to_run(mediation, by, seen_version)
    check_can(case.status, Act.EXTEND_TALKS)
    calendar, before = case.program.calendar, mediation.due_at
    if before <= at:
        raise WrongStateError("The deadline has passed: these talks are ending.")
    if not 1 <= days <= LONGEST_TALK:
        raise NotPossibleError(f"Give the sides 1 to {LONGEST_TALK} open days more.")
    if not body.strip():
        raise NotPossibleError("Say in a sentence why there is more time: every side reads it.")
    check_words(body, case=case)
    due_at = calendar.add_hours(before, days * 24.0)
    left = calendar.hours_between(at, due_at)
    if left > LONGEST_TALK * 24:
        raise NotPossibleError(f"Talks end {LONGEST_TALK} open days from now at the latest: give fewer days.")
    mediation.due_at, mediation.remind_at = due_at, calendar.add_hours(at, left * REMINDED_AT)
    facts = {"mediation": mediation.pk, "from": before.isoformat(), "until": due_at.isoformat()}
    save_case(case, by=by, at=at, action="case.talks_extended", facts=facts, private={"body": body.strip()})
    save_row(mediation, by=by, at=at, action="mediation.extended")
    for side in _sides(mediation):
        side.due_at = due_at
        save_row(side, by=by, at=at, action="talk.extended")
        _tell(side, talk_notices.extended(side, body.strip(), case.program.timezone), at)
    move_promises(case=case, pause=calendar.hours_between(before, due_at), since=at, by=by, at=at)
    return mediation


@transaction.atomic
def change_facilitator(
    *, mediation: Mediation, facilitator: User | None, reason: str, by: User, at: datetime, seen_version: int
) -> Mediation:
    """Let somebody else facilitate, for a reason that no side reads; who facilitated before still does not decide."""
    case = lock_case(mediation.case, seen_version)
    check_can(case.status, Act.CHANGE_FACILITATOR)
    mediation = Mediation.objects.select_for_update(no_key=True, of=("self",)).get(pk=mediation.pk)
    if mediation.status != MediationStatus.OPEN:
        raise WrongStateError(f"These talks are over: {mediation.get_status_display().lower()}.")
    why_not = why_not_change(by, mediation, case)
    if why_not:
        raise NotAllowedError(why_not)
    if facilitator and facilitator.pk == mediation.facilitator_id:
        raise NotPossibleError(f"{facilitator} facilitates already: choose somebody else.")
    check_facilitator(case, facilitator)
    if not reason.strip():
        raise NotPossibleError("Say in a sentence why somebody else facilitates: it goes on the record.")
    facts = {"mediation": mediation.pk, "from": mediation.facilitator_id, "to": facilitator.pk}
    mediation.earlier_facilitators = [*mediation.earlier_facilitators, mediation.facilitator_id]
    mediation.facilitator = facilitator
    save_case(case, by=by, at=at, action="case.facilitator_changed", facts=facts, private={"reason": reason.strip()})
    save_row(mediation, by=by, at=at, action="mediation.facilitator_changed")
    for side in _sides(mediation):
        side.facilitator_name = str(facilitator)
        save_row(side, by=by, at=at, action="talk.facilitator_changed")
        _tell(side, talk_notices.another_facilitator(side, case.program.timezone), at)
    return mediation


def why_not_change(user: User, mediation: Mediation, case: Case) -> str:
    """The sentence that says why `user` may not let somebody else facilitate, or "": who facilitates may, and a lead."""
    if mediation.stage != MediationStage.MEDIATION:
        return "Nobody facilitates these talks."
    if mediation.facilitator_id == user.pk:
        return ""
    only_reads = why_only_reads(user, case)
    if only_reads:
        return only_reads
    if why_no_lead(user, case.program_id):
        return f"{mediation.facilitator} hands it over, or a channel lead or revenue lead does."
    return conflict_of_interest(user, case)


def _sides(mediation: Mediation) -> list[MediationSide]:
    rows = mediation.sides.select_for_update(no_key=True, of=("self",)).select_related("registration", "partner")
    return list(rows.order_by("pk"))


def _tell(side: MediationSide, text: Text, at: datetime) -> None:
    mediated = side.stage == MediationStage.MEDIATION
    tell_side(side, NoticeKind.IN_MEDIATION if mediated else NoticeKind.ASKED_TO_SETTLE, text, at)
