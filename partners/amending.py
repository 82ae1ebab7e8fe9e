"""After it was sent: a pending registration is amended by its party, and an ended one is the beginning of a new one."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from channelconflict.models import User
from partners.drafts import CHANGED, COLUMNS, version_of
from partners.models import Registration, RegistrationStatus
from partners.naming import name_key, registered_domain
from partners.services import NotPossibleError, StaleRowError, check_resubmissions, save_draft, save_row

S = RegistrationStatus
OTHER_CUSTOMER = gettext_lazy(
    "This names another customer than the registration that you sent. Withdraw it and register the other customer: that "
    "registration counts from the day you send it."
)

MORE_PRODUCTS = gettext_lazy(
    "This adds %(products)s to what you sent. Register that as a deal of its own: it counts from the day you send it. "
    "Products can be taken out of a registration, and put back."
)


def why_no_amendment(registration: Registration) -> str:
    """Why a registration cannot be amended ("" = it can): somebody decided, or only what was asked for is open."""
    if registration.status in (S.SUBMITTED, S.IN_REVIEW):
        return ""
    if registration.status == S.ACTION_REQUIRED:
        return _("We asked you something about this registration: answer that, and what was asked for can be changed.")
    text = _("This registration is %(status)s: nothing of it can be changed.")
    return text % {"status": registration.get_status_display().lower()}


@transaction.atomic
def amend_registration(
    *, registration: Registration, changes: Mapping[str, Any], by: User, at: datetime, seen: str = ""
) -> Registration:
    """Correct a pending registration. It keeps its place in time, every version stays, and it is looked at again.

    It stays the same customer's and claims no more products: else a place in the queue could be kept for whoever comes along.
    """
    registration = Registration.objects.select_for_update(no_key=True).get(pk=registration.pk)
    why_not = why_no_amendment(registration)
    if why_not:
        raise NotPossibleError(why_not)
    if seen and seen != version_of(registration, {}):
        raise StaleRowError(str(CHANGED))
    before = {column: getattr(registration, column) for column in COLUMNS}
    for column, value in changes.items():
        setattr(registration, column, value)
    changed = sorted(column for column, value in before.items() if getattr(registration, column) != value)
    if not changed:
        raise NotPossibleError(_("Nothing was changed: it says what it said before."))
    _check_not_widened(registration)
    # Saving it leaves a waiting row for what changed and wakes a worker: findings, recommendation and approvals follow.
    return save_row(registration, by=by, at=at, action="registration.amended", facts={"fields": changed})


def _check_not_widened(registration: Registration) -> None:
    """By its name or its domain it must be the customer of the version that was sent first, with no other products."""
    rows = registration.history.filter(status=S.SUBMITTED).order_by("history_date", "history_id")
    sent = rows.values_list("account_name", "account_domain", "product_lines").first()
    if sent is None:
        return
    name, domain, lines = sent
    if added := [line for line in registration.product_lines if line not in lines]:
        raise NotPossibleError(str(MORE_PRODUCTS) % {"products": ", ".join(added)})
    same_name = name_key(name) == name_key(registration.account_name)
    same_domain = bool(domain) and registered_domain(domain) == registered_domain(registration.account_domain)
    if not (same_name or same_domain):
        raise NotPossibleError(str(OTHER_CUSTOMER))


def may_resubmit(registration: Registration) -> bool:
    """Whether a new registration can be begun from it: it was sent, and was not approved or was withdrawn."""
    return registration.status in (S.REJECTED, S.WITHDRAWN) and registration.submitted_at is not None


@transaction.atomic
def resubmit_registration(*, registration: Registration, by: User, at: datetime) -> Registration:
    """Begin a new registration of a deal whose last one ended: a draft with what that one said, or the draft there is."""
    if not may_resubmit(registration):
        text = _("This registration is %(status)s: it cannot be registered again.")
        raise NotPossibleError(text % {"status": registration.get_status_display().lower()})
    first = registration.resubmits_id or registration.pk
    begun = Registration.objects.filter(resubmits=first, status=S.DRAFT).order_by("-id").first()
    if begun:
        return begun
    said = {column: getattr(registration, column) for column in COLUMNS}
    again = Registration(
        program=registration.program, partner_id=registration.partner_id, direct=registration.direct,
        resubmits_id=first, form_token=uuid.uuid4(), **said,
    )  # fmt: skip
    check_resubmissions(again)
    return save_draft(registration=again, by=by, at=at)
