"""The charter as staff read it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from conflicts.services import policy_in_force
from reviews.desk.charter import staff_charter
from reviews.desk.programs import chosen_program
from reviews.views import DeskView


class CharterView(DeskView):
    """Who may raise what, what can come of it, who decides, by when: made from the live policy."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The page."""
        chosen = chosen_program(self.user, request.GET)
        charter = staff_charter(policy_in_force(chosen.program).row, chosen.program)
        context = {"charter": charter, "program": chosen.program, "chosen": chosen}
        return render(request, "reviews/charter.html", context)
