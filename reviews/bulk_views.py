"""Approving many cases at once: choose in the queue, look at the preview, send it, see what became of each."""

import uuid
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from partners.models import Program
from partners.permissions import get_or_404, visible
from partners.services import NotPossibleError
from reviews import desk
from reviews.desk.bulk import bulk_page
from reviews.desk.queue import ids_in_view
from reviews.models import BulkApproval, Case
from reviews.services.bulk import MOST, preview_bulk, send_bulk
from reviews.views import REFUSALS, DeskView


def chosen_ids(keys: list[str]) -> list[uuid.UUID]:
    """The ids among what was ticked; what is none is left out."""
    found = []
    for key in keys:
        try:
            found.append(uuid.UUID(key))
        except ValueError:
            continue
    return found


class NewBulkView(DeskView):
    """'Approve as recommended…': cases of the queue become a preview."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Its address is only sent to."""
        return redirect("review:queue")

    def post(self, request: HttpRequest) -> HttpResponse:
        """The ticked cases, or all of the view; nothing is approved yet."""
        now = timezone.now()
        wanted = (
            ids_in_view(self.user, request.POST, now, MOST)
            if "everything" in request.POST
            else chosen_ids(request.POST.getlist("case"))
        )
        try:
            with transaction.atomic():
                bulk = self._preview(wanted)
        except tuple(REFUSALS) as error:
            messages.error(request, str(error))
            return redirect(desk.Asked.of(request.POST).url())
        return redirect("review:bulk", bulk.pk)

    def _preview(self, wanted: list[uuid.UUID]) -> BulkApproval:
        seen = dict(visible(self.user, Case.objects.filter(pk__in=wanted)).values_list("pk", "program_id"))
        programs = set(seen.values())
        if len(programs) > 1:
            raise NotPossibleError("Choose cases of one program at a time.")
        if not programs:
            raise NotPossibleError("Choose at least one case: tick it in the list, or take all of the view.")
        program = get_or_404(self.user, Program.objects.all(), "view_desk", pk=programs.pop())
        ids = [key for key in wanted if key in seen]
        return preview_bulk(program=program, case_ids=ids, by=self.user, at=timezone.now())


class BulkView(DeskView):
    """The preview of a bulk approval, and after it is sent what became of each case."""

    def get(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """It can be left and found again."""
        return self._page(self._bulk(pk))

    def post(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Send it, once."""
        bulk = self._bulk(pk)
        try:
            with transaction.atomic():
                send_bulk(bulk=bulk, chosen=chosen_ids(request.POST.getlist("item")), by=self.user, at=timezone.now())
        except tuple(REFUSALS) as error:
            return self._page(bulk, refused=str(error), status=REFUSALS[type(error)])
        return redirect("review:bulk", bulk.pk)

    def _bulk(self, pk: Any) -> BulkApproval:
        return get_or_404(self.request.user, BulkApproval.objects.select_related("asked_by"), "view_desk", pk=pk)

    def _page(self, bulk: BulkApproval, refused: str = "", status: int = 200) -> HttpResponse:
        page = bulk_page(self.user, bulk, timezone.now())
        return render(self.request, "reviews/bulk.html", {"page": page, "refused": refused}, status=status)
