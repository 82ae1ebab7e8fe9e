"""Working through bulk approvals that were sent: one case a transaction, in the name of who sent them."""

import uuid

from django.utils import timezone

from channelconflict.models import User
from channelconflict.scope import staff_of
from partners.models import Program
from reviews.models import BulkApproval
from reviews.services.bulk import approve_next, finish_bulk


def work_on_bulk(program: Program, bulk_id: uuid.UUID) -> None:
    """Approve whatever waits of one bulk; may run twice and beside another worker, each case is taken once."""
    with staff_of(program.pk):
        bulk = BulkApproval.objects.filter(pk=bulk_id, sent_at__isnull=False, finished_at__isnull=True).first()
        by = User.objects.filter(pk=bulk.asked_by_id, is_active=True).first() if bulk else None
    if bulk is None or by is None:
        return
    going_on = True
    while going_on:
        with staff_of(program.pk, by=by):
            going_on = approve_next(bulk=bulk, by=by, at=timezone.now()) is not None
    with staff_of(program.pk):
        finish_bulk(bulk=bulk, by=by, at=timezone.now())


def resume_bulks(program: Program) -> None:
    """Go on with those whose nudge was lost, or whose worker died."""
    with staff_of(program.pk):
        unfinished = BulkApproval.objects.filter(program=program, sent_at__isnull=False, finished_at__isnull=True)
        waiting = list(unfinished.order_by("sent_at", "pk").values_list("pk", flat=True))
    for key in waiting:
        work_on_bulk(program, key)
