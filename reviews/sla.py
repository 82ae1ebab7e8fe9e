"""The promise of a decision in 48 open hours: when a case is due, at risk, breached or paused. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from partners.calendar import Calendar

DECISION_HOURS = 48  # open hours; the policy document may say otherwise
AT_RISK_SHARE = 0.75

Pause = tuple[datetime, datetime | None]  # from, until; None = still paused


class ClockState(StrEnum):
    """How a case stands against its promise."""

    ON_TIME = "on_time"
    AT_RISK = "at_risk"
    BREACHED = "breached"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True)
class Clock:
    """The clock of a case at one moment. While it is paused, `due_at` is where it would be if it went on now."""

    due_at: datetime
    at_risk_at: datetime
    state: ClockState
    open_hours_left: float


def clock(
    *,
    opened_at: datetime,
    now: datetime,
    calendar: Calendar,
    hours: float = DECISION_HOURS,
    pauses: Iterable[Pause] = (),
    at_risk_share: float = AT_RISK_SHARE,
) -> Clock:
    """The clock that began at `opened_at`; open hours within a pause do not count. A breach stays a breach."""
    pauses = list(pauses)
    stops = _merged([(max(begin, opened_at), min(end or now, now)) for begin, end in pauses])
    due_at = _reached(opened_at, hours, stops, calendar)
    at_risk_at = _reached(opened_at, hours * at_risk_share, stops, calendar)
    used = calendar.hours_between(opened_at, now) - sum(calendar.hours_between(*stop) for stop in stops)
    if now > due_at:
        state = ClockState.BREACHED
    elif any(end is None and begin <= now for begin, end in pauses):
        state = ClockState.PAUSED
    else:
        state = ClockState.AT_RISK if now >= at_risk_at else ClockState.ON_TIME
    return Clock(due_at, at_risk_at, state, round(hours - used, 6))


def _merged(stops: list[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    """The pauses in order, overlapping ones as one, empty ones left out."""
    merged: list[tuple[datetime, datetime]] = []
    for begin, end in sorted(stops):
        if end <= begin:
            continue
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((begin, end))
    return merged


def _reached(start: datetime, hours: float, stops: list[tuple[datetime, datetime]], calendar: Calendar) -> datetime:
    """When so many open hours outside the pauses have passed."""
    for begin, end in stops:
        running = calendar.hours_between(start, begin)
        if hours <= running:
            break
        hours, start = hours - running, end
    return calendar.add_hours(start, hours)
