"""How far the confidence can be trusted, as a page: the reliability diagram with its table, and the figures by group."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone

from conflicts.learning.calibration import MEANINGFUL, Bin, Figures, Report, report
from partners.models import Program
from reviews.calibrating import calibration_in_force
from reviews.desk.opinion_figures import OpinionFigures, opinion_figures
from reviews.desk.programs import Chosen, chosen_program
from reviews.practice import REPORTED, decided_cases, judged, rule_titles

SIZE, LEFT, BELOW, ABOVE = 320, 36, 30, 10
TICKS = (0, 25, 50, 75, 100)


@dataclass(frozen=True)
class Dot:
    """A bin in the diagram: where it lies, how large it is, and how far the truth may lie from it."""

    x: float
    y: float
    radius: float
    low: float
    high: float


@dataclass(frozen=True)
class Tick:
    """A mark of both axes."""

    label: str
    x: float
    y: float


@dataclass(frozen=True)
class Line:
    """A row of the tables."""

    name: str
    of: int
    said: str
    followed: str
    interval: str
    error: str = ""
    brier: str = ""
    gap: str = ""


@dataclass(frozen=True)
class CalibrationPage:
    """The page as the template draws it."""

    chosen: Chosen
    report: Report
    whole: Line
    dots: list[Dot]
    ticks: list[Tick]
    bins: list[Line]
    groups: list[tuple[str, str, list[Line]]]  # (title, what the first column holds, rows)
    enough: int
    most: int
    in_use: str
    opinions: OpinionFigures


def calibration_page(user: Any, data: Mapping[str, str]) -> CalibrationPage:
    """The report of a program for `user`."""
    chosen = chosen_program(user, data)
    decided = decided_cases(chosen.program, REPORTED)
    found = report(*judged(decided))
    titles = rule_titles(chosen.program)
    rules = [figures_line(f, f"{f.name} {titles.get(f.name, '')}".strip()) for f in found.by_rule]
    engines = [figures_line(f, f"by {f.name}") for f in found.by_engine]
    months = [figures_line(f, f"{date.fromisoformat(f'{f.name}-01'):%B %Y}") for f in reversed(found.by_month)]
    return CalibrationPage(
        chosen=chosen,
        report=found,
        whole=figures_line(found.whole, "All"),
        dots=[_dot(one, found.whole.followed.of) for one in found.bins],
        ticks=[_tick(percent) for percent in TICKS],
        bins=[bin_line(one) for one in found.bins],
        groups=[("By rule", "Rule", rules), ("By engine", "Engine", engines), ("By month", "Month", months)],
        enough=MEANINGFUL,
        most=REPORTED,
        in_use=_in_use(chosen.program),
        opinions=opinion_figures(chosen.program, decided),
    )


def _in_use(program: Program) -> str:
    """The map from confidence to agreement that case pages tell, if one holds."""
    row = calibration_in_force(program.pk, timezone.now())
    if row is None:
        return ""
    return f"{row}: of {row.decisions} decisions, error {row.error:.3f} on those that it was not fitted on"


def report_of(program: Program) -> Report:
    """The figures of a program's newest decisions."""
    return report(*judged(decided_cases(program, REPORTED)))


def figures_line(found: Figures, name: str) -> Line:
    """A group as a row."""
    low, high = found.followed.interval
    return Line(
        name=name,
        of=found.followed.of,
        said=f"{found.said:.2f}",
        followed=f"{found.followed.value:.2f}",
        interval=f"{low:.2f}–{high:.2f}",
        error=f"{found.error:.3f}",
        brier=f"{found.brier:.3f}",
    )


def bin_line(one: Bin) -> Line:
    """A bin as a row."""
    low, high = one.followed.interval
    name = f"{one.low:.2f}" if one.low == one.high else f"{one.low:.2f}–{one.high:.2f}"
    return Line(
        name=name,
        of=one.followed.of,
        said=f"{one.said:.2f}",
        followed=f"{one.followed.value:.2f}",
        interval=f"{low:.2f}–{high:.2f}",
        gap=f"{one.gap:+.2f}",
    )


def _dot(one: Bin, total: int) -> Dot:
    low, high = one.followed.interval
    radius = 3 + 7 * (one.followed.of / max(1, total)) ** 0.5
    return Dot(_x(one.said), _y(one.followed.value), round(radius, 1), _y(low), _y(high))


def _tick(percent: int) -> Tick:
    label = {0: "0", 100: "1"}.get(percent, f".{percent}".rstrip("0"))
    return Tick(label, _x(percent / 100), _y(percent / 100))


def _x(share: float) -> float:
    return round(LEFT + (SIZE - LEFT - 10) * share, 1)


def _y(share: float) -> float:
    return round(ABOVE + (SIZE - BELOW - ABOVE) * (1 - share), 1)
