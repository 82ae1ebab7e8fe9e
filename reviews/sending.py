"""The queue of sendings: what is planned leaves as mail or to a webhook. The worker does it, as staff of the program."""

from datetime import datetime, timedelta

from django.db.models import F
from django.db.models.functions import Greatest
from django.utils import timezone

from channelconflict.models import User
from channelconflict.scope import staff_of
from channelconflict.tasks import nudge
from partners.models import Program
from reviews.channel.mail import send_mail
from reviews.channel.planning import AT_A_TIME, plan_sendings, plan_tests
from reviews.channel.webhooks import send_to_webhook
from reviews.models import Sending, SendingStatus, SendingTry, Way
from reviews.services.telling import switch_off_gone
from reviews.writeback import queue
from reviews.writeback.errors import DeliveryError

RESTS = timedelta(minutes=1)  # a webhook that failed, with everything that waits for it
SECONDS = 100.0  # of one task; what is left then is queued again
IN_A_SWEEP = 20.0


def send_notices(program: Program) -> int:
    """Plan what waits, then send what is due; returns how many sendings left."""
    sent = _work(program, SECONDS)
    with staff_of(program.pk):
        now = timezone.now()
        if Sending.objects.filter(program=program, status=SendingStatus.WAITING, due_at__lte=now).exists():
            nudge("reviews.tasks.send_notices", program.pk)
    return sent


def look_after(program: Program) -> int:
    """What the sweep does: planned and sent as by the task, for a moment only."""
    return _work(program, IN_A_SWEEP)


def _work(program: Program, seconds: float) -> int:
    planned = AT_A_TIME
    while planned == AT_A_TIME:
        with staff_of(program.pk):
            planned = plan_sendings(program, timezone.now())
    with staff_of(program.pk):
        plan_tests(program, timezone.now())
    return queue.deliver_due(QUEUE, program, limit=10_000, seconds=seconds)


def send_again(*, row: Sending, by: User, at: datetime) -> Sending:
    """A person sends again what was given up, under its old id."""
    row = queue.send_again(QUEUE, row=row, by=by, at=at)
    nudge("reviews.tasks.send_notices", row.program_id)
    return row


def _send(row: Sending) -> str:
    return send_to_webhook(row) if row.way == Way.WEBHOOK else send_mail(row)


def _after_failure(row: Sending, error: DeliveryError, at: datetime) -> None:
    """One that is gone is switched off; one that fails rests, so that it does not hold the workers of all others."""
    if row.webhook_id is None:
        return
    if error.gone:
        switch_off_gone(webhook=row.webhook, at=at)
    until = at + max(RESTS, min(error.retry_after, queue.LONGEST_WAIT))
    waiting = Sending.objects.filter(webhook=row.webhook_id, status=SendingStatus.WAITING).exclude(pk=row.pk)
    waiting.update(due_at=Greatest(F("due_at"), until))


_NONE_UNDER_WAY = """
(o.webhook_id is null or not exists (
    select 1 from reviews_sending as other
    where other.webhook_id = o.webhook_id and other.id <> o.id and other.status = 'sending'
      and other.lease_until >= %(now)s))"""
QUEUE = queue.Queue(
    name="sending", noun="sending", rows=Sending, tries=SendingTry, send=_send, copied=("partner_id",),
    related=("program", "partner__chosen_language", "user", "webhook"), free=_NONE_UNDER_WAY,
    order="(webhook_id is not null), due_at, id",  # mails first: a receiver that hangs keeps no reader waiting
    after_failure=_after_failure, facts=lambda row: {"way": row.way, "partner": row.partner_id},
)  # fmt: skip
