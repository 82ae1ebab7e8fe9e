"""Requests for more time as the desk shows them: the one that ends first on top, and who else is on the account."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef
from django.urls import reverse

from conflicts.wording import listing
from partners.models import Extension
from partners.permissions import get_or_404, visible
from partners.tracker import days_text
from reviews.desk.words import day_of
from reviews.models import Case
from reviews.permissions import why_no_answer
from reviews.services.extensions import open_extensions, partners_beside
from reviews.states import UNSETTLED

SHOWN = 200


@dataclass(frozen=True)
class Request:
    """One request: what is asked and why, what is known of the deal, and whether `user` may answer it."""

    extension: Extension
    account: str
    partner: str
    url: str
    left: str
    ends: str
    would_end: str
    others: str
    case_open: bool
    renewed: int
    worked_on: str
    why_not: str


def requests_page(user: Any, now: datetime) -> list[Request]:
    """The requests that wait for an answer, the one whose protection ends first on top."""
    rows = _rows(visible(user, open_extensions(now))).order_by("registration__protected_until", "pk")
    return _requests(user, list(rows[:SHOWN]), now)


def request_page(user: Any, pk: Any, now: datetime) -> Request:
    """One request, answered or not; 404 for one of another program and for none."""
    (found,) = _requests(user, [get_or_404(user, _rows(Extension.objects.all()), "view_desk", pk=pk)], now)
    return found


def _rows(rows: Any) -> Any:
    open_case = Case.objects.filter(status__in=UNSETTLED, conflict__claims__registration=OuterRef("registration"))
    rows = rows.select_related("registration__partner", "registration__terms", "program")
    return rows.prefetch_related("registration__activities").annotate(case_open=Exists(open_case))


def _requests(user: Any, rows: list[Any], now: datetime) -> list[Request]:
    beside = partners_beside(rows, now)
    return [_request(user, row, beside.get(row.pk, []), now) for row in rows]


def _request(user: Any, row: Any, present: list[Any], now: datetime) -> Request:
    registration, terms = row.registration, getattr(row.registration, "terms", None)
    ends = registration.protected_until
    worked = max((activity.occurred_on for activity in registration.activities.all()), default=None)
    return Request(
        extension=row,
        account=registration.account_name,
        partner=registration.claimant_name,
        url=reverse("review:extension", args=[row.pk]),
        left=days_text(max(0, (ends - now).days + 1)) if ends > now else "ended",
        ends=day_of(ends),
        would_end=day_of(ends + row.length),
        others=listing(partner.name for partner in present if partner.pk != registration.partner_id),
        case_open=row.case_open,
        renewed=terms.renewals if terms else 0,
        worked_on=day_of(worked) if worked else "",
        why_not=why_no_answer(user, row, present),
    )
