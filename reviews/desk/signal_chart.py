"""The figures behind a signal as a small drawing, and as the table beside it."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from conflicts.models import Signal
from conflicts.signals.wording import number
from reviews.desk.words import day_of

WIDTH, HEIGHT, LEFT, BELOW, ABOVE = 700, 150, 34, 20, 8
ROW, NAMES, NUMBERS = 26, 210, 60  # of a drawing with lying bars


@dataclass(frozen=True)
class Bar:
    """One value: where it is drawn, and in words. `late` = within the window of the signal."""

    x: float
    y: float
    width: float
    height: float
    label: str
    value: str
    late: bool
    mark: str = ""


@dataclass(frozen=True)
class Chart:
    """Columns by week with the expected level (`line`, `top` = the scale's end), or lying bars with their names."""

    bars: list[Bar]
    lying: bool
    height: int
    line: float = 0.0
    expected: str = ""  # with its unit
    top: str = ""
    head: tuple[str, str] = ("Week from", "Value")


def chart_of(signal: Signal) -> Chart:
    """Weeks stand, everything else lies."""
    if signal.series and _day(signal.series[0][0]):
        return _weeks(signal)
    return _lying(signal.series)


def _day(label: str) -> date | None:
    try:
        return date.fromisoformat(str(label))
    except ValueError:
        return None


def _weeks(signal: Signal) -> Chart:
    values = [float(value) for _, value in signal.series]
    days = [_day(label) or signal.until for label, _ in signal.series]
    counts = signal.unit != "points of discount"
    weeks = max(1, ((signal.until - signal.since).days + 1) // 7)
    expected = signal.expected / weeks if counts else signal.expected  # a window of four weeks is drawn week by week
    top = max([*values, expected, 1.0])
    step, tall = (WIDTH - LEFT - 4) / max(len(values), 8), HEIGHT - BELOW - ABOVE
    bars = []
    for i, (day, value) in enumerate(zip(days, values, strict=True)):
        high = round(tall * max(value, 0) / top, 1)
        mark = f"{day:%-d %b}" if i % max(1, round(len(values) / 6)) == 0 else ""
        place = (round(LEFT + i * step, 1), round(ABOVE + tall - high, 1), round(step * 0.72, 1), high)
        bars.append(Bar(*place, day_of(day), number(value), day >= signal.since, mark))
    line = round(ABOVE + tall * (1 - expected / top), 1)
    what = signal.unit[:1].upper() + signal.unit[1:]
    told = f"{number(expected)} {'a week' if counts else signal.unit}"
    return Chart(bars, False, HEIGHT, line, told, number(top), ("Week from", what))


def _lying(series: list[Any]) -> Chart:
    top = max([abs(float(value)) for _, value in series] or [1.0]) or 1.0
    long = WIDTH - NAMES - NUMBERS
    bars = [
        Bar(NAMES, i * ROW + 6, round(long * abs(float(value)) / top, 1), ROW - 12, str(label), f"{float(value):g}",
            i == len(series) - 1)
        for i, (label, value) in enumerate(series)
    ]  # fmt: skip
    return Chart(bars, True, max(1, len(bars)) * ROW, head=("Figure", "Value"))
