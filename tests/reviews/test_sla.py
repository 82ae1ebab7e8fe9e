"""The clock of a case, on a calendar with weekends and a holiday."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conflicts.policy import STANDARD
from partners.calendar import Calendar
from partners.services import DECISION_HOURS
from reviews import sla

WORKDAYS = Calendar("UTC", frozenset({1, 2, 3, 4, 5}), frozenset({date(2026, 3, 4)}))
MONDAY = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)  # Wednesday 4 March is a holiday


def opened(at=MONDAY, promised=()):
    return sla.opened(at, hours=48, at_risk_pct=75, calendar=WORKDAYS, promised=promised)


def test_48_open_hours_skip_holidays_and_weekends():
    assert opened().due_at == datetime(2026, 3, 5, 10, 0, tzinfo=UTC)
    assert opened().at_risk_at == datetime(2026, 3, 3, 22, 0, tzinfo=UTC)
    friday = datetime(2026, 3, 6, 18, 0, tzinfo=UTC)
    assert opened(friday).due_at == datetime(2026, 3, 10, 18, 0, tzinfo=UTC)


def test_a_case_is_due_when_the_first_party_was_promised():
    promised = MONDAY + timedelta(hours=10)
    assert opened(promised=[promised, promised + timedelta(days=9)]) == sla.Due(promised, MONDAY + timedelta(hours=7.5))


def test_a_promise_that_passed_is_breached_at_once():
    past = MONDAY - timedelta(hours=1)
    assert opened(promised=[past]) == sla.Due(past, past)


@pytest.mark.parametrize(
    ("hours", "due"), [(6, datetime(2026, 3, 5, 16, 0, tzinfo=UTC)), (24 * 4, datetime(2026, 3, 10, 10, 0, tzinfo=UTC))]
)
def test_a_pause_moves_the_clock_by_its_open_hours(hours, due):
    again = sla.resumed(opened(), paused_at=MONDAY, at=MONDAY + timedelta(hours=hours), calendar=WORKDAYS)
    assert again.due_at == due


def test_a_breach_stays_a_breach():
    due = opened()
    late = due.due_at + timedelta(hours=2)
    assert sla.resumed(due, paused_at=late, at=late + timedelta(days=1), calendar=WORKDAYS) == due


@given(st.integers(0, 400), st.integers(0, 400))
def test_two_pauses_in_a_row_are_one_long_pause(first, second):
    calendar = Calendar("UTC", frozenset({1, 2, 3, 4, 5}), frozenset())
    due = sla.Due(MONDAY + timedelta(days=30), MONDAY + timedelta(days=29))
    middle, end = MONDAY + timedelta(hours=first), MONDAY + timedelta(hours=first + second)
    once = sla.resumed(due, paused_at=MONDAY, at=end, calendar=calendar)
    twice = sla.resumed(sla.resumed(due, paused_at=MONDAY, at=middle, calendar=calendar),
                        paused_at=middle, at=end, calendar=calendar)  # fmt: skip
    assert once == twice


def test_the_receipt_promises_what_the_standard_policy_says():
    assert STANDARD["clock"]["hours"] == DECISION_HOURS
