"""The promise of a decision within so many open hours: when a case is due, at risk, and due again after a pause. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from partners.calendar import Calendar


@dataclass(frozen=True, slots=True)
class Due:
    """When a case is breached, and from when on it is at risk (UTC)."""

    due_at: datetime
    at_risk_at: datetime


def opened(at: datetime, *, hours: float, at_risk_pct: int, calendar: Calendar, promised: Iterable[datetime]) -> Due:
    """The clock of a case that opens at `at`: `hours` open hours, but no later than what a party was promised.

    It is at risk once `at_risk_pct` percent of its open hours have passed.
    """
    due_at = min([calendar.add_hours(at, hours), *promised])
    if due_at <= at:
        return Due(due_at, due_at)
    return Due(due_at, calendar.add_hours(at, calendar.hours_between(at, due_at) * at_risk_pct / 100))


def resumed(due: Due, *, paused_at: datetime, at: datetime, calendar: Calendar) -> Due:
    """The same clock after a pause: everything still to come moves by the open hours of the pause."""
    pause = calendar.hours_between(paused_at, at)
    return Due(*(moved(moment, pause, paused_at, calendar) for moment in (due.due_at, due.at_risk_at)))


def moved(moment: datetime, pause: float, paused_at: datetime, calendar: Calendar) -> datetime:
    """A moment after a pause of `pause` open hours; what had passed before the pause stays: a breach stays a breach."""
    return calendar.add_hours(moment, pause) if moment > paused_at else moment
