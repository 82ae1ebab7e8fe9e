"""What time does to appeals and holds: filed appeals are taken up, holds end, and who joined a held case is told.

The sweep calls it. As for protections, every row is settled in a transaction of its own that may run twice.
"""

from datetime import datetime

from django.db.models import Q

from channelconflict.scope import staff_of
from partners.models import Program
from reviews.models import Appeal, AppealStatus, Hold, Party
from reviews.one_by_one import one_by_one
from reviews.services.appeals import take_up_appeal
from reviews.services.holds import late_joiners, let_hold_end, tell_party_of_hold
from reviews.states import CaseStatus

AT_MOST = 2_000


def look_after(program: Program, at: datetime) -> int:
    """Take up what was filed, end what has had its time, and tell; returns how many rows it settled."""
    with staff_of(program.pk):
        filed = list(
            Appeal.objects.filter(program=program, status=AppealStatus.FILED).order_by("filed_at", "pk")[:AT_MOST]
        )
        running = Hold.objects.filter(program=program, ended_at__isnull=True)
        over = Q(until__lte=at) | Q(case__status=CaseStatus.CLOSED)
        ended = list(running.filter(over).select_related("case").order_by("until", "pk")[:AT_MOST])
        others = running.exclude(over).select_related("program", "coordinator", "begun_by")
        joined = dict(late_joiners(others))
    done = one_by_one(program, filed, lambda row: take_up_appeal(appeal=row, at=at))
    done += one_by_one(program, ended, lambda row: let_hold_end(hold=row, at=at))
    return done + one_by_one(program, joined, lambda party: _tell(joined[party], party, at))


def _tell(hold: Hold, party: Party, at: datetime) -> bool:
    tell_party_of_hold(hold=hold, party=party, by=None, at=at)
    return True
