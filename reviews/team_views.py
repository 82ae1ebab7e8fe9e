"""The team: absences, whose case it is, and whether cases are assigned by themselves."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from channelconflict.models import User
from partners.models import Program
from partners.permissions import deciders, get_or_404, programs_of
from reviews.desk.team import candidates, team_page
from reviews.forms import SeenForm, offer
from reviews.models import Absence, Case
from reviews.permissions import why_no_lead
from reviews.services.team import assign_case, end_absence, record_absence, set_automatic
from reviews.views import REFUSALS, ActView, DeskView

NOBODY = "nobody"


class AbsenceForm(forms.Form):
    """Who is away, from when until when, and who stands in."""

    who = forms.ChoiceField(label="Who")
    from_on = forms.DateField(
        label="First day",
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": "Choose the first day, for example 2026-12-21."},
    )
    until_on = forms.DateField(
        label="Last day",
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": "Choose the last day, for example 2027-01-02."},
    )
    substitute = forms.ChoiceField(
        label="Substitute", required=False, help_text="Gets the cases, where they may decide them."
    )

    def __init__(self, data: Any = None, *, user: User, team: Sequence[User], leads: bool) -> None:
        super().__init__(data, auto_id="away_%s")
        people = [(str(person.pk), str(person)) for person in team]
        offer(self, "who", [one for one in people if leads or one[0] == str(user.pk)])
        offer(self, "substitute", [("", "Nobody in particular"), *people])
        self.fields["who"].initial = str(user.pk)


class TeamView(DeskView):
    """Who is away, and for leads who has how many cases and what is passed by."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The page of one program."""
        return self.page(self.program(request.GET.get("program", "")))

    def program(self, key: str) -> Program:
        """The named program; else the first of one's own."""
        if key:
            return get_or_404(self.user, Program.objects.all(), "view_desk", pk=key)
        first = self._programs()[:1]
        if not first:
            raise Http404("Not found.")
        return first[0]

    def _programs(self) -> list[Program]:
        return list(Program.objects.filter(pk__in=programs_of(self.user)).order_by("name", "pk"))

    def page(
        self, program: Program, bound: AbsenceForm | None = None, refused: str = "", status: int = 200
    ) -> HttpResponse:
        """The page, with what somebody typed and why it was refused."""
        page = team_page(self.user, program, self._programs(), self.request.GET.get("page", ""), timezone.now())
        form = bound or AbsenceForm(user=self.user, team=page.choices, leads=page.leads)
        mine = any(person.pk == self.user.pk for person in page.choices)
        context = {"page": page, "form": form, "refused": refused, "may_enter": page.leads or mine}
        return render(self.request, "reviews/team.html", context, status=status)


class AbsencesView(TeamView):
    """Say that somebody is away."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Its address is only sent to."""
        return redirect("review:team")

    def post(self, request: HttpRequest) -> HttpResponse:
        """Keep it, or show the page again with everything that was typed."""
        program = self.program(request.POST.get("program", ""))
        team = deciders(program)
        form = AbsenceForm(request.POST, user=self.user, team=team, leads=not why_no_lead(self.user, program.pk))
        if not form.is_valid():
            return self.page(program, form, status=400)
        said, people = form.cleaned_data, {str(person.pk): person for person in team}
        try:
            with transaction.atomic():
                absence = record_absence(
                    program=program, user=people[said["who"]], from_on=said["from_on"], until_on=said["until_on"],
                    substitute=people.get(said["substitute"]), by=self.user, at=timezone.now(),
                )  # fmt: skip
        except tuple(REFUSALS) as error:
            return self.page(program, form, str(error), status=REFUSALS[type(error)])
        who = "You are" if absence.user_id == self.user.pk else f"{absence.user} is"
        messages.success(request, f"{who} away from {absence.from_on:%-d %b} to {absence.until_on:%-d %b %Y}.")
        return redirect(f"{reverse('review:team')}?program={program.pk}")


class EndAbsenceView(TeamView):
    """Back early, or not away after all."""

    def get(self, request: HttpRequest, pk: Any = None) -> HttpResponse:
        """Its address is only sent to."""
        get_or_404(self.user, Absence.objects.all(), "view_desk", pk=pk)
        return redirect("review:team")

    def post(self, request: HttpRequest, pk: Any = None) -> HttpResponse:
        """End it."""
        rows = Absence.objects.select_related("user", "program")
        absence = get_or_404(self.user, rows, "view_desk", pk=pk)
        try:
            with transaction.atomic():
                end_absence(absence=absence, by=self.user, at=timezone.now())
        except tuple(REFUSALS) as error:
            return self.page(absence.program, refused=str(error), status=REFUSALS[type(error)])
        messages.success(request, f"{absence.user} is here.")
        return redirect(f"{reverse('review:team')}?program={absence.program_id}")


class AutomaticView(TeamView):
    """Assign cases by themselves, or not any more."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Its address is only sent to."""
        return redirect("review:team")

    def post(self, request: HttpRequest) -> HttpResponse:
        """Switch it."""
        program, on = self.program(request.POST.get("program", "")), "on" in request.POST
        try:
            with transaction.atomic():
                set_automatic(program=program, automatic=on, by=self.user, at=timezone.now())
        except tuple(REFUSALS) as error:
            return self.page(program, refused=str(error), status=REFUSALS[type(error)])
        messages.success(
            request, "New cases find somebody within a minute." if on else "Cases are assigned by hand only."
        )
        return redirect(f"{reverse('review:team')}?program={program.pk}")


class AssignForm(SeenForm):
    """Who gets the case."""

    to = forms.CharField(max_length=40, error_messages={"required": "Choose who gets the case."})


class AssignView(ActView):
    """A lead makes a case somebody's."""

    def get(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Who may get it, and how many cases they have."""
        return self._choose(self.case(pk))

    def post(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Give it."""
        case, form = self.case(pk), AssignForm(request.POST)
        if not form.is_valid():
            return self._choose(case, " ".join(str(e) for errors in form.errors.values() for e in errors), status=400)
        to = None if form.cleaned_data["to"] == NOBODY else self._person(case, form.cleaned_data["to"])
        try:
            with transaction.atomic():
                assign_case(
                    case=case, to=to, by=self.user, at=timezone.now(), seen_version=form.cleaned_data["seen_version"]
                )
        except tuple(REFUSALS) as error:
            return self._choose(self.case(pk), str(error), status=REFUSALS[type(error)])
        messages.success(request, f"{case.ref} is {to}'s case now." if to else f"{case.ref} is nobody's case now.")
        return redirect("review:case", case.pk)

    def _person(self, case: Case, key: str) -> User:
        found = next((person for person in deciders(case.program) if str(person.pk) == key), None)
        if found is None:
            raise Http404("Not found.")
        return found

    def _choose(self, case: Case, refused: str = "", status: int = 200) -> HttpResponse:
        context = {
            "case": case,
            "candidates": candidates(case, timezone.now()),
            "why_not": why_no_lead(self.user, case.program_id),
            "refused": refused,
        }
        return render(self.request, "reviews/assign.html", context, status=status)
