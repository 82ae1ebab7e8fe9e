"""What partners say of how they were handled: figures of five answers or more, and texts for those who lead the channel."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.db.models import Count, Q, Sum
from django.db.models.functions import TruncMonth

from partners.permissions import may, visible
from reviews.desk.programs import Chosen, chosen_program
from reviews.models import Survey, SurveyOutcome

FEWEST = 5  # answers below a figure: fewer would tell who said what
TEXT_RIGHT = "read_survey_texts"
TEXTS_SHOWN = 50
MONTHS = 12


@dataclass(frozen=True)
class Line:
    """Answers, their sum and how many were 4 or 5; `hidden` where they are too few to be shown."""

    name: str
    answers: int
    total: int
    high: int
    hidden: bool = False

    @property
    def mean(self) -> str:
        """From 1.0 to 5.0."""
        return f"{self.total / self.answers:.1f}" if self.answers and not self.hidden else "–"

    @property
    def share_high(self) -> str:
        """How many answered 4 or 5."""
        return f"{round(100 * self.high / self.answers)} %" if self.answers and not self.hidden else "–"

    @property
    def count(self) -> str:
        """How many answered."""
        return (
            f"fewer than {FEWEST}"
            if self.hidden and self.answers < FEWEST
            else "not shown"
            if self.hidden
            else str(self.answers)
        )


@dataclass(frozen=True)
class SatisfactionPage:
    """The page as the template draws it; `texts` is None for whoever may not read them."""

    chosen: Chosen
    whole: Line
    outcomes: list[Line]
    months: list[Line]
    texts: list[Survey] | None
    fewest: int = FEWEST


def satisfaction_page(user: Any, data: Mapping[str, str], now: datetime) -> SatisfactionPage:
    """The figures of a program in this month and the eleven before. One query, another for the texts."""
    chosen = chosen_program(user, data)
    rows = visible(user, Survey.objects.filter(program=chosen.program, answered_at__gte=_since(now)))
    counts = {"answers": Count("pk"), "total": Sum("score"), "high": Count("pk", filter=Q(score__gte=4))}
    cells = list(
        rows.annotate(month=TruncMonth("answered_at")).order_by().values("outcome", "month").annotate(**counts)
    )
    titles = dict(SurveyOutcome.choices)
    whole = _summed("All answers", cells)
    outcomes = _lines(cells, lambda cell: cell["outcome"], lambda key: str(titles[key]))
    months = _lines(cells, lambda cell: cell["month"].date(), lambda key: f"{key:%B %Y}")
    shown = whole.answers >= FEWEST
    texts = None
    if may(user, TEXT_RIGHT, chosen.program):
        said = rows.exclude(text="").order_by("-answered_at", "-pk").only("outcome", "score", "text", "answered_at")
        texts = list(said[:TEXTS_SHOWN]) if shown else []
    return SatisfactionPage(chosen, whole if shown else _hide(whole), protect(outcomes), protect(months)[::-1], texts)


def _since(now: datetime) -> datetime:
    """The beginning (UTC) of the first of the months that are shown."""
    first = now.year * 12 + now.month - MONTHS
    return datetime(first // 12, first % 12 + 1, 1, tzinfo=UTC)


def _summed(name: str, cells: Iterable[Mapping[str, Any]]) -> Line:
    found = list(cells)
    return Line(name, *(sum(cell[what] for cell in found) for what in ("answers", "total", "high")))


def _lines(cells: list[Any], key: Callable[[Any], Any], named: Callable[[Any], str]) -> list[Line]:
    keys: list[str | date] = sorted({key(cell) for cell in cells})
    return [_summed(named(k), [cell for cell in cells if key(cell) == k]) for k in keys]


def _hide(line: Line) -> Line:
    return Line(line.name, line.answers, 0, 0, hidden=True)


def protect(lines: list[Line]) -> list[Line]:
    """Hide what stands on fewer than five answers; where that could be reckoned from the total, the next smallest too."""
    found = [_hide(line) if 0 < line.answers < FEWEST else line for line in lines]
    hidden = [line for line in found if line.hidden]
    if hidden and sum(line.answers for line in hidden) < FEWEST:
        open_ = [line for line in found if not line.hidden and line.answers]
        smallest = min(open_, key=lambda line: line.answers, default=None)
        found = [_hide(line) if line is smallest else line for line in found]
    return found
