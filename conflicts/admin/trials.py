"""Policies tried on past cases: begin a trial, see how far it is, read what would have changed, hold two side by side."""

import uuid
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.db.models.fields.json import KT
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from conflicts.admin.trial_forms import CHANGES, SupposeForm, VersionForm
from conflicts.admin.trial_tables import (
    beside,
    cases_beside,
    figures,
    listed,
    moves,
    partners_beside,
    tables,
)
from conflicts.backtest import Trial
from conflicts.hidden import hidden_from
from conflicts.models import PolicyTrial
from conflicts.services import NoPolicyError
from conflicts.supposing import supposed
from conflicts.trials import Wanted, cancel_trial, of_version, start_trial
from partners.admin.scoped import WindowAdmin
from partners.models import Program
from partners.permissions import get_or_404, may, programs_of, visible
from partners.services import NotPossibleError

WHY_NOT = "Only people who may change the program's rules try policies."


@admin.register(PolicyTrial)
class PolicyTrialAdmin(WindowAdmin):
    """Trials, the newest first."""

    when_empty = (
        "Nothing has been tried yet",
        "A trial runs in the background over past cases; nothing is decided anew, and nobody is told.",
    )
    list_display = ("title", "kind", "state", "progress", "changed", "held_against", "started_at")
    list_display_links = ("title",)
    list_filter = ("kind",)
    list_select_related = ("held_against",)
    search_fields = ("title",)
    search_help_text = "What was tried"
    ordering = ("-started_at", "-id")
    change_list_template = "admin/conflicts/policytrial/list.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Without the documents and results, which may be large; the number of changed cases is read out of them."""
        rows = super().get_queryset(request).annotate(changed_cases=KT("result__changed"))
        return rows.defer("document", "result") if request.resolver_match.url_name.endswith("changelist") else rows

    def get_urls(self) -> list[Any]:
        """And the pages that begin one, and that hold two side by side."""
        wrap = self.admin_site.admin_view
        return [
            path("start/", wrap(self.start_view), name="conflicts_policytrial_start"),
            path("<uuid:object_id>/beside/", wrap(self.beside_view), name="conflicts_policytrial_beside"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The list, and the button above it."""
        able = {"may_change": bool(programs_of(request.user, CHANGES))}
        return super().changelist_view(request, {**able, **(extra_context or {})})

    # --- beginning one ---

    def start_view(self, request: HttpRequest) -> HttpResponse:
        """Try a version, or the live one with something supposed; a worker does it."""
        user: Any = request.user
        sent = request.POST if request.method == "POST" else None
        what = sent.get("what", "") if sent else ""
        program = visible(user, Program.objects.order_by("code"), CHANGES).first()
        version = VersionForm(sent if what == "version" else None, user=user,
                              initial={"policy": request.GET.get("policy", "")})  # fmt: skip
        suppose = SupposeForm(sent if what == "suppose" else None, user=user, program=program)
        if sent and bool(programs_of(user, CHANGES)):
            begun = self._version(request, version) if what == "version" else self._suppose(request, suppose)
            if begun is not None:
                return redirect("admin:conflicts_policytrial_change", begun.pk)
        context = {
            **self.admin_site.each_context(request), "opts": self.opts, "title": "Try a policy on past cases",
            "version": version, "suppose": suppose, "may_change": bool(programs_of(user, CHANGES)), "why_not": WHY_NOT,
        }  # fmt: skip
        return TemplateResponse(request, "admin/conflicts/policytrial/start.html", context)

    def _version(self, request: HttpRequest, form: VersionForm) -> PolicyTrial | None:
        if not form.is_valid():
            return None
        policy, most = form.cleaned_data["policy"], form.cleaned_data["most"]
        wanted = of_version(policy)
        return self._begin(
            request, form, policy.program, Wanted(wanted.document, wanted.title, policy, wanted.kind, (), most)
        )

    def _suppose(self, request: HttpRequest, form: SupposeForm) -> PolicyTrial | None:
        if not form.is_valid():
            return None
        program = form.cleaned_data["program"]
        try:
            wanted = supposed(program, form.supposition())
        except (NotPossibleError, NoPolicyError) as error:
            form.add_error(None, str(error))
            return None
        return self._begin(request, form, program, wanted)

    def _begin(self, request: HttpRequest, form: Any, program: Program, wanted: Wanted) -> PolicyTrial | None:
        by: Any = request.user
        try:
            return start_trial(program=program, wanted=wanted, by=by, at=timezone.now())
        except (NotPossibleError, NoPolicyError) as error:
            form.add_error(None, str(error))
            return None

    # --- one ---

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """How far it is, coming again by itself until it is over; then what would have changed."""
        trial: Any = self.get_object(request, object_id or "")
        if request.method == "POST":
            return self._act(request, trial)
        found = _result(trial, request.user)
        wanted = request.GET.get("q", "").replace("\x00", "").strip()[:100]
        ended = PolicyTrial.objects.filter(
            program=trial.program_id, finished_at__isnull=False, cancelled_at=None, error=""
        )
        others = ended.exclude(pk=trial.pk).order_by("-started_at", "-pk").only("pk", "title", "started_at")
        context = {
            **self.admin_site.each_context(request), "opts": self.opts, "title": trial.title, "trial": trial, "found": found,
            "share": share_of(trial), "state": self.state(trial), "may_change": may(request.user, CHANGES, trial),
            "figures": figures(found), "tables": tables(trial, found), "moves": moves(trial, found), "q": wanted,
            "listed": listed(found, wanted, _number(request.GET.get("page", ""))), "why_not": WHY_NOT,
            "others": others[:20],
        }  # fmt: skip
        return TemplateResponse(request, "admin/conflicts/policytrial/page.html", context)

    def _act(self, request: HttpRequest, trial: PolicyTrial) -> HttpResponse:
        """Cancel it, or try the same again."""
        by: Any = request.user
        back = redirect("admin:conflicts_policytrial_change", trial.pk)
        if not may(by, CHANGES, trial):
            messages.error(request, WHY_NOT)
            return back
        try:
            if request.POST.get("act") == "again":
                wanted = Wanted(trial.document, trial.title, trial.policy, trial.kind, trial.changes, trial.most)  # type: ignore[arg-type]
                begun = start_trial(program=trial.program, wanted=wanted, by=by, at=timezone.now())
                return redirect("admin:conflicts_policytrial_change", begun.pk)
            cancel_trial(trial=trial, by=by, at=timezone.now())
            messages.success(request, "Cancelled.")
        except (NotPossibleError, NoPolicyError) as error:
            messages.error(request, str(error))
        return back

    def beside_view(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        """This trial beside another one of the program."""
        one: Any = self.get_object(request, str(object_id))
        rows = PolicyTrial.objects.filter(program=one.program_id)
        other = get_or_404(request.user, rows, pk=_uuid(request.GET.get("with", "")))
        left, right = (_result(trial, request.user) for trial in (one, other))
        context = {
            **self.admin_site.each_context(request), "opts": self.opts, "title": "Two trials side by side",
            "one": one, "other": other, "numbers": beside(left, right), "partners": partners_beside(left, right),
            "cases": cases_beside(left, right), "same_cases": left.total == right.total,
        }  # fmt: skip
        return TemplateResponse(request, "admin/conflicts/policytrial/beside.html", context)

    # --- the list ---

    @admin.display(description="status")
    def state(self, trial: PolicyTrial) -> SafeString:
        """In words and colour."""
        tone, text = state_of(trial)
        return format_html('<span class="chip {}">{}</span>', tone, text)

    @admin.display(description="cases")
    def progress(self, trial: PolicyTrial) -> str:
        """How many of how many."""
        return f"{trial.done:,}" if trial.done == trial.total else f"{trial.done:,} of {trial.total:,}"

    @admin.display(description="change")
    def changed(self, trial: Any) -> str:
        """Outcomes that change."""
        return f"{int(trial.changed_cases):,}" if trial.changed_cases else "–"


def state_of(trial: PolicyTrial) -> tuple[str, str]:
    """The tone and the word for how a trial stands."""
    if trial.error:
        return "bad", "Failed"
    if trial.cancelled_at:
        return "quiet", "Cancelled"
    if trial.finished_at:
        return "good", "Done"
    return "acc", "Under way" if trial.lease_until else "Waiting"


def share_of(trial: PolicyTrial) -> int:
    """How far it is, in hundredths; 100 only at its end."""
    return 100 if trial.finished_at else min(99, trial.done * 100 // max(1, trial.total))


def _result(trial: PolicyTrial, user: Any) -> Trial:
    """What a trial found; of single cases none that waits for the reader's own view."""
    found = Trial.from_json(trial.result) if trial.result else Trial()
    hidden = {str(key) for key in hidden_from(user)} if found.changes else set()
    found.changes = [change for change in found.changes if change.case_id not in hidden]
    return found


def _uuid(text: str) -> uuid.UUID:
    """An id from an address; one that is none is nobody's."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return uuid.UUID(int=0)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 1
