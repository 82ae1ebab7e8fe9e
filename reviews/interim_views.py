"""Acts at the desk on appeals and holds: file for a side, answer, confirm; put on hold, end the hold."""

from typing import Any

from django import forms
from django.utils import timezone

from channelconflict.models import User
from partners.services import NotPossibleError
from reviews import desk
from reviews.desk.interim import deciders, sides_that_may_appeal
from reviews.forms import SeenForm
from reviews.interim_forms import ANSWERS, AppealForSideForm, HoldForm, answer_form
from reviews.models import Case, Party
from reviews.services import answer_appeals, confirm_answer, end_hold, file_appeal, put_on_hold
from reviews.views import ActView


class FileAppealView(ActView):
    """File an appeal that a side brought by another way than the portal."""

    def form(self, case: Case) -> tuple[str, forms.Form]:
        """For whom, on what ground, and what it says."""
        sides = sides_that_may_appeal(case, timezone.now())
        return "file_appeal", AppealForSideForm(self.request.POST, sides=sides, auto_id="file_appeal_%s")

    def act(self, case: Case, form: Any) -> str:
        """It is taken up at once: staff see the case."""
        said, now = form.cleaned_data, timezone.now()
        party = Party.objects.select_related("registration__program", "case").get(case=case, pk=said["party"])
        appeal = file_appeal(
            party=party,
            ground=said["ground"],
            text=said["text"],
            by=self.user,
            at=now,
            seen_version=said["seen_version"],
        )
        return f"Appeal {appeal.number} is filed for {party.name}; a worker takes it up in a moment."


class AnswerAppealView(ActView):
    """Answer the appeals of a case."""

    def form(self, case: Case) -> tuple[str, forms.Form]:
        """One of three forms, which says itself which."""
        name = self.request.POST.get("form", "")
        name = name if name in ANSWERS else "uphold"
        return f"appeal_{name}", answer_form(name, desk.sides_of(case), self.request.POST)

    def act(self, case: Case, form: Any) -> str:
        """The decision stands, or another outcome takes its place."""
        reserved = case.conflict.findings.filter(gone_at__isnull=True, kind="reserved_account").exists()
        kept = answer_appeals(
            case=case, answer=form.answer(reserved=reserved), by=self.user, at=timezone.now(),
            seen_version=form.cleaned_data["seen_version"],
        )  # fmt: skip
        if kept.settled_at is None:
            return "Your answer is kept. It is not what the rules recommend: a second person stands behind it."
        return _final(case)


class ConfirmAppealView(ActView):
    """Stand behind another person's answer."""

    def form(self, case: Case) -> tuple[str, forms.Form]:
        """Only the version that was seen."""
        return "approve", SeenForm(self.request.POST)

    def act(self, case: Case, form: Any) -> str:
        """The answer is settled."""
        confirm_answer(case=case, by=self.user, at=timezone.now(), seen_version=form.cleaned_data["seen_version"])
        return _final(case)


class HoldView(ActView):
    """Put all claims of a case on hold."""

    def form(self, case: Case) -> tuple[str, forms.Form]:
        """Who speaks to the buyer, until when, and why."""
        people, sides = deciders(case.program_id), desk.sides_of(case)
        return "hold", HoldForm(self.request.POST, people=people, sides=sides, auto_id="hold_%s")

    def act(self, case: Case, form: Any) -> str:
        """Everything stays as it is."""
        said = form.cleaned_data
        put_on_hold(
            case=case, speaks=_speaker(case, said["speaks"]), until=form.end(case.program.timezone), reason=said["reason"],
            by=self.user, at=timezone.now(), seen_version=said["seen_version"],
        )  # fmt: skip
        return f"All claims are on hold until {said['until']:%-d %b %Y}. Every side is told who speaks to the buyer."


class EndHoldView(ActView):
    """End a hold before its time."""

    def form(self, case: Case) -> tuple[str, forms.Form]:
        """Only the version that was seen."""
        return "approve", SeenForm(self.request.POST)

    def act(self, case: Case, form: Any) -> str:
        """The clock runs again, and protections end when they would have."""
        end_hold(case=case, by=self.user, at=timezone.now(), seen_version=form.cleaned_data["seen_version"])
        return "The hold has ended: the clock runs again, and every side is told."


def _speaker(case: Case, chosen: str) -> User | Party:
    kind, _, key = chosen.partition(":")
    rows: Any = case.parties.all() if kind == "party" else User.objects.filter(pk=key)
    found = next((row for row in rows if str(row.pk) == key), None)
    if found is None:
        raise NotPossibleError("Choose the one who speaks to the buyer from the list.")
    return found


def _final(case: Case) -> str:
    return f"The appeal is answered and {case.ref} is final: notices and writes are on their way."
