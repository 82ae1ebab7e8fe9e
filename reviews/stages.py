"""What time and answers do to the stages of cases: escalation, talks, deadlines, reminders. The sweep calls it.

As for protections, every row is settled in a transaction of its own that may run twice.
"""

from datetime import datetime

from channelconflict.scope import staff_of
from partners.models import Program
from reviews.one_by_one import one_by_one
from reviews.services.escalation import escalate_in_time, late_cases
from reviews.services.following import follow_talks, open_mediations

AT_MOST = 2_000


def look_after(program: Program, at: datetime) -> int:
    """Follow talks, then tell the next role of cases that run late; returns how many rows it settled."""
    with staff_of(program.pk):
        talks = list(open_mediations(program.pk).select_related("case")[:AT_MOST])
    done = one_by_one(program, talks, lambda row: follow_talks(mediation=row, at=at))
    with staff_of(program.pk):
        late = list(late_cases(program.pk, at)[:AT_MOST])
    return done + one_by_one(program, late, lambda case: escalate_in_time(case=case, at=at))
