"""Notice texts: the list of kinds, and one kind with its form, a preview, and what the wording linter says."""

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from partners.services import StaleRowError
from reviews.desk.notice_texts import TextPage, sample, text_page, text_rows
from reviews.desk.programs import chosen_program
from reviews.frames import problems, standard
from reviews.knowledge.forms import NoticeTemplateForm, seen_again
from reviews.knowledge.views.playbooks import REFUSED
from reviews.services.frames import change_template
from reviews.views import DeskView


class NoticeTextsView(DeskView):
    """Every kind of notice and whose words it is in."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The list."""
        chosen = chosen_program(self.user, request.GET)
        context = {"rows": text_rows(chosen.program), "chosen": chosen, "program": chosen.program}
        return render(request, "reviews/notice_texts.html", context)


class NoticeTextView(DeskView):
    """One kind: read it as a party would, and word it."""

    def get(self, request: HttpRequest, kind: str) -> HttpResponse:
        """The page; `?standard` fills the form with the words that ship."""
        page = self._read(kind)
        frame = standard(kind) if "standard" in request.GET else page.frame
        initial = {"subject": frame.subject, "body": frame.body, "seen_version": page.version}
        return self._page(page, NoticeTemplateForm(initial=initial))

    def post(self, request: HttpRequest, kind: str) -> HttpResponse:
        """Show what it would look like, or keep it as the next version."""
        page, form = self._read(kind), NoticeTemplateForm(request.POST)
        keep = "preview" not in request.POST
        if form.is_valid():
            for sentence in problems(kind, form.frame, page.language):
                form.add_error("body", sentence)
            if keep and not form.cleaned_data["reason"].strip():
                form.add_error("reason", "Say in a few words why it changes.")
        if not form.is_valid() or not keep:
            return self._page(page, form, status=400 if form.errors else 200)
        chosen = chosen_program(self.user, request.GET)
        try:
            with transaction.atomic():
                row = change_template(
                    program=chosen.program, kind=kind, language=page.language, frame=form.frame,
                    reason=form.cleaned_data["reason"], by=self.user, at=timezone.now(),
                    seen_version=form.cleaned_data["seen_version"],
                )  # fmt: skip
        except tuple(REFUSED) as error:
            form.add_error(None, str(error))
            stale = isinstance(error, StaleRowError)
            if stale:  # whoever sends it again has now seen what is in force
                form.data = seen_again(form.data, page.version)
            return self._page(page, form, status=REFUSED[type(error)], stale=stale)
        messages.success(request, f"Kept as version {row.version}: notices of this kind are worded so from now on.")
        return redirect(
            f"{reverse('review:notice_text', args=[kind])}?program={chosen.program.code}&language={page.language}"
        )

    def _read(self, kind: str) -> TextPage:
        program, language = chosen_program(self.user, self.request.GET).program, self.request.GET.get("language")
        page = text_page(self.user, program, kind, language or settings.LANGUAGE_CODE)
        if page is None:
            raise Http404("Not found.")
        return page

    def _page(
        self, page: TextPage, form: NoticeTemplateForm, *, status: int = 200, stale: bool = False
    ) -> HttpResponse:
        chosen = chosen_program(self.user, self.request.GET)
        tried = form.is_bound and not form.errors
        frame = form.frame if tried else page.frame
        context = {"page": page, "form": form, "program": chosen.program, "chosen": chosen, "stale": stale, "tried": tried,
                   "told": sample(chosen.program, page.kind, frame, page.language), "languages": settings.LANGUAGES,
                   "opened": form.is_bound or "standard" in self.request.GET}  # fmt: skip
        return render(self.request, "reviews/notice_text.html", context, status=status)
