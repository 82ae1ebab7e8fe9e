"""A partner's own numbers of the last twelve months, by quarter: one query, whatever the partner registered."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from partners.calendar import Calendar
from partners.models import Partner, RegistrationStatus

S = RegistrationStatus
WON = (S.APPROVED, S.EXPIRED, S.CONVERTED, S.REVOKED, S.CLOSED_LOST)  # it was approved, whatever became of it since
SHOWN = (
    (gettext_lazy("Registered"), "registered"),
    (gettext_lazy("Approved"), "approved"),
    (gettext_lazy("Shared"), "shared"),
    (gettext_lazy("Not approved"), "not_approved"),
    (gettext_lazy("Withdrawn"), "withdrawn"),
    (gettext_lazy("Under way"), "under_way"),
    (gettext_lazy("Renewed"), "renewed"),
    (gettext_lazy("Lapsed"), "lapsed"),
    (gettext_lazy("Half decided within"), "hours"),
    (gettext_lazy("Answered in time"), "in_time_share"),
    (gettext_lazy("With proof of work"), "proved_share"),
)
WIDTH, HEIGHT, LEFT, BELOW, ABOVE = 700, 170, 34, 22, 10

# Open hours between two moments are the difference of the open hours that have passed since the first day: `opened`
# holds them for each day's beginning (`begins`), so that a moment takes one look into an array (partners.calendar).
_FIGURES = """
WITH days AS MATERIALIZED (SELECT %(begins)s::timestamptz[] AS begins, %(opened)s::float8[] AS opened),
mine AS (
  SELECT r.status, r.decided_at, r.due_at,
         date_trunc('quarter', r.submitted_at AT TIME ZONE %(zone)s)::date AS quarter,
         r.id IN (SELECT registration_id FROM reviews_party
                   WHERE partner_id = %(partner)s AND outcome IN ('shared', 'support') AND left_at IS NULL) AS shared,
         r.id IN (SELECT registration_id FROM partners_protectionterms
                   WHERE partner_id = %(partner)s AND renewals > 0) AS renewed,
         r.id IN (SELECT registration_id FROM partners_activity WHERE partner_id = %(partner)s) AS proved,
         width_bucket(r.submitted_at, begins) AS sent, width_bucket(r.decided_at, begins) AS told,
         r.submitted_at, begins, opened
    FROM partners_registration r, days
   WHERE r.partner_id = %(partner)s AND r.submitted_at >= %(since)s AND r.submitted_at <= %(now)s
     AND r.status <> 'draft'
),
timed AS (
  SELECT mine.*, CASE WHEN decided_at BETWEEN submitted_at AND %(now)s THEN
         (opened[told] + (opened[told + 1] - opened[told])
            * (extract(epoch FROM decided_at - begins[told]) / extract(epoch FROM begins[told + 1] - begins[told])))
       - (opened[sent] + (opened[sent + 1] - opened[sent])
            * (extract(epoch FROM submitted_at - begins[sent]) / extract(epoch FROM begins[sent + 1] - begins[sent])))
         END AS hours
    FROM mine
)
SELECT quarter, count(*),
       count(*) FILTER (WHERE status = ANY(%(won)s) AND NOT shared),
       count(*) FILTER (WHERE status = ANY(%(won)s) AND shared),
       count(*) FILTER (WHERE status = 'rejected'),
       count(*) FILTER (WHERE status = 'withdrawn'),
       count(*) FILTER (WHERE status = 'expired'),
       count(*) FILTER (WHERE renewed),
       count(*) FILTER (WHERE proved),
       percentile_cont(0.5) WITHIN GROUP (ORDER BY hours),
       count(*) FILTER (WHERE decided_at IS NOT NULL AND due_at IS NOT NULL),
       count(*) FILTER (WHERE decided_at <= due_at)
  FROM timed GROUP BY GROUPING SETS ((quarter), ()) ORDER BY quarter
