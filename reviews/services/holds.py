"""Interim measures: all claims of a case stay as they are until a day, one person speaks to the buyer, and it reverts.

While a case is held nothing is decided on it, its clock stands, and a protection that would end before the hold does is
lengthened to the hold's end; when the hold ends early, protections end again when they would have.
"""

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from channelconflict.models import User
from conflicts.models import Claim
from partners.models import PENDING, Protection, Registration, RegistrationStatus
from partners.services import NotPossibleError, save_row
from partners.tracker import day
from reviews import interim_notices, sla
from reviews.models import Appeal, AppealStatus, Case, Hold, NoticeKind, Party
from reviews.permissions import NotAllowedError, conflict_of_interest, why_only_reads
from reviews.services.cases import lock_case, move_promises, save_case, tell
from reviews.services.protection import lengthen
from reviews.states import PAUSED, Act, CaseStatus, check_can
from reviews.writeback import outbox

HOLD_DAYS = 10  # open days that a hold lasts unless somebody says otherwise
LONGEST = timedelta(days=92)


def why_no_hold(user: User, case: Case) -> str:
    """The sentence that says why `user` may not put this case on hold, or end its hold: a decider without an interest."""
    return why_only_reads(user, case) or conflict_of_interest(user, case)


@transaction.atomic
def put_on_hold(
    *, case: Case, speaks: User | Party, until: datetime, reason: str, by: User, at: datetime, seen_version: int
) -> Hold:
    """Put all claims of a case on hold; `speaks` is the one person (of the staff, or one side) who speaks to the buyer."""
    case = lock_case(case, seen_version)
    why_not = why_no_hold(by, case)
    if why_not:
        raise NotAllowedError(why_not)
    check_can(case.status, Act.HOLD)
    if case.held_until:
        raise NotPossibleError(f"The claims are on hold already, until {day(case.held_until, case.program.timezone)}.")
    if not reason.strip():
        raise NotPossibleError("Say in a sentence why the claims are put on hold.")
    if not at < until <= at + LONGEST:
        raise NotPossibleError("Choose a day after today, three months from now at the latest.")
    side, person = (speaks, None) if isinstance(speaks, Party) else (None, speaks)
    if side and (side.case_id != case.pk or side.left_at):
        raise NotPossibleError("Only a party of this case, or somebody of the staff, can speak to the buyer.")
    hold = Hold(
        program_id=case.program_id, case=case, reason=reason.strip(), party=side,
        coordinator=person, begun_by=by, begun_at=at, until=until,
    )  # fmt: skip
    check_can(case.status, Act.HOLD)
    case.held_until, case.paused_at = until, case.paused_at or at
    facts = {"hold": hold.pk, "until": until.isoformat(), "speaks": str(speaks.pk)}
    save_case(case, by=by, at=at, action="case.held", facts=facts, private={"reason": hold.reason})
    _lengthen(hold, by, at)
    save_row(hold, by=by, at=at, action="hold.begun", facts={"until": until.isoformat()})
    pause = case.program.calendar.hours_between(at, until)
    _move_promises(case, pause, at, by, at)
    for party in case.parties.filter(left_at__isnull=True).order_by("pk"):
        tell_party_of_hold(hold=hold, party=party, by=by, at=at)
    return hold


@transaction.atomic
def end_hold(*, case: Case, by: User, at: datetime, seen_version: int) -> Hold:
    """End a hold by hand, before its time."""
    why_not = why_no_hold(by, case)
    if why_not:
        raise NotAllowedError(why_not)
    hold = _running(lock_case(case, seen_version))
    if hold is None:
        raise NotPossibleError("The claims are not on hold any more.")
    return _end(hold, by, at)


@transaction.atomic
def let_hold_end(*, hold: Hold, at: datetime) -> bool:
    """The hold's time has come, or its case was closed: it ends by itself. Says whether there was anything to do."""
    case = lock_case(hold.case, None)
    running = _running(case)
    if running is None or running.pk != hold.pk or (running.until > at and case.status != CaseStatus.CLOSED):
        return False
    _end(running, None, at)
    return True


@transaction.atomic
def tell_party_of_hold(*, hold: Hold, party: Party, by: User | None, at: datetime) -> None:
    """A side learns that its claim is on hold, and who speaks to the buyer: nothing of any other side."""
    party.held_until, party.speaker = hold.until, _speaker(hold, party)
    save_row(party, by=by, at=at, action="party.held", facts={"until": hold.until.isoformat()})
    if party.registration:
        text = interim_notices.held(party.registration, hold.until, party.speaker, hold.contact)
        tell(party.partner_id, party.registration, NoticeKind.HELD, text, at)


def _speaker(hold: Hold, party: Party) -> str:
    """Who speaks to the buyer in the words of one side; the other side is never named."""
    if hold.party_id == party.pk:
        return interim_notices.YOURSELF
    if hold.party_id:
        return f"a person whom {hold.contact} of {hold.program.name} has named"
    return f"{hold.contact} of {hold.program.name}"


def _running(case: Case) -> Hold | None:
    rows = Hold.objects.select_for_update(no_key=True, of=("self",)).filter(case=case, ended_at__isnull=True)
    return rows.select_related("case__program", "coordinator", "begun_by").first()


