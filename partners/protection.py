"""What a party may ask for about a protection: more time while it runs, or to be told when an account is free again.

It runs in the party's own scope, which sees nothing of anybody else: what is asked is stored, and answered elsewhere.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from channelconflict.models import User
from partners.models import (
    Extension,
    ExtensionStatus,
    ProtectionTerms,
    Registration,
    RegistrationStatus,
    WaitingParty,
)
from partners.services import NotPossibleError, save_row
from partners.tracker import written


def terms_of(registration: Registration) -> ProtectionTerms | None:
    """The terms of a registration that is protected now, if there are any."""
    if registration.status != RegistrationStatus.APPROVED:
        return None
    return getattr(registration, "terms", None)


def why_no_extension(registration: Registration, at: datetime) -> str:
    """The sentence that says why more time cannot be asked for at `at`, or ""."""
    terms, ends = terms_of(registration), registration.protected_until
    if terms is None or ends is None or ends <= at:
        return _("More time can be asked for while a deal is protected.")
    if terms.extendable_from is None:
        return _("No more time can be asked for on this registration.")
    if at < terms.extendable_from:
        return _("More time can be asked for from %(day)s on.") % {"day": written(terms.extendable_from)}
    if registration.extensions.filter(status=ExtensionStatus.ASKED).exists():
        return _("You have asked already: we answer before the protection ends.")
    return ""


@transaction.atomic
def ask_extension(*, registration: Registration, days: int, reason: str, by: User, at: datetime) -> Extension:
    """Ask for `days` more days of protection, with a reason."""
    registration = Registration.objects.select_for_update(no_key=True).get(pk=registration.pk)
    why_not = why_no_extension(registration, at)
    if why_not:
        raise NotPossibleError(why_not)
    most = registration.terms.extension_days
    if not 1 <= days <= most:
        raise NotPossibleError(_("Ask for 1 to %(most)s days, not for %(days)s.") % {"most": most, "days": days})
    if not reason.strip():
        raise NotPossibleError(_("Say in a sentence why the deal needs more time."))
    asked = Extension(
        program_id=registration.program_id, partner_id=registration.partner_id, registration=registration, days=days,
        reason=reason.strip(), asked_at=at, asked_by_id=by.pk,
    )  # fmt: skip
    return save_row(asked, by=by, at=at, action="extension.asked", facts={"days": days})


@transaction.atomic
def ask_to_be_told(*, registration: Registration, by: User, at: datetime) -> WaitingParty:
    """Ask to be told when the account of a registration that was not approved may be registered again; once is enough.

    Whether anybody is protected there is not looked at: the answer is the same for all (TRUST 2).
    """
    registration = Registration.objects.select_for_update(no_key=True).get(pk=registration.pk)
    if registration.status != RegistrationStatus.REJECTED:
        raise NotPossibleError(_("This is offered where a registration was not approved."))
    waiting = WaitingParty.objects.filter(registration=registration).first()
    if waiting is not None:
        return waiting
    waiting = WaitingParty(
        program_id=registration.program_id, partner_id=registration.partner_id, registration=registration,
        asked_at=at, asked_by_id=by.pk,
    )  # fmt: skip
    return save_row(waiting, by=by, at=at, action="waiting.asked")
