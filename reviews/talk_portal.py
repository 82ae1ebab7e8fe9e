"""A side's page of a talk: what it is asked, its own part of each proposal, its answers. Nothing of the other side."""

import uuid
from typing import Any

from django.contrib import messages
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from partners.permissions import get_or_404, visible
from partners.views import PortalView, attempt, user_of
from reviews.models import MediationSide, ProposalAnswer, Verdict
from reviews.services.talks import answer_proposal, state_interests, why_no_answer, why_no_word
from reviews.stage_forms import StatementForm, VerdictForm
from reviews.talk_notices import own_part


def open_talks_of(user: Any, **filters: Any) -> list[MediationSide]:
    """The talks that wait for the user's partners now, the earliest deadline first."""
    rows = visible(user, MediationSide.objects.filter(ended_at__isnull=True, due_at__gt=timezone.now(), **filters))
    return list(rows.order_by("due_at", "pk"))


class TalkView(PortalView):
    """One talk."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Its page."""
        return self._page(self.side(pk))

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Answer the proposal that was read."""
        side, form, by = self.side(pk), VerdictForm(request.POST), user_of(request)
        if not form.is_valid():
            return self._page(side, verdict=form, status=400)
        said = form.cleaned_data
        answer = get_or_404(request.user, ProposalAnswer.objects.filter(side=side), pk=said["answer"])
        if attempt(request, lambda: answer_proposal(
            answer=answer, verdict=said["verdict"], comment=said["comment"], by=by, at=timezone.now()
        ), form) is None:  # fmt: skip
            return self._page(self.side(pk), verdict=form, status=409)
        if said["verdict"] == Verdict.ACCEPTED:
            done = _("You accepted proposal %(number)s. You are told what comes of it.")
        else:
            done = _("You declined proposal %(number)s. You are told what comes of it.")
        messages.success(request, done % {"number": answer.number})
        return redirect("portal:talk", side.pk)

    def side(self, pk: uuid.UUID) -> MediationSide:
        """An own side of a talk, or 404."""
        return get_or_404(self.request.user, MediationSide.objects.select_related("registration", "program"), pk=pk)

    def _page(
        self,
        side: MediationSide,
        *,
        verdict: BaseForm | None = None,
        statement: BaseForm | None = None,
        status: int = 200,
    ) -> HttpResponse:
        now, answers = timezone.now(), list(side.answers.order_by("-number"))
        waiting = next((answer for answer in answers if not why_no_answer(answer, side, now)), None)
        page = self.page(
            "talk", side=side, zone=side.program.timezone, waiting=waiting, why_no_word=why_no_word(side, now),
            proposals=[{"answer": answer, "part": own_part(answer)} for answer in answers],
            part=own_part(waiting) if waiting else "",
            verdict=verdict or VerdictForm(initial={"answer": waiting.pk if waiting else None}),
            statement=statement or StatementForm(initial={"statement": side.statement}), form=verdict or statement,
        )  # fmt: skip
        page.status_code = status
        return page


class StateView(TalkView):
    """Say what matters."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """It is sent, not followed."""
        return redirect("portal:talk", self.side(pk).pk)

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Keep what was typed."""
        side, form, by = self.side(pk), StatementForm(request.POST), user_of(request)
        if not form.is_valid():
            return self._page(side, statement=form, status=400)
        words = form.cleaned_data["statement"]
        if (
            attempt(request, lambda: state_interests(side=side, statement=words, by=by, at=timezone.now()), form)
            is None
        ):
            return self._page(self.side(pk), statement=form, status=409)
        messages.success(request, _("Kept: only the vendor's people who run the talk read it."))
        return redirect("portal:talk", side.pk)
