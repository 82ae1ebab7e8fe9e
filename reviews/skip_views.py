"""Going through the queue: start it, skip a case with a reason, and open the next one by itself."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from channelconflict.models import User
from reviews import desk
from reviews.desk.saved import query_of
from reviews.forms import SkipForm
from reviews.models import Case
from reviews.services.skipping import skip_case
from reviews.services.working import claim_case
from reviews.views import REFUSALS, ActView, DeskView

_NOTHING = "Nobody waits for you: every open case of this view is taken or waits for a party."
_ONLY_THIS = "Nobody else waits for you: the only case left is the one that you skipped."
VIEW = "queue_view"  # in the session: the view that one goes through


class StartView(DeskView):
    """'Start queue': take the first case of a view that nobody else holds, and open it."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Starting takes a case, so it is sent, not followed."""
        return redirect("review:queue")

    def post(self, request: HttpRequest) -> HttpResponse:
        """From the queue, the view that it shows; from a case, the one that was started."""
        if "queue" in request.POST:
            request.session[VIEW] = query_of(request.POST)
        return redirect(next_url(request, self.user))


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
        return next_url(self.request, self.user, after=case)


def next_url(request: HttpRequest, user: User, after: Case | None = None) -> str:
    """Take the next case of the view that `user` goes through; its address, or the queue's when none is left."""
    now = timezone.now()
    view = QueryDict(request.session.get(VIEW, ""))
    case = desk.first_free(user, view, now)
    if case is None or case == after:
        left = (
            "the only one left is the one you skipped"
            if case
            else "every open case of this view is taken or waits for a party"
        )
        messages.info(request, f"Nobody waits for you: {left}.")
        return desk.Asked.of(view).url()
    try:
        claim_case(case=case, by=user, at=now)
    except tuple(REFUSALS) as error:
        messages.error(request, str(error))
    return reverse("review:case", args=[case.pk])
