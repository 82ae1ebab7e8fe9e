"""Requests for more time: who may answer one, and what the answer does."""

import uuid
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from channelconflict.models import User
from conflicts.models import Claim
from conflicts.policy.document import ProtectionRule
from partners.models import (
    PENDING,
    Extension,
    ExtensionStatus,
    Ownership,
    OwnershipRole,
    Partner,
    ProtectionTerms,
    Registration,
    RegistrationStatus,
)
from partners.services import NotPossibleError, save_row
from reviews import notices
from reviews.models import NoticeKind
from reviews.permissions import NotAllowedError, why_no_answer
from reviews.services.cases import tell
from reviews.services.protection import lengthen, promise, write_out
from reviews.services.wording import check_words_about
from reviews.writeback import outbox


def open_extensions(at: datetime) -> Any:
    """Requests that can still be answered: their registrations are protected now."""
    return Extension.objects.filter(
        status=ExtensionStatus.ASKED, registration__status=RegistrationStatus.APPROVED,
        registration__protected_until__gt=at,
    )  # fmt: skip


def partners_beside(extensions: Iterable[Extension], at: datetime) -> dict[uuid.UUID, list[Partner]]:
    """For each request, the partners with a live claim on the same account, its own included: three queries at most."""
    asked = {extension.registration_id: extension.pk for extension in extensions}
    claims = Claim.objects.filter(registration__in=asked).select_related("account")
    account_of = {asked[claim.registration_id]: claim.standing_account_id for claim in claims}
    on: dict[uuid.UUID, dict[uuid.UUID, Partner]] = defaultdict(dict)
    live = Q(registration__status__in=PENDING) | Q(
        registration__status=RegistrationStatus.APPROVED, registration__protected_until__gt=at
    )
    here = set(account_of.values())
    rivals = Claim.objects.filter(live, Q(account__in=here) | Q(account__merged_into__in=here), partner__isnull=False)
    for claim in rivals.select_related("partner", "account"):
        on[claim.standing_account_id][claim.partner.pk] = claim.partner
    owners = Ownership.objects.filter(account__in=here, role=OwnershipRole.OWNER, partner__isnull=False)
    for owner in owners.in_force_on(at.date()).select_related("partner"):
        on[owner.account_id][owner.partner.pk] = owner.partner
    return {pk: sorted(on[account].values(), key=lambda p: (p.name, str(p.pk))) for pk, account in account_of.items()}


@transaction.atomic
def answer_extension(
    *, extension: Extension, granted: bool, answer: str, rule: ProtectionRule, by: User, at: datetime
) -> Extension:
    """Grant or refuse more time, with a reason; granted, the same deal is protected longer."""
    why_not = why_no_answer(by, extension, partners_beside([extension], at).get(extension.pk, []))
    if why_not:
        raise NotAllowedError(why_not)
    if not answer.strip():
        raise NotPossibleError("Say why in a sentence: the partner reads it.")
    registration = Registration.objects.select_for_update(no_key=True).get(pk=extension.registration_id)
    check_words_about(answer, registration)
    extension = Extension.objects.select_for_update(no_key=True).get(pk=extension.pk)
    if extension.status != ExtensionStatus.ASKED:
        raise NotPossibleError(f"This request is answered already: {extension.get_status_display().lower()}.")
    if registration.status != RegistrationStatus.APPROVED or registration.protected_until <= at:
        raise NotPossibleError("The protection has ended meanwhile: nothing can be lengthened any more.")
    extension.status = ExtensionStatus.GRANTED if granted else ExtensionStatus.REFUSED
    extension.answer, extension.answered_at, extension.answered_by_id = answer.strip(), at, by.pk
    save_row(extension, by=by, at=at, action=f"extension.{extension.status}", facts={"days": extension.days})
    terms = ProtectionTerms.objects.get(registration=registration)
    if granted:
        _lengthen(registration, extension, by, at)
        terms.reminded_days = None
    promise(registration=registration, rule=rule, at=at, renewals=terms.renewals, reminded_days=terms.reminded_days)
    kind = NoticeKind.EXTENDED if granted else NoticeKind.NOT_EXTENDED
    text = notices.extension_answered(registration, extension.days, granted, extension.answer)
    tell(registration.partner_id, registration, kind, text, at)
    return extension


def _lengthen(registration: Registration, extension: Extension, by: User, at: datetime) -> None:
    before = outbox.fields_of(registration)
    until = registration.protected_until + extension.length
    if not lengthen(registration=registration, until=until, action="extended", by=by, at=at):
        raise NotPossibleError(
            "Another deal is protected on this account from the present end on. Nothing was saved: refuse the request, "
            "or decide the case that joins both."
        )
    write_out(registration, before, at)
