"""The pages of learning: a word on each output, alarms of drift, the calibration report, proposed points of the score."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from conflicts.learning.services import acknowledge_alarm, give_feedback, propose_policy
from conflicts.models import DriftAlarm, DriftAnswer, WeightsProposal
from partners.models import Program
from partners.permissions import get_or_404, programs_of
from partners.services import NotPossibleError
from reviews import desk
from reviews.desk import feedback
from reviews.desk.calibration import calibration_page
from reviews.desk.drift import alarm_page, alarms, drift_page
from reviews.desk.proposals import proposal_page, proposals, proposals_page
from reviews.practice import learn_weights
from reviews.services.asked_first import ask_first, owes
from reviews.views import CaseView, DeskView


class FeedbackForm(forms.Form):
    """What is said of which output, of the recommendation that was seen."""

    recommendation = forms.UUIDField()
    say = forms.CharField(max_length=60)
    text = forms.CharField(max_length=1000, required=False)


class AcknowledgeForm(forms.Form):
    """What came of an alarm, and how it goes on."""

    answer = forms.ChoiceField(
        label="From now on",
        choices=DriftAnswer.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Say whether to go on as before, or that this is usual now."},
    )
    reason = forms.CharField(
        label="What came of it",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say in a few words what came of it: it goes on the record."},
    )


class SayView(CaseView):
    """A word on one output of a case page."""

    def get(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """This address is only sent to."""
        return redirect("review:case", self.case(pk).pk)

    def post(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Keep it, and go back to where it was said."""
        case, form = self.case(pk), FeedbackForm(request.POST)
        back = reverse("review:case", args=[case.pk])
        if not form.is_valid():
            messages.error(request, "Nothing was kept: choose one of the buttons beside what you mean.")
            return redirect(back)
        if owes(self.user, case):  # what they would judge is not shown to them yet
            messages.error(request, f"Nothing was kept. {ask_first(case)}")
            return redirect(back)
        verdict, _, key = form.cleaned_data["say"].partition(feedback.SPLIT)
        page = desk.case_page(self.user, case, timezone.now())
        asked = next((one for one in page.asked if one.key == key), None)
        if asked is None or page.recommendation.pk != form.cleaned_data["recommendation"]:
            messages.warning(
                request, "The case was looked at again meanwhile: this is what is said now. Nothing was kept."
            )
            return redirect(back)
        try:
            give_feedback(
                recommendation=page.recommendation, output=asked.output, verdict=verdict,
                text=form.cleaned_data["text"] or asked.text, by=self.user, at=timezone.now(),
            )  # fmt: skip
        except NotPossibleError as error:
            messages.error(request, str(error))
            return redirect(back)
        return redirect(f"{back}?said={key}#say-{key}")


class FeedbackView(DeskView):
    """What reviewers said, for those who can change what is wrong."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Counts by what it came from, and every word."""
        if not programs_of(self.user, feedback.RIGHT):
            raise PermissionDenied
        return render(request, "reviews/feedback.html", {"page": feedback.feedback_page(self.user, request.GET)})


class DriftView(DeskView):
    """Where people part from the rules."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Alarms, and how every stream stands."""
        return render(request, "reviews/drift.html", {"page": drift_page(self.user, request.GET, timezone.now())})


class DriftAlarmView(DeskView):
    """One alarm, and what came of it."""

    def get(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Draw it."""
        return self.page(self.alarm(pk), AcknowledgeForm())

    def post(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Acknowledge it, or show the page again with everything that was typed."""
        alarm, form = self.alarm(pk), AcknowledgeForm(request.POST)
        if not form.is_valid():
            return self.page(alarm, form, status=400)
        try:
            with transaction.atomic():
                acknowledge_alarm(alarm=alarm, by=self.user, at=timezone.now(), **form.cleaned_data)
        except NotPossibleError as error:
            return self.page(self.alarm(pk), form, str(error), status=409)
        messages.success(request, "Acknowledged. The stream is watched anew from here.")
        return redirect("review:drift_alarm", alarm.pk)

    def alarm(self, pk: Any) -> DriftAlarm:
        """The alarm, or the same 404 for one of another program and for none."""
        return get_or_404(self.request.user, alarms(), "view_desk", pk=pk)

    def page(self, alarm: DriftAlarm, form: forms.Form, refused: str = "", status: int = 200) -> HttpResponse:
        """The page, with the form that was sent and why it was refused."""
        context = {"page": alarm_page(self.user, alarm), "form": form, "refused": refused, "program": alarm.program}
        return render(self.request, "reviews/drift_alarm.html", context, status=status)


class CalibrationView(DeskView):
    """How far the confidence can be trusted."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The report."""
        return render(request, "reviews/calibration.html", {"page": calibration_page(self.user, request.GET)})


class ProposalsView(DeskView):
    """Points that fit what people decided."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Where it stands."""
        return render(request, "reviews/proposals.html", {"page": proposals_page(self.user, request.GET)})

    def post(self, request: HttpRequest) -> HttpResponse:
        """Learn from what was decided so far, and keep a draft of the policy if it says enough."""
        program = get_or_404(self.user, Program.objects.all(), "change_rules", code=request.POST.get("program", ""))
        try:
            row = propose_policy(program=program, learned=learn_weights(program), by=self.user, at=timezone.now())
        except NotPossibleError as error:
            messages.info(request, str(error))
            return redirect(f"{reverse('review:proposals')}?program={program.code}")
        messages.success(
            request, f"{row.policy} is a draft with these points. Nothing changes until two people publish it."
        )
        return redirect("review:proposal", row.pk)


class ProposalView(DeskView):
    """One proposal beside the policy in force."""

    def get(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Draw it."""
        row: WeightsProposal = get_or_404(self.user, proposals(), "view_desk", pk=pk)
        return render(request, "reviews/proposal.html", {"page": proposal_page(row), "program": row.program})
