"""Questions to a party: they stop the clock and name the fields that open; its answer starts it again."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from channelconflict.models import User
from partners.models import PENDING, Registration, RegistrationStatus
from partners.services import NotPossibleError, save_row, submit_registration
from reviews import notices
from reviews.models import Case, Message, NoticeKind, Party
from reviews.services.cases import lock_case, run_again, save_case, tell
from reviews.services.wording import check_words
from reviews.services.working import check_staff
from reviews.states import Act, CaseStatus, check_can

LEASE = timedelta(minutes=10)
# What a party reads of the fields that carry no name of their own.
_CALLED = {
    "product_lines": gettext_lazy("product lines"), "amount": gettext_lazy("amount"), "currency": gettext_lazy("currency"),
    "stage": gettext_lazy("stage"), "note": gettext_lazy("note"), "expected_close_on": gettext_lazy("expected close on"),
}  # fmt: skip


@transaction.atomic
def request_information(
    *,
    case: Case,
    parties: Iterable[Party],
    fields: Iterable[str],
    body: str,
    by: User,
    at: datetime,
    seen_version: int | None = None,
) -> list[Message]:
    """Ask parties for information: the clock stops, and the named fields of their registrations open for editing."""
    case = lock_case(case, seen_version)
    check_staff(by, case)
    fields, parties = list(fields), [p for p in parties if p.case_id == case.pk and p.registration_id]
    parties = [p for p in parties if p.registration.status in PENDING]
    if not parties:
        raise NotPossibleError("Choose at least one party whose registration is under way: only it can be answered.")
    if not body.strip():
        raise NotPossibleError("Say in a sentence what is needed.")
    check_words(body, case=case, to=parties)
    case.status, case.paused_at = check_can(case.status, Act.ASK), case.paused_at or at
    save_case(
        case,
        by=by,
        at=at,
        action="case.information_requested",
        facts={"fields": fields, "parties": [p.pk for p in parties]},
        private={"body": body},
    )
    return [_ask(party, fields, body.strip(), by, at) for party in parties]


def _ask(party: Party, fields: list[str], body: str, by: User, at: datetime) -> Message:
    registration = Registration.objects.select_for_update(no_key=True).get(pk=party.registration_id)
    if registration.status in PENDING:
        registration.status, registration.requested_fields = RegistrationStatus.ACTION_REQUIRED, fields
        save_row(registration, by=by, at=at, action="registration.information_requested", facts={"fields": fields})
    labels = [_CALLED.get(name) or getattr(Registration._meta.get_field(name), "verbose_name", name) for name in fields]
    text = notices.ask(registration.ref, registration.account_name, labels, body)
    tell(party.partner_id, registration, NoticeKind.INFORMATION_WANTED, text, at)
    return Message.objects.create(
        program_id=party.program_id, party=party, partner_id=party.partner_id, registration=registration,
        body=body, requested_fields=fields, author_id=by.pk, sent_at=at,
    )  # fmt: skip


@transaction.atomic
def answer_request(
    *, registration: Registration, changes: Mapping[str, Any], body: str, by: User, at: datetime
) -> Registration:
    """A party answers: only the fields it was asked for change, and the registration is looked at again.

    Runs in the party's own scope, which sees no case: the clock starts again when the worker has looked (resume_case).
    """
    registration = Registration.objects.select_for_update(no_key=True).get(pk=registration.pk)
    if registration.status != RegistrationStatus.ACTION_REQUIRED:
        raise NotPossibleError(_("Nothing is asked of this registration now."))
    closed = sorted(set(changes) - set(registration.requested_fields))
    if closed:
        only = _("Only the fields that were asked for can be changed, not %(fields)s.")
        raise NotPossibleError(only % {"fields": ", ".join(closed)})
    for name, value in changes.items():
        setattr(registration, name, value)
    asked = registration.messages.filter(from_party=False, answered_at__isnull=True).order_by("-sent_at").first()
    if asked and body.strip():
        Message.objects.create(
            program_id=registration.program_id, party_id=asked.party_id, partner_id=registration.partner_id,
            registration=registration, from_party=True, body=body.strip(), author_id=by.pk, sent_at=at,
        )  # fmt: skip
    return submit_registration(registration=registration, by=by, at=at)


@transaction.atomic
def take_request_back(*, case: Case, by: User, at: datetime, seen_version: int | None = None) -> Case:
    """Stop waiting for an answer: the asked registrations go back into review, and the clock runs again."""
    case = lock_case(case, seen_version)
    check_staff(by, case)
    check_can(case.status, Act.TAKE_BACK)
    asked = Message.objects.filter(party__case=case, from_party=False, answered_at__isnull=True)
    open_again = Registration.objects.filter(messages__in=asked, status=RegistrationStatus.ACTION_REQUIRED).distinct()
    for registration in open_again:
        registration.status, registration.requested_fields = RegistrationStatus.IN_REVIEW, []
        save_row(registration, by=by, at=at, action="registration.request_taken_back")
    Message.objects.filter(party__case=case, from_party=False, answered_at__isnull=True).update(answered_at=at)
    return run_again(case=case, act=Act.TAKE_BACK, by=by, at=at)


@transaction.atomic
def resume_case(*, registration: Registration, at: datetime) -> None:
    """The worker's half of an answer: when no asked party owes one any more, the case's clock runs again."""
    if registration.status != RegistrationStatus.SUBMITTED:
        return  # a task that ran late: the party has not answered yet
    asked = Message.objects.filter(registration=registration, from_party=False, answered_at__isnull=True)
    concerned = Case.objects.filter(parties__messages__in=asked, status=CaseStatus.AWAITING_INFORMATION).first()
    case = lock_case(concerned, None) if concerned else None  # the case before its messages, as taking back does
    asked.update(answered_at=at)
    if (
        case is None
        or case.status != CaseStatus.AWAITING_INFORMATION
        or Message.objects.filter(party__case=case, from_party=False, answered_at__isnull=True).exists()
    ):
        return
    run_again(case=case, act=Act.ANSWER, by=None, at=at)
