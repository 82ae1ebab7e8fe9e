"""Whose case it is: assigned by a lead or by itself to whom has the fewest; and who is away, and who stands in."""

import uuid
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Count

from channelconflict.audit import explain, record
from channelconflict.models import User
from partners.models import Program
from partners.permissions import roles_in
from partners.services import NotPossibleError, save_row
from reviews.models import Absence, AssignmentRule, Case
from reviews.permissions import NotAllowedError, next_step, why_no_lead
from reviews.services.cases import lock_case
from reviews.services.decisions import current_recommendation, standing_decision
from reviews.states import ACTIVE, Act, check_can

FARTHEST = timedelta(days=366)


@transaction.atomic
def assign_case(*, case: Case, to: User | None, by: User, at: datetime, seen_version: int) -> Case:
    """Make a case somebody's, or nobody's again; a lead says so, and only who may decide it and is here gets it."""
    case = lock_case(case, seen_version)
    why_not = why_no_lead(by, case.program_id)
    if why_not:
        raise NotAllowedError(why_not)
    check_can(case.status, Act.ASSIGN)
    if to is not None:
        why_not = why_not_for(case, to, away_on(case.program, today(case.program, at)))
        if why_not:
            raise NotPossibleError(f"{to} cannot get it. {why_not}")
    return _assign(case, to, by, at, "by hand")


@transaction.atomic
def hand_on(*, case: Case, people: list[User], load: Mapping[uuid.UUID, int], automatic: bool, at: datetime) -> Case:
    """The product gives a case to the substitute of who is away, else to who has the fewest, else to nobody.

    `people` are those who decide in the program (`partners.permissions.deciders`), `load` their open cases.
    """
    case = lock_case(case, None)
    if case.status not in ACTIVE:
        return case
    away = away_on(case.program, today(case.program, at))
    gone = away.get(case.assignee_id) if case.assignee_id else None
    if case.assignee_id and gone is None:
        return case
    stands_in = next((p for p in people if gone and p.pk == gone.substitute_id), None)
    if stands_in and not why_not_for(case, stands_in, away):
        return _assign(case, stands_in, None, at, "substitute")
    chosen = least_loaded(case, people, load, away) if automatic else None
    if chosen is None and case.assignee_id is None:
        return case
    return _assign(case, chosen, None, at, "away" if gone else "fewest cases")


def least_loaded(
    case: Case, people: Iterable[User], load: Mapping[uuid.UUID, int], away: Mapping[uuid.UUID, Absence]
) -> User | None:
    """Who of those that may take the next step has the fewest open cases; who holds the very role comes first."""
    wanted = case.pending[0] if case.pending else ""
    ordered = sorted(
        people, key=lambda p: (wanted not in roles_in(p, case.program_id), load.get(p.pk, 0), str(p), str(p.pk))
    )
    return next((person for person in ordered if not why_not_for(case, person, away)), None)


def why_not_for(case: Case, person: User, away: Mapping[uuid.UUID, Absence]) -> str:
    """Why a case is not given to somebody, or "": they may not decide it, or they are away."""
    if person.pk in away:
        return f"They are away until {away[person.pk].until_on:%-d %b %Y}."
    return next_step(person, case, standing_decision(case, current_recommendation(case))).why_not


def _assign(case: Case, to: User | None, by: User | None, at: datetime, why: str) -> Case:
    """Whose it is changes nothing of what is decided: the version that others saw stays."""
    case.assignee = to
    explain(case, by=by, at=at, reason="case.assigned")
    case.save()
    record(action="case.assigned", by=by, at=at, subject=case, program_id=case.program_id, case_id=case.pk,
           facts={"to": to.pk if to else None, "because_of": why})  # fmt: skip
    return case


@transaction.atomic
def record_absence(
    *, program: Program, user: User, from_on: date, until_on: date, substitute: User | None, by: User, at: datetime
) -> Absence:
    """Say that somebody is away, both days included: oneself, or a lead for another. Their cases are handed on."""
    _check_may_say(by, user, program.pk)
    if not roles_in(user, program.pk):
        raise NotPossibleError(f"{user} decides nothing in this program.")
    if until_on < from_on:
        raise NotPossibleError("The last day comes before the first: choose it later.")
    if until_on < today(program, at) or from_on > today(program, at) + FARTHEST:
        raise NotPossibleError("Choose days that are not over, and that begin within a year from now.")
    if substitute and (substitute.pk == user.pk or not roles_in(substitute, program.pk)):
        raise NotPossibleError("Choose as substitute somebody else who decides in this program.")
    absence = Absence(
        program=program, user=user, from_on=from_on, until_on=until_on, substitute=substitute, entered_at=at
    )
    facts = {"user": user.pk, "from": from_on, "until": until_on, "substitute": substitute and substitute.pk}
    return save_row(absence, by=by, at=at, action="absence.recorded", facts=facts)


@transaction.atomic
def end_absence(*, absence: Absence, by: User, at: datetime) -> Absence:
    """Back early, or not away after all. Cases that were handed on stay where they are."""
    absence = Absence.objects.select_for_update(no_key=True).get(pk=absence.pk)
    _check_may_say(by, absence.user, absence.program_id)
    if absence.ended_at:
        raise NotPossibleError("This absence is over already.")
    absence.ended_at = at
    return save_row(absence, by=by, at=at, action="absence.ended")


def _check_may_say(by: User, user: User, program_id: uuid.UUID) -> None:
    why_not = "" if by.pk == user.pk else why_no_lead(by, program_id)
    if why_not or not roles_in(by, program_id):
        raise NotAllowedError(why_not or "You decide nothing in this program.")


@transaction.atomic
def set_automatic(*, program: Program, automatic: bool, by: User, at: datetime) -> AssignmentRule:
    """Whether the program's cases are assigned by themselves; a lead says so."""
    why_not = why_no_lead(by, program.pk)
    if why_not:
        raise NotAllowedError(why_not)
    rule = AssignmentRule.objects.select_for_update(no_key=True).filter(program=program).first()
    rule = rule or AssignmentRule(program=program)
    rule.automatic, rule.changed_at = automatic, at
    return save_row(rule, by=by, at=at, action="assignment.rule_changed", facts={"automatic": automatic})


def is_automatic(program: Program) -> bool:
    """Whether cases are assigned by themselves."""
    return AssignmentRule.objects.filter(program=program, automatic=True).exists()


def today(program: Program, at: datetime) -> date:
    """The day in the program's time zone."""
    return at.astimezone(ZoneInfo(program.timezone)).date()


def away_on(program: Program, day: date) -> dict[uuid.UUID, Absence]:
    """Who is away on a day, with the absence that ends last."""
    rows = Absence.objects.filter(program=program, ended_at__isnull=True, from_on__lte=day, until_on__gte=day)
    return {row.user_id: row for row in rows.order_by("until_on", "pk")}


def load_of(program: Program) -> Counter[uuid.UUID]:
    """How many open cases are assigned to whom."""
    rows = Case.objects.filter(program=program, status__in=[s.value for s in ACTIVE], assignee__isnull=False)
    return Counter(dict(rows.values_list("assignee").annotate(n=Count("pk")).order_by()))
