"""The breach register at the desk: partners with their counts, one entry, recording and answering."""

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from partners.models import Partner
from partners.permissions import get_or_404, visible
from partners.views import today_in
from reviews.desk.breaches import breach_page, breaches_page, works_somewhere
from reviews.interim_forms import BreachAnswerForm, BreachForm
from reviews.models import Breach, Case
from reviews.services import answer_breach, record_breach
from reviews.views import REFUSALS, DeskView

PARTNERS_SHOWN = 50


class BreachesView(DeskView):
    """Partners with entries, and the entries, the latest first."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The page; `partner` shows one partner's alone."""
        page = breaches_page(self.user, request.GET.get("partner", ""), timezone.now())
        return render(request, "reviews/breaches.html", {"page": page})


class NewBreachView(DeskView):
    """Record that a partner broke a rule of engagement."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The empty form; `case` is the case that shows it."""
        return self._page(self._form())

    def post(self, request: HttpRequest) -> HttpResponse:
        """Record it; the partner is told."""
        form = self._form(request.POST)
        if not form.is_valid():
            return self._page(form, status=400)
        try:
            with transaction.atomic():
                breach = self._record(form)
        except tuple(REFUSALS) as error:
            form.add_error(None, str(error))
            return self._page(form, status=REFUSALS[type(error)])
        messages.success(request, f"{breach.number} is recorded. {breach.partner.name} is told, and may comment.")
        return redirect("review:breach", breach.pk)

    def _record(self, form: BreachForm) -> Breach:
        rows = Partner.objects.select_related("program")
        partner = get_or_404(self.user, rows, "view_desk", pk=form.cleaned_data["partner"])
        return record_breach(partner=partner, entry=form.entry(self.case), by=self.user, at=timezone.now())

    def _form(self, data: Any = None) -> BreachForm:
        if not works_somewhere(self.user):
            raise PermissionDenied
        self.case, self.words = self._case(), self.request.GET.get("q", "").strip()[:200]
        partners = visible(self.user, Partner.objects.select_related("program"))
        if self.case:
            partners = partners.filter(parties__case=self.case)
        elif self.words:
            partners = partners.filter(name__icontains=self.words)
        found = list(partners.order_by("name", "pk")[: PARTNERS_SHOWN + 1])
        self.more = len(found) > PARTNERS_SHOWN
        today = today_in(found[0].program) if found else timezone.now().date()
        offered = [(str(partner.pk), partner.name) for partner in found[:PARTNERS_SHOWN]]
        return BreachForm(data, partners=offered, today=today)

    def _case(self) -> Case | None:
        try:
            key = uuid.UUID(self.request.GET.get("case", ""))
        except ValueError:
            return None
        return visible(self.user, Case.objects.select_related("account")).filter(pk=key).first()

    def _page(self, form: BreachForm, status: int = 200) -> HttpResponse:
        context = {"form": form, "case": self.case, "words": self.words, "more": self.more}
        return render(self.request, "reviews/breach_new.html", context, status=status)


class BreachView(DeskView):
    """One entry: what the partner reads, what is behind it, and the answer of a second person."""

    def get(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Draw it."""
        return self._page(pk, BreachAnswerForm())

    def post(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Confirm or dismiss."""
        page, form = breach_page(self.user, pk, timezone.now()), BreachAnswerForm(request.POST)
        if not form.is_valid():
            return self._page(pk, form, status=400)
        said = form.cleaned_data
        try:
            with transaction.atomic():
                done = answer_breach(
                    breach=page.breach, confirmed=said["verdict"] == "confirm", answer=said["answer"],
                    reasons=said["reasons"], comment_seen=said["comment_seen"], by=self.user, at=timezone.now(),
                )  # fmt: skip
        except tuple(REFUSALS) as error:
            form.add_error(None, str(error))
            return self._page(pk, form, status=REFUSALS[type(error)])
        messages.success(request, f"{done.number} is {done.get_status_display().lower()}. {page.partner} is told.")
        return redirect("review:breaches")

    def _page(self, pk: Any, form: forms.Form, status: int = 200) -> HttpResponse:
        page = breach_page(self.user, pk, timezone.now())
        return render(self.request, "reviews/breach.html", {"page": page, "form": form}, status=status)
