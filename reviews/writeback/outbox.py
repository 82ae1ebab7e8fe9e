"""The row is the queue: writes are put here with the decision, claimed by a conditional update, and tried until done.

A row is claimed with a lease in a transaction of its own; nothing is locked while the target is spoken to. A worker that
dies loses its lease, and the next one tries again under the same key: at least once sent, once in effect. Writes to
one object of one target go in order, one at a time.
"""

import hashlib
import logging
import random
import uuid
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from channelconflict.audit import record
from channelconflict.models import User
from channelconflict.scope import staff_of
from channelconflict.tasks import nudge
from partners.models import Program, Registration
from partners.services import NotPossibleError
from reviews.models import Attempt, Case, Decision, Outbox, OutboxStatus, Target
from reviews.writeback.errors import DeliveryError
from reviews.writeback.targets import REGISTRY

LEASE = timedelta(seconds=60)
log = logging.getLogger(__name__)
# Seconds until the next try after the first, second ... failure; then a person must look (dead letter).
SCHEDULE = (5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400)


def fields_of(registration: Registration) -> dict[str, str]:
    """The fields of a registration that targets keep, as text: taken before and after a change, they are the preview."""
    owner = "direct" if registration.direct else registration.partner.external_id
    until = registration.protected_until
    return {
        "status": registration.status,
        "registered_partner": owner if registration.status == "approved" else "",
        "protected_until": until.isoformat() if until and registration.status == "approved" else "",
    }


def enqueue(
    *,
    registration: Registration,
    before: dict[str, str],
    case: Case | None,
    decision: Decision | None,
    version: str,
    share: str,
    at: datetime,
) -> list[Outbox]:
    """Put one write a target into the outbox, inside the decision's transaction, with its field-by-field preview."""
    after = fields_of(registration) | ({"share_pct": share} if share else {})
    preview = [[name, before.get(name, ""), value] for name, value in after.items()]
    rows = []
    for target in Target.objects.filter(program_id=registration.program_id, enabled=True).order_by("pk"):
        key = hashlib.sha256(f"{registration.pk}:{target.pk}:{version}".encode()).hexdigest()
        row = Outbox.objects.create(
            program_id=registration.program_id, case=case, decision=decision, registration=registration, target=target,
            object_ref=registration.ref, key=key, preview=preview, due_at=at, created_at=at,
        )  # fmt: skip
        rows.append(row)
    if rows:
        nudge("reviews.tasks.deliver", registration.program_id)
    return rows


_CLAIM = """
update reviews_outbox set status = 'sending', lease_until = %s, lease_key = %s, tries = tries + 1
where id = (
    select id from reviews_outbox as o
    where due_at <= %s and (status = 'waiting' or (status = 'sending' and lease_until < %s))
      and not exists (
        select 1 from reviews_outbox as earlier
        where earlier.target_id = o.target_id and earlier.object_ref = o.object_ref and earlier.id < o.id
          and earlier.status in ('waiting', 'sending'))
    order by due_at, id limit 1 for update skip locked)
returning id
"""


def deliver_due(program: Program, *, limit: int = 1000) -> int:
    """Deliver what is due in a program, one write after the other; returns how many were delivered."""
    delivered = 0
    for _ in range(limit):
        lease = _claim(program)
        if lease is None:
            break
        delivered += _deliver(program, *lease)
    return delivered


@transaction.atomic
def send_again(*, row: Outbox, by: User, at: datetime) -> Outbox:
    """A person sends a write again that was given up, under its old key; it starts its schedule anew."""
    row = Outbox.objects.select_for_update(no_key=True).get(pk=row.pk)
    if row.status != OutboxStatus.DEAD:
        raise NotPossibleError(
            f"This write is {row.get_status_display().lower()}: only one that was given up is sent again."
        )
    row.status, row.due_at = OutboxStatus.WAITING, at
    row.save()
    record(action="outbox.sent_again", by=by, at=at, subject=row, program_id=row.program_id, case_id=row.case_id,
           facts={"key": row.key})  # fmt: skip
    nudge("reviews.tasks.deliver", row.program_id)
    return row


def _claim(program: Program) -> tuple[uuid.UUID, uuid.UUID] | None:
    now, lease_key = timezone.now(), uuid.uuid4()
    with staff_of(program.pk), connection.cursor() as cursor:
        cursor.execute(_CLAIM, [now + LEASE, lease_key, now, now])
        row = cursor.fetchone()
        if row is None:
            return None
        outbox = Outbox.objects.get(pk=row[0])
        Attempt.objects.create(program=program, outbox=outbox, number=outbox.tries, started_at=now)
        return row[0], lease_key


def _deliver(program: Program, outbox_id: uuid.UUID, lease_key: uuid.UUID) -> int:
    with staff_of(program.pk):
        row = Outbox.objects.select_related("target", "case").get(pk=outbox_id)
    try:
        result, error = _send(row), None
    except DeliveryError as failure:
        result, error = "failed", failure
    except OSError as failure:
        result, error = "failed", DeliveryError(f"The target could not be written: {failure.strerror or failure}.")
    except Exception as failure:  # whatever a target does, the row keeps its schedule and ends with a person
        log.exception("write %s failed", row.key)
        result, error = "failed", DeliveryError(f"The target failed: {type(failure).__name__}.")
    with staff_of(program.pk):
        return _finish(row, lease_key, result, error)


def _send(row: Outbox) -> str:
    module = REGISTRY[row.target.kind]
    return module.apply(name=row.target.name, key=row.key, write=message(row))


def message(row: Outbox) -> dict[str, Any]:
    """What a target receives: which object, which fields from what to what, and which decision stands behind it."""
    return {
        "object": row.object_ref,
        "program": str(row.program_id),
        "case": row.case.ref if row.case else None,
        "decision": str(row.decision_id) if row.decision_id else None,
        "fields": {name: {"before": before, "after": after} for name, before, after in row.preview},
    }


@transaction.atomic
def _finish(row: Outbox, lease_key: uuid.UUID, result: str, error: DeliveryError | None) -> int:
    now = timezone.now()
    # Only the holder of the lease may finish: a worker that was too slow must not undo its successor's result.
    held = Outbox.objects.select_for_update(no_key=True).filter(pk=row.pk, lease_key=lease_key).first()
    Attempt.objects.filter(outbox_id=row.pk, number=row.tries, ended_at__isnull=True).update(
        ended_at=now, result=result, detail=str(error or "")
    )
    if held is None:
        return 0
    held.lease_until = held.lease_key = None
    if error is None:
        held.status, held.delivered_at = OutboxStatus.DELIVERED, now
        record(action="outbox.delivered", by=None, at=now, subject=held, program_id=held.program_id,
               case_id=held.case_id, facts={"key": held.key, "target": held.target_id, "result": result})  # fmt: skip
    elif error.permanent or held.tries > len(SCHEDULE):
        held.status = OutboxStatus.DEAD
        record(action="outbox.dead", by=None, at=now, subject=held, program_id=held.program_id,
               case_id=held.case_id, facts={"key": held.key, "tries": held.tries})  # fmt: skip
    else:
        held.status = OutboxStatus.WAITING
        held.due_at = now + timedelta(seconds=SCHEDULE[held.tries - 1] * random.uniform(0.9, 1.1))  # noqa: S311 (jitter)
    held.save()
    return int(error is None)
