"""The portal's pages about the partner itself: My company, its own numbers, changes of the rules, and the one question."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from conflicts.models import PolicySummary
from partners.models import Partner, Registration
from partners.people import people_of
from partners.permissions import visible
from partners.views import PortalView, attempt, today_in, user_of
from reviews.announcements import announcements, changes_of, to_acknowledge
from reviews.company import companies
from reviews.models import PolicyAcknowledgement, Survey
from reviews.scorecard import scorecard_of
from reviews.services.announcing import acknowledge_policy
from reviews.services.surveys import answer_survey, decision_told, why_no_survey
from reviews.survey_forms import SurveyForm, survey_form


class CompanyView(PortalView):
    """My company: what stands about it in the vendor's books, and only about it."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The page; with several companies one after the other."""
        today = {partner.program_id: today_in(partner.program) for partner in self.partners}
        return self.page(
            "company", companies=companies(user_of(request), self.partners, today, timezone.now()),
            to_acknowledge=to_acknowledge(self.partners), people=people_of([p.pk for p in self.partners]),
        )  # fmt: skip


class ScorecardView(PortalView):
    """The partner's own numbers."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Of one company; which one, the address says."""
        chosen = self.chosen(request.GET.get("partner", ""))
        return self.page("scorecard", card=scorecard_of(chosen, timezone.now()), chosen=chosen, partners=self.partners)

    def chosen(self, key: str) -> Partner:
        """The company that is asked for, else the first; somebody else's and none are the same 404."""
        found = next((partner for partner in self.partners if not key or str(partner.pk) == key), None)
        if found is None:
            raise Http404("Not found.")
        return found


class PolicyChangeView(PortalView):
    """A change of the rules: what changes, from when, and whether the partner has acknowledged it."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """The page."""
        summary = self.summary(pk)
        mine = [partner for partner in self.partners if partner.program_id == summary.program_id]
        rows = visible(request.user, PolicyAcknowledgement.objects.filter(summary=summary))
        done = {row.partner_id: row for row in rows}
        before, changes = changes_of(summary, [p for p in mine if p.pk not in done])
        people = {m.user_id: str(m.user) for m in people_of([p.pk for p in mine])} if done else {}
        return self.page(
            "policy_change", summary=summary, before=before, changes=changes, zone=mine[0].program.timezone,
            owed=[partner for partner in mine if partner.pk not in done],
            done=[(p, done[p.pk], people.get(done[p.pk].acknowledged_by_id, _("a colleague"))) for p in mine if p.pk in done],
        )  # fmt: skip

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Acknowledge it, for every company of the user that the change concerns."""
        summary, by, at = self.summary(pk), user_of(request), timezone.now()
        mine = [partner for partner in self.partners if partner.program_id == summary.program_id]

        def act() -> bool:
            for partner in mine:
                acknowledge_policy(partner=partner, summary=summary, by=by, at=at)
            return True

        if attempt(request, act):
            messages.success(request, _("Acknowledged. Thank you: it stands with your name and the time."))
        return redirect("portal:policy_change", pk)

    def summary(self, pk: uuid.UUID) -> PolicySummary:
        """An announced change in one of the user's programs, or 404."""
        programs = {partner.program_id for partner in self.partners}
        return get_object_or_404(announcements().filter(program__in=programs), pk=pk)


class SurveyView(PortalView):
    """The one question after a decision; it need not be answered."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """The form, while it can be answered."""
        registration = self.registration(pk)
        notice = decision_told(registration)
        said = Survey.objects.filter(notice=notice).first() if notice else None
        if why_no_survey(notice, said, timezone.now()):
            return redirect("portal:registration", pk)
        return self.draw(registration, survey_form(said))

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Keep the answer."""
        registration, form = self.registration(pk), SurveyForm(request.POST)
        words: dict[str, Any] = {"by": user_of(request), "at": timezone.now()}
        if form.is_valid() and attempt(
            request, lambda: answer_survey(registration=registration, **form.cleaned_data, **words), form
        ):
            messages.success(request, _("Thank you. You can change your answer for 14 days."))
            return redirect("portal:registration", pk)
        page = self.draw(registration, form)
        page.status_code = 400
        return page

    def draw(self, registration: Registration, form: SurveyForm) -> HttpResponse:
        """The page with the form."""
        return self.page("survey", registration=registration, form=form, zone=registration.program.timezone)
