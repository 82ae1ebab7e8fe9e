"""Days and windows: every date in the policy is counted here, so that no two rules count differently."""

from __future__ import annotations

from datetime import UTC, date, datetime


def day(at: datetime) -> date:
    """The day on which a moment falls, in UTC."""
    return at.date() if at.tzinfo is UTC else at.astimezone(UTC).date()


def in_force(valid_from: date | None, valid_until: date | None, on: date) -> bool:
    """Within the dates; `valid_until` is the last day that counts; an empty date is open."""
    return (valid_from is None or valid_from <= on) and (valid_until is None or on <= valid_until)


def within_days(moment: datetime | date | None, days: int, before: datetime) -> bool:
    """At most so many whole days before, the last one included; the unknown and the future are not within."""
    if moment is None or _after(moment, before):
        return False
    return (day(before) - _on(moment)).days <= days


def latest(moments: list[datetime | date | None], before: datetime) -> datetime | date | None:
    """The last of the moments that are not after `before`."""
    past = [moment for moment in moments if moment is not None and not _after(moment, before)]
    return max(past, key=instant) if past else None


def instant(moment: datetime | date) -> datetime:
    """A moment as a time: a day stands for its beginning."""
    if isinstance(moment, datetime):
        return moment
    return datetime(moment.year, moment.month, moment.day, tzinfo=UTC)


def _on(moment: datetime | date) -> date:
    return day(moment) if isinstance(moment, datetime) else moment


def _after(moment: datetime | date, other: datetime) -> bool:
    return moment > other if isinstance(moment, datetime) else moment > day(other)
