"""The 48-hour promise on the business calendar: weekends, holidays, clock changes, pauses."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partners.calendar import Calendar
from reviews.sla import ClockState, clock

WEEK = frozenset({1, 2, 3, 4, 5})
UTC_WEEK = Calendar("UTC", WEEK, frozenset({date(2026, 3, 17)}))
NEW_YORK = Calendar("America/New_York", WEEK, frozenset())
EVERY_DAY = Calendar("America/New_York", frozenset(range(1, 8)), frozenset())


def utc(day: int, hour: int = 10, minute: int = 0, month: int = 3) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        (utc(2), 48, utc(4)),  # Monday to Wednesday
        (utc(5), 48, utc(9)),  # Thursday over the weekend to Monday
        (utc(6), 48, utc(10)),  # Friday to Tuesday
        (utc(7), 48, utc(11, 0)),  # Saturday: the clock begins with Monday, and Tuesday's end is the due time
        (utc(8, 23), 1, utc(9, 1)),
        (utc(16), 48, utc(19)),  # a holiday on Tuesday
        (utc(16), 14, utc(17, 0)),
        (utc(2), 0, utc(2)),
        (utc(7), 0, utc(7)),
        (utc(2, 10, 30), 0.5, utc(2, 11)),
    ],
)
def test_open_days_count_24_hours_and_closed_days_none(start: datetime, hours: float, end: datetime) -> None:
    assert UTC_WEEK.add_hours(start, hours) == end


def test_the_days_are_those_of_the_programs_time_zone() -> None:
    friday_evening = datetime(2026, 3, 6, 22, tzinfo=ZoneInfo("America/New_York"))  # already Saturday in UTC
    assert NEW_YORK.add_hours(friday_evening, 3).astimezone(ZoneInfo("America/New_York")) == datetime(
        2026, 3, 9, 1, tzinfo=ZoneInfo("America/New_York")
    )


@pytest.mark.parametrize("day", [date(2026, 3, 6), date(2026, 10, 30)])  # Fridays before the clocks change
def test_a_clock_change_on_a_closed_day_moves_nothing(day: date) -> None:
    zone = ZoneInfo("America/New_York")
    start = datetime(day.year, day.month, day.day, 10, tzinfo=zone)
    due = NEW_YORK.add_hours(start, 48).astimezone(zone)
    assert (due.date(), due.hour, due.minute) == (day + timedelta(days=4), 10, 0)


@pytest.mark.parametrize("day", [date(2026, 3, 8), date(2026, 11, 1)])
def test_an_open_day_of_23_or_25_hours_counts_24(day: date) -> None:
    zone = ZoneInfo("America/New_York")
    begin = datetime(day.year, day.month, day.day, tzinfo=zone)
    end = begin + timedelta(days=1)
    assert EVERY_DAY.hours_between(begin, end) == 24
    assert EVERY_DAY.add_hours(begin, 24) == end


NAIVE = datetime(2026, 1, 1), datetime(2026, 12, 31)  # noqa: DTZ001 - hypothesis wants them so
MOMENTS = st.datetimes(*NAIVE, timezones=st.just(UTC))
CALENDARS = st.sampled_from(
    [UTC_WEEK, NEW_YORK, EVERY_DAY, Calendar("Australia/Lord_Howe", frozenset({7, 1}), frozenset())]
)


@settings(deadline=None)
@given(CALENDARS, MOMENTS, st.floats(0, 400))
def test_adding_hours_and_counting_them_agree(calendar: Calendar, start: datetime, hours: float) -> None:
    end = calendar.add_hours(start, hours)
    assert end >= start - timedelta(milliseconds=1)
    assert calendar.hours_between(start, end) == pytest.approx(hours, abs=1e-5)


@settings(deadline=None)
@given(CALENDARS, MOMENTS, MOMENTS, MOMENTS)
def test_hours_add_up_and_turn_round(calendar: Calendar, one: datetime, two: datetime, three: datetime) -> None:
    whole = calendar.hours_between(one, three)
    assert calendar.hours_between(one, two) + calendar.hours_between(two, three) == pytest.approx(whole, abs=1e-6)
    assert calendar.hours_between(two, one) == pytest.approx(-calendar.hours_between(one, two))


def test_a_calendar_that_is_always_closed_says_so() -> None:
    with pytest.raises(ValueError, match="no open day"):
        Calendar("UTC", frozenset(), frozenset()).add_hours(utc(2), 1)


@pytest.mark.parametrize(
    ("now", "state", "left"),
    [
        (utc(2), ClockState.ON_TIME, 48),
        (utc(3, 21, 59), ClockState.ON_TIME, 48 - 35.983333),
        (utc(3, 22), ClockState.AT_RISK, 12),
        (utc(4), ClockState.AT_RISK, 0),
        (utc(4, 10, 1), ClockState.BREACHED, -0.016667),
        (utc(7), ClockState.BREACHED, -62),
    ],
)
def test_at_risk_from_three_quarters_and_breached_after_the_due_time(
    now: datetime, state: ClockState, left: float
) -> None:
    found = clock(opened_at=utc(2), now=now, calendar=UTC_WEEK)
    assert (found.due_at, found.at_risk_at, found.state) == (utc(4), utc(3, 22), state)
    assert found.open_hours_left == pytest.approx(left, abs=1e-5)


def test_a_weekend_takes_nothing_off_the_clock() -> None:
    friday, monday = (clock(opened_at=utc(6), now=now, calendar=UTC_WEEK) for now in (utc(6, 23, 59), utc(9, 0)))
    assert friday.open_hours_left == pytest.approx(monday.open_hours_left + 1 / 60, abs=1e-4)


@pytest.mark.parametrize(
    ("pauses", "due", "state"),
    [
        ([(utc(2, 12), utc(2, 15))], utc(4, 13), ClockState.ON_TIME),
        ([(utc(2, 12), utc(2, 15)), (utc(2, 14), utc(2, 16))], utc(4, 14), ClockState.ON_TIME),
        ([(utc(2, 12), None)], utc(5, 8), ClockState.PAUSED),
        ([(utc(1), utc(2, 12))], utc(4, 12), ClockState.ON_TIME),
        ([(utc(2, 15), utc(2, 15))], utc(4), ClockState.ON_TIME),
        ([(utc(4), utc(5))], utc(4), ClockState.ON_TIME),
        ([(utc(2, 12), utc(2, 13)), (utc(3, 9), None)], utc(4, 12), ClockState.PAUSED),
    ],
)
def test_a_pause_does_not_count(pauses: list, due: datetime, state: ClockState) -> None:
    found = clock(opened_at=utc(2), now=utc(3), calendar=UTC_WEEK, pauses=pauses)
    assert (found.due_at, found.state) == (due, state)


def test_a_pause_over_a_weekend_costs_its_open_hours_only() -> None:
    found = clock(opened_at=utc(5), now=utc(9, 12), calendar=UTC_WEEK, pauses=[(utc(6), utc(9))])
    assert found.due_at == utc(10)
    assert found.open_hours_left == 22


def test_a_breach_stays_a_breach_when_the_party_is_asked_too_late() -> None:
    found = clock(opened_at=utc(2), now=utc(10), calendar=UTC_WEEK, pauses=[(utc(5), None)])
    assert (found.due_at, found.state) == (utc(4), ClockState.BREACHED)


def test_a_reopened_case_gets_a_new_clock() -> None:
    again = clock(opened_at=utc(12), now=utc(12), calendar=UTC_WEEK, hours=24, at_risk_share=0.5)
    assert (again.due_at, again.at_risk_at) == (utc(13), utc(12, 22))
