"""How urgent a case is, as a value of the database: open time left against what is at stake."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import F, Value
from django.db.models.functions import Cast, Coalesce, Greatest, Least, Ln

from partners.models import Program

HIGH_VALUE = 50_000
CLOSED_AHEAD_DAYS = 21


def urgency(programs: Mapping[Any, Program], now: datetime) -> models.Expression:
    """The text of `queue` has the formula."""
    closed = [models.When(program=pk, then=_closed(program, now)) for pk, program in programs.items()]
    left = _hours(F("due_at") - _at(now)) - models.Case(*closed, default=Value(0.0))
    amount = Cast(Coalesce(F("amount"), Value(0), output_field=models.DecimalField()), models.FloatField())
    weight = 1 + Ln(1 + amount / HIGH_VALUE)
    return models.Case(models.When(due_at__lt=now, then=left * weight), default=left / weight)


def _closed(program: Program, now: datetime) -> models.Expression:
    """The closed hours between now and the due time, on the program's calendar."""
    stretches = [
        Greatest(_hours(Least(F("due_at"), _at(end)) - _at(begin)), Value(0.0))
        for begin, end in program.calendar.closures(now, CLOSED_AHEAD_DAYS)
    ]
    return sum(stretches, start=Value(0.0))


def _hours(duration: Any) -> models.Expression:
    template = "(EXTRACT(EPOCH FROM %(expressions)s)/3600.0)::float8"
    return models.Func(duration, template=template, output_field=models.FloatField())


def _at(moment: datetime) -> models.Expression:
    return Value(moment, models.DateTimeField())
