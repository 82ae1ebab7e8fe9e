"""The business calendar of a program: an open day counts 24 hours, a closed day none. Pure.

On a day that the clocks make an hour longer or shorter, the hours are stretched, so that it counts 24 as well.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY_HOURS = 24.0
MILLISECOND = timedelta(milliseconds=1)
ROUNDING = (
    1e-6  # hours: the end of one open day and the beginning of the next are the same, and the former reads better
)
FURTHEST = 3660  # days to look ahead before giving up on a calendar that is closed for good


@dataclass(frozen=True)
class Calendar:
    """Open weekdays (ISO: Monday is 1) and holidays, in one time zone."""

    timezone: str
    open_weekdays: frozenset[int]
    holidays: frozenset[date]

    def is_open(self, day: date) -> bool:
        """Whether a day counts."""
        return day.isoweekday() in self.open_weekdays and day not in self.holidays

    def add_hours(self, at: datetime, hours: float) -> datetime:
        """The moment (UTC) by which `hours` open hours have passed since `at`."""
        day, left = self._day_of(at), hours
        share = self._share(at, day)
        for _ in range(FURTHEST):
            rest = (1 - share) * DAY_HOURS if self.is_open(day) else 0.0
            if left <= rest + ROUNDING:
                return self._moment(day, share + left / DAY_HOURS) if self.is_open(day) else at.astimezone(UTC)
            left, day, share = left - rest, day + timedelta(days=1), 0.0
        raise ValueError("The calendar has no open day within ten years: no time ever passes on it.")

    def hours_between(self, start: datetime, end: datetime) -> float:
        """The open hours from one moment to another; negative when the second is earlier."""
        if end < start:
            return -self.hours_between(end, start)
        day, last = self._day_of(start), self._day_of(end)
        hours = 0.0
        while day <= last:
            if self.is_open(day):
                hours += (self._share(end, day) - self._share(start, day)) * DAY_HOURS
            day += timedelta(days=1)
        return hours

    def closures(self, start: datetime, days: int) -> list[tuple[datetime, datetime]]:
        """The closed stretches of the next so many days, from `start` on, as moments (UTC)."""
        found: list[tuple[datetime, datetime]] = []
        first = self._day_of(start)
        for number in range(days):
            day = first + timedelta(days=number)
            if self.is_open(day):
                continue
            begin, end = max(start, self._begin(day)), self._begin(day + timedelta(days=1))
            if found and found[-1][1] == begin:
                found[-1] = (found[-1][0], end)
            else:
                found.append((begin, end))
        return found

    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    def _day_of(self, at: datetime) -> date:
        return at.astimezone(self._zone()).date()

    def _begin(self, day: date) -> datetime:
        return datetime.combine(day, time(), self._zone()).astimezone(UTC)

    def _share(self, at: datetime, day: date) -> float:
        """How much of a day has passed at a moment: 0 before it, 1 after it."""
        begin, end = self._begin(day), self._begin(day + timedelta(days=1))
        return min(1.0, max(0.0, (at - begin) / (end - begin)))

    def _moment(self, day: date, share: float) -> datetime:
        begin, end = self._begin(day), self._begin(day + timedelta(days=1))
        return begin + round((end - begin) * min(1.0, share) / MILLISECOND) * MILLISECOND