"""


@dataclass(frozen=True)
class Figures:
    """What became of the registrations of a quarter, or of all (`begins` is None). Hours are open hours."""

    begins: date | None
    registered: int
    approved: int
    shared: int
    not_approved: int
    withdrawn: int
    lapsed: int
    renewed: int
    proved: int
    median_hours: float | None
    promised: int
    in_time: int

    @property
    def quarter(self) -> str:
        """'Q3 2026', or 'Together'."""
        if self.begins is None:
            return _("Together")
        return _("Q%(quarter)s %(year)s") % {"quarter": (self.begins.month + 2) // 3, "year": self.begins.year}

    @property
    def under_way(self) -> int:
        """What is not decided yet."""
        return self.registered - self.approved - self.shared - self.not_approved - self.withdrawn

    @property
    def hours(self) -> str:
        """The median, in words."""
        return "–" if self.median_hours is None else f"{number_format(self.median_hours, 1)} h"

    @property
    def proved_share(self) -> str:
        """How many registrations have proof of work."""
        return share(self.proved, self.registered)

    @property
    def in_time_share(self) -> str:
        """How many answers came by the promised time."""
        return share(self.in_time, self.promised)


@dataclass(frozen=True)
class Column:
    """Two bars of the drawing: registered, and approved or shared of it."""

    x: float
    width: float
    registered_y: float
    registered: float
    won_x: float
    won_y: float
    won: float
    label: str
    label_x: float


@dataclass(frozen=True)
class Scorecard:
    """The numbers of one partner since `since`; `quarters` are those in which it registered."""

    partner: Partner
    since: date
    whole: Figures
    quarters: list[Figures]
    columns: list[Column]
    top: int
    height: int = HEIGHT

    @property
    def lines(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """The table: (what is counted, [(quarter, value)]), the sum last."""
        told = [*self.quarters, self.whole]
        return [(str(name), [(row.quarter, str(getattr(row, value))) for row in told]) for name, value in SHOWN]


def share(part: int, whole: int) -> str:
    """'75 %' of something, '–' of nothing."""
    return f"{round(100 * part / whole)} %" if whole else "–"


def scorecard_of(partner: Partner, now: datetime) -> Scorecard:
    """What `partner` registered in the twelve months before `now`, in one query."""
    program = partner.program
    zone = ZoneInfo(program.timezone)
    today = now.astimezone(zone).date()
    since = _year_before(today)
    begins, opened = _opened(program.calendar, since, today)
    words: dict[str, Any] = {
        "partner": partner.pk, "since": begins[1], "now": now, "zone": program.timezone, "begins": begins, "opened": opened,
        "won": [status.value for status in WON],
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_FIGURES, words)
        rows = [Figures(*row) for row in cursor.fetchall()]
    quarters = [row for row in rows if row.begins is not None]
    whole = next(row for row in rows if row.begins is None)
    top = max((row.registered for row in quarters), default=0)
    return Scorecard(partner, since, whole, quarters, _columns(quarters, top), top)


def _year_before(on: date) -> date:
    leap = on.month == 2 and on.day == 29
    return on.replace(year=on.year - 1, day=28 if leap else on.day)


def _opened(calendar: Calendar, since: date, today: date) -> tuple[list[datetime], list[float]]:
    """The beginning of each day from the one before `since` to the one after `today`, and the open hours until then."""
    zone, day, hours = ZoneInfo(calendar.timezone), since - timedelta(days=1), 0.0
    begins, opened = [], []
    while day <= today + timedelta(days=2):
        begins.append(datetime.combine(day, time(), zone).astimezone(UTC))
        opened.append(hours)
        hours += 24.0 if calendar.is_open(day) else 0.0
        day += timedelta(days=1)
    return begins, opened


def _columns(quarters: list[Figures], top: int) -> list[Column]:
    tall, step = HEIGHT - BELOW - ABOVE, (WIDTH - LEFT - 4) / max(len(quarters), 4)
    found = []
    for i, row in enumerate(quarters):
        whole = round(tall * row.registered / max(top, 1), 1)
        won = round(tall * (row.approved + row.shared) / max(top, 1), 1)
        x, width = round(LEFT + i * step + step * 0.16, 1), round(step * 0.3, 1)
        found.append(
            Column(x, width, round(ABOVE + tall - whole, 1), whole, round(x + width + 3, 1), round(ABOVE + tall - won, 1),
                   won, row.quarter, round(x + width, 1))
        )  # fmt: skip
    return found
