"""The desk's pages. An act makes one domain call; refusals are translated in one place, and nothing typed is lost."""

from datetime import timedelta
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views import View

from channelconflict.models import AuditEvent, User
from conflicts.services import policy_in_force
from partners.models import Account, Extension, Registration
from partners.permissions import get_or_404
from partners.services import NotPossibleError
from reviews import desk, going_on, pipeline
from reviews.choices import BadChoiceError
from reviews.first_opinion_page import first_opinion_page
from reviews.forms import (
    AskForm,
    ExtensionAnswerForm,
    IdentityForm,
    NoteForm,
    OwnerForm,
    SeenForm,
    ShareForm,
    case_forms,
)
from reviews.interim_forms import Offers, interim_forms
from reviews.models import Case
from reviews.permissions import NotAllowedError, label
from reviews.services import (
    StaleCaseError,
    add_note,
    answer_extension,
    approve,
    claim_case,
    decide,
    release_case,
    request_information,
    take_request_back,
)
from reviews.services.asked_first import owes
from reviews.services.decisions import record_view
from reviews.settling_texts import playbook
from reviews.stage_forms import stage_forms
from reviews.states import UNDECIDED, CaseStatus, WrongStateError

VIEW_COUNTS_FOR = timedelta(minutes=10)
# What a domain call refuses, and the status of the page that says so.
REFUSALS: dict[type[Exception], int] = {
    StaleCaseError: 409,
    WrongStateError: 409,
    NotPossibleError: 409,
    NotAllowedError: 403,
    BadChoiceError: 400,
}


class DeskView(LoginRequiredMixin, View):
    """A page for vendor staff; for a partner's people it is not there."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Sign in first."""
        if request.user.is_authenticated and not request.user.is_staff:
            raise Http404("Not found.")
        return super().dispatch(request, *args, **kwargs)

    @property
    def user(self) -> User:
        """Who is asking; nobody comes here without signing in."""
        return cast(User, self.request.user)


class QueueView(DeskView):
    """Open cases, the most urgent first."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """One page of the queue."""
        now = timezone.now()
        page = desk.queue_page(self.user, request.GET, now)
        context = {"page": page, "last": desk.last_of(self.user, now), **desk.saved_for(self.user, page)}
        return render(request, "reviews/queue.html", context)


class DecidedView(DeskView):
    """Decided cases, the latest first."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """One page of them."""
        page = desk.decided_page(self.user, request.GET, timezone.now())
        return render(request, "reviews/decided.html", {"page": page})


class CaseView(DeskView):
    """The case page."""

    def get(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Draw it, and put the reading on the record."""
        case, now = self.case(pk), timezone.now()
        page = self.page(case)
        lately = AuditEvent.objects.filter(
            subject_id=case.pk, actor_id=self.user.pk, action="case.viewed", at__gt=now - VIEW_COUNTS_FOR
        )
        if request.method == "GET" and not lately.exists():
            record_view(case=case, by=self.user, at=now)
        return page

    def case(self, pk: Any) -> Case:
        """The case, or the same 404 for one of another program and for none."""
        return get_or_404(self.request.user, desk.cases(), "view_desk", pk=pk)

    def page(
        self,
        case: Case,
        *,
        bound: dict[str, forms.Form] | None = None,
        refused: str = "",
        seen_version: int | None = None,
        status: int = 200,
    ) -> HttpResponse:
        """The page, with what somebody typed, why it was refused, and what changed since a seen version."""
        if owes(self.request.user, case):
            return first_opinion_page(self.request, case, bound or {}, refused, status)
        page = desk.case_page(self.request.user, case, timezone.now(), seen_version=seen_version)
        context = {
            "page": page,
            "forms": interim_forms(case.version, _offers(page, case))
            | stage_forms(case.version, page.facilitators, playbook(case.kind), case.program.settle_days)
            | case_forms(case.version, desk.sides_of(case), bound, page.snoozable),
            "opened": next(iter(bound or {}), ""),
            "refused": refused,
            "program": case.program,
            "last": page.leaving or desk.last_of(self.user, timezone.now()),
        }
        return render(self.request, "reviews/case.html", context, status=status)


