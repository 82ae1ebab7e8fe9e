"""The team's page: who is away, who has how many cases, what is passed by; and who could get a case."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Max

from channelconflict.models import User
from conflicts.wording import listing
from partners.models import Program
from partners.permissions import deciders, roles_in
from reviews.desk.words import day_of
from reviews.models import Absence, Assignment, Case, Skip, SkipReason
from reviews.permissions import next_step, why_no_lead
from reviews.services.decisions import current_recommendation, standing_decision
from reviews.services.team import away_on, is_automatic, load_of, today
from reviews.states import UNDECIDED

LATELY = timedelta(days=30)
PAGE, PASSED = 50, 10


@dataclass(frozen=True)
class AwayLine:
    """An absence, and whether the reader may take it back."""

    absence: Absence
    days: str
    now: bool
    mine: bool


@dataclass(frozen=True)
class PersonLine:
    """One person: what they have, what they passed by lately and why mostly, and until when they are away."""

    person: User
    roles: str
    assigned: int
    taken: int
    skipped: int
    why: str
    away: str


@dataclass(frozen=True)
class TeamPage:
    """The whole page; the tables are for leads."""

    program: Program
    programs: list[Program]
    leads: bool
    automatic: bool
    away: list[AwayLine]
    people: list[PersonLine]
    page: Page | None
    passed: list[Any]
    choices: list[User]


def team_page(user: Any, program: Program, programs: list[Program], number: str, now: datetime) -> TeamPage:
    """The page for `user`, in a fixed number of queries."""
    leads = not why_no_lead(user, program.pk)
    team = deciders(program)
    page = Paginator(team, PAGE).get_page(number) if leads else None
    return TeamPage(
        program=program,
        programs=programs,
        leads=leads,
        automatic=is_automatic(program),
        away=_away(user, program, now, leads=leads),
        people=_people(list(page), program, now) if page else [],
        page=page,
        passed=_passed_by(program, now) if leads else [],
        choices=team,
    )


def _away(user: Any, program: Program, now: datetime, *, leads: bool) -> list[AwayLine]:
    day = today(program, now)
    rows = Absence.objects.filter(program=program, ended_at__isnull=True, until_on__gte=day)
    return [
        AwayLine(
            row, f"{day_of(row.from_on)} to {day_of(row.until_on)}", row.from_on <= day, leads or row.user_id == user.pk
        )
        for row in rows.select_related("user", "substitute").order_by("from_on", "pk")
    ]


def _people(team: list[User], program: Program, now: datetime) -> list[PersonLine]:
    load, away = load_of(program), away_on(program, today(program, now))
    held = Assignment.objects.filter(program=program, released_at__isnull=True, lease_until__gt=now)
    taken = Counter(dict(held.values_list("user").annotate(n=Count("pk")).order_by()))
    skips: dict[Any, Counter[str]] = {}
    lately = Skip.objects.filter(program=program, skipped_at__gt=now - LATELY)
    for person, reason, n in lately.values_list("user", "reason").annotate(n=Count("pk")).order_by():
        skips.setdefault(person, Counter())[reason] = n
    return [
        PersonLine(
            person=person,
            roles=listing(role.label.lower() for role in sorted(roles_in(person, program.pk))),
            assigned=load[person.pk],
            taken=taken[person.pk],
            skipped=sum(skips.get(person.pk, Counter()).values()),
            why=_mostly(skips.get(person.pk)),
            away=f"until {day_of(away[person.pk].until_on)}" if person.pk in away else "",
        )
        for person in team
    ]


def _mostly(reasons: Counter[str] | None) -> str:
    if not reasons:
        return ""
    reason = min(reasons, key=lambda code: (-reasons[code], code))
    return str(SkipReason(reason).label).lower()


def _passed_by(program: Program, now: datetime) -> list[Any]:
    """The undecided cases that were passed by most often lately."""
    rows = Case.objects.filter(program=program, status__in=UNDECIDED, skips__skipped_at__gt=now - LATELY)
    counted = rows.annotate(times=Count("skips"), by=Count("skips__user", distinct=True), last=Max("skips__skipped_at"))
    return list(counted.select_related("account").order_by("-times", "due_at", "number")[:PASSED])


@dataclass(frozen=True)
class Candidate:
    """Somebody who could get a case: how many they have, or why not."""

    person: User
    load: int
    why_not: str


def candidates(case: Case, now: datetime) -> list[Candidate]:
    """Everybody who decides in the program: who may get the case first, the fewest cases on top."""
    away, load = away_on(case.program, today(case.program, now)), load_of(case.program)
    standing = standing_decision(case, current_recommendation(case))
    found = []
    for person in deciders(case.program):
        gone = f"Away until {day_of(away[person.pk].until_on)}." if person.pk in away else ""
        found.append(Candidate(person, load[person.pk], gone or next_step(person, case, standing).why_not))
    return sorted(found, key=lambda c: (bool(c.why_not), c.load, str(c.person)))
