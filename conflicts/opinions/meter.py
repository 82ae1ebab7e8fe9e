"""What model calls took and what came of them: the figures of the meter page."""

import uuid
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Count, Q, Sum
from django.db.models.functions import TruncDate

from conflicts.models import ModelCall, ModelOpinion
from conflicts.opinions.services import Budget, budget_of
from conflicts.recommend.llm import why

DAYS, LATEST = 14, 500


@dataclass(frozen=True)
class Day:
    """The calls of one day."""

    day: date
    calls: int
    answered: int
    cost: Decimal


@dataclass(frozen=True)
class Meter:
    """The meter of one program; `failures` are in words, the most frequent first."""

    budget: Budget
    calls_today: int
    cost_today: Decimal
    cost_month: Decimal
    days: list[Day]
    failures: list[tuple[str, int]]
    median: float
    slow: float
    opinions: dict[str, int]

    @property
    def busiest(self) -> int:
        """The calls of the fullest day, at least one: what bars are drawn against."""
        return max((day.calls for day in self.days), default=0) or 1


def meter(program_id: uuid.UUID, now: datetime) -> Meter:
    """The figures of the last fourteen days, of today and of this month."""
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    rows = ModelCall.objects.filter(program_id=program_id)
    month = rows.filter(began_at__gte=today.replace(day=1)).aggregate(
        calls=Count("pk", filter=Q(began_at__gte=today)),
        day=Sum("cost", filter=Q(began_at__gte=today)),
        month=Sum("cost"),
    )
    recent = rows.filter(began_at__gte=today - timedelta(days=DAYS - 1))
    by_day = (
        recent.annotate(day=TruncDate("began_at"))
        .values("day")
        .annotate(calls=Count("pk"), answered=Count("pk", filter=Q(outcome="answered")), spent=Sum("cost"))
        .order_by("-day")
    )
    failed = recent.exclude(outcome__in=("answered", "")).values("outcome").annotate(n=Count("pk"))
    seconds = sorted(
        rows.filter(ended_at__isnull=False).order_by("-began_at").values_list("seconds", flat=True)[:LATEST]
    )
    return Meter(
        budget=budget_of(program_id),
        calls_today=month["calls"],
        cost_today=month["day"] or Decimal(0),
        cost_month=month["month"] or Decimal(0),
        days=[Day(row["day"], row["calls"], row["answered"], row["spent"]) for row in by_day],
        failures=[(why.sentence(row["outcome"]), row["n"]) for row in failed.order_by("-n", "outcome")],
        median=_at(seconds, 0.5),
        slow=_at(seconds, 0.95),
        opinions=_opinions(program_id, today - timedelta(days=29)),
    )


def _at(ordered: list[float], share: float) -> float:
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)] if ordered else 0.0


def _opinions(program_id: uuid.UUID, since: datetime) -> dict[str, int]:
    """What came of asking in thirty days; those in the shadow count apart."""
    rows = ModelOpinion.objects.filter(program_id=program_id, asked_at__gte=since)
    told: Counter[str] = Counter()
    for status, agrees, number in rows.values_list("status", "agrees").annotate(n=Count("pk")).order_by("status"):
        chose = {True: "agreed with the rules", False: "chose otherwise", None: "said nothing"}[agrees]
        word = {"ok": chose, "shadow": f"in the shadow: {chose}", "abstained": "abstained", "fell_back": "by the rules alone",
                "off": "switched off"}[status]  # fmt: skip
        told[word] += number
    return dict(told)
