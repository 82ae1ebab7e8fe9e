"""What the passing of time does to protections: they end or renew, and parties are told in time. The sweep calls it.

Rows are selected by sets and settled one by one, each in a transaction of its own that may run twice: one that fails
keeps no other waiting, and a day that was missed is made up for. Who waits behind a protection that ended is looked
at next, by what its row's trigger left (pipeline.look_again): call that afterwards, with the same `at`.
"""

from datetime import datetime

from channelconflict.scope import staff_of
from conflicts.services import policy_in_force
from partners.models import Program, Registration, RegistrationStatus
from reviews.one_by_one import one_by_one
from reviews.services.protection import come_to_its_end
from reviews.services.reminders import free_again, remind, reminders_due, tell_that_free

AT_MOST = 5_000  # rows of one kind a run; the next run takes the rest


def look_after(program: Program, at: datetime) -> int:
    """Settle every protection whose end has come, remind, and tell who waits; returns how many rows it settled."""
    done = settle_ends(program, at)
    with staff_of(program.pk):
        rule = policy_in_force(program).policy.protection
        due = list(reminders_due(program.pk, rule.reminder_days, at)[:AT_MOST])
    done += one_by_one(program, due, lambda row: remind(terms=row, rule=rule, at=at))
    with staff_of(program.pk):
        waiting = list(free_again(program.pk, rule.days, at)[:AT_MOST])
    return done + one_by_one(program, waiting, lambda row: tell_that_free(waiting=row, at=at))


def settle_ends(program: Program, at: datetime) -> int:
    """Renew or end every protection whose end has come: one look into an index where there is none."""
    with staff_of(program.pk):
        ended = Registration.objects.filter(
            program=program, status=RegistrationStatus.APPROVED, protected_until__lte=at
        ).order_by("protected_until", "pk")
        rows = list(ended[:AT_MOST])
        rule = policy_in_force(program).policy.protection if rows else None
    return one_by_one(program, rows, lambda row: come_to_its_end(registration=row, rule=rule, at=at))
