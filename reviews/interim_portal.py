"""The portal pages of an appeal and of the breach register: a partner's own facts alone."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from partners.permissions import get_or_404, visible
from partners.tracker import moment
from partners.views import PortalView, attempt, today_in, user_of
from reviews.interim_forms import AppealForm, CommentForm
from reviews.models import Breach
from reviews.services.appeals import file_appeal, why_no_appeal
from reviews.services.breaches import comment_on_breach, why_no_comment
from reviews.standing import Standing, standing_of

SHOWN = 200


class AppealView(PortalView):
    """Appeal against the decision on a registration, once, within the window."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """The form, while an appeal can be filed."""
        standing = self._standing(pk)
        if standing.appeal_until is None:
            return redirect("portal:registration", pk)
        return self._page(standing, self._form(standing))

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """File it; the receipt is on the registration's page."""
        standing, now, by = self._standing(pk), timezone.now(), user_of(request)
        why_not = why_no_appeal(standing.party, now)
        if why_not:
            messages.info(request, why_not)
            return redirect("portal:registration", pk)
        form = self._form(standing, request.POST)
        if not form.is_valid():
            return self._page(standing, form)
        said = form.cleaned_data
        appeal = attempt(
            request,
            lambda: file_appeal(
                party=standing.party, ground=said["ground"], text=said["text"], work=form.work, by=by, at=now
            ),
            form,
        )
        if appeal is None:
            return self._page(standing, form)
        due = moment(appeal.due_at, standing.party.registration.program.timezone)
        said_so = _("Received: your appeal %(number)s. You hear from us by %(due)s.")
        messages.success(request, said_so % {"number": appeal.number, "due": due})
        return redirect("portal:registration", pk)

    def _standing(self, pk: uuid.UUID) -> Standing:
        standing = standing_of(self.request.user, self.registration(pk), timezone.now())
        if standing is None:
            raise Http404("Not found.")
        return standing

    def _form(self, standing: Standing, data: Any = None) -> AppealForm:
        return AppealForm(data, today=today_in(standing.party.registration.program))

    def _page(self, standing: Standing, form: AppealForm) -> HttpResponse:
        registration = standing.party.registration
        zone = registration.program.timezone
        return self.page("appeal", registration=registration, standing=standing, form=form, zone=zone)


class BreachesView(PortalView):
    """What was noted about the partner itself, the latest first."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The list."""
        rows = visible(request.user, Breach.objects.select_related("partner")).order_by("-recorded_at", "-pk")
        return self.page("breaches", breaches=list(rows[:SHOWN]), today=timezone.now().date())


class BreachView(PortalView):
    """One entry, and the partner's one comment."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """The entry."""
        return self._page(self._breach(pk), CommentForm())

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Send the comment."""
        breach, form, by = self._breach(pk), CommentForm(request.POST), user_of(request)
        if form.is_valid() and attempt(
            request,
            lambda: comment_on_breach(breach=breach, comment=form.cleaned_data["comment"], by=by, at=timezone.now()),
            form,
        ):
            messages.success(request, _("Your comment is sent: a second person reads it before anything is confirmed."))
            return redirect("portal:breach", pk)
        return self._page(breach, form)

    def _breach(self, pk: uuid.UUID) -> Breach:
        return get_or_404(self.request.user, Breach.objects.select_related("program", "partner"), pk=pk)

    def _page(self, breach: Breach, form: CommentForm) -> HttpResponse:
        why_not = why_no_comment(breach, timezone.now())
        return self.page("breach", breach=breach, form=form, why_not=why_not, zone=breach.program.timezone)
