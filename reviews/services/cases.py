"""A case from its opening to its decision: what it is about, its parties, its versions and its clock."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection, transaction

from channelconflict.audit import explain, record
from channelconflict.models import User
from conflicts.models import Conflict
from partners.models import PENDING, Registration, RegistrationStatus
from partners.services import save_row
from reviews import sla
from reviews.models import Assignment, Case, Message, Notice, NoticeKind, Party, TakenBack, TakenBackFor
from reviews.routing import raised
from reviews.services.frames import put_notice
from reviews.services.plan import LIVE
from reviews.states import UNSETTLED, Act, CaseStatus, check_can
from reviews.text import Text

# Whoever sleeps or talks was promised a later time at once: when that ends at the latest is known.
PROMISED_AHEAD = (Act.WAKE, Act.AGREE, Act.END_TALKS)


class StaleCaseError(Exception):
    """The case changed since the user saw it; the text says what to do, and nothing was saved."""


@dataclass(frozen=True)
class CaseShape:
    """What detection says a case is about: its parties' claims, what is at stake, and who must approve."""

    kind: str
    product_lines: tuple[str, ...]
    amount: Decimal | None
    route: tuple[str, ...]
    registration_ids: tuple[uuid.UUID, ...]
    claimants: tuple[uuid.UUID | None, ...]  # partners, None = the direct team; also those who hold without registering
    hours: float = 48  # the policy's promise, in open hours
    at_risk_pct: int = 75

    @property
    def told(self) -> tuple[str, list[str], Decimal | None, list[str]]:
        """What the case's own row says: kind, products, amount, route."""
        return self.kind, list(self.product_lines), self.amount, list(self.route)

    def is_of(self, case: Case) -> bool:
        """Whether the case's own row says the same."""
        return self.told == (case.kind, case.product_lines, case.amount, case.route)

    def parties(self, registrations: Iterable[Registration]) -> dict[uuid.UUID | None, Registration | None]:
        """Who is a party, with its first registration, if it has one (`registrations` are those of the claim set)."""
        found: dict[uuid.UUID | None, Registration | None] = {}
        for registration in sorted(registrations, key=lambda r: (r.submitted_at, r.pk)):
            found.setdefault(registration.partner_id, registration)
        return found | {claimant: None for claimant in self.claimants if claimant not in found}


@transaction.atomic
def keep_case(*, conflict: Conflict, shape: CaseShape, at: datetime) -> Case:
    """Open the conflict's case, or bring its open one up to date: new parties join, gone ones leave."""
    case = Case.objects.select_for_update(no_key=True).filter(conflict=conflict, status__in=UNSETTLED).first()
    if case is None:
        case = _open(conflict, shape, at)
    else:
        _reassess(case, shape, at)
    moved = _keep_parties(case, shape, at)
    if moved and case.version > 1:
        if case.status == CaseStatus.SETTLING:
            look_anew(case=case, at=at)
        save_case(case, by=None, at=at, action="case.parties_changed")  # who saw other parties must look again
    for registration in Registration.objects.filter(pk__in=shape.registration_ids, status=RegistrationStatus.SUBMITTED):
        registration.status, registration.assessed_at = RegistrationStatus.IN_REVIEW, at
        save_row(registration, by=None, at=at, action="registration.in_review")
    return _stop_waiting_for_the_gone(case, at)


def _open(conflict: Conflict, shape: CaseShape, at: datetime) -> Case:
    calendar = conflict.program.calendar
    with connection.cursor() as cursor:
        cursor.execute("select nextval('reviews_case_number_seq')")
        number = cursor.fetchone()[0]
    pending = Registration.objects.filter(pk__in=shape.registration_ids, status__in=PENDING, due_at__isnull=False)
    due = sla.opened(at, hours=shape.hours, at_risk_pct=shape.at_risk_pct, calendar=calendar,
                     promised=pending.values_list("due_at", flat=True))  # fmt: skip
    case = Case(
        program_id=conflict.program_id,
        conflict=conflict,
        number=number,
        account_id=conflict.account_id,
        kind=shape.kind,
        product_lines=list(shape.product_lines),
        amount=shape.amount,
        route=list(shape.route),
        pending=list(shape.route),
        opened_at=at,
        due_at=due.due_at,
        at_risk_at=due.at_risk_at,
    )
    return save_case(case, by=None, at=at, action="case.opened", facts={"kind": shape.kind, "route": list(shape.route)})


