"""The model's pages: the switch, kinds in shadow mode, budgets and the meter; each call; versions of the prompt."""

import uuid
from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from conflicts.admin.reasoning import TITLES
from conflicts.hidden import hidden_from
from conflicts.models import ModelCall, ModelMode, ModelSwitch, PromptStatus, PromptVersion
from conflicts.opinions.configured import endpoint, why_none
from conflicts.opinions.meter import meter
from conflicts.opinions.services import (
    LONGEST_PROMPT,
    Budget,
    draft_prompt,
    prompt_in_force,
    publish_prompt,
    set_model_budget,
    set_model_mode,
)
from conflicts.recommend.llm import why
from conflicts.recommend.llm.asking import SHIPPED
from partners.admin.scoped import HistoryWindowAdmin, WindowAdmin
from partners.models import Program
from partners.permissions import get_or_404, may, visible
from partners.services import NotPossibleError

CHANGES = "change_rules"
TONES = {ModelMode.ON: "good", ModelMode.SHADOW: "acc", ModelMode.OFF: "warn"}


class SwitchForm(forms.Form):
    """One switch."""

    kind = forms.CharField(required=False, max_length=40)
    mode = forms.ChoiceField(choices=ModelMode.choices)
    reason = forms.CharField(required=False, max_length=300)


class BudgetForm(forms.Form):
    """What a program's calls may use up."""

    calls_per_case = forms.IntegerField(min_value=0, max_value=10_000, label="Calls a case")
    calls_per_day = forms.IntegerField(min_value=0, max_value=10_000_000, label="Calls a day")
    cost_per_day = forms.DecimalField(min_value=Decimal(0), max_digits=10, decimal_places=2, label="Cost a day")
    cost_per_month = forms.DecimalField(min_value=Decimal(0), max_digits=10, decimal_places=2, label="Cost a month")


