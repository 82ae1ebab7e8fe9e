"""First opinions as a part of another query: those that were said, and which cases of a list wait for the reader's own.

The second is services.asked_first for many rows. It hides also from who is barred by an interest, and where the sides
agreed in talks: a line of a list then says less than its page.
"""

import uuid
from collections.abc import Iterable
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, Case, CharField, Exists, F, Func, OuterRef, Q, Value, When
from django.db.models.functions import Cast, Coalesce, Concat, JSONObject, NullIf
from django.db.models.lookups import LessThan

from partners.models import Program
from partners.permissions import programs_of, roles_in, visible
from reviews.first_opinion import DRAWS, threshold
from reviews.models import Approval, FirstOpinion
from reviews.models import Case as ReviewCase
from reviews.routing import BESIDE, ROLE_ORDER, SECOND, role_for
from reviews.states import UNDECIDED


def opinions() -> ArraySubquery:
    """The first opinions on the outer query's case, the earlier first, as one value: no query of their own."""
    name = Coalesce(NullIf("user__display_name", Value("")), "user__username")
    fields = {
        key: F(key) for key in ("user_id", "action", "owner_id", "owner_direct", "letter", "text", "agreed", "said_at")
    }
    rows = FirstOpinion.objects.filter(case=OuterRef("pk")).order_by("said_at", "pk")
    return ArraySubquery(rows.values(json=JSONObject(name=name, **fields)))


def owed(user: Any, programs: Iterable[Program]) -> Case:
    """Whether a case of these programs waits for a first opinion of `user`, as a value of its row."""
    conditions = [_asked_in(program, _steps(user, program)) for program in programs]
    met = (FirstOpinion.objects.filter(case=OuterRef("pk"), user=user),
           Approval.objects.filter(case=OuterRef("pk"), approved_by=user))  # fmt: skip
    unmet = ~Exists(met[0]) & ~Exists(met[1])
    statuses = [status.value for status in UNDECIDED]
    whens = [When(one & Q(status__in=statuses) & Q(unmet), then=Value(True)) for one in conditions if one]
    return Case(*whens, default=Value(False), output_field=BooleanField())


def hidden_from(user: Any) -> frozenset[uuid.UUID]:
    """The cases that wait for a first opinion of `user`, and their conflicts, by id: settings.HIDDEN_FROM."""
    programs = Program.objects.filter(pk__in=programs_of(user))
    rows = visible(user, ReviewCase.objects.filter(status__in=[status.value for status in UNDECIDED]))
    waiting = rows.filter(owed(user, programs)).values_list("pk", "conflict_id")
    return frozenset(key for pair in waiting for key in pair)


def _steps(user: Any, program: Program) -> list[str]:
    """The steps of routes that one of the user's roles may take."""
    mine = roles_in(user, program.pk)
    steps = [*ROLE_ORDER, *BESIDE]
    return [step for step in (*steps, *(f"{SECOND}{step}" for step in steps)) if role_for(mine, step)]


def _asked_in(program: Program, steps: list[str]) -> Q | None:
    """The cases of a program that ask somebody who may take these steps; None = no case does."""
    ways = Q()
    if program.opinion_high_impact:
        ways |= Q(route__len__gt=1)
    if threshold(program.opinion_share) == DRAWS:
        ways |= Q(route__len__gt=0)
    elif program.opinion_share:
        ways |= Q(_drawn_below(threshold(program.opinion_share)))
    return Q(program_id=program.pk, pending__overlap=steps) & ways if steps and ways else None


class _Digits(Func):
    """The first eight digits of the hash of a text."""

    template = "left(encode(sha256(convert_to(%(expressions)s, 'UTF8')), 'hex'), 8)"
    output_field = CharField()


def _drawn_below(number: int) -> LessThan:
    """As first_opinion.draw: the digits, which are compared as text of one length."""
    program, case = (Cast(name, CharField()) for name in ("program_id", "pk"))
    return LessThan(_Digits(Concat(program, Value(":"), case)), Value(f"{number:08x}"))
