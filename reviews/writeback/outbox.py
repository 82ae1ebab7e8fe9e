"""Writes to other systems: put here with the decision, and delivered by the queue (queue.py) until they are in effect.

Writes to one object of one target go in order, one at a time.
"""

import hashlib
from datetime import datetime
from typing import Any

from django.db import transaction

from channelconflict.models import User
from channelconflict.tasks import nudge
from partners.models import Program, Registration
from reviews.models import Attempt, Case, Decision, Outbox, Target
from reviews.writeback import queue
from reviews.writeback.targets import REGISTRY


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


def deliver_due(program: Program, *, limit: int = 1000) -> int:
    """Deliver what is due in a program, one write after the other; returns how many were delivered."""
    return queue.deliver_due(QUEUE, program, limit=limit)


@transaction.atomic
def send_again(*, row: Outbox, by: User, at: datetime) -> Outbox:
    """A person sends a write again that was given up, under its old key; it starts its schedule anew."""
    row = queue.send_again(QUEUE, row=row, by=by, at=at)
    nudge("reviews.tasks.deliver", row.program_id)
    return row


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


_FIRST_OF_ITS_OBJECT = """
not exists (
    select 1 from reviews_outbox as earlier
    where earlier.target_id = o.target_id and earlier.object_ref = o.object_ref and earlier.id < o.id
      and earlier.status in ('waiting', 'sending'))"""
QUEUE = queue.Queue(
    name="outbox", noun="write", rows=Outbox, tries=Attempt, send=_send, free=_FIRST_OF_ITS_OBJECT,
    related=("target", "case"), facts=lambda row: {"key": row.key, "target": row.target_id},
)  # fmt: skip
