"""The one door for writes to the facts: what people and imports do to them, each with its audit row.

Every function takes `by` (None = the product) and `at` (aware, UTC) and runs in one transaction.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from channelconflict.audit import explain, record
from channelconflict.models import User
from channelconflict.tasks import nudge
from partners.lookup import index_accounts
from partners.models import (
    PENDING,
    Account,
    AccountException,
    AccountName,
    Activity,
    Agreement,
    CrmOpportunity,
    Evidence,
    Membership,
    Ownership,
    Partner,
    PastedText,
    PriceQuote,
    ProductLine,
    Program,
    Registration,
    RegistrationStatus,
    Territory,
    TerritoryAssignment,
    Tier,
    Unfinished,
)
from partners.naming import name_key
from partners.pasted import FIELDS, Found, Reading
from partners.permissions import grant_member, revoke_member

R = TypeVar("R", bound=Any)  # a row of a program
# A change of these may change what is found: triggers write what waits (models/touch.py), a worker is told at once.
WATCHED = (
    Account, AccountException, AccountName, Activity, Agreement, CrmOpportunity, Evidence, Ownership, Partner, PriceQuote,
    ProductLine, Registration, Territory, TerritoryAssignment, Tier,
)  # fmt: skip
LONGEST_BREACH = 3650  # days that a confirmed breach may count
LONGEST_TALK = 30  # open days
LONGEST_OFFER = 720  # open hours: thirty open days
MOST_RESUBMISSIONS = 20  # of one deal
LONGEST_UNDO = 240  # minutes in which a decision can be taken back: the promise of 48 hours runs meanwhile
DECISION_HOURS = 48  # the promise printed on the receipt; the policy's parameter of the same name rules the case


class StaleRowError(Exception):
    """Somebody else changed this row since it was read; the text says so in a sentence."""


class NotPossibleError(Exception):
    """The act does not fit the row's present state; the text is a sentence for people."""


@transaction.atomic
def save_row(
    row: R, *, by: User | None, at: datetime, action: str, reason: str = "", facts: Mapping[str, Any] | None = None
) -> R:
    """Check, save and record one fact: the shared end of every service here."""
    explain(row, by=by, at=at, reason=reason or action)
    row.full_clean(validate_unique=False, validate_constraints=False)
    row.save()
    record(action=action, by=by, at=at, subject=row, program_id=row.program_id, facts=facts)
    if isinstance(row, WATCHED):
        nudge("reviews.tasks.look_again", row.program_id)
    return row


def _bump(row: Any, seen_version: int | None) -> None:
    """Count a change of a versioned row; a version that was not the one seen is refused."""
    if row._state.adding:
        return
    in_force = type(row).objects.select_for_update(no_key=True).values_list("version", flat=True).get(pk=row.pk)
    if seen_version is not None and seen_version != in_force:
        raise StaleRowError(
            f"{row} was changed by somebody else meanwhile (version {in_force}, you saw {seen_version}). "
            "Nothing was saved: load the page again and repeat your change."
        )
    row.version = in_force + 1


@transaction.atomic
def change_program(
    *, program: Program, by: User, at: datetime, seen_version: int | None = None, reason: str = ""
) -> Program:
    """Give a program another name, calendar, or time for answers and for undoing. What is due already stays as it was."""
    if not program.open_weekdays or not set(program.open_weekdays) <= set(range(1, 8)):
        raise NotPossibleError("Choose at least one open weekday: on a calendar without one no time ever passes.")
    if program.timezone not in available_timezones():
        raise NotPossibleError(f"'{program.timezone}' is no time zone. Expected a name like Europe/Berlin.")
    if not 1 <= program.lead_offer_hours <= LONGEST_OFFER:
        raise NotPossibleError(f"A partner gets 1 to {LONGEST_OFFER} open hours to answer an offer.")
    if not 1 <= program.breach_days <= LONGEST_BREACH:
        raise NotPossibleError(f"A confirmed breach counts for 1 to {LONGEST_BREACH} days.")
    if not 1 <= program.settle_days <= LONGEST_TALK:
        raise NotPossibleError(f"The sides of a case get 1 to {LONGEST_TALK} open days to settle it.")
    if not 0 <= program.undo_minutes <= LONGEST_UNDO:
        raise NotPossibleError(f"A decision can be undone for 0 to {LONGEST_UNDO} minutes; 0 = it leaves at once.")
    if not 0 <= program.opinion_share <= 100:
        raise NotPossibleError("The share of cases that ask for a first opinion is 0 to 100 percent.")
    if not 0 <= program.resubmissions <= MOST_RESUBMISSIONS:
        raise NotPossibleError(f"A deal can be registered again 0 to {MOST_RESUBMISSIONS} times.")
    program.open_weekdays, program.holidays = sorted(set(program.open_weekdays)), sorted(set(program.holidays))
    _bump(program, seen_version)
    return save_row(program, by=by, at=at, action="program.changed", reason=reason, facts={"version": program.version})


