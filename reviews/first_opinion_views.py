"""Saying a first opinion at the desk."""

from typing import Any

from django.utils import timezone

from reviews.first_opinion_page import FirstOpinionForm
from reviews.models import Case
from reviews.services.asked_first import letters_of
from reviews.services.first_opinions import say_first_opinion
from reviews.views import ActView


class FirstOpinionView(ActView):
    """One's own view, before the recommendation shows."""

    def form(self, case: Case) -> tuple[str, FirstOpinionForm]:
        """What one would do."""
        return "opinion", FirstOpinionForm(self.request.POST, letters=letters_of(case))

    def act(self, case: Case, form: Any) -> str:
        """It is kept; after that the page shows everything."""
        say_first_opinion(
            case=case, view=form.said, text=form.cleaned_data["text"], by=self.user, at=timezone.now(),
            seen_version=form.cleaned_data["seen_version"],
        )  # fmt: skip
        return "Your first opinion is kept. This is what is recommended: decide as you see fit."
