"""The sweep's look at spot checks: every week that is over, and in which something was approved by rule, is drawn once."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db.models.functions import TruncWeek
from django.utils import timezone

from channelconflict.scope import staff_of
from partners.models import Program
from reviews.models import AutomaticApproval, SpotCheckWeek
from reviews.services.spot_checks import WEEK, draw_week, monday_of

BACK = 8  # weeks: after a longer standstill nobody wants to look at older ones


def draw_spot_checks(program: Program, at: datetime | None = None) -> list[SpotCheckWeek]:
    """Draw what is due; a worker may come twice, or weeks late."""
    at = at or timezone.now()
    with staff_of(program.pk):
        due = weeks_due(program, at)
    drawn = []
    for week_on in due:
        with staff_of(program.pk):
            drawn.append(draw_week(program=program, week_on=week_on, at=at))
    return [week for week in drawn if week is not None]


def weeks_due(program: Program, at: datetime) -> list[date]:
    """The Mondays of weeks that are over, had approvals by rule, and are not drawn yet; the earliest first."""
    this, zone = monday_of(program, at), ZoneInfo(program.timezone)
    begin = this - BACK * WEEK
    rows = AutomaticApproval.objects.filter(program=program, approved_at__gte=at - (BACK + 1) * WEEK)
    weeks = rows.annotate(week=TruncWeek("approved_at", tzinfo=zone)).values_list("week", flat=True).distinct()
    drawn = set(SpotCheckWeek.objects.filter(program=program, week_on__gte=begin).values_list("week_on", flat=True))
    days = {week.astimezone(zone).date() for week in weeks}
    return sorted(day for day in days if begin <= day < this and day not in drawn)