def _reassess(case: Case, shape: CaseShape, at: datetime) -> None:
    if shape.is_of(case):
        return
    case.kind, case.product_lines, case.amount, case.route = shape.told
    look_anew(case=case, at=at)
    save_case(case, by=None, at=at, action="case.reassessed", facts={"kind": case.kind, "route": case.route})


def restart_route(*, case: Case, at: datetime) -> None:
    """New evidence made the recommendation another one: approvals given so far are stale."""
    look_anew(case=case, at=at)
    save_case(case, by=None, at=at, action="case.recommendation_changed", facts={"route": case.route})


@transaction.atomic
def look_anew(*, case: Case, at: datetime) -> None:
    """Approvals were given on other facts: the route begins again, and a decision that has not left is taken back.

    Changes the case without saving it."""
    if case.status == CaseStatus.SETTLING:
        take_back(case=case, act=Act.REASSESS, cause=_what_changed(case), by=None, at=at)
    else:
        case.status = check_can(case.status, Act.REASSESS)
    case.pending = whole_route(case)


def whole_route(case: Case) -> list[str]:
    """Every step that a case takes anew: its route, with lower steps at whom it was handed to."""
    return raised(case.route, case.handed_to)


@transaction.atomic
def take_back(*, case: Case, act: Act, cause: TakenBackFor, by: User | None, at: datetime) -> None:
    """Keep beside a decision that it never left, and why. Changes the case without saving it."""
    case.status, case.settles_at = check_can(case.status, act), None
    latest = case.decisions.order_by("-number").first()
    TakenBack.objects.create(program_id=case.program_id, decision=latest, cause=cause, by=by, at=at)
    record(action="decision.taken_back", by=by, at=at, subject=latest, program_id=case.program_id, case_id=case.pk,
           facts={"cause": cause})  # fmt: skip


def _what_changed(case: Case) -> TakenBackFor:
    """What a party did since the decision, if that is why it cannot leave."""
    registrations = Registration.objects.filter(claim__conflict=case.conflict_id)
    if registrations.exclude(status__in=LIVE).exists():
        return TakenBackFor.CLAIM_ENDED
    decided = case.decisions.order_by("-number").values_list("decided_at", flat=True).first()
    joined = registrations.filter(submitted_at__gt=decided).exists()
    return TakenBackFor.CLAIM_JOINED if joined else TakenBackFor.OTHER_FACTS


def save_case(
    case: Case,
    *,
    by: User | None,
    at: datetime,
    action: str,
    facts: Mapping[str, Any] | None = None,
    private: Mapping[str, str] | None = None,
) -> Case:
    """Save a case as its next version, with history and a link in its chain."""
    if not case._state.adding:
        case.version += 1
    explain(case, by=by, at=at, reason=action)
    case.save()
    record(action=action, by=by, at=at, subject=case, program_id=case.program_id, case_id=case.pk,
           facts={"version": case.version, "status": case.status, **(facts or {})}, private=private)  # fmt: skip
    return case


def _keep_parties(case: Case, shape: CaseShape, at: datetime) -> bool:
    """Parties join and leave with their claims; says whether any did."""
    first_by = shape.parties(Registration.objects.filter(pk__in=shape.registration_ids))
    known = {party.partner_id: party for party in case.parties.all()}
    changed = False
    for partner_id, registration in first_by.items():
        party = known.pop(partner_id, None) or Party(
            program_id=case.program_id, case=case, partner_id=partner_id, direct=partner_id is None, joined_at=at
        )
        if party._state.adding or party.left_at or party.registration_id != (registration and registration.pk):
            party.registration, party.left_at, changed = registration, None, True
            save_row(party, by=None, at=at, action="party.joined")
    for party in known.values():
        if party.left_at is None:
            party.left_at, changed = at, True
            save_row(party, by=None, at=at, action="party.left")
    return changed