@transaction.atomic
def record_territory(
    *, territory: Territory, by: User | None, at: datetime, seen_version: int | None = None, reason: str = ""
) -> Territory:
    """Make or change a territory rule; `seen_version` is the one the editor saw."""
    _bump(territory, seen_version)
    return save_row(
        territory, by=by, at=at, action="territory.recorded", reason=reason, facts={"version": territory.version}
    )


@transaction.atomic
def record_assignment(
    *, assignment: TerritoryAssignment, by: User | None, at: datetime, reason: str = ""
) -> TerritoryAssignment:
    """Assign a territory to a partner or to the direct team."""
    return save_row(assignment, by=by, at=at, action="assignment.recorded", reason=reason)


@transaction.atomic
def remove_assignment(*, assignment: TerritoryAssignment, by: User | None, at: datetime, reason: str = "") -> None:
    """Take a territory away from its assignee; the history keeps that it was."""
    record(action="assignment.removed", by=by, at=at, subject=assignment, program_id=assignment.program_id)
    explain(assignment, by=by, at=at, reason=reason or "assignment.removed")
    nudge("reviews.tasks.look_again", assignment.program_id)
    assignment.delete()


@transaction.atomic
def record_agreement(
    *, agreement: Agreement, by: User | None, at: datetime, seen_version: int | None = None, reason: str = ""
) -> Agreement:
    """Make or change an agreement with a partner."""
    _bump(agreement, seen_version)
    return save_row(
        agreement, by=by, at=at, action="agreement.recorded", reason=reason, facts={"version": agreement.version}
    )


@transaction.atomic
def record_exception(
    *, exception: AccountException, by: User | None, at: datetime, seen_version: int | None = None, reason: str = ""
) -> AccountException:
    """Make or change an exception; it lifts the findings that it names while it is in force."""
    _bump(exception, seen_version)
    return save_row(
        exception, by=by, at=at, action="exception.recorded", reason=reason, facts={"lifts": exception.lifts}
    )


@transaction.atomic
def record_partner(*, partner: Partner, by: User | None, at: datetime, reason: str = "") -> Partner:
    """Make or change a partner."""
    return save_row(partner, by=by, at=at, action="partner.recorded", reason=reason)


@transaction.atomic
def record_account(
    *, account: Account, by: User | None, at: datetime, aliases: tuple[str, ...] = (), reason: str = ""
) -> Account:
    """Make or change an account, and keep the names it is known by in step."""
    saved = save_row(account, by=by, at=at, action="account.recorded", reason=reason)
    known = set(saved.names.values_list("key", flat=True))
    for name in (saved.name, *aliases):
        key = name_key(name)
        if key and key not in known:
            known.add(key)
            alias = AccountName(program_id=saved.program_id, account=saved, name=name[:500], key=key)
            explain(alias, by=by, at=at, reason=reason or "account.recorded")
            alias.save(force_insert=True)
    index_accounts(saved.program_id, [saved.pk])
    return saved


