"""The pages of early warning: a list, one signal, and what people do about it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from conflicts.models import Signal, SignalOutcome
from conflicts.signals.services import acknowledge_signal, close_signal, reopen_signal, snooze_signal
from partners.permissions import get_or_404
from reviews.desk.signals import check_may_act, signal_page, signals, signals_page
from reviews.views import REFUSALS, DeskView


class SnoozeForm(forms.Form):
    """Until when, and why it can wait."""

    until = forms.DateField(label="Until", widget=forms.DateInput(attrs={"type": "date"}))
    reason = forms.CharField(label="Why it can wait", max_length=500)


class CloseForm(forms.Form):
    """What it turned out to be."""

    outcome = forms.ChoiceField(
        label="What came of it",
        choices=[(SignalOutcome.TRUE, "There was something to it"), (SignalOutcome.FALSE_ALARM, "A false alarm")],
        widget=forms.RadioSelect,
        error_messages={
            "required": "Say whether there was something to it: false alarms show where a limit is too low."
        },
    )
    reason = forms.CharField(label="In a few words", max_length=500, required=False)


class SignalsView(DeskView):
    """Early warnings, the most urgent first."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """One page of them."""
        return render(request, "reviews/signals.html", {"page": signals_page(self.user, request.GET, timezone.now())})


class SignalView(DeskView):
    """One signal."""

    def get(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Draw it."""
        return self.page(self.signal(pk))

    def signal(self, pk: Any) -> Signal:
        """The signal, or the same 404 for one of another program and for none."""
        return get_or_404(self.request.user, signals(), "view_desk", pk=pk)

    def page(
        self, signal: Signal, form: forms.Form | None = None, refused: str = "", status: int = 200
    ) -> HttpResponse:
        """The page, with the form that was sent and why it was refused."""
        page = signal_page(self.user, signal, timezone.now())
        known = {"snooze": SnoozeForm(auto_id="snooze_%s"), "close": CloseForm(auto_id="close_%s")}
        opened = next((name for name, blank in known.items() if type(form) is type(blank)), "")
        if form is not None and opened:
            known[opened] = form
        known["snooze"].fields["until"].widget.attrs["min"] = page.tomorrow.isoformat()
        context = {"page": page, "forms": known, "opened": opened, "refused": refused, "program": signal.program}
        return render(self.request, "reviews/signal.html", context, status=status)


class SignalActView(SignalView):
    """An act on a signal: one domain call, and back to the page."""

    form_class: type[forms.Form] = forms.Form
    prefix = ""

    def get(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """An act's address is only sent to; who follows it lands on the signal."""
        return redirect("review:signal", self.signal(pk).pk)

    def post(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Do it, or show the page again with everything that was typed."""
        signal = self.signal(pk)
        form = self.form_class(request.POST, auto_id=f"{self.prefix}_%s")
        if not form.is_valid():
            return self.page(signal, form, status=400)
        try:
            with transaction.atomic():
                check_may_act(self.user, signal)
                done = self.act(signal, form.cleaned_data)
        except tuple(REFUSALS) as error:
            return self.page(self.signal(pk), form, str(error), REFUSALS[type(error)])
        messages.success(request, done)
        return redirect("review:signal", signal.pk)

    def act(self, signal: Signal, said: dict[str, Any]) -> str:
        """The one domain call; returns what was done in a sentence."""
        raise NotImplementedError


class AcknowledgeView(SignalActView):
    """Somebody looks into it."""

    def act(self, signal: Signal, said: dict[str, Any]) -> str:
        """It is yours now."""
        acknowledge_signal(signal=signal, by=self.user, at=timezone.now())
        return "Acknowledged: others see that you look into it."


class SnoozeView(SignalActView):
    """Not now."""

    form_class = SnoozeForm
    prefix = "snooze"

    def act(self, signal: Signal, said: dict[str, Any]) -> str:
        """It comes back by itself."""
        snooze_signal(signal=signal, until=said["until"], reason=said["reason"], by=self.user, at=timezone.now())
        return f"Snoozed until {said['until']:%-d %b %Y}; it ends before, if its cause does."


class CloseView(SignalActView):
    """Dealt with."""

    form_class = CloseForm
    prefix = "close"

    def act(self, signal: Signal, said: dict[str, Any]) -> str:
        """With what came of it."""
        close_signal(signal=signal, outcome=said["outcome"], reason=said["reason"], by=self.user, at=timezone.now())
        return "Closed. It is not raised again while the same cause lasts."


class ReopenView(SignalActView):
    """Taken back."""

    def act(self, signal: Signal, said: dict[str, Any]) -> str:
        """Open as before."""
        reopen_signal(signal=signal, by=self.user, at=timezone.now())
        return "It is open again."
