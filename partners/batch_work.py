"""Working through a batch that was sent: one row a transaction, in the name of who sent it, checked anew by the form."""

import logging
import time
import uuid
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from channelconflict.models import User
from channelconflict.scope import staff_of
from channelconflict.tasks import nudge
from partners.batch_rows import Reader, own_deals
from partners.batches import finish_batch, forget_preview, leave_row_out, register_row
from partners.language import speaking_to
from partners.models import BatchRow, Membership, ProductLine, Program, Registration, RegistrationBatch, RowState
from partners.services import NotPossibleError

log = logging.getLogger(__name__)
PREVIEWS_KEPT = timedelta(days=7)
IN_A_SWEEP = 20.0  # seconds for all files: a sweep has other things to look for


def work_on_batch(program: Program, batch_id: uuid.UUID, *, seconds: float = 120) -> None:
    """Register what waits of one batch; may run twice and beside another worker. After some seconds it is queued again."""
    until = time.monotonic() + seconds
    with staff_of(program.pk):
        waiting = RegistrationBatch.objects.filter(pk=batch_id, sent_at__isnull=False, finished_at__isnull=True)
        batch = waiting.select_related("partner__program", "brought_by").first()
        if batch is None:
            return
        language = speaking_to(batch.partner_id)
    with language:
        _work_until(until, program, batch)


def _work_until(until: float, program: Program, batch: RegistrationBatch) -> None:
    while _next(batch):
        if time.monotonic() > until:
            with staff_of(program.pk):
                nudge("reviews.tasks.register_many", program.pk, batch.pk)
            return
    with staff_of(program.pk):
        finish_batch(batch=batch, by=batch.brought_by, at=timezone.now())


def _next(batch: RegistrationBatch) -> bool:
    """Work on one row; False when none waits."""
    by, at = batch.brought_by, timezone.now()
    with staff_of(batch.program_id, by=by):
        rows = batch.lines.select_for_update(no_key=True, skip_locked=True).filter(state=RowState.NEW)
        row = rows.order_by("line").first()
        if row is None:
            return False
        try:
            _register(batch, row, by, at)
        except (NotPossibleError, ValidationError) as error:
            said = " ".join(error.messages) if isinstance(error, ValidationError) else str(error)
            leave_row_out(row=row, state=RowState.FAILED, told=said, by=by, at=at)
        except Exception:  # one row's trouble must not keep the others waiting
            log.exception("row %s of batch %s could not be registered", row.pk, batch.pk)
            told = _("It could not be registered. Register it alone, or tell the vendor.")
            leave_row_out(row=row, state=RowState.FAILED, told=told, by=by, at=at)
    return True


def _register(batch: RegistrationBatch, row: BatchRow, by: User, at: datetime) -> None:
    member = Membership.objects.filter(user=by, partner=batch.partner_id, active=True, user__is_active=True).exists()
    if not member:
        raise NotPossibleError(_("Who sent the file does not act for your company any more: bring it again."))
    program = batch.partner.program
    products = list(ProductLine.objects.filter(program=program).order_by("name", "code"))
    today = timezone.localdate(at, timezone=ZoneInfo(program.timezone))
    reader = Reader(batch.partner, products, today, batch.columns)
    form = reader.form(row.cells)
    if not form.is_valid():  # a quarter or a product may have ended meanwhile
        leave_row_out(row=row, state=RowState.FAILED, told=" ".join(reader.complaints(form)), by=by, at=at)
        return
    said = form.cleaned_data
    deals = own_deals(batch.partner, [said["account_name"]], [said["account_domain"]])
    meant = deals.meets(said["account_name"], said["account_domain"], said["product_lines"])
    if meant:
        told = _("It is %(deal)s. It was left out.") % {"deal": meant}
        leave_row_out(row=row, state=RowState.DUPLICATE, told=told, by=by, at=at)
        return
    new = form.apply_to(Registration(program=program, partner=batch.partner))
    register_row(row=row, registration=new, proof=form.proof, by=by, at=at)


def resume_batches(program: Program) -> None:
    """Go on with those whose nudge was lost, or whose worker died."""
    with staff_of(program.pk):
        unfinished = RegistrationBatch.objects.filter(program=program, sent_at__isnull=False, finished_at__isnull=True)
        waiting = list(unfinished.order_by("sent_at", "pk").values_list("pk", flat=True))
    until = time.monotonic() + IN_A_SWEEP
    for key in waiting:
        work_on_batch(program, key, seconds=max(0.0, until - time.monotonic()))  # what is left is queued again


def forget_previews(program: Program, at: datetime) -> None:
    """Let previews go that nobody sent for a week. The caller has entered the program's staff scope."""
    unsent = RegistrationBatch.objects.filter(program=program, sent_at__isnull=True, brought_at__lt=at - PREVIEWS_KEPT)
    for batch in unsent.order_by("pk"):
        forget_preview(batch=batch, by=None, at=at)