@admin.register(ModelSwitch)
class SwitchAdmin(HistoryWindowAdmin):
    """The model's page: what it may do in each program, what it took, and every switch that was ever set."""

    when_empty = ("No switch was ever set", "The model is asked on every kind of case wherever one is configured.")
    change_list_template = "admin/conflicts/modelswitch/list.html"
    list_display = ("what", "state", "reason", "set_at")
    list_display_links = ("what",)
    ordering = ("kind", "id")
    fieldsets = ((None, {"fields": ("what", "state", "reason", "set_at")}),)
    readonly_fields = ("what", "state")

    def get_urls(self) -> list[Any]:
        """And the buttons'."""
        wrap = self.admin_site.admin_view
        return [
            path("switch/", wrap(self.switch), name="conflicts_modelswitch_switch"),
            path("budget/", wrap(self.budget), name="conflicts_modelswitch_budget"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list, under the switch and the meter of each program."""
        programs = [
            self._program(request, one) for one in visible(request.user, Program.objects.order_by("code", "pk"))
        ]
        told = {"programs": programs, "modes": ModelMode.choices, "model": settings.MODEL_NAME, "title": "The model"}
        return super().changelist_view(request, {**told, **(extra_context or {})})

    def _program(self, request: HttpRequest, program: Program) -> dict[str, Any]:
        rows = {row.kind: row for row in ModelSwitch.objects.filter(program=program).order_by("kind")}
        figures = meter(program.pk, timezone.now())
        return {
            "program": program,
            "may": may(request.user, CHANGES, program),
            "none": "" if endpoint() else why.sentence(why_none()),
            "all": rows.get(""),
            "mode": rows[""].mode if "" in rows else ModelMode.ON,
            "kinds": [
                (kind, title, rows.get(kind)) for kind, title in sorted(TITLES.items(), key=lambda item: item[1])
            ],
            "set": sum(bool(kind) and row.mode != ModelMode.ON for kind, row in rows.items()),
            "meter": figures,
            "form": BudgetForm(initial=vars_of(figures.budget), prefix=None, auto_id=f"budget-{program.pk}-%s"),
            "prompt": prompt_in_force(program.pk),
        }

    @method_decorator(require_POST)
    def switch(self, request: HttpRequest) -> HttpResponse:
        """Set one switch."""
        program, form = self._asked(request), SwitchForm(request.POST)
        if not form.is_valid():
            messages.error(request, "Choose on, shadow or off; a reason has at most 300 characters.")
            return _to_list()
        data, user = form.cleaned_data, _user(request)
        return _done(request, lambda: str(set_model_mode(
            program=program, kind=data["kind"], mode=ModelMode(data["mode"]), reason=data["reason"], by=user,
            at=timezone.now(),
        )) + ". It holds from the next call.")  # fmt: skip

    @method_decorator(require_POST)
    def budget(self, request: HttpRequest) -> HttpResponse:
        """Set a program's budget."""
        program, form = self._asked(request), BudgetForm(request.POST)
        if not form.is_valid():
            messages.error(request, "A budget is four numbers, none of them negative. Nothing was saved.")
            return _to_list()
        user, wanted = _user(request), Budget(**form.cleaned_data)
        return _done(
            request,
            lambda: (
                f"{set_model_budget(program=program, budget=wanted, by=user, at=timezone.now())}: the budget is set."
            ),
        )

    def _asked(self, request: HttpRequest) -> Program:
        return get_or_404(_user(request), Program.objects.all(), CHANGES, pk=_uuid(request.POST.get("program")))

    @admin.display(description="kind", ordering="kind")
    def what(self, row: ModelSwitch) -> str:
        """The kind of finding by its title."""
        return TITLES.get(row.kind, row.kind) or "Every kind"

    @admin.display(description="state", ordering="mode")
    def state(self, row: ModelSwitch) -> SafeString:
        """In words and colour."""
        return format_html('<span class="chip {}">{}</span>', TONES[ModelMode(row.mode)], row.get_mode_display())


class OutcomeFilter(admin.SimpleListFilter):
    """Answered or not: fixed choices, since a list of what stands in the table would be one of everybody's."""

    title = "outcome"
    parameter_name = "outcome"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The two."""
        return [("answered", "Answered"), ("failed", "Not answered")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Calls by how they ended."""
        if self.value() == "answered":
            return queryset.filter(outcome="answered")
        return queryset.exclude(outcome="answered") if self.value() == "failed" else queryset


@admin.register(ModelCall)
class CallAdmin(WindowAdmin):
    """Every call of the endpoint."""

    when_empty = ("No model was called yet", "Each call stands here with what it took, before its answer is looked at.")
    list_display = ("began_at", "purpose", "how", "model_used", "tokens", "cost", "took")
    list_filter = (OutcomeFilter,)
    list_select_related = ("prompt", "policy")
    ordering = ("-began_at", "-id")
    fieldsets = (
        (None, {"fields": ("began_at", "ended_at", "purpose", "how", "http_status", "took", "cost", "tokens")}),
        ("Made with", {"fields": ("model_used", "prompt", "policy", "format", "request_id", "request_sha256")}),
        ("As it came, before any check", {"fields": ("answer",)}),
    )
    readonly_fields = ("how", "model_used", "tokens", "took")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Without what was said of cases that wait for the reader's own view."""
        kept = ~Q(conflict__in=hidden_from(request.user)) | Q(conflict__isnull=True)
        return super().get_queryset(request).filter(kept)

    @admin.display(description="outcome", ordering="outcome")
    def how(self, row: ModelCall) -> SafeString:
        """In words and colour."""
        text = "answered" if row.outcome == "answered" else why.sentence(row.outcome) if row.outcome else "under way"
        return format_html('<span class="chip {}">{}</span>', "good" if row.outcome == "answered" else "warn", text)

    @admin.display(description="model")
    def model_used(self, row: ModelCall) -> str:
        """The one that answered, else the one that was asked for."""
        return row.model or row.asked_model

    @admin.display(description="tokens in / out")
    def tokens(self, row: ModelCall) -> str:
        """Sent and received."""
        return f"{row.tokens_in:,} / {row.tokens_out:,}"

    @admin.display(description="seconds", ordering="seconds")
    def took(self, row: ModelCall) -> str:
        """How long."""
        return f"{row.seconds:.2f}"


class PromptForm(forms.Form):
    """A new text."""

    text = forms.CharField(
        label="What the model is told",
        max_length=LONGEST_PROMPT,
        widget=forms.Textarea(attrs={"rows": 18}),
        help_text="The case, the schema and the checks stay the same whatever is written here.",
    )


@admin.register(PromptVersion)
class PromptAdmin(HistoryWindowAdmin):
    """Versions of the prompt with how each did on the exercises; one that was evaluated can be put in force."""

    when_empty = ("The shipped prompt is in force", "A version is made by the button or by manage.py evaluate_prompt.")
    change_list_template = "admin/conflicts/promptversion/list.html"
    change_form_template = "admin/conflicts/promptversion/page.html"
    list_display = ("version", "state", "evaluated_model", "answered", "agreed", "evaluated_at", "live_from")
    list_display_links = ("version",)
    ordering = ("-number", "-id")
    fieldsets = (
        (None, {"fields": ("state", "text", "sha256", "made_at", "live_from", "evaluated_model", "evaluated_at")}),
    )
    readonly_fields = ("state",)

    def get_urls(self) -> list[Any]:
        """And the buttons'."""
        wrap = self.admin_site.admin_view
        return [
            path("new/", wrap(self.new), name="conflicts_promptversion_new"),
            path("<uuid:object_id>/publish/", wrap(self.publish), name="conflicts_promptversion_publish"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list, and the button above it for those who may."""
        able = visible(request.user, Program.objects.all(), CHANGES).exists()
        return super().changelist_view(request, {"may_change": able, **(extra_context or {})})

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """The version with its evaluation."""
        row = kwargs.get("obj")
        if row is not None and not getattr(request, "past", False):
            fits = bool(row.evaluation) and row.evaluated_model == settings.MODEL_NAME
            context |= {"prompt": row, "figures": _figures(row), "model": settings.MODEL_NAME, "fits": fits,
                        "may_publish": row.status != PromptStatus.LIVE and may(request.user, CHANGES, row)}  # fmt: skip
        return super().render_change_form(request, context, *args, **kwargs)

    def new(self, request: HttpRequest) -> HttpResponse:
        """Write a new version, beginning with the text in force."""
        user = _user(request)
        program = visible(user, Program.objects.order_by("code", "pk"), CHANGES).first()
        if program is None:
            return HttpResponseRedirect(reverse("admin:conflicts_promptversion_changelist"))
        now = prompt_in_force(program.pk)
        form = PromptForm(
            request.POST if request.method == "POST" else None, initial={"text": now.text if now else SHIPPED}
        )
        if request.method == "POST" and form.is_valid():
            try:
                row = draft_prompt(program=program, text=form.cleaned_data["text"], by=user, at=timezone.now())
                return HttpResponseRedirect(reverse("admin:conflicts_promptversion_change", args=[row.pk]))
            except NotPossibleError as error:
                form.add_error("text", str(error))
        told = {**self.admin_site.each_context(request), "form": form, "title": "A new prompt", "opts": self.opts}
        return TemplateResponse(request, "admin/conflicts/promptversion/new.html", told)

    @method_decorator(require_POST)
    def publish(self, request: HttpRequest, object_id: uuid.UUID) -> HttpResponse:
        """Put a version in force."""
        user = _user(request)
        row = get_or_404(user, PromptVersion.objects.all(), CHANGES, pk=object_id)
        _said(
            request,
            lambda: f"{publish_prompt(prompt=row, by=user, at=timezone.now())} is in force from the next call on.",
        )
        return HttpResponseRedirect(reverse("admin:conflicts_promptversion_change", args=[row.pk]))

    @admin.display(description="version", ordering="number")
    def version(self, row: PromptVersion) -> str:
        """As calls name it."""
        return row.version

    @admin.display(description="status", ordering="status")
    def state(self, row: PromptVersion) -> SafeString:
        """In words and colour."""
        tone = {"live": "good", "draft": "acc"}.get(row.status, "quiet")
        return format_html('<span class="chip {}">{}</span>', tone, row.get_status_display())

    @admin.display(description="usable answers")
    def answered(self, row: PromptVersion) -> str:
        """On the exercises."""
        return _of(row.evaluation, "usable")

    @admin.display(description="as the exercise expects")
    def agreed(self, row: PromptVersion) -> str:
        """On the exercises."""
        return _of(row.evaluation, "agreed")


def vars_of(budget: Budget) -> dict[str, Any]:
    """A budget as the form's first values."""
    return {name: getattr(budget, name) for name in BudgetForm.base_fields}


def _figures(row: PromptVersion) -> list[tuple[str, str]]:
    found = row.evaluation if isinstance(row.evaluation, dict) else {}
    if not found.get("cases"):
        return []
    seconds = found.get("seconds_median")
    return [
        ("Cases of the exercises", str(found["cases"])),
        ("Usable answers", _of(found, "usable")),
        ("As the exercise expects", _of(found, "agreed")),
        ("Abstained when partners' words were masked", _of(found, "abstained")),
        (
            "Fell back",
            ", ".join(f"{why.sentence(k)}: {n}" for k, n in (found.get("fell_back") or {}).items()) or "never",
        ),
        ("Seconds a case, median", f"{seconds:.2f}" if isinstance(seconds, float) else "–"),
        ("Cost of all", str(found.get("cost", "–"))),
    ]


def _of(found: Any, name: str) -> str:
    return (
        f"{found[name]} of {found['cases']}" if isinstance(found, dict) and name in found and "cases" in found else "–"
    )


def _user(request: HttpRequest) -> Any:
    return request.user


def _said(request: HttpRequest, act: Any) -> None:
    try:
        messages.success(request, act())
    except NotPossibleError as error:
        messages.error(request, str(error))


def _done(request: HttpRequest, act: Any) -> HttpResponse:
    _said(request, act)
    return _to_list()


def _to_list() -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:conflicts_modelswitch_changelist"))


def _uuid(text: str | None) -> uuid.UUID:
    try:
        return uuid.UUID(text or "")
    except ValueError:
        return uuid.UUID(int=0)
