"""A partner's side: the concerns of its own people about its own registrations, and the charter as it concerns it."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from conflicts.policy_summaries import summary_in_force
from partners.models import Registration, RegistrationStatus
from partners.permissions import get_or_404, visible
from partners.services import DECISION_HOURS
from partners.tracker import moment
from partners.views import REFUSALS, PortalView, attempt, user_of
from reviews.categories import BY_CODE, CATEGORIES
from reviews.desk.charter import partner_charter
from reviews.knowledge.forms import PartnerConcernForm
from reviews.models import Concern
from reviews.permissions import NotAllowedError
from reviews.services.concerns import raise_concern

SHOWN = 100
OFFERED = 200  # registrations to choose from, the newest first; one that is older is chosen on its own page


class ConcernsView(PortalView):
    """The partner's own concerns, the latest first."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The list."""
        rows = visible(request.user, Concern.objects.select_related("registration")).order_by("-raised_at", "-pk")
        listed = [(concern, _(BY_CODE[concern.category].title)) for concern in rows[:SHOWN]]
        return self.page("concerns", concerns=listed)


class ConcernView(PortalView):
    """One own concern: what was raised, and the answer."""

    def get(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """The page."""
        concern = get_or_404(request.user, Concern.objects.select_related("program", "registration"), pk=pk)
        zone = concern.program.timezone
        return self.page("concern", concern=concern, zone=zone, category=BY_CODE[concern.category],
                         due=moment(concern.due_at, zone))  # fmt: skip


class RaiseConcernView(PortalView):
    """Two steps: what it is about, then which registration and what happened. Nothing of anybody else is shown."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The first step, or the second once a category is chosen."""
        code, rows = request.GET.get("category", ""), self._registrations()
        if code not in BY_CODE or not BY_CODE[code].partners:
            return self._page(1, rows)
        chosen = request.GET.get("registration", "")
        fresh = {"category": code, "form_token": uuid.uuid4(), "registration": chosen}
        return self._page(2, rows, PartnerConcernForm(registrations=rows, initial=fresh))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Raise it; without a category that partners may name, the first step is asked for again."""
        known = BY_CODE.get(request.POST.get("category", ""))
        if known is None or not known.partners:
            messages.error(request, _("Choose first what it is about."))
            return redirect("portal:raise_concern")
        rows = self._registrations()
        form, by, at = PartnerConcernForm(request.POST, registrations=rows), user_of(request), timezone.now()
        refusals = (*REFUSALS, NotAllowedError)
        if form.is_valid():
            concern = attempt(
                request, lambda: raise_concern(concern=self._concern(form, rows), by=by, at=at), form, refusals
            )
            if concern is not None:
                due = moment(concern.due_at, concern.program.timezone)
                told = _("Received as %(number)s. You hear from us by %(due)s.")
                messages.success(request, told % {"number": concern.number, "due": due})
                return redirect("portal:concern", concern.pk)
        page = self._page(2, rows, form)
        page.status_code = 400
        return page

    def _registrations(self) -> list[Registration]:
        """The partner's own, drafts left out; the one that the address names is among them however old it is."""
        mine = visible(self.request.user, Registration.objects.exclude(status=RegistrationStatus.DRAFT))
        rows = list(mine.order_by("-id")[:OFFERED])
        named = self.request.POST.get("registration") or self.request.GET.get("registration", "")
        try:
            older = [] if any(str(row.pk) == named for row in rows) else list(mine.filter(pk=uuid.UUID(named)))
        except ValueError:
            older = []
        return [*older, *rows]

    def _concern(self, form: PartnerConcernForm, rows: list[Registration]) -> Concern:
        said = form.cleaned_data
        registration = next(row for row in rows if str(row.pk) == said["registration"])
        partner = next(partner for partner in self.partners if partner.pk == registration.partner_id)
        return Concern(
            program=partner.program, partner=partner, registration=registration, category=said["category"],
            who=said["who"].strip(), happened_on=said["happened_on"], text=said["text"], form_token=said["form_token"],
        )  # fmt: skip

    def _page(self, step: int, rows: list[Registration], form: PartnerConcernForm | None = None) -> HttpResponse:
        code = form["category"].value() if form else ""
        return self.page(
            "concern_new", step=step, form=form, any_registration=bool(rows), hours=DECISION_HOURS,
            categories=[category for category in CATEGORIES if category.partners], category=BY_CODE.get(code),
            registration=self.request.GET.get("registration", ""),
        )  # fmt: skip


class CharterView(PortalView):
    """Who may raise a concern, what can come of it, how long it takes, and how to appeal."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """One charter a program."""
        programs = list({partner.program_id: partner.program for partner in self.partners}.values())
        found = [(program, summary_in_force(program)) for program in programs]
        charters = [(program, partner_charter(summary) if summary else None) for program, summary in found]
        return self.page("charter", charters=charters)
