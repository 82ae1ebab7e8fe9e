"""Snoozing findings of a case at the desk, and waking them."""

from typing import Any

from django.utils import timezone

from conflicts.models import Finding
from conflicts.services import policy_in_force
from reviews import desk
from reviews.forms import SnoozeForm, WakeForm
from reviews.models import Case
from reviews.services.snooze import snooze_findings, wake_findings
from reviews.states import CaseStatus
from reviews.views import ActView


class SnoozeFindingsView(ActView):
    """Not now: findings of a case sleep until a date."""

    def form(self, case: Case) -> tuple[str, SnoozeForm]:
        """Which, until when, and why."""
        rows = Finding.objects.filter(conflict=case.conflict_id, gone_at__isnull=True).order_by("found_at", "pk")
        snoozable = desk.can_be_snoozed(rows, policy_in_force(case.program).policy)
        return "snooze", SnoozeForm(self.request.POST, snoozable=snoozable, auto_id="snooze_%s")

    def act(self, case: Case, form: Any) -> str:
        """They sleep, and the case with them if nothing else makes it one."""
        now = timezone.now()
        until = form.end(now, case.program.timezone)
        case = snooze_findings(
            case=case, findings=Finding.objects.filter(pk__in=form.ids), until=until, by=self.user, at=now,
            reason=form.cleaned_data["reason"], seen_version=form.cleaned_data["seen_version"],
        )  # fmt: skip
        if case.status != CaseStatus.SNOOZED:
            return f"Snoozed until {until:%-d %b %Y}. Other findings keep {case.ref} in the queue."
        return f"{case.ref} sleeps until {until:%-d %b %Y}: its clock stands, and it comes back by itself."


class WakeFindingsView(ActView):
    """Now, after all."""

    def form(self, case: Case) -> tuple[str, WakeForm]:
        """Which; there is nothing to type."""
        return "wake", WakeForm(self.request.POST)

    def act(self, case: Case, form: Any) -> str:
        """They count again."""
        asleep = Finding.objects.filter(conflict=case.conflict_id, snoozed_until__isnull=False)
        chosen = form.cleaned_data["findings"]
        findings = asleep.filter(pk__in=chosen) if chosen else asleep
        seen = form.cleaned_data["seen_version"]
        wake_findings(case=case, findings=findings, by=self.user, at=timezone.now(), seen_version=seen)
        return f"{case.ref} is awake: the clock runs again."
