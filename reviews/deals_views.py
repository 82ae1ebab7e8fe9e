"""A partner's own deals as a CSV, streamed: the scope is set again for each piece, and rights are read anew."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone

from channelconflict.models import User
from channelconflict.scope import acting
from channelconflict.spreadsheet import csv_lines
from partners.forms import value_label
from partners.models import Partner, ProductLine
from partners.permissions import scope_of, visible
from partners.places import place_name
from partners.protection import terms_of
from partners.tracker import track
from partners.views import PortalView
from reviews.portal import own_rows

PIECE = 500
HEADER = (
    "Number", "Registered for", "Customer's legal name", "Website or mail domain", "Country and state", "Contact's e-mail",
    "Product", "Value", "Closes by", "Stage", "Current supplier", "Note", "Status", "Received", "Answer by", "Decided",
    "Protected until", "What next",
)  # fmt: skip


class DealsCsvView(PortalView):
    """The list as it is filtered, every row of it."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """The file, as it is read."""
        status, words = request.GET.get("status", ""), request.GET.get("q", "").strip()[:200]
        lines = csv_lines(deals(request.user.pk, status, words.replace("\0", "")))
        response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = 'attachment; filename="your-deals.csv"'
        response["Cache-Control"] = "private, no-store"
        return response


def deals(user_id: Any, status: str, words: str) -> Iterator[list[str]]:
    """The header and a row a deal, newest first. The request's transaction is over when these are read."""
    yield list(HEADER)
    before: Any = None
    while True:
        piece = _piece(user_id, status, words, before)
        for _, row in piece:
            yield row
        if len(piece) < PIECE:
            return
        before = piece[-1][0]


def _piece(user_id: Any, status: str, words: str, before: Any) -> list[tuple[Any, list[str]]]:
    user = User.objects.filter(pk=user_id, is_active=True).first()  # anew: a revoked right ends the file
    if user is None:
        return []
    now = timezone.now()
    with acting(scope_of(user)):
        rows = own_rows(user, status, words)
        rows = rows.filter(pk__lt=before) if before else rows
        partners = visible(user, Partner.objects.select_related("program", "tier")).in_bulk()
        lines = ProductLine.objects.filter(program__in={partner.program_id for partner in partners.values()})
        names = {(line.program_id, line.code): line.name for line in lines}
        return [(row.pk, _row(row, partners[row.partner_id], names, now)) for row in rows.order_by("-id")[:PIECE]]


def _row(row: Any, partner: Partner, names: dict[Any, str], now: datetime) -> list[str]:
    zone = ZoneInfo(partner.program.timezone)
    found = track(row, now=now, zone=partner.program.timezone, terms=terms_of(row), worked_on=row.worked_on)

    def moment(at: datetime | None) -> str:
        return at.astimezone(zone).isoformat(" ", "minutes") if at else ""

    return [
        row.ref, partner.name, row.account_name, row.account_domain,
        place_name(row.account_country, row.account_subdivision), row.contact_email,
        "; ".join(names.get((row.program_id, code), code) for code in row.product_lines), value_label(row),
        row.expected_close_on.isoformat() if row.expected_close_on else "", row.get_stage_display(), row.incumbent, row.note,
        row.get_status_display(), moment(row.submitted_at), moment(row.due_at), moment(row.decided_at),
        moment(row.protected_until), found.next_step,
    ]  # fmt: skip
