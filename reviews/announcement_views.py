"""The desk's pages on what partners acknowledge and what they say: changes of the rules, and satisfaction."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from partners.services import NotPossibleError
from reviews.desk.announcements import announcement_page
from reviews.desk.programs import chosen_program
from reviews.desk.satisfaction import satisfaction_page
from reviews.services.announcing import remind_partners
from reviews.views import DeskView


class PolicyChangesView(DeskView):
    """The last change of the rules, and who has acknowledged it."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The page."""
        page = announcement_page(self.user, request.GET, timezone.now())
        return render(request, "reviews/policy_changes.html", {"page": page, "program": page.chosen.program})

    def post(self, request: HttpRequest) -> HttpResponse:
        """Remind those who have not."""
        program = chosen_program(self.user, request.POST).program
        try:
            with transaction.atomic():
                remind_partners(program=program, by=self.user, at=timezone.now())
        except NotPossibleError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, "A worker writes the reminders now: each partner finds one among its notices.")
        return redirect(f"{reverse('review:policy_changes')}?program={program.code}")


class SatisfactionView(DeskView):
    """What partners say of how they were handled, in figures."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The page."""
        page = satisfaction_page(self.user, request.GET, timezone.now())
        return render(request, "reviews/satisfaction.html", {"page": page, "program": page.chosen.program})
