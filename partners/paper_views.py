"""Proof of work in the portal: a dated activity, papers with files, taking one back from a draft, and fetching a file."""

import logging
import uuid
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from partners.evidence import TAKES_PROOF, Added, add_files, take_evidence_back
from partners.evidence_files import open_bytes
from partners.forms import ActivityForm
from partners.models import Evidence, EvidenceFile, Registration
from partners.paper_forms import PaperForm
from partners.permissions import get_or_404
from partners.services import add_activity, add_evidence
from partners.views import PortalView, attempt, today_in, user_of

log = logging.getLogger(__name__)
# The types of the forms that are kept; none of them is a page for a browser.
TYPES = {
    "pdf": "application/pdf", "png": "image/png", "jpeg": "image/jpeg", "txt": "text/plain; charset=utf-8",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "eml": "message/rfc822",
}  # fmt: skip


def may_add_proof(registration: Registration) -> bool:
    """Whether proof of work still counts: while it is drafted, looked at, or protected."""
    return registration.status in TAKES_PROOF


class ProofView(PortalView):
    """Add a dated activity, or papers."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Both forms."""
        return self._page(self.registration(pk))

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Add what one of the two forms says."""
        registration = self.registration(pk, lock=True)
        if not may_add_proof(registration):
            status = registration.get_status_display().lower()
            messages.error(request, _("Nothing can be added: this registration is %(status)s.") % {"status": status})
            return redirect("portal:registration", pk)
        return self._add_paper(registration) if "paper" in request.POST else self._add_activity(registration)

    def _add_activity(self, registration: Registration) -> HttpResponse:
        form = self._activity(registration, self.request.POST)
        words: Any = {"registration": registration, "by": user_of(self.request), "at": timezone.now()}
        if form.is_valid() and attempt(self.request, lambda: add_activity(**words, **form.cleaned_data), form):
            messages.success(self.request, _("Added. It counts from now on."))
            return redirect("portal:registration", registration.pk)
        return self._page(registration, activity=form)

    def _add_paper(self, registration: Registration) -> HttpResponse:
        form = PaperForm(self.request.POST, self.request.FILES)
        words: Any = {"registration": registration, "by": user_of(self.request), "at": timezone.now()}
        if form.is_valid():
            said = form.cleaned_data
            words |= {"kind": said["kind"], "note": said["note"]}
            if said["file"]:
                added = attempt(self.request, lambda: add_files(**words, files=said["file"]), form)
                done = added is not None
            else:
                added, done = None, attempt(self.request, lambda: add_evidence(**words), form) is not None
            if done:
                tell_added(self.request, added)
                return redirect("portal:registration", registration.pk)
        return self._page(registration, paper=form)

    def _activity(self, registration: Registration, data: Any = None) -> ActivityForm:
        return ActivityForm(data, registration=registration, today=today_in(registration.program))

    def _page(self, registration: Registration, **forms: Any) -> HttpResponse:
        offered = {"activity": self._activity(registration), "paper": PaperForm(), **forms}
        return self.page("proof", registration=registration, may_add=may_add_proof(registration), **offered)


def tell_added(request: HttpRequest, added: Added | None) -> None:
    """What was kept, and what was there before."""
    if added is None or added.papers:
        number = len(added.papers) if added else 1
        several = ngettext("%(n)s file added.", "%(n)s files added.", number) % {"n": number}
        messages.success(request, several if number > 1 else _("Added. It counts from now on."))
    for name in added.again if added else ():
        text = _("%(file)s was added to this registration before: it is kept once.")
        messages.info(request, text % {"file": name})


class TakeBackView(PortalView):
    """Take a paper back from a draft."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """It is sent, not followed."""
        return redirect("portal:registration", self._paper(pk).registration_id)

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Take it back, while nothing was sent."""
        paper, by, at = self._paper(pk), user_of(request), timezone.now()
        if attempt(request, lambda: take_evidence_back(evidence=paper, by=by, at=at)):
            messages.success(request, _("Taken back."))
        return redirect("portal:registration", paper.registration_id)

    def _paper(self, pk: uuid.UUID) -> Evidence:
        return get_or_404(self.request.user, Evidence.objects.on_record(), pk=pk)


class FileView(PortalView):
    """Fetch an own file."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponseBase:
        """The bytes."""
        return as_download(file_or_404(request.user, pk))


def file_or_404(user: Any, pk: uuid.UUID) -> EvidenceFile:
    """A file that `user` may see and nobody took back, or 404."""
    papers = Evidence.objects.on_record()
    return get_or_404(user, EvidenceFile.objects.filter(evidence__in=papers), pk=pk)


def as_download(file: EvidenceFile) -> FileResponse:
    """A file as an attachment that no browser opens as a page: no type to guess, no script, no frame, no shared cache."""
    try:
        content = open_bytes(file)
    except FileNotFoundError:  # a database that was put back without its files
        log.error("the bytes of evidence file %s are not in the storage", file.pk)
        raise Http404("Not found.") from None
    response = FileResponse(content, as_attachment=True, filename=file.name, content_type=TYPES[file.form])
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "private, no-store"
    return response
