"""Papers at the desk: fetching a file, which is recorded, and withdrawing a paper for a reason."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone

from partners.evidence import read_file
from partners.forms import EVIDENCE_KINDS
from partners.models import Evidence
from partners.paper_forms import WithdrawPaperForm
from partners.paper_views import as_download, file_or_404
from partners.permissions import get_or_404
from partners.views import attempt
from reviews.models import Case
from reviews.services.papers import withdraw_paper
from reviews.views import DeskView


class FileView(DeskView):
    """Fetch the file of a paper."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponseBase:
        """The bytes; that they were fetched is on the record."""
        file = file_or_404(self.user, pk)
        response = as_download(file)
        if request.method == "GET":
            read_file(file=file, by=self.user, at=timezone.now())
        return response


class WithdrawEvidenceView(DeskView):
    """A paper counts no more: say why."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """The paper, and the form."""
        return self._page(self._paper(pk), WithdrawPaperForm())

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Withdraw it; the case is looked at again."""
        paper, form = self._paper(pk), WithdrawPaperForm(request.POST)
        words: dict[str, Any] = {"by": self.user, "at": timezone.now()}
        if form.is_valid() and attempt(
            request, lambda: withdraw_paper(evidence=paper, reason=form.cleaned_data["reason"], **words), form
        ):
            messages.success(
                request, "Withdrawn: it stays on the record and counts no more. The case is looked at again."
            )
            case = self._case(paper)
            return redirect("review:case", case.pk) if case else redirect("review:queue")
        return self._page(paper, form, 400)

    def _paper(self, pk: uuid.UUID) -> Evidence:
        rows = Evidence.objects.on_record().select_related("registration", "partner", "program", "file")
        return get_or_404(self.user, rows, pk=pk)

    def _case(self, paper: Evidence) -> Case | None:
        rows = Case.objects.filter(parties__registration=paper.registration_id, parties__left_at__isnull=True)
        return rows.order_by("-opened_at", "-pk").first()

    def _page(self, paper: Evidence, form: WithdrawPaperForm, status: int = 200) -> HttpResponse:
        context = {
            "paper": paper, "form": form, "kind": dict(EVIDENCE_KINDS).get(paper.kind, paper.kind),
            "case": self._case(paper), "claimant": paper.partner.name if paper.partner else "Direct team",
        }  # fmt: skip
        return render(self.request, "reviews/withdraw_paper.html", context, status=status)
