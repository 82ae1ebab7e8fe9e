"""The receipt of a registration, at an address of its own: to print, to keep, to find again."""

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from channelconflict.audit import head_at
from partners.tracker import moment
from partners.views import PortalView, promise
from reviews.notices import NEXT


class ReceiptView(PortalView):
    """Number, when it came, by when the answer comes, what happens next, and the log head."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """The page, of whatever was submitted."""
        registration = self.registration(pk)
        if registration.submitted_at is None:
            return redirect("portal:registration", pk)
        zone = registration.program.timezone
        return self.page(
            "receipt", registration=registration, zone=zone, due=promise(registration), steps=NEXT,
            received=moment(registration.submitted_at, zone),
            head=head_at(subject=registration, action="registration.submitted"),
        )  # fmt: skip
