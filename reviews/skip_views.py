"""Going through the queue: start it, skip a case with a reason, and open the next one by itself."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from reviews import going_on
from reviews.forms import SkipForm
from reviews.models import Case
from reviews.services.skipping import skip_case
from reviews.views import ActView, DeskView


class StartView(DeskView):
    """'Start queue': take the first case of a view that nobody else holds, and open it."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Starting takes a case, so it is sent, not followed."""
        return redirect("review:queue")

    def post(self, request: HttpRequest) -> HttpResponse:
        """From the queue, the view that it shows; from a case, the one that was started."""
        return redirect(going_on.start(request, self.user))


class SkipView(ActView):
    """Pass a case by, with a reason, and open the next one."""

    def form(self, case: Case) -> tuple[str, SkipForm]:
        """Why."""
        return "skip", SkipForm(self.request.POST, auto_id="skip_%s")

    def act(self, case: Case, form: Any) -> str:
        """It is counted, and comes last."""
        said = form.cleaned_data
        skip_case(
            case=case, reason=said["reason"], text=said["text"], by=self.user, at=timezone.now(),
            seen_version=said["seen_version"],
        )  # fmt: skip
        return f"{case.ref} is skipped: you meet it again when it changed, or when the others are done."

    def next_url(self, case: Case) -> str:
        """On to the next one."""
        return going_on.following(self.request, self.user, after=case)