@transaction.atomic
def add_member(*, partner: Partner, user: User, role: str, by: User | None, at: datetime) -> Membership:
    """Let a person act for a partner. Vendor staff cannot be members."""
    if user.is_staff:
        raise NotPossibleError(f"{user} is vendor staff and cannot sign in for a partner.")
    member = Membership.objects.filter(partner=partner, user=user).first() or Membership(
        program_id=partner.program_id, partner=partner, user=user
    )
    member.role, member.active = role, True
    save_row(member, by=by, at=at, action="member.added", facts={"role": role})
    grant_member(user, partner, role)
    return member


@transaction.atomic
def remove_member(*, member: Membership, by: User | None, at: datetime) -> None:
    """Take a person's access to a partner away, from the next request on."""
    member.active = False
    save_row(member, by=by, at=at, action="member.removed")
    revoke_member(member.user, member.partner)


@transaction.atomic
def save_draft(*, registration: Registration, by: User, at: datetime) -> Registration:
    """Keep a registration as a draft: nothing is checked but its shape, nobody is told."""
    again = _sent_before(registration)
    if again is not None:
        return again
    if registration.status != RegistrationStatus.DRAFT:
        raise NotPossibleError(_("Only a draft can be kept as a draft: this registration was already submitted."))
    if registration._state.adding:
        registration.created_at, registration.created_by_id = at, by.pk
    else:
        Unfinished.objects.filter(registration=registration).delete()  # it is whole now
    return save_row(registration, by=by, at=at, action="registration.drafted")


@transaction.atomic
def submit_registration(*, registration: Registration, by: User | None, at: datetime) -> Registration:
    """Submit a draft (or a returned registration): it gets its due time and waits for assessment.

    The same form sent twice makes one registration: the second call returns the first one's row. Whether anybody else
    works the account is not looked at here, so the answer and its time tell nothing (TRUST 2).
    """
    again = _sent_before(registration)
    if again is not None and again.status != RegistrationStatus.DRAFT:
        return again
    if again is not None:  # the form kept itself as a draft while it was being sent: this is that draft, finished
        registration.pk, registration.number, registration._state.adding = again.pk, again.number, False
        registration.created_at, registration.created_by_id = again.created_at, again.created_by_id
    if registration.status not in (RegistrationStatus.DRAFT, RegistrationStatus.ACTION_REQUIRED):
        text = _("This registration is %(status)s and cannot be submitted.")
        raise NotPossibleError(text % {"status": registration.get_status_display().lower()})
    if not registration.product_lines:
        raise ValidationError({"product_lines": _("Choose at least one product.")})
    if registration._state.adding:
        registration.created_at, registration.created_by_id = at, by.pk if by else None
    else:
        Unfinished.objects.filter(registration=registration).delete()
    registration.status = RegistrationStatus.SUBMITTED
    if registration.submitted_at is None:  # a resubmission keeps its place in time
        check_resubmissions(registration)
        registration.submitted_at = at
        registration.due_at = registration.program.calendar.add_hours(at, DECISION_HOURS)
    registration.assessed_at = None
    registration.requested_fields = []
    save_row(registration, by=by, at=at, action="registration.submitted", facts={"number": registration.number})
    nudge("reviews.tasks.process_registration", registration.program_id, registration.pk)
    return registration


def check_resubmissions(registration: Registration) -> None:
    """Refuse one more registration of a deal whose first one ended, when the program's number of them is used up."""
    first = registration.resubmits_id
    if first is None:
        return
    Registration.objects.select_for_update(no_key=True).get(pk=first)  # one at a time: each counts those before it
    made = Registration.objects.filter(resubmits=first, submitted_at__isnull=False).exclude(pk=registration.pk).count()
    most = Program.objects.values_list("resubmissions", flat=True).get(pk=registration.program_id)
    if made >= most:
        text = ngettext(
            "This deal cannot be registered again: %(program)s lets one come back once. "
            "Raise a concern if something new speaks for it.",
            "This deal cannot be registered again: %(program)s lets one come back %(n)s times. "
            "Raise a concern if something new speaks for it.",
            most,
        )
        raise NotPossibleError(text % {"program": registration.program, "n": most})


