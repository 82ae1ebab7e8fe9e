"""Changing talks that are under way: more time, another facilitator."""

from typing import Any

from django.utils import timezone

from reviews.desk.mediation import MediationPage
from reviews.models import Mediation
from reviews.services.changing_talks import change_facilitator, extend_talks
from reviews.stage_forms import ExtendForm, FacilitatorForm
from reviews.stage_views import TalksActView


class ExtendTalksView(TalksActView):
    """Give the sides more time."""

    name = "extend"

    def form(self, page: MediationPage) -> ExtendForm:
        """How much, and why."""
        return ExtendForm(self.request.POST, auto_id="extend_%s")

    def act(self, mediation: Mediation, said: dict[str, Any], form: Any) -> str:
        """Every side is told of the new deadline."""
        talks = extend_talks(
            mediation=mediation, days=said["days"], body=said["body"], by=self.user, at=timezone.now(),
            seen_version=said["seen_version"],
        )  # fmt: skip
        return f"Every side is told: there is time until {talks.due_at:%-d %b %Y %H:%M} UTC."


class ChangeFacilitatorView(TalksActView):
    """Let somebody else facilitate."""

    name = "facilitator"

    def form(self, page: MediationPage) -> FacilitatorForm:
        """Who, and why."""
        return FacilitatorForm(self.request.POST, candidates=page.candidates, auto_id="facilitator_%s")

    def act(self, mediation: Mediation, said: dict[str, Any], form: Any) -> str:
        """Every side is told who mediates now."""
        talks = change_facilitator(
            mediation=mediation, facilitator=form.candidates[said["facilitator"]].user, reason=said["reason"],
            by=self.user, at=timezone.now(), seen_version=said["seen_version"],
        )  # fmt: skip
        return f"Every side is told: {talks.facilitator} facilitates from now on."
