"""Reminders of what a party may still say: the answer to our question, and an appeal before its window closes."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from channelconflict.audit import record
from partners.models import Registration, RegistrationStatus
from reviews import notices
from reviews.models import Appeal, Message, Notice, NoticeKind, Party, PartyOutcome
from reviews.services.cases import tell

QUESTION_HOURS = (48.0, 120.0)  # open hours after which a question that waits is told again: two and five open days
APPEAL_ENDS_IN = timedelta(days=2)
_AGAINST = (PartyOutcome.SHARED, PartyOutcome.SUPPORT, PartyOutcome.NOT_AWARDED)


def questions_waiting(program_id: uuid.UUID, at: datetime) -> QuerySet[Registration]:
    """Registrations of partners that owe an answer since two days, and were not told so often enough yet."""
    mine = Message.objects.filter(registration=OuterRef("pk"), from_party=False, answered_at__isnull=True)
    since = Subquery(mine.order_by("sent_at").values("sent_at")[:1])
    told = Notice.objects.filter(
        registration=OuterRef("pk"), kind=NoticeKind.INFORMATION_REMINDER, sent_at__gte=OuterRef("asked_at")
    )
    number = told.order_by().values("registration").annotate(n=Count("pk")).values("n")
    rows = Registration.objects.filter(
        program_id=program_id, partner__isnull=False, status=RegistrationStatus.ACTION_REQUIRED
    )
    return (
        rows.annotate(asked_at=since)
        .filter(asked_at__lte=at - timedelta(hours=QUESTION_HOURS[0]))
        .annotate(reminded=Coalesce(Subquery(number), 0))
        .filter(reminded__lt=len(QUESTION_HOURS))
        .order_by("asked_at", "pk")
    )


@transaction.atomic
def remind_of_question(*, registration: Registration, at: datetime) -> bool:
    """Tell a partner that our question still waits, once after each of QUESTION_HOURS; says whether it was due."""
    Registration.objects.select_for_update(no_key=True).get(pk=registration.pk)
    rows = questions_waiting(registration.program_id, at).select_related("program")
    waiting: Any = rows.filter(pk=registration.pk).first()
    if waiting is None:
        return False
    open_hours = waiting.program.calendar.hours_between(waiting.asked_at, at)
    if open_hours < QUESTION_HOURS[waiting.reminded]:
        return False
    record(action="question.reminded", by=None, at=at, subject=waiting, program_id=waiting.program_id,
           facts={"number": waiting.reminded + 1})  # fmt: skip
    text = notices.question_waits(waiting, waiting.asked_at)
    tell(waiting.partner_id, waiting, NoticeKind.INFORMATION_REMINDER, text, at)
    return True


def appeals_closing(program_id: uuid.UUID, at: datetime) -> QuerySet[Party]:
    """Sides of partners that may still appeal for two days at most, and were not told so."""
    told = Notice.objects.filter(
        registration=OuterRef("registration"), kind=NoticeKind.APPEAL_CLOSES,
        sent_at__gt=OuterRef("appeal_until") - APPEAL_ENDS_IN,
    )  # fmt: skip
    soon = Q(appeal_until__gt=at, appeal_until__lte=at + APPEAL_ENDS_IN)
    rows = Party.objects.filter(soon, program_id=program_id, partner__isnull=False, registration__isnull=False)
    rows = rows.filter(outcome__in=_AGAINST, left_at__isnull=True)
    appealed = Appeal.objects.filter(party=OuterRef("pk"))
    return rows.filter(~Exists(told), ~Exists(appealed)).order_by("appeal_until", "pk")


@transaction.atomic
def remind_of_appeal(*, party: Party, at: datetime) -> bool:
    """Tell a partner once that it may appeal no longer than two more days; says whether it was due."""
    Party.objects.select_for_update(no_key=True).get(pk=party.pk)
    rows = appeals_closing(party.program_id, at).select_related("registration__program")
    closing = rows.filter(pk=party.pk).first()
    if closing is None:
        return False
    record(action="appeal.reminded", by=None, at=at, subject=closing, program_id=closing.program_id)
    text = notices.appeal_closes(closing.registration, closing.appeal_until)
    tell(closing.partner_id, closing.registration, NoticeKind.APPEAL_CLOSES, text, at)
    return True