def _sent_before(registration: Registration) -> Registration | None:
    if not registration._state.adding or registration.form_token is None:
        return None
    # Two requests with one token at once: the lock makes the second wait, then find the first one's row.
    with transaction.get_connection().cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [registration.form_token.int % 2**62])
    return Registration.objects.filter(
        program_id=registration.program_id, partner_id=registration.partner_id, form_token=registration.form_token
    ).first()


@transaction.atomic
def keep_pasted_text(*, registration: Registration, text: str, found: Found, by: User, at: datetime) -> Registration:
    """Keep the text that a draft was read from, and the line behind each field; once a draft."""
    if not PastedText.objects.filter(registration=registration).exists():
        kept = found.kept()
        PastedText.objects.create(
            program_id=registration.program_id, partner_id=registration.partner_id, registration=registration,
            text=text, readings=kept, notes=list(found.notes), created_by_id=by.pk, created_at=at,
        )  # fmt: skip
        record(action="registration.read_from_text", by=by, at=at, subject=registration,
               program_id=registration.program_id, facts={"fields": sorted(kept), "characters": len(text)})  # fmt: skip
        if set(FIELDS) - set(kept):
            nudge("reviews.tasks.read_pasted", registration.program_id, registration.pk)
    return registration


@transaction.atomic
def add_readings(
    *, pasted: PastedText, draft: Registration, readings: Mapping[str, Reading], by: User | None, at: datetime
) -> None:
    """More of a text was read into its draft: the draft as it is now, and the lines behind the new fields."""
    more = Found(readings).kept()
    save_row(draft, by=by, at=at, action="registration.read_further", facts={"fields": sorted(more)})
    pasted.readings = {**pasted.readings, **more}
    pasted.save(update_fields=["readings"])


@transaction.atomic
def withdraw_registration(*, registration: Registration, by: User, at: datetime) -> Registration:
    """Take a registration back: its claim ends, and the conflict it was part of is looked at again."""
    registration = Registration.objects.select_for_update(no_key=True).get(pk=registration.pk)
    if registration.status not in (RegistrationStatus.DRAFT, *PENDING):
        text = _("This registration is %(status)s and cannot be withdrawn.")
        raise NotPossibleError(text % {"status": registration.get_status_display().lower()})
    registration.status = RegistrationStatus.WITHDRAWN
    return save_row(registration, by=by, at=at, action="registration.withdrawn")


@transaction.atomic
def add_activity(
    *, registration: Registration, kind: str, occurred_on: Any, by: User | None, at: datetime, note: str = ""
) -> Activity:
    """Add dated proof of work to a registration; the conflict it is part of is looked at again."""
    activity = Activity(
        program_id=registration.program_id,
        partner_id=registration.partner_id,
        registration=registration,
        kind=kind,
        occurred_on=occurred_on,
        note=note,
    )
    return save_row(activity, by=by, at=at, action="activity.added", facts={"kind": kind, "on": str(occurred_on)})


@transaction.atomic
def add_evidence(
    *, registration: Registration, kind: str, by: User | None, at: datetime, note: str = "", verified: bool = False
) -> Evidence:
    """Add a paper to a registration; only staff may call it verified."""
    evidence = Evidence(
        program_id=registration.program_id,
        partner_id=registration.partner_id,
        registration=registration,
        kind=kind,
        note=note,
        verified=verified and (by is None or by.is_staff),
        added_at=at,
    )
    return save_row(
        evidence, by=by, at=at, action="evidence.added", facts={"kind": kind, "verified": evidence.verified}
    )


def program_by_code(code: str) -> Program:
    """The program with this code; without a code, the only one. A sentence says what is wrong otherwise."""
    programs = list(Program.objects.filter(code=code) if code else Program.objects.order_by("code")[:2])
    if len(programs) == 1:
        return programs[0]
    known = ", ".join(Program.objects.order_by("code").values_list("code", flat=True)[:10]) or "none yet"
    if code:
        raise NotPossibleError(f"There is no program with the code '{code}'. Programs: {known}.")
    raise NotPossibleError(
        f"Name the program with --program CODE. Programs: {known}. `manage.py create_program` makes one."
    )
