"""The life of a protection: it begins with an approval, renews by itself on activity, and ends.

The policy says how long and how often; the database says whether another deal is protected (TRUST 4). Whoever waits
behind a protection that ended is looked at again by itself: a trigger on the registration sees to it.
"""

import uuid
from contextlib import suppress
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from channelconflict.models import User
from conflicts.models import Claim
from conflicts.policy.document import ProtectionRule
from partners.models import (
    Extension,
    ExtensionStatus,
    Protection,
    ProtectionTerms,
    Registration,
    RegistrationStatus,
)
from partners.protection import terms_of
from partners.services import DECISION_HOURS, NotPossibleError, save_row
from reviews import notices
from reviews.models import Case, NoticeKind
from reviews.services.cases import save_case, tell
from reviews.states import UNSETTLED
from reviews.writeback import outbox


@transaction.atomic
def protect(
    *,
    registration: Registration,
    account_id: uuid.UUID,
    deal: uuid.UUID,
    rule: ProtectionRule,
    by: User | None,
    at: datetime,
) -> None:
    """Protect an approved registration's deal, one row a product line; the database refuses a second deal."""
    period = DateTimeTZRange(registration.protected_from, registration.protected_until)
    try:
        with transaction.atomic():
            for line in registration.product_lines:
                row = Protection(
                    program_id=registration.program_id, account_id=account_id, product_line=line, period=period,
                    deal=deal, registration=registration,
                )  # fmt: skip
                save_row(row, by=by, at=at, action="protection.begun", facts={"line": line, "deal": deal})
    except IntegrityError as error:
        _only_another_deal(error)
        raise NotPossibleError(
            f"{registration.ref}: another deal is protected on this account for {', '.join(registration.product_lines)} "
            "in this period. Nothing was saved: decide the case that joins both."
        ) from None
    promise(registration=registration, rule=rule, at=at, renewals=0)


@transaction.atomic
def protect_as_loaded(*, registration: Registration, account_id: uuid.UUID, rule: ProtectionRule, at: datetime) -> None:
    """Protect a registration that came in as approved, under its own id as the deal.

    Where another deal is already protected the rows stay out: both claims are live, and the case says so. What had
    ended before it came is history: nobody is told of it.
    """
    if registration.protected_until is None or registration.protected_until <= at or terms_of(registration):
        return
    with suppress(NotPossibleError):
        protect(registration=registration, account_id=account_id, deal=registration.pk, rule=rule, by=None, at=at)
        return
    promise(registration=registration, rule=rule, at=at, renewals=0)


@transaction.atomic
def promise(
    *, registration: Registration, rule: ProtectionRule, at: datetime, renewals: int, reminded_days: int | None = None
) -> ProtectionTerms:
    """Write down what the party may count on until the present end: the terms, anew with each end.

    `reminded_days` is given where the end stays what it was: the reminders that were sent are not sent again.
    """
    terms = ProtectionTerms.objects.filter(registration=registration).first() or ProtectionTerms(
        program_id=registration.program_id, partner_id=registration.partner_id, registration=registration
    )
    ends = registration.protected_until
    asked = registration.extensions.exclude(status=ExtensionStatus.LAPSED).count()
    renewable = renewals < rule.renewals and rule.renewal_days > 0
    terms.renewals, terms.reminded_days, terms.extension_days = renewals, reminded_days, rule.extension_days
    terms.renewable_from = (ends - timedelta(days=rule.renewal_activity_days)).date() if renewable else None
    terms.extendable_from = ends - timedelta(days=rule.extension_opens_days) if asked < rule.extensions else None
    return save_row(terms, by=None, at=at, action="protection.terms", facts={"renewals": renewals, "until": ends})


@transaction.atomic
def come_to_its_end(*, registration: Registration, rule: ProtectionRule, at: datetime) -> bool:
    """Renew a protection whose end has come, or end it; says whether there was anything to do (it may run twice).

    Where another deal is protected from that end on, a worked registration goes back to a person instead.
    """
    cases = _open_cases(registration)  # cases before registrations before audit chains, as everywhere
    registration = Registration.objects.select_for_update(no_key=True).get(pk=registration.pk)
    if registration.status != RegistrationStatus.APPROVED or registration.protected_until > at:
        return False
    terms = terms_of(registration)
    unanswered = _lapse(registration, at)
    if not worked_on(registration, terms):
        _expire(registration, terms, unanswered, at)
        _note_on(cases, registration, at)
    elif not _renew(registration, terms, rule, at):
        _return(registration, rule, at)
        _note_on(cases, registration, at)
    return True


def worked_on(registration: Registration, terms: ProtectionTerms | None) -> bool:
    """Whether an activity of its own renews it: a dated one from the terms' first day to the end, both included."""
    if terms is None or terms.renewable_from is None:
        return False
    days = (terms.renewable_from, registration.protected_until.date())
    return registration.activities.filter(occurred_on__range=days).exists()


