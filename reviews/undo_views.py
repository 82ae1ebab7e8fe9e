"""Between a decision and what it sets off: taking it back, or sending it now."""

from django import forms
from django.utils import timezone

from reviews import leaving
from reviews.forms import SeenForm
from reviews.models import Case
from reviews.services.undo import undo_decision
from reviews.states import CaseStatus
from reviews.views import ActView


class UndoView(ActView):
    """Take a decision back before it leaves."""

    def form(self, case: Case) -> tuple[str, SeenForm]:
        """Only the version that was seen."""
        return "approve", SeenForm(self.request.POST)

    def act(self, case: Case, form: forms.Form) -> str:
        """In review again, with whoever undid it."""
        seen = form.cleaned_data["seen_version"]
        undo_decision(case=case, by=self.user, at=timezone.now(), seen_version=seen)
        return f"Undone: nothing of {case.ref} has left. It is yours again, and its clock ran on."


class SendNowView(ActView):
    """Do not wait: let a decided case leave at once."""

    def form(self, case: Case) -> tuple[str, SeenForm]:
        """Only the version that was seen."""
        return "approve", SeenForm(self.request.POST)

    def act(self, case: Case, form: forms.Form) -> str:
        """It leaves, unless the facts have changed since it was decided."""
        seen = form.cleaned_data["seen_version"]
        now = leaving.settle(case, by=self.user, at=timezone.now(), seen_version=seen)
        if now.status == CaseStatus.DECIDED:
            return f"{case.ref} has left: notices and writes are on their way."
        return f"{case.ref} did not leave: its facts have changed since it was decided."
