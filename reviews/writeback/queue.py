"""The row is the queue: rows are claimed by a conditional update, and tried until done. Writes and sendings share it.

A row is claimed with a lease in a transaction of its own; nothing is locked while somebody else is spoken to. A worker
that dies loses its lease, and the next one tries again under the same key: at least once sent, once in effect.
"""

import logging
import random
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from channelconflict.audit import record
from channelconflict.models import User
from channelconflict.scope import staff_of
from partners.models import Program
from partners.services import NotPossibleError
from reviews.writeback.errors import DeliveryError, NotNeededError

LEASE = timedelta(seconds=60)
LONGEST_WAIT = timedelta(hours=24)  # of what a target asks for with Retry-After
log = logging.getLogger(__name__)
# Seconds until the next try after the first, second ... failure; then a person must look (dead letter).
SCHEDULE = (5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400)


def _nothing(row: Any, error: DeliveryError, at: datetime) -> None:
    """Most failures have no further consequence."""


@dataclass(frozen=True)
class Queue:
    """A table of rows that wait to leave (status, tries, due_at, lease_until, lease_key, delivered_at), and of the tries."""

    name: str  # in the record of acts, and of the column by which a try points to its row
    noun: str  # in sentences
    rows: type[Any]
    tries: type[Any]
    send: Callable[[Any], str]  # says what happened, or raises DeliveryError or NotNeededError
    facts: Callable[[Any], Mapping[str, Any]]  # of a row, for the record of acts
    related: tuple[str, ...] = ()  # what `send` reads
    copied: tuple[str, ...] = ()  # columns that a try has of its row
    free: str = "true"  # SQL about the row `o`: whether it may be claimed now
    order: str = "due_at, id"
    after_failure: Callable[[Any, DeliveryError, datetime], None] = _nothing

    @property
    def claim(self) -> str:
        """The statement that claims the first row that is due and free; it returns the row's id."""
        table = self.rows._meta.db_table
        return f"""
            update {table} set status = 'sending', lease_until = %(until)s, lease_key = %(lease)s, tries = tries + 1
            where id = (
                select id from {table} as o
                where due_at <= %(now)s and (status = 'waiting' or (status = 'sending' and lease_until < %(now)s))
                  and {self.free}
                order by {self.order} limit 1 for update skip locked)
            returning id"""  # noqa: S608 (names of our tables, and constants)


def deliver_due(queue: Queue, program: Program, *, limit: int, seconds: float = 600.0) -> int:
    """Deliver what is due in a program, one row after the other, for so long; returns how many were delivered."""
    delivered, until = 0, time.monotonic() + seconds
    for _ in range(limit):
        lease = claim(queue, program) if time.monotonic() < until else None
        if lease is None:
            break
        delivered += deliver(queue, program, *lease)
    return delivered


def claim(queue: Queue, program: Program) -> tuple[uuid.UUID, uuid.UUID] | None:
    """Take the first row that is due, with a lease: (row, lease), or None when nothing is."""
    now, lease = timezone.now(), uuid.uuid4()
    with staff_of(program.pk), connection.cursor() as cursor:
        cursor.execute(queue.claim, {"until": now + LEASE, "lease": lease, "now": now})
        found = cursor.fetchone()
        if found is None:
            return None
        row = queue.rows.objects.get(pk=found[0])
        copied = {name: getattr(row, name) for name in queue.copied}
        queue.tries.objects.create(
            program=program, number=row.tries, started_at=now, **{queue.name: row}, **copied
        )  # fmt: skip
        return row.pk, lease


def deliver(queue: Queue, program: Program, row_id: uuid.UUID, lease: uuid.UUID) -> int:
    """Try a claimed row once, with no transaction open, and keep what came of it; 1 if it was delivered."""
    with staff_of(program.pk):
        row = queue.rows.objects.select_related(*queue.related).get(pk=row_id)
    error: DeliveryError | NotNeededError | None = None
    try:
        result = queue.send(row)
    except NotNeededError as reason:
        result, error = "left out", reason
    except DeliveryError as failure:
        result, error = "failed", failure
    except OSError as failure:
        result, error = "failed", DeliveryError(f"The target could not be written: {failure.strerror or failure}.")
    except Exception as failure:  # whatever a target does, the row keeps its schedule and ends with a person
        log.exception("%s %s failed", queue.noun, row.key)
        result, error = "failed", DeliveryError(f"The target failed: {type(failure).__name__}.")
    with staff_of(program.pk):
        return _finish(queue, row, lease, result, error)


@transaction.atomic
def send_again(queue: Queue, *, row: Any, by: User, at: datetime) -> Any:
    """A person sends a row again that was given up, under its old key; it starts its schedule anew."""
    row = queue.rows.objects.select_for_update(no_key=True).get(pk=row.pk)
    if row.status != "dead":
        raise NotPossibleError(
            f"This {queue.noun} is {row.get_status_display().lower()}: only one that was given up is sent again."
        )
    row.status, row.due_at = "waiting", at
    row.save()
    _record(queue, row, "sent_again", by, at, {})
    return row


@transaction.atomic
def _finish(queue: Queue, row: Any, lease: uuid.UUID, result: str, error: DeliveryError | NotNeededError | None) -> int:
    now = timezone.now()
    # Only the holder of the lease may finish: a worker that was too slow must not undo its successor's result.
    held = queue.rows.objects.select_for_update(no_key=True).filter(pk=row.pk, lease_key=lease).first()
    queue.tries.objects.filter(**{queue.name: row.pk}, number=row.tries, ended_at__isnull=True).update(
        ended_at=now, result=result, detail=str(error or "")
    )
    if held is None:
        return 0
    held.lease_until = held.lease_key = None
    if error is None:
        held.status, held.delivered_at = "delivered", now
        _record(queue, held, "delivered", None, now, {"result": result})
    elif isinstance(error, NotNeededError):
        held.status = "left_out"
        _record(queue, held, "left_out", None, now, {"tries": held.tries})
    elif error.permanent or held.tries > len(SCHEDULE):
        held.status = "dead"
        _record(queue, held, "dead", None, now, {"tries": held.tries})
    else:
        held.status, held.due_at = "waiting", now + _pause(held.tries, error)
    held.save()
    if isinstance(error, DeliveryError):
        queue.after_failure(held, error, now)
    return int(error is None)


def _pause(tries: int, error: DeliveryError) -> timedelta:
    jittered = SCHEDULE[tries - 1] * random.uniform(0.9, 1.1)  # noqa: S311 (jitter)
    return max(timedelta(seconds=jittered), min(error.retry_after, LONGEST_WAIT))


def _record(queue: Queue, row: Any, what: str, by: User | None, at: datetime, facts: Mapping[str, Any]) -> None:
    record(action=f"{queue.name}.{what}", by=by, at=at, subject=row, program_id=row.program_id,
           case_id=getattr(row, "case_id", None), facts={**queue.facts(row), **facts})  # fmt: skip