class ActView(CaseView):
    """An act on a case: a form, one domain call, and back to the page."""

    name = ""

    def get(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """An act's address is only sent to; who follows it lands on the case."""
        return redirect("review:case", self.case(pk).pk)

    def post(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Do it, or show the page again with everything that was typed."""
        case = self.case(pk)
        name, form = self.form(case)
        if not form.is_valid():
            return self.page(case, bound={name: form}, refused="", status=400)
        try:
            with transaction.atomic():
                done = self.act(case, form)
        except tuple(REFUSALS) as error:
            return self._refused(pk, name, form, error)
        if done:
            messages.success(request, done)
        return redirect(self.next_url(case))

    def form(self, case: Case) -> tuple[str, forms.Form]:
        """The form that was sent, under its name on the page."""
        raise NotImplementedError

    def act(self, case: Case, form: forms.Form) -> str:
        """The one domain call; returns what was done in a sentence, or "" where the page says so itself."""
        raise NotImplementedError

    def next_url(self, case: Case) -> str:
        """Where it goes on."""
        return reverse("review:case", args=[case.pk])

    def _refused(self, pk: Any, name: str, form: forms.Form, error: Exception) -> HttpResponse:
        """Whoever sends the form again has now seen the present version: the page says what changed since."""
        case = self.case(pk)
        seen = form.cleaned_data.get("seen_version") if isinstance(error, StaleCaseError) else None
        if "seen_version" in form.data:
            typed = cast(QueryDict, form.data).copy()
            typed["seen_version"] = str(case.version)
            form.data = typed
        return self.page(case, bound={name: form}, refused=str(error), seen_version=seen, status=REFUSALS[type(error)])


class ClaimView(ActView):
    """Take a case."""

    def form(self, case: Case) -> tuple[str, forms.Form]:
        """There is nothing to type."""
        return "claim", forms.Form(self.request.POST)

    def act(self, case: Case, form: forms.Form) -> str:
        """Take it for ten minutes."""
        lease = claim_case(case=case, by=self.user, at=timezone.now())
        return f"You are deciding {case.ref} until {lease.lease_until:%H:%M} UTC."


class ReleaseView(ActView):
    """Give a case back."""

    def form(self, case: Case) -> tuple[str, forms.Form]:
        """There is nothing to type."""
        return "release", forms.Form(self.request.POST)

    def act(self, case: Case, form: forms.Form) -> str:
        """Back into the queue."""
        release_case(case=case, by=self.user, at=timezone.now())
        return f"{case.ref} is back in the queue."

    def next_url(self, case: Case) -> str:
        """On to the next case."""
        return reverse("review:queue")


class ApproveView(going_on.GoesOn, ActView):
    """Approve what stands, or what is recommended."""

    def form(self, case: Case) -> tuple[str, forms.Form]:
        """Only the version that was seen."""
        return "approve", SeenForm(self.request.POST)

    def act(self, case: Case, form: forms.Form) -> str:
        """The next step of the route."""
        seen = form.cleaned_data["seen_version"]
        decision = approve(case=case, by=self.user, at=timezone.now(), seen_version=seen)
        return _how_far(decision.case)


class DecideView(going_on.GoesOn, ActView):
    """Choose another outcome."""

    def form(self, case: Case) -> tuple[str, forms.Form]:
        """One of the two forms, which says itself which."""
        sides, data = desk.sides_of(case), self.request.POST
        if data.get("form") == "share":
            return "share", ShareForm(data, sides=sides, auto_id="share_%s")
        return "owner", OwnerForm(data, sides=sides, auto_id="owner_%s")

    def act(self, case: Case, form: Any) -> str:
        """The next step of the route, with a choice of one's own."""
        reserved = case.conflict.findings.filter(gone_at__isnull=True, kind="reserved_account").exists()
        decision = decide(
            case=case,
            choice=form.choice(reserved=reserved),
            by=self.user,
            at=timezone.now(),
            seen_version=form.cleaned_data["seen_version"],
            override=form.override,
        )
        return _how_far(decision.case)


class AskView(ActView):
    """Ask parties for information."""

    def form(self, case: Case) -> tuple[str, forms.Form]:
        """Whom, what, and which fields open."""
        return "ask", AskForm(self.request.POST, sides=desk.sides_of(case), auto_id="ask_%s")

    def act(self, case: Case, form: Any) -> str:
        """The clock stops until they answer."""
        chosen = [party for party in case.parties.all() if str(party.pk) in form.cleaned_data["parties"]]
        request_information(
            case=case,
            parties=chosen,
            fields=form.columns,
            body=form.cleaned_data["body"],
            by=self.user,
            at=timezone.now(),
            seen_version=form.cleaned_data["seen_version"],
        )
        return f"Asked {', '.join(party.name for party in chosen)}: the clock is paused until the answer."


class TakeBackView(ActView):
    """Stop waiting for an answer."""

    def form(self, case: Case) -> tuple[str, forms.Form]:
        """Only the version that was seen."""
        return "approve", SeenForm(self.request.POST)

    def act(self, case: Case, form: forms.Form) -> str:
        """The clock runs again."""
        seen = form.cleaned_data["seen_version"]
        take_request_back(case=case, by=self.user, at=timezone.now(), seen_version=seen)
        return "The question is taken back; the clock runs again."


class NoteView(ActView):
    """Add an internal note."""

    def form(self, case: Case) -> tuple[str, forms.Form]:
        """Its text."""
        return "note", NoteForm(self.request.POST, auto_id="note_%s")

    def act(self, case: Case, form: forms.Form) -> str:
        """Keep it."""
        add_note(case=case, text=form.cleaned_data["text"], by=self.user, at=timezone.now())
        return "The note is kept. No party sees it."


class IdentityView(ActView):
    """Say whether what a registration names is the account that it may be."""

    def form(self, case: Case) -> tuple[str, forms.Form]:
        """Which registration, which account, and the verdict."""
        return "identity", IdentityForm(self.request.POST)

    def act(self, case: Case, form: forms.Form) -> str:
        """Keep the verdict, and look at the claims of both accounts again."""
        said = form.cleaned_data
        user = self.user
        pipeline.settle_identity(
            case=case,
            registration=get_or_404(
                user,
                Registration.objects.filter(claim__conflict=case.conflict_id),
                "view_desk",
                pk=said["registration"],
            ),
            account=get_or_404(user, Account.objects.all(), "view_desk", pk=said["account"]),
            verdict=said["verdict"],
            by=user,
            at=timezone.now(),
            seen_version=said["seen_version"],
        )
        case.refresh_from_db(fields=["status"])
        if case.status not in UNDECIDED:
            return "Kept. Nothing stands against anybody any more: this case is closed."
        return "Kept. The findings and the recommendation were made anew."


class ExtensionsView(DeskView):
    """Requests for more time that wait for an answer."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The one whose protection ends first on top."""
        return render(request, "reviews/extensions.html", {"rows": desk.requests_page(self.user, timezone.now())})


class ExtensionView(DeskView):
    """One request for more time, and its answer."""

    def get(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """What is asked, what is known, and the form."""
        return self._page(pk, ExtensionAnswerForm())

    def post(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Grant or refuse."""
        asked = desk.request_page(self.user, pk, timezone.now())
        form = ExtensionAnswerForm(request.POST)
        if not form.is_valid():
            return self._page(pk, form, status=400)
        try:
            with transaction.atomic():
                answered = self._answer(asked.extension, form.cleaned_data)
        except tuple(REFUSALS) as error:
            form.add_error(None, str(error))
            return self._page(pk, form, status=REFUSALS[type(error)])
        messages.success(request, f"{asked.partner} is told: {answered.get_status_display().lower()}.")
        return redirect("review:extensions")

    def _answer(self, extension: Extension, said: dict[str, str]) -> Extension:
        return answer_extension(
            extension=extension, granted=said["verdict"] == "grant", answer=said["answer"], by=self.user,
            rule=policy_in_force(extension.program).policy.protection, at=timezone.now(),
        )  # fmt: skip

    def _page(self, pk: Any, form: ExtensionAnswerForm, status: int = 200) -> HttpResponse:
        asked = desk.request_page(self.user, pk, timezone.now())
        return render(self.request, "reviews/extension.html", {"asked": asked, "form": form}, status=status)


def _offers(page: desk.CasePage, case: Case) -> Offers:
    interim = page.interim
    return Offers(desk.sides_of(case), interim.may_appeal, interim.people, interim.hold_until)


def _how_far(case: Case) -> str:
    case.refresh_from_db(fields=["pending", "status"])
    if case.status == CaseStatus.SETTLING:
        return ""  # the bar with the undo button says so
    if not case.pending:
        return f"{case.ref} is decided: notices and writes are on their way."
    return f"Your step is kept. Next: {label(case.pending[0])}."