def _stop_waiting_for_the_gone(case: Case, at: datetime) -> Case:
    """A question to a party that left, or withdrew, is answered by nobody: the clock does not wait for it."""
    if case.status != CaseStatus.AWAITING_INFORMATION:
        return case
    asked = Message.objects.filter(party__case=case, from_party=False, answered_at__isnull=True)
    asked.exclude(registration__status=RegistrationStatus.ACTION_REQUIRED).update(answered_at=at)
    return case if asked.exists() else run_again(case=case, act=Act.ANSWER, by=None, at=at)


@transaction.atomic
def dissolve_case(*, conflict: Conflict, at: datetime) -> None:
    """Close the conflict's open case: nothing stands against anybody any more."""
    case = Case.objects.select_for_update(no_key=True).filter(conflict=conflict, status__in=UNSETTLED).first()
    if case is None:
        return
    if case.status == CaseStatus.SETTLING:
        take_back(case=case, act=Act.DISSOLVE, cause=_what_changed(case), by=None, at=at)
    else:
        case.status = check_can(case.status, Act.DISSOLVE)
    case.closed_at, case.paused_at = at, None
    save_case(case, by=None, at=at, action="case.dissolved")
    Assignment.objects.filter(case=case, released_at__isnull=True).update(released_at=at)


def lock_case(case: Case, seen_version: int | None) -> Case:
    """The case's row, locked; refused when it is not the version that the user saw."""
    locked = (
        Case.objects.select_for_update(no_key=True, of=("self", "conflict"))
        .select_related("conflict", "program")
        .get(pk=case.pk)
    )
    if seen_version is not None and locked.version != seen_version:
        raise StaleCaseError(
            f"{locked.ref} changed while you were looking at it (version {locked.version}, you saw {seen_version}). "
            "Nothing was saved: look at what changed and decide again."
        )
    # Registrations before any audit chain, as the pipeline does: two locks in two orders would wait for each other.
    mine = Registration.objects.filter(claim__conflict=locked.conflict_id).order_by("pk")
    list(mine.select_for_update(no_key=True, of=("self",)).values_list("pk"))
    return locked


def tell(
    partner_id: uuid.UUID | None, registration: Registration, kind: NoticeKind, text: Text, at: datetime
) -> Notice:
    """Put a notice into a party's portal."""
    return put_notice(
        program_id=registration.program_id,
        partner_id=partner_id,
        kind=kind,
        text=text,
        at=at,
        registration=registration,
    )


@transaction.atomic
def run_again(*, case: Case, act: Act, by: User | None, at: datetime) -> Case:
    """Start a paused clock: the due time moves by the open hours of the pause. On hold it stands on until that ends."""
    if case.held_until:
        case.status = check_can(case.status, act)
        return save_case(case, by=by, at=at, action="case.answered_on_hold")
    calendar, paused_at = case.program.calendar, case.paused_at
    due = sla.resumed(sla.Due(case.due_at, case.at_risk_at), paused_at=paused_at, at=at, calendar=calendar)
    case.due_at, case.at_risk_at = due.due_at, due.at_risk_at
    case.status, case.paused_at = check_can(case.status, act), None
    pause = calendar.hours_between(paused_at, at)
    save_case(case, by=by, at=at, action="case.resumed", facts={"paused_open_hours": round(pause, 3)})
    if act not in PROMISED_AHEAD:
        move_promises(case=case, pause=pause, since=paused_at, by=by, at=at)
    return case


@transaction.atomic
def move_promises(*, case: Case, pause: float, since: datetime, by: User | None, at: datetime) -> None:
    """What the parties of a case were promised waits with it, by so many open hours."""
    for registration in Registration.objects.filter(claim__conflict=case.conflict_id, status__in=PENDING):
        if registration.due_at:
            registration.due_at = sla.moved(registration.due_at, pause, since, case.program.calendar)
            save_row(registration, by=by, at=at, action="registration.clock_moved")
