"""The sweep's look at whose case it is: who is away hands on, and where the program says so new cases find somebody."""

from datetime import datetime

from django.db.models import Q
from django.utils import timezone

from channelconflict.scope import staff_of
from partners.models import Program
from partners.permissions import deciders
from reviews.models import Case
from reviews.services.team import away_on, hand_on, is_automatic, load_of, today
from reviews.states import ACTIVE

MOST = 500  # cases a look; the next minute goes on


def hand_out_cases(program: Program, at: datetime | None = None) -> int:
    """Give on what absent people have, and give out what nobody has; says how many cases changed hands."""
    at = at or timezone.now()
    with staff_of(program.pk):
        automatic = is_automatic(program)
        away = away_on(program, today(program, at))
        wanted = Q(assignee__in=away) | (Q(assignee__isnull=True) if automatic else Q(pk__in=[]))
        rows = Case.objects.filter(wanted, program=program, status__in=[status.value for status in ACTIVE])
        cases = list(rows.order_by("due_at", "number")[:MOST])
        people = deciders(program) if cases else []
        load = load_of(program) if cases else None
    moved = 0
    for case in cases:
        before = case.assignee_id
        with staff_of(program.pk):
            given = hand_on(case=case, people=people, load=load or {}, automatic=automatic, at=at)
        if given.assignee_id != before and load is not None:
            moved += 1
            load[given.assignee_id] += given.assignee_id is not None
    return moved
