"""Spot checks at the desk: the week's draw, one approval and what somebody makes of it, and the alarm."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from partners.permissions import get_or_404
from partners.services import StaleRowError
from reviews.desk.spot_checks import CheckPage, check_page, spot_checks_page
from reviews.knowledge.forms import seen_again
from reviews.models import OverrideReason, SpotCheckAlarm, SpotCheckAnswer
from reviews.services.spot_checks import Said, acknowledge_alarm, answer_check
from reviews.views import REFUSALS, DeskView

REFUSED: dict[type[Exception], int] = {**REFUSALS, StaleRowError: 409}


class AnswerForm(forms.Form):
    """What somebody makes of an approval; the button that was pressed is the answer."""

    answer = forms.ChoiceField(
        choices=SpotCheckAnswer.choices[1:], error_messages={"required": "Press one of the answers."}
    )
    reason_code = forms.ChoiceField(
        label="What is wrong", required=False, choices=[("", "Choose…"), *OverrideReason.choices],
        help_text="Only for a wrong one.",
    )  # fmt: skip
    reason_text = forms.CharField(
        label="In a sentence", required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="A wrong one becomes a concern with this sentence.",
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """Wrong takes a reason and a sentence."""
        said: dict[str, Any] = super().clean() or {}
        if said.get("answer") == SpotCheckAnswer.WRONG:
            if not said.get("reason_code"):
                self.add_error("reason_code", "Choose from the list what is wrong.")
            if not said.get("reason_text", "").strip():
                self.add_error("reason_text", "Say in a sentence what is wrong.")
        return said


class AlarmForm(forms.Form):
    """What came of an alarm."""

    seen_version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    reason = forms.CharField(
        label="What came of it", max_length=1000, widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say in a sentence what came of it: it goes on the record."},
    )  # fmt: skip


class SpotChecksView(DeskView):
    """This week's draw, and the weeks before."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Draw it."""
        return self.page()

    def page(
        self, form: forms.Form | None = None, status: int = 200, alarm: SpotCheckAlarm | None = None
    ) -> HttpResponse:
        """The page; of the program of an alarm, with a form that was refused."""
        data = {"program": alarm.program.code} if alarm else self.request.GET
        page = spot_checks_page(self.user, data, timezone.now())
        if form is None and page.alarm:
            form = AlarmForm(initial={"seen_version": page.alarm.alarm.version})
        context = {"page": page, "form": form, "program": page.chosen.program}
        return render(self.request, "reviews/spot_checks.html", context, status=status)


class SpotAlarmView(SpotChecksView):
    """A lead says what came of an alarm."""

    def get(self, request: HttpRequest, pk: Any) -> HttpResponse:  # type: ignore[override]
        """It stands on the list."""
        return redirect(self.back(self.alarm(pk)))

    def post(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Keep it, or say why not."""
        alarm, form = self.alarm(pk), AlarmForm(request.POST)
        if not form.is_valid():
            return self.page(form, 400, alarm)
        said = form.cleaned_data
        try:
            with transaction.atomic():
                acknowledge_alarm(alarm=alarm, reason=said["reason"], by=self.user, at=timezone.now(),
                                  seen_version=said["seen_version"])  # fmt: skip
        except tuple(REFUSED) as error:
            form.add_error(None, str(error))
            form.data = seen_again(form.data, self.alarm(pk).version)
            return self.page(form, REFUSED[type(error)], alarm)
        messages.success(request, "The alarm is answered; wrong ones are counted anew from now on.")
        return redirect(self.back(alarm))

    def alarm(self, pk: Any) -> SpotCheckAlarm:
        """The alarm, or the same 404 for one of another program and for none."""
        return get_or_404(self.user, SpotCheckAlarm.objects.select_related("program"), "view_desk", pk=pk)

    def back(self, alarm: SpotCheckAlarm) -> str:
        """The list of its program."""
        return f"{reverse('review:spot_checks')}?program={alarm.program.code}"


class SpotCheckView(DeskView):
    """One approval: what, why, then and now; and the answer."""

    def get(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Draw it."""
        return self._page(check_page(self.user, pk, timezone.now()), AnswerForm())

    def post(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Keep the answer; a wrong one goes on to its concern."""
        page, form = check_page(self.user, pk, timezone.now()), AnswerForm(request.POST)
        if not form.is_valid():
            return self._page(page, form, 400)
        said = form.cleaned_data
        try:
            with transaction.atomic():
                words = Said(said["answer"], said["reason_code"], said["reason_text"])
                done = answer_check(check=page.check, said=words, by=self.user, at=timezone.now())
        except tuple(REFUSED) as error:
            form.add_error(None, str(error))
            return self._page(check_page(self.user, pk, timezone.now()), form, REFUSED[type(error)])
        if done.concern:
            messages.success(request, f"Wrong. Concern {done.concern.number} is raised about it: somebody answers it.")
            return redirect("review:concern", done.concern.pk)
        messages.success(request, f"{page.account}: {done.get_answer_display().lower()}.")
        return redirect(
            f"{reverse('review:spot_checks')}?program={done.program.code}&week={page.check.week.week_on:%Y-%m-%d}"
        )

    def _page(self, page: CheckPage, form: forms.Form, status: int = 200) -> HttpResponse:
        context = {"page": page, "form": form, "program": page.check.program}
        return render(self.request, "reviews/spot_check.html", context, status=status)
