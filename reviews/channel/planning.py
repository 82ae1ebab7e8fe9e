"""From notices to sendings: who of a partner wants which notice how, decided once a notice, by the worker.

Runs as staff of the program. A notice is locked while it is planned, and marked as planned in the same transaction.
"""

import hashlib
import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from partners.models import Membership, Program
from reviews.channel.kinds import AT_ONCE
from reviews.models import Enclosure, HowTold, Notice, NoticePreference, Sending, SendingStatus, Way, Webhook

DAILY_AT = time(8)  # in the program's time zone
AT_A_TIME = 500


@dataclass
class _Recipients:
    """Who of each partner is told, and how: people with a mail address by what they chose, and the webhook if it is on."""

    people: dict[uuid.UUID, list[tuple[uuid.UUID, str]]] = field(default_factory=lambda: defaultdict(list))
    webhooks: dict[uuid.UUID, uuid.UUID] = field(default_factory=dict)


@transaction.atomic
def plan_sendings(program: Program, at: datetime) -> int:
    """Queue what has to leave of the notices that nobody has planned yet; returns how many notices that were."""
    with connection.cursor() as cursor:  # one planner at a time: two would lock the daily mails in two orders
        cursor.execute("select pg_advisory_xact_lock(hashtext('sendings'), hashtext(%s))", [str(program.pk)])
    waiting = Notice.objects.select_for_update(no_key=True, skip_locked=True).filter(
        program=program, partner__isnull=False, queued_at__isnull=True
    )
    notices = list(waiting.order_by("sent_at", "pk")[:AT_A_TIME])
    told = _recipients({n.partner_id for n in notices if n.partner_id})
    for notice in notices:
        for user_id, how in told.people[notice.partner_id]:
            if how == HowTold.AT_ONCE or (how == HowTold.DAILY and notice.kind in AT_ONCE):
                _queue(notice, Way.MAIL, at, user_id=user_id)
            elif how == HowTold.DAILY:
                _add_to_daily(notice, user_id, program, at)
        if notice.partner_id in told.webhooks:
            _queue(notice, Way.WEBHOOK, at, webhook_id=told.webhooks[notice.partner_id])
    Notice.objects.filter(pk__in=[n.pk for n in notices]).update(queued_at=at)
    return len(notices)


@transaction.atomic
def plan_tests(program: Program, at: datetime) -> int:
    """Queue the tests that partners asked for of their webhooks; each once. Returns how many are new."""
    asked = Webhook.objects.filter(program=program, enabled=True, test_asked_at__gt=at - timedelta(hours=1))
    made = 0
    for webhook in asked.order_by("pk"):
        key = _key("test", webhook.pk, webhook.test_asked_at.isoformat())
        _, new = Sending.objects.get_or_create(key=key, defaults={
            "program_id": program.pk, "partner_id": webhook.partner_id, "webhook_id": webhook.pk, "way": Way.WEBHOOK,
            "due_at": at, "created_at": at,
        })  # fmt: skip
        made += new
    return made


def next_daily(program: Program, at: datetime) -> datetime:
    """When the first daily mail after `at` leaves."""
    zone = ZoneInfo(program.timezone)
    today = at.astimezone(zone).date()
    first = datetime.combine(today, DAILY_AT, zone)
    return first if first > at else datetime.combine(today + timedelta(days=1), DAILY_AT, zone)


def _recipients(partner_ids: Iterable[uuid.UUID]) -> _Recipients:
    found, ids = _Recipients(), list(partner_ids)
    chosen = {
        (partner, user): how
        for partner, user, how in NoticePreference.objects.filter(partner__in=ids).values_list("partner", "user", "how")
    }
    members = Membership.objects.filter(partner__in=ids, active=True, user__is_active=True).exclude(user__email="")
    for partner, user in members.order_by("pk").values_list("partner", "user"):
        found.people[partner].append((user, chosen.get((partner, user), HowTold.AT_ONCE)))
    webhooks = Webhook.objects.filter(partner__in=ids, enabled=True).values_list("partner", "pk")
    found.webhooks.update(webhooks)
    return found


def _queue(
    notice: Notice, way: Way, at: datetime, user_id: uuid.UUID | None = None, webhook_id: uuid.UUID | None = None
) -> None:
    sending = Sending.objects.create(
        program_id=notice.program_id, partner_id=notice.partner_id, way=way, user_id=user_id, webhook_id=webhook_id,
        key=_key(way, notice.pk, user_id or webhook_id), due_at=at, created_at=at,
    )  # fmt: skip
    _enclose(notice, sending)


def _add_to_daily(notice: Notice, user_id: uuid.UUID, program: Program, at: datetime) -> None:
    """Into the next daily mail that has not begun to leave: what leaves stays as it is over all its tries."""
    due, day = next_daily(program, at), timedelta(days=1)
    while True:
        key = _key(Way.DAILY, user_id, f"{notice.partner_id}:{due.date()}")
        Sending.objects.get_or_create(key=key, defaults={
            "program_id": notice.program_id, "partner_id": notice.partner_id, "user_id": user_id, "way": Way.DAILY,
            "due_at": due, "created_at": at,
        })  # fmt: skip
        sending = Sending.objects.select_for_update(no_key=True).get(key=key)
        if sending.status == SendingStatus.WAITING and not sending.tries:
            return _enclose(notice, sending)
        due = datetime.combine(due.date() + day, DAILY_AT, due.tzinfo)


def _enclose(notice: Notice, sending: Sending) -> None:
    Enclosure.objects.create(
        program_id=notice.program_id, partner_id=notice.partner_id, sending=sending, notice=notice,
        user_id=sending.user_id, webhook_id=sending.webhook_id,
    )  # fmt: skip


def _key(*parts: object) -> str:
    return hashlib.sha256(":".join(map(str, parts)).encode()).hexdigest()
