"""Handing a case on, beginning talks, and the page on which talks are run."""

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from partners.permissions import get_or_404
from reviews.desk.mediation import MediationPage, mediation_page, mediations
from reviews.facilitators import candidates
from reviews.models import Case, Mediation, MediationEntry, ProposalAnswer
from reviews.permissions import label
from reviews.services.escalation import escalate
from reviews.services.mediation import note_entry, open_talks, propose, stop_talks, tick_entry, withdraw_proposal
from reviews.services.talks import answer_for_direct
from reviews.stage_forms import (
    EntryForm,
    EscalateForm,
    ExtendForm,
    FacilitatorForm,
    MemoForm,
    ProposalForm,
    SeenForm,
    TalksForm,
    TickForm,
    VerdictForm,
)
from reviews.views import REFUSALS, ActView, DeskView


class EscalateView(ActView):
    """Hand a case to the next role of its line."""

    def form(self, case: Case) -> tuple[str, EscalateForm]:
        """Why."""
        return "escalate", EscalateForm(self.request.POST, auto_id="escalate_%s")

    def act(self, case: Case, form: Any) -> str:
        """The next role takes it."""
        said = form.cleaned_data
        case = escalate(
            case=case, reason=said["reason"], by=self.user, at=timezone.now(), seen_version=said["seen_version"]
        )
        return f"{case.ref} is with the {label(case.handed_to)} now."


class MediateView(ActView):
    """Ask the sides to settle, or give the case to a facilitator."""

    def form(self, case: Case) -> tuple[str, TalksForm]:
        """How, until when, who facilitates, and what every side reads."""
        approved = case.approvals.values_list("approved_by", flat=True)
        return "mediate", TalksForm(self.request.POST, candidates=candidates(case, approved), auto_id="mediate_%s")

    def act(self, case: Case, form: Any) -> str:
        """The clock stands while they talk."""
        self.begun = open_talks(
            case=case, invitation=form.invitation, by=self.user, at=timezone.now(),
            seen_version=form.cleaned_data["seen_version"],
        )  # fmt: skip
        return f"Every side is told. The clock stands until {self.begun.due_at:%-d %b %Y %H:%M} UTC."

    def next_url(self, case: Case) -> str:
        """On to the page of the talks."""
        return reverse("review:mediation", args=[self.begun.pk])


