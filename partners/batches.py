"""Many registrations from one file: previewed, sent once, each good row one registration, whatever is repeated."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from channelconflict.audit import record
from channelconflict.models import User
from channelconflict.tasks import nudge
from partners.batch_rows import Judged
from partners.models import BatchRow, Partner, Registration, RegistrationBatch, RowState
from partners.services import NotPossibleError, add_activity, submit_registration


@transaction.atomic
def preview_batch(
    *,
    partner: Partner,
    file_name: str,
    sha256: str,
    columns: Sequence[str],
    rows: Sequence[Judged],
    by: User,
    at: datetime,
) -> RegistrationBatch:
    """Keep what each row of a file would do. Nothing is registered."""
    batch = RegistrationBatch(
        program_id=partner.program_id, partner=partner, file_name=file_name, sha256=sha256, columns=list(columns),
        brought_by=by, brought_at=at,
    )  # fmt: skip
    batch.save(force_insert=True)
    BatchRow.objects.bulk_create(
        BatchRow(
            program_id=partner.program_id, partner=partner, batch=batch, line=row.line, cells=row.cells, token=uuid.uuid4(),
            account_name=row.account_name, state=row.state, told=row.told,
        )
        for row in rows
    )  # fmt: skip
    counts = {state.value: sum(row.state == state for row in rows) for state in RowState}
    record(action="registrations.previewed", by=by, at=at, subject=batch, program_id=batch.program_id,
           facts={"sha256": sha256, "rows": counts})  # fmt: skip
    return batch


@transaction.atomic
def send_batch(*, batch: RegistrationBatch, by: User, at: datetime) -> RegistrationBatch:
    """Register its good rows; a worker goes through them. Sent a second time, nothing more happens."""
    batch = RegistrationBatch.objects.select_for_update(no_key=True).get(pk=batch.pk)
    if batch.sent_at:
        return batch
    good = batch.lines.filter(state=RowState.NEW).count()
    if not good:
        raise NotPossibleError(_("No row can be registered: mend the file and bring it again."))
    batch.sent_at = at
    batch.save(update_fields=["sent_at"])
    record(action="registrations.sent", by=by, at=at, subject=batch, program_id=batch.program_id, facts={"rows": good})
    nudge("reviews.tasks.register_many", batch.program_id, batch.pk)
    return batch


@transaction.atomic
def register_row(
    *, row: BatchRow, registration: Registration, proof: tuple[str, date] | None, by: User, at: datetime
) -> Registration:
    """Submit what one row says, with its proof of work. Its token makes one registration of it, however often it is tried."""
    registration.form_token = row.token
    saved = submit_registration(registration=registration, by=by, at=at)
    if proof and not saved.activities.filter(kind=proof[0], occurred_on=proof[1]).exists():
        add_activity(registration=saved, kind=proof[0], occurred_on=proof[1], by=by, at=at)
    row.registration, row.state, row.told, row.ended_at = saved, RowState.DONE, "", at
    row.save(update_fields=["registration", "state", "told", "ended_at"])
    return saved


@transaction.atomic
def leave_row_out(*, row: BatchRow, state: str, told: str, by: User, at: datetime) -> BatchRow:
    """A row was not registered after all, and why."""
    row.state, row.told, row.ended_at = state, told, at
    row.save(update_fields=["state", "told", "ended_at"])
    record(
        action="registrations.row_left_out",
        by=by,
        at=at,
        subject=row,
        program_id=row.program_id,
        facts={"state": state},
    )
    return row


@transaction.atomic
def finish_batch(*, batch: RegistrationBatch, by: User, at: datetime) -> bool:
    """Nothing of it waits any more; False while another worker is at a row."""
    batch = RegistrationBatch.objects.select_for_update(no_key=True).get(pk=batch.pk)
    if batch.finished_at or batch.lines.filter(state=RowState.NEW).exists():
        return False
    batch.finished_at = at
    batch.save(update_fields=["finished_at"])
    done = batch.lines.filter(state=RowState.DONE).count()
    record(
        action="registrations.finished", by=by, at=at, subject=batch, program_id=batch.program_id, facts={"made": done}
    )
    return True


@transaction.atomic
def forget_preview(*, batch: RegistrationBatch, by: User | None, at: datetime) -> None:
    """A preview that nobody sent goes, with its rows."""
    record(action="registrations.preview_forgotten", by=by, at=at, subject=batch, program_id=batch.program_id)
    batch.delete()