@transaction.atomic
def lengthen(*, registration: Registration, until: datetime, action: str, by: User | None, at: datetime) -> bool:
    """Protect the same deal until a later time; False where another deal is protected from the present end on."""
    rows = list(Protection.objects.filter(registration=registration, ended_at__isnull=True).order_by("pk"))
    try:
        with transaction.atomic():
            for row in rows:
                row.period = DateTimeTZRange(row.period.lower, until)
                save_row(row, by=by, at=at, action=f"protection.{action}", facts={"until": until})
    except IntegrityError as error:
        _only_another_deal(error)
        return False
    if rows:
        registration.protected_until = until
        save_row(registration, by=by, at=at, action=f"registration.{action}", facts={"until": until})
    return bool(rows)


def _only_another_deal(error: IntegrityError) -> None:
    if "one_deal_protected_at_a_time" not in str(error):
        raise error


def _renew(registration: Registration, terms: ProtectionTerms, rule: ProtectionRule, at: datetime) -> bool:
    before = outbox.fields_of(registration)
    until = registration.protected_until + timedelta(days=rule.renewal_days)
    if not lengthen(registration=registration, until=until, action="renewed", by=None, at=at):
        return False
    terms = promise(registration=registration, rule=rule, at=at, renewals=terms.renewals + 1)
    tell(registration.partner_id, registration, NoticeKind.RENEWED, notices.renewed(registration, terms), at)
    write_out(registration, before, at)
    return True


def _expire(registration: Registration, terms: ProtectionTerms | None, unanswered: bool, at: datetime) -> None:
    before = outbox.fields_of(registration)
    registration.status = RegistrationStatus.EXPIRED
    save_row(registration, by=None, at=at, action="registration.expired",
             facts={"until": registration.protected_until})  # fmt: skip
    _end_rows(registration, at)
    if terms is not None:  # else it never was protected under our watch
        tell(registration.partner_id, registration, NoticeKind.EXPIRED, notices.expired(registration, unanswered), at)
        write_out(registration, before, at)


def _return(registration: Registration, rule: ProtectionRule, at: datetime) -> None:
    """Worked, but another deal is protected from its end on: it waits for a person again, and both are told so."""
    before = outbox.fields_of(registration)
    registration.status, registration.assessed_at = RegistrationStatus.SUBMITTED, None
    registration.due_at = registration.program.calendar.add_hours(at, DECISION_HOURS)
    save_row(
        registration, by=None, at=at, action="registration.returned", facts={"until": registration.protected_until}
    )
    _end_rows(registration, at)
    tell(registration.partner_id, registration, NoticeKind.LOOKED_AT_AGAIN, notices.returned(registration), at)
    for other in _protected_after(registration, rule):
        tell(other.partner_id, other, NoticeKind.LOOKED_AT_AGAIN, notices.looked_at_again(other), at)
    write_out(registration, before, at)


def _protected_after(registration: Registration, rule: ProtectionRule) -> list[Registration]:
    """The registrations of other deals that are protected in the time for which this one would have been renewed."""
    ends = registration.protected_until
    claim = Claim.objects.select_related("account").get(registration=registration)
    in_the_way = Protection.objects.filter(
        account=claim.standing_account_id, product_line__in=registration.product_lines, ended_at__isnull=True,
        period__overlap=DateTimeTZRange(ends, ends + timedelta(days=rule.renewal_days)),
    ).exclude(deal__in=Protection.objects.filter(registration=registration).values("deal"))  # fmt: skip
    return list(Registration.objects.filter(pk__in=in_the_way.values("registration")).order_by("pk"))


def _end_rows(registration: Registration, at: datetime) -> None:
    for row in Protection.objects.filter(registration=registration, ended_at__isnull=True).order_by("pk"):
        row.ended_at = row.period.upper
        save_row(row, by=None, at=at, action="protection.ended", facts={"line": row.product_line})


def _open_cases(registration: Registration) -> list[Case]:
    """The open cases on which the registration stands, locked."""
    rows = Case.objects.select_for_update(no_key=True).filter(
        status__in=UNSETTLED, conflict__claims__registration=registration
    )
    return list(rows.order_by("pk"))


def _note_on(cases: list[Case], registration: Registration, at: datetime) -> None:
    """The case says that the protection ended: who saw it before looks again."""
    for case in cases:
        save_case(case, by=None, at=at, action="case.protection_ended", facts={"registration": registration.pk},
                  private={"whose": f"{registration.claimant_name} ({registration.ref})"})  # fmt: skip


def _lapse(registration: Registration, at: datetime) -> bool:
    """A request that nobody answered in time is closed and not counted; says whether there was one."""
    asked = Extension.objects.filter(registration=registration, status=ExtensionStatus.ASKED).first()
    if asked is None:
        return False
    asked.status, asked.answered_at = ExtensionStatus.LAPSED, at
    save_row(asked, by=None, at=at, action="extension.lapsed")
    return True


def write_out(registration: Registration, before: dict[str, str], at: datetime) -> None:
    """What changed in the fields that targets keep, to all of them; the new end and status make the write's key."""
    version = f"{registration.status}:{registration.protected_until.isoformat()}"
    outbox.enqueue(registration=registration, before=before, case=None, decision=None, version=version, share="", at=at)