class MediationView(DeskView):
    """One round of talks."""

    def get(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Its page."""
        return self.page(self.mediation(pk))

    def mediation(self, pk: Any) -> Mediation:
        """The talks, or the same 404 for those of another program and for none."""
        return get_or_404(self.request.user, mediations(), "view_desk", pk=pk)

    def page(
        self, mediation: Mediation, *, bound: dict[str, forms.Form] | None = None, refused: str = "", status: int = 200
    ) -> HttpResponse:
        """The page, with what somebody typed and why it was refused."""
        shown = mediation_page(self.user, mediation, timezone.now())
        seen = {"seen_version": mediation.case.version}
        fresh: dict[str, forms.Form] = {
            "seen": SeenForm(initial=seen),
            "propose": ProposalForm(sides=shown.sides, initial=seen, auto_id="propose_%s"),
            "memo": MemoForm(initial=seen, auto_id="memo_%s"),
            "entry": EntryForm(sides=shown.sides, auto_id="entry_%s"),
            "verdict": VerdictForm(auto_id="verdict_%s"),
            "extend": ExtendForm(initial=seen, auto_id="extend_%s"),
            "facilitator": FacilitatorForm(candidates=shown.candidates, initial=seen, auto_id="facilitator_%s"),
        }
        bound = bound or {}
        context = {
            "page": shown,
            "forms": fresh | bound,
            "opened": next(iter(bound), ""),
            "faulty": next(iter(bound.values()), None),
            "refused": refused,
            "program": mediation.case.program,
        }
        return render(self.request, "reviews/mediation.html", context, status=status)


class TalksActView(MediationView):
    """An act in talks: a form, one domain call, and back to their page."""

    name = ""

    def get(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """An act's address is only sent to; who follows it lands on the page."""
        return redirect("review:mediation", self.mediation(pk).pk)

    def post(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Do it, or show the page again with everything that was typed."""
        mediation = self.mediation(pk)
        form = self.form(mediation_page(self.user, mediation, timezone.now()))
        if not form.is_valid():
            return self.page(mediation, bound={self.name: form}, status=400)
        try:
            with transaction.atomic():
                done = self.act(mediation, form.cleaned_data, form)
        except tuple(REFUSALS) as error:
            return self._refused(pk, form, error)
        messages.success(request, done)
        return redirect("review:mediation", mediation.pk)

    def form(self, page: MediationPage) -> forms.Form:
        """The form that was sent."""
        raise NotImplementedError

    def act(self, mediation: Mediation, said: dict[str, Any], form: Any) -> str:
        """The one domain call; returns what was done in a sentence."""
        raise NotImplementedError

    def _refused(self, pk: Any, form: forms.Form, error: Exception) -> HttpResponse:
        """Whoever sends the form again has now seen the present version."""
        mediation = self.mediation(pk)
        if "seen_version" in form.data:
            typed = cast(QueryDict, form.data).copy()
            typed["seen_version"] = str(mediation.case.version)
            form.data = typed
        return self.page(mediation, bound={self.name: form}, refused=str(error), status=REFUSALS[type(error)])


class ProposeView(TalksActView):
    """Put an outcome to every side."""

    name = "propose"

    def form(self, page: MediationPage) -> ProposalForm:
        """What, and why it is fair."""
        return ProposalForm(self.request.POST, sides=page.sides, auto_id="propose_%s")

    def act(self, mediation: Mediation, said: dict[str, Any], form: Any) -> str:
        """Each side reads its own part."""
        findings = mediation.case.conflict.findings.filter(gone_at__isnull=True, kind="reserved_account")
        made = propose(
            mediation=mediation, choice=form.choice(reserved=findings.exists()), body=said["body"], by=self.user,
            at=timezone.now(), seen_version=said["seen_version"],
        )  # fmt: skip
        return f"Proposal {made.number} is put to every side."


class WithdrawProposalView(TalksActView):
    """Take the open proposal back."""

    name = "seen"

    def form(self, page: MediationPage) -> SeenForm:
        """Only the version that was seen."""
        return SeenForm(self.request.POST)

    def act(self, mediation: Mediation, said: dict[str, Any], form: Any) -> str:
        """Nobody can answer it any more."""
        made = withdraw_proposal(
            mediation=mediation, by=self.user, at=timezone.now(), seen_version=said["seen_version"]
        )
        return f"Proposal {made.number} is taken back."


class StopTalksView(TalksActView):
    """End the talks without an agreement."""

    name = "memo"

    def form(self, page: MediationPage) -> MemoForm:
        """The memo."""
        return MemoForm(self.request.POST, auto_id="memo_%s")

    def act(self, mediation: Mediation, said: dict[str, Any], form: Any) -> str:
        """Back to a binding decision."""
        stop_talks(
            mediation=mediation, memo=said["memo"], by=self.user, at=timezone.now(), seen_version=said["seen_version"]
        )
        return "The talks are ended, and every side is told. The case is back for a binding decision."


class NoteEntryView(TalksActView):
    """Add a line to the papers."""

    name = "entry"

    def form(self, page: MediationPage) -> EntryForm:
        """What, of whom, who, by when."""
        return EntryForm(self.request.POST, sides=page.sides, auto_id="entry_%s")

    def act(self, mediation: Mediation, said: dict[str, Any], form: Any) -> str:
        """Keep it."""
        party = next((p for p in mediation.case.parties.all() if str(p.pk) == said["party"]), None)
        note_entry(
            mediation=mediation, kind=said["kind"], text=said["text"], party=party, who=said["who"],
            due_on=said["due_on"], by=self.user, at=timezone.now(),
        )  # fmt: skip
        return "Kept. No side reads it."


class TickEntryView(TalksActView):
    """A fact or an action item is done, or not any more."""

    name = "tick"

    def form(self, page: MediationPage) -> TickForm:
        """Which, and whether."""
        return TickForm(self.request.POST)

    def act(self, mediation: Mediation, said: dict[str, Any], form: Any) -> str:
        """Keep it."""
        rows = MediationEntry.objects.filter(mediation=mediation).select_related("mediation__case")
        entry = get_or_404(self.user, rows, "view_desk", pk=said["entry"])
        tick_entry(entry=entry, done=said["done"], by=self.user, at=timezone.now())
        return "Ticked." if said["done"] else "Not ticked any more."


class AnswerForDirectView(TalksActView):
    """Somebody of the staff answers a proposal for the direct team."""

    name = "verdict"

    def form(self, page: MediationPage) -> VerdictForm:
        """Yes or no."""
        return VerdictForm(self.request.POST, auto_id="verdict_%s")

    def act(self, mediation: Mediation, said: dict[str, Any], form: Any) -> str:
        """Keep the answer; the worker follows."""
        rows = ProposalAnswer.objects.filter(side__mediation=mediation).select_related("proposal__mediation")
        answer = get_or_404(self.user, rows, "view_desk", pk=said["answer"])
        answer_for_direct(
            answer=answer, verdict=said["verdict"], comment=said["comment"], by=self.user, at=timezone.now()
        )
        return "The direct team's answer is kept."