def _claimed(case: Case) -> list[Registration]:
    """The registrations of the case that live, those too which a later conflict took over."""
    parties = Registration.objects.filter(parties__case=case, parties__left_at__isnull=True)
    claims = Registration.objects.filter(claim__conflict=case.conflict_id)
    wanted = {*parties.values_list("pk", flat=True), *claims.values_list("pk", flat=True)}
    return list(Registration.objects.select_for_update(no_key=True).filter(pk__in=wanted).order_by("pk"))


def _lengthen(hold: Hold, by: User, at: datetime) -> None:
    """No protection ends during the hold; where another deal is protected from an end on, that end stays."""
    for registration in _claimed(hold.case):
        ends = registration.protected_until
        if registration.status != RegistrationStatus.APPROVED or not ends or not at < ends < hold.until:
            continue
        before = outbox.fields_of(registration)
        if lengthen(registration=registration, until=hold.until, action="held", by=by, at=at):
            hold.ends_before[str(registration.pk)] = ends.isoformat()
            _write_out(registration, before, hold, "begun", at)


def _end(hold: Hold, by: User | None, at: datetime) -> Hold:
    case = hold.case
    if case.status != CaseStatus.CLOSED:
        check_can(case.status, Act.END_HOLD)
    paused_at, case.held_until = case.paused_at, None
    hours = _run_again(case, paused_at, at) if paused_at else 0.0
    save_case(
        case, by=by, at=at, action="case.hold_ended", facts={"hold": hold.pk, "paused_open_hours": round(hours, 3)}
    )
    hold.ended_at, hold.ended_by = at, by
    save_row(hold, by=by, at=at, action="hold.ended")
    waited = case.program.calendar.hours_between(paused_at, hold.begun_at) if paused_at else 0.0
    if waited > 0:  # it waited for a party before: those hours were not promised yet
        _move_promises(case, waited, paused_at, by, at)
    _revert_protections(hold, by, at)
    for party in case.parties.filter(held_until__isnull=False).order_by("pk"):
        party.held_until, party.speaker = None, ""
        save_row(party, by=by, at=at, action="party.hold_ended")
        if party.registration and party.left_at is None:
            text = interim_notices.hold_ended(party.registration)
            tell(party.partner_id, party.registration, NoticeKind.HOLD_ENDED, text, at)
    _look_again(case, at)
    return hold


def _run_again(case: Case, paused_at: datetime, at: datetime) -> float:
    """The clock that stood goes on with what was left of it; where the case still waits, the pause goes on from here."""
    calendar = case.program.calendar
    if case.status == CaseStatus.APPEALED:
        clock = sla.Due(case.appeal_due_at, case.appeal_at_risk_at)
        due = sla.resumed(clock, paused_at=paused_at, at=at, calendar=calendar)
        case.appeal_due_at, case.appeal_at_risk_at = due.due_at, due.at_risk_at
    else:
        due = sla.resumed(sla.Due(case.due_at, case.at_risk_at), paused_at=paused_at, at=at, calendar=calendar)
        case.due_at, case.at_risk_at = due.due_at, due.at_risk_at
    case.paused_at = at if case.status in PAUSED else None
    return calendar.hours_between(paused_at, at)


def _move_promises(case: Case, pause: float, since: datetime, by: User | None, at: datetime) -> None:
    """What the sides were promised waits with the case: the decision, and the answer to an appeal."""
    move_promises(case=case, pause=pause, since=since, by=by, at=at)
    waiting = Appeal.objects.filter(party__case=case, status__in=(AppealStatus.FILED, AppealStatus.OPEN))
    for appeal in waiting.order_by("pk"):
        appeal.due_at = sla.moved(appeal.due_at, pause, since, case.program.calendar)
        save_row(appeal, by=by, at=at, action="appeal.clock_moved")


def _revert_protections(hold: Hold, by: User | None, at: datetime) -> None:
    """A protection that was lengthened for the hold ends again when it would have, or now if that is past."""
    for key, ends in hold.ends_before.items():
        registration = Registration.objects.select_for_update(no_key=True).get(pk=uuid.UUID(key))
        until = max(datetime.fromisoformat(ends), at)
        same = registration.status == RegistrationStatus.APPROVED and registration.protected_until == hold.until
        if not same or until >= hold.until:
            continue
        before = outbox.fields_of(registration)
        for row in Protection.objects.filter(registration=registration, ended_at__isnull=True).order_by("pk"):
            row.period = DateTimeTZRange(row.period.lower, until)
            save_row(row, by=by, at=at, action="protection.reverted", facts={"until": until})
        registration.protected_until = until
        save_row(registration, by=by, at=at, action="registration.reverted", facts={"until": until})
        _write_out(registration, before, hold, "ended", at)


def _write_out(registration: Registration, before: dict[str, str], hold: Hold, what: str, at: datetime) -> None:
    outbox.enqueue(registration=registration, before=before, case=hold.case, decision=None,
                   version=f"hold:{hold.pk}:{what}", share="", at=at)  # fmt: skip


def _look_again(case: Case, at: datetime) -> None:
    """What was kept as it was is looked at again: a claim that nothing stands against any more was not approved."""
    mine: Any = Claim.objects.filter(conflict=case.conflict_id, registration__status__in=PENDING)
    mine.update(look_again_at=at)


def late_joiners(holds: Iterable[Hold]) -> list[tuple[Party, Hold]]:
    """The sides that joined a case after it was put on hold, and were not told yet, with the hold."""
    running = {hold.case_id: hold for hold in holds}
    rows = Party.objects.filter(case__in=running, left_at__isnull=True, held_until__isnull=True)
    return [(party, running[party.case_id]) for party in rows.select_related("registration").order_by("pk")]
