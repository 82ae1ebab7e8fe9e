"""Telling in time: that a protection ends soon, and that an account may be registered again. Each is told once."""

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import transaction
from django.db.models import CharField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from conflicts.policy.document import ProtectionRule
from partners.models import Protection, ProtectionTerms, Registration, RegistrationStatus, WaitingParty
from partners.services import save_row
from reviews import notices
from reviews.models import Decision, NoticeKind
from reviews.services.cases import tell

GIVING = ("award", "split", "co_sell", "direct_retained")  # outcomes that give the deal to somebody


def reminders_due(program_id: uuid.UUID, reminder_days: Iterable[int], at: datetime) -> QuerySet[ProtectionTerms]:
    """The terms whose party is to be reminded at `at`; after missed days only of the one that is due now."""
    due, before = Q(pk__in=[]), 0
    for days in sorted(reminder_days):
        ends = (at + timedelta(days=before), at + timedelta(days=days))
        unsaid = Q(reminded_days__isnull=True) | Q(reminded_days__gt=days)
        due |= Q(registration__protected_until__gt=ends[0], registration__protected_until__lte=ends[1]) & unsaid
        before = days
    return ProtectionTerms.objects.filter(
        due, program_id=program_id, registration__status=RegistrationStatus.APPROVED
    ).order_by("registration__protected_until", "pk")


def reminder_at(ends: datetime, reminder_days: Iterable[int], at: datetime) -> int | None:
    """Which reminder is due so long before the end: the last one whose day has come; None before the first."""
    return min((days for days in reminder_days if ends - at <= timedelta(days=days)), default=None)


@transaction.atomic
def remind(*, terms: ProtectionTerms, rule: ProtectionRule, at: datetime) -> bool:
    """Remind the party that its protection ends, once for each of the policy's days; says whether it was due."""
    registration = Registration.objects.select_for_update(no_key=True).get(pk=terms.registration_id)
    terms = ProtectionTerms.objects.get(pk=terms.pk)
    ends, said = registration.protected_until, terms.reminded_days
    if registration.status != RegistrationStatus.APPROVED or ends <= at:
        return False
    days = reminder_at(ends, rule.reminder_days, at)
    if days is None or (said is not None and said <= days):
        return False
    terms.reminded_days = days
    save_row(terms, by=None, at=at, action="protection.reminded", facts={"days": days, "until": ends})
    activities = registration.activities.filter(occurred_on__range=(terms.renewable_from or ends.date(), ends.date()))
    worked = activities.order_by("-occurred_on").values_list("occurred_on", flat=True).first()
    tell(registration.partner_id, registration, NoticeKind.EXPIRING,
         notices.reminder(registration, terms, worked, at), at)  # fmt: skip
    return True


def free_again(program_id: uuid.UUID, days: int, at: datetime) -> QuerySet[WaitingParty]:
    """The waiting parties to be told at `at` that their account may be registered again.

    Nobody is told sooner than `days` (what an approval protects) after its own decision, and who was not told of
    another claim is told exactly then: the moment says nothing about anybody else (TRUST 2).
    """
    here, account = OuterRef("registration"), "registration__claim__account"
    lines = ExpressionWrapper(OuterRef("registration__product_lines"), ArrayField(CharField()))
    protected = Protection.objects.alias(lines=lines).filter(
        Q(account=OuterRef(account)) | Q(account=OuterRef(f"{account}__merged_into")), ended_at__isnull=True,
        lines__contains=[F("product_line")], period__endswith__gt=at,
    )  # fmt: skip
    decisions = Decision.objects.filter(case__conflict__claims__registration=here).order_by("-decided_at", "-number")
    outcome = Coalesce(Subquery(decisions.values("action")[:1]), Value(""))
    decided = Q(registration__decided_at__lte=at - timedelta(days=days)) | Q(
        registration__decided_at__isnull=True, asked_at__lte=at - timedelta(days=days)
    )
    rows = WaitingParty.objects.filter(decided, program_id=program_id, told_at__isnull=True)
    return rows.alias(outcome=outcome).exclude(Exists(protected), outcome__in=GIVING).order_by("asked_at", "pk")


@transaction.atomic
def tell_that_free(*, waiting: WaitingParty, at: datetime) -> bool:
    """Tell a waiting party that its account may be registered again, once."""
    waiting = (
        WaitingParty.objects.select_for_update(no_key=True, of=("self", "registration"))
        .select_related("registration")
        .get(pk=waiting.pk)
    )
    if waiting.told_at is not None:
        return False
    waiting.told_at = at
    save_row(waiting, by=None, at=at, action="waiting.told")
    registration = waiting.registration
    tell(waiting.partner_id, registration, NoticeKind.FREE_AGAIN, notices.may_register_again(registration), at)
    return True
