"""A draft that keeps itself while it is typed: what is kept, what counts as changed elsewhere, and what is left to finish."""

import hashlib
import json
import uuid
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from channelconflict.audit import explain
from channelconflict.models import User
from partners.forms import ASKED_ONLY, PLAIN, RegistrationForm
from partners.models import Registration, RegistrationStatus, Unfinished
from partners.permissions import visible
from partners.services import NotPossibleError, StaleRowError, save_draft, save_row

PROOF = ("activity_kind", "activity_on")
COLUMNS = (*PLAIN, *ASKED_ONLY, "account_country", "account_subdivision", "band_upper", "currency", "expected_close_on")
LONGEST = 6000  # characters of one field; what the form takes is shorter
SHOWN = 3
CHANGED = gettext_lazy(
    "It was changed meanwhile, on another page or device. Nothing was saved, and what you typed still stands here."
)


def rest_of(form: RegistrationForm) -> dict[str, Any]:
    """What stands in a bound form and cannot go onto a row: what is not valid, and proof that is not filed yet."""
    names = [name for name in form.fields if name in form.errors or name in PROOF]
    said = {name: form[name].value() for name in names}
    return {
        name: value.replace("\0", "")[:LONGEST]
        for name, value in said.items()
        if isinstance(value, str) and value and name not in ("claimant", "form_token")
    }


def rest_of_draft(registration: Registration) -> dict[str, Any]:
    """The same of a draft that kept itself; {} of any other."""
    kept = Unfinished.objects.filter(registration=registration).values_list("typed", flat=True).first()
    return dict(kept or {})


def version_of(registration: Registration, rest: Mapping[str, Any]) -> str:
    """A mark of what is typed: two pages that show the same hold the same mark, whoever saved last."""
    said = [_plain(getattr(registration, column)) for column in COLUMNS]
    return hashlib.sha256(json.dumps([said, dict(rest)], sort_keys=True).encode()).hexdigest()[:16]


def _plain(value: Any) -> str:
    """One text for one value: an amount reads the same before and after the database had it."""
    return f"{value:.2f}" if isinstance(value, Decimal) else str(value or "")


def check_unchanged(registration: Registration, form: RegistrationForm, seen: str) -> None:
    """Refuse to write over what another page saved since `seen`, unless it saved the very same. Applies nothing."""
    now = version_of(registration, rest_of_draft(registration))
    if not seen or seen == now:
        return  # a form that never showed the row has nothing to be behind of
    before = {column: getattr(registration, column) for column in COLUMNS}
    rest = rest_of(form)  # reads the form: what is valid of it is known from here on
    after = version_of(form.apply_to(registration), rest)
    for column, value in before.items():
        setattr(registration, column, value)
    if after != now:
        raise StaleRowError(str(CHANGED))


@transaction.atomic
def autosave_draft(*, registration: Registration, rest: Mapping[str, Any], by: User, at: datetime) -> Registration:
    """Keep a draft as far as it is typed. Nothing is checked but its shape, and nobody is told.

    The first keeping by a person is an act with its history. What the same person types on is not: a row of history
    a second would bury the record, and nobody decides on half a form. Keeping by the button, and submitting, write
    what stands then.
    """
    if registration._state.adding:
        registration = save_draft(registration=registration, by=by, at=at)
    if registration.status != RegistrationStatus.DRAFT:
        raise NotPossibleError(_("This registration was submitted meanwhile."))
    if _last_writer(registration) != by.pk:
        save_row(registration, by=by, at=at, action="registration.drafted")
    else:
        explain(registration, by=by, at=at, reason="registration.drafted")
        registration.full_clean(validate_unique=False, validate_constraints=False)
        registration.save_without_historical_record()  # type: ignore[attr-defined]
    kept = Unfinished.objects.filter(registration=registration).first() or Unfinished(
        program_id=registration.program_id, partner_id=registration.partner_id, registration=registration
    )
    kept.typed, kept.saved_at = dict(rest), at
    kept.save()
    return registration


def _last_writer(registration: Registration) -> uuid.UUID | None:
    rows = registration.history.order_by("-history_date", "-history_id")
    return rows.values_list("history_user_id", flat=True).first()


def open_drafts(user: Any) -> list[Registration]:
    """The latest drafts of the user's partners, whoever began them and on whatever device, with when they were kept."""
    rows = visible(user, Registration.objects.filter(status=RegistrationStatus.DRAFT))
    return list(rows.select_related("unfinished").order_by("-id")[:SHOWN])
