"""Drafts of territory rules: the list, one draft with its preview and its buttons, and its maps."""

import uuid
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from channelconflict.models import User
from conflicts.drafting import publishing, services
from conflicts.drafting.maps import MAPS, drawn, unnamed
from conflicts.drafting.preview import preview
from conflicts.drafting.rules import OPEN, live_day, rules_of, show_changes, wish_of
from conflicts.drafting.states import ACTS, why_not
from conflicts.models import DraftStatus, TerritoryDraft
from conflicts.services import NoPolicyError, policy_in_force
from partners.admin.scoped import REFUSED, HistoryWindowAdmin, sentence_of
from partners.models import Program
from partners.permissions import get_or_404, programs_of, visible
from partners.services import NotPossibleError

RULES = "change_rules"
TONES = {DraftStatus.DRAFT: "acc", DraftStatus.AWAITING: "warn", DraftStatus.SCHEDULED: "acc", DraftStatus.LIVE: "good"}
STEPS = (DraftStatus.DRAFT, DraftStatus.AWAITING, DraftStatus.SCHEDULED, DraftStatus.LIVE)


class NameForm(forms.Form):
    """What a draft is called, why it is made, and when it shall hold."""

    name = forms.CharField(max_length=120)
    why = forms.CharField(required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2}))
    live_on = forms.DateField(
        required=False, label="Live from", widget=forms.DateInput(attrs={"type": "date"}),
        help_text="Empty: as soon as the second person agrees.",
    )  # fmt: skip


@admin.register(TerritoryDraft)
class TerritoryDraftAdmin(HistoryWindowAdmin):
    """Drafts, the newest first."""

    list_display = ("name", "state", "rules", "live_on", "created_at", "live_at")
    list_filter = ("status",)
    search_fields = ("name", "why")
    search_help_text = "Name, or a word of the reason"
    ordering = ("-created_at", "-id")
    fieldsets = ((None, {"fields": ("name", "why", "status", "live_on", "reason", "note", "live_at")}),)
    change_list_template = "admin/conflicts/territorydraft/list.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """With the number of rules in each."""
        return super().get_queryset(request).select_related("program").annotate(number=Count("changes"))

    def get_urls(self) -> list[Any]:
        """Django's, and those of new drafts and maps."""
        wrap = self.admin_site.admin_view
        return [
            path("open/", wrap(self.open), name="conflicts_territorydraft_open"),
            path("<uuid:object_id>/map/", wrap(self.map), name="conflicts_territorydraft_map"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The list, and who may begin a draft."""
        programs = visible(request.user, Program.objects.order_by("name", "pk"), RULES)
        able = {"programs": list(programs) if programs_of(request.user, RULES) else []}
        return super().changelist_view(request, {**able, **(extra_context or {})})

    @method_decorator(require_POST)
    def open(self, request: HttpRequest) -> HttpResponse:
        """Begin a draft."""
        program = get_or_404(request.user, Program.objects.all(), RULES, pk=_uuid(request.POST.get("program", "")))
        name = request.POST.get("name", "").replace("\x00", "").strip()
        if not name:
            messages.error(request, "Give the draft a name, as in “Texas moves to Alpha in July”.")
            return redirect("admin:conflicts_territorydraft_changelist")
        user: Any = request.user
        return _to(services.open_draft(program=program, name=name, by=user, at=timezone.now()))

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """One draft: its rules, what they would do, and what may be done with it."""
        if getattr(request, "past", False):
            return super().changeform_view(request, object_id, form_url, extra_context)
        draft: Any = self.get_object(request, object_id or "")
        if request.method == "POST":
            return self._act(request, draft)
        return TemplateResponse(request, "admin/conflicts/territorydraft/page.html", self._page(request, draft))

    def _page(self, request: HttpRequest, draft: TerritoryDraft) -> dict[str, Any]:
        on = live_day(draft, timezone.now().date())
        changes = show_changes(draft, on)
        people = {draft.created_by_id, draft.asked_by_id, draft.decided_by_id} - {None}
        names = {user.pk: str(user) for user in User.objects.filter(pk__in=people)}
        may = {act.replace(" ", "_"): why_not(draft, act, request.user) for act in ACTS}
        return {
            **self.admin_site.each_context(request), "opts": self.opts, "draft": draft, "original": draft,
            "title": draft.name, "changes": changes, "stale": any(change.is_stale for change in changes),
            "steps": [{"label": status.label, "state": _step(draft, status)} for status in STEPS], "on": on, "why_not": may,
            "created_by": names.get(draft.created_by_id, ""), "asked_by": names.get(draft.asked_by_id, ""),
            "decided_by": names.get(draft.decided_by_id, ""), "tone": TONES.get(DraftStatus(draft.status), "quiet"),
            "form": NameForm(initial={"name": draft.name, "why": draft.why, "live_on": draft.live_on}),
            **self._previewed(request, draft, bool(changes)),
        }  # fmt: skip

    def _previewed(self, request: HttpRequest, draft: TerritoryDraft, changes: bool) -> dict[str, Any]:
        if draft.status not in OPEN or not changes:
            return {}
        at = timezone.now()
        on = live_day(draft, at.date())
        try:
            wishes = [wish_of(change, on) for change in draft.changes.order_by("pk")]
            policy = policy_in_force(draft.program).policy
            page = _number(request.GET.get("page", ""))
            return {"preview": preview(program=draft.program, wishes=wishes, policy=policy, at=at, on=on, page=page)}
        except (NotPossibleError, NoPolicyError) as error:
            return {"preview_refused": str(error)}

    def _act(self, request: HttpRequest, draft: TerritoryDraft) -> HttpResponse:
        act = _DONE.get(request.POST.get("act", ""))
        if act is None:
            messages.error(request, "Choose what is to be done.")
            return _to(draft)
        try:
            with transaction.atomic():
                return act(request, draft)
        except REFUSED as error:
            messages.error(request, sentence_of(error))
        return _to(draft)

    def map(self, request: HttpRequest, object_id: uuid.UUID) -> HttpResponse:
        """Who covers what, before and after."""
        draft: Any = self.get_object(request, str(object_id))
        at = timezone.now()
        on = live_day(draft, at.date())
        try:
            wishes = [wish_of(change, on) for change in draft.changes.order_by("pk")] if draft.status in OPEN else []
            rules = rules_of(draft.program, wishes, at, on)
        except NotPossibleError as error:
            messages.error(request, str(error))
            return _to(draft)
        which = request.GET.get("which", "")
        shown = drawn(rules, which if which in MAPS else "world", request.GET.get("line", ""))
        context = {
            **self.admin_site.each_context(request), "opts": self.opts, "draft": draft, "title": f"Map: {draft.name}",
            "map": shown, "maps": MAPS, "on": on, "rest": unnamed(shown.which),
            "sides": [("Before", "before"), ("After", "after")],
        }  # fmt: skip
        return TemplateResponse(request, "admin/conflicts/territorydraft/map.html", context)

    @admin.display(description="status", ordering="status")
    def state(self, draft: TerritoryDraft) -> SafeString:
        """In words and colour."""
        tone = TONES.get(DraftStatus(draft.status), "quiet")
        return format_html('<span class="chip {}">{}</span>', tone, draft.get_status_display())

    @admin.display(description="rules", ordering="number")
    def rules(self, draft: Any) -> int:
        """How many it changes."""
        return draft.number


def _step(draft: TerritoryDraft, status: DraftStatus) -> str:
    """done, current, or to come."""
    if draft.status not in STEPS:
        return "done" if status == DraftStatus.DRAFT else ""
    here, there = STEPS.index(DraftStatus(draft.status)), STEPS.index(status)
    return "current" if here == there else "done" if there < here else ""


def _name(request: HttpRequest, draft: TerritoryDraft) -> HttpResponse:
    form = NameForm(request.POST)
    if not form.is_valid():
        raise NotPossibleError(
            " ".join(f"{form.fields[n].label or n.title()}: {e}" for n, es in form.errors.items() for e in es)
        )
    services.name_draft(draft=draft, **form.cleaned_data, seen_version=_seen(request), **_who(request))
    messages.success(request, "Kept.")
    return _to(draft)


def _ask(request: HttpRequest, draft: TerritoryDraft) -> HttpResponse:
    services.ask_second_person(draft=draft, seen_version=_seen(request), **_who(request))
    messages.success(request, "A second person decides now: anybody else who may change the program's rules.")
    return _to(draft)


def _take_back(request: HttpRequest, draft: TerritoryDraft) -> HttpResponse:
    services.take_back_draft(draft=draft, **_who(request))
    return _to(draft)


def _approve(request: HttpRequest, draft: TerritoryDraft) -> HttpResponse:
    done = publishing.approve_draft(draft=draft, seen_version=_seen(request), reason=_reason(request), **_who(request))
    live = done.status == DraftStatus.LIVE
    messages.success(request, "It is live." if live else f"It goes live on {done.live_on:%d %b %Y}.")
    return _to(draft)


def _reject(request: HttpRequest, draft: TerritoryDraft) -> HttpResponse:
    publishing.reject_draft(draft=draft, reason=_reason(request), **_who(request))
    messages.success(request, "Rejected: nothing was changed.")
    return _to(draft)


def _withdraw(request: HttpRequest, draft: TerritoryDraft) -> HttpResponse:
    services.withdraw_draft(draft=draft, **_who(request))
    messages.success(request, "Withdrawn: nothing was changed.")
    return _to(draft)


def _rebase(request: HttpRequest, draft: TerritoryDraft) -> HttpResponse:
    told = services.rebase_draft(draft=draft, **_who(request))
    messages.success(request, " ".join(["The draft stands on the rules as they are now.", *told]))
    return _to(draft)


def _drop(request: HttpRequest, draft: TerritoryDraft) -> HttpResponse:
    change = draft.changes.filter(pk=_uuid(request.POST.get("change", ""))).first()
    if change is None:
        raise NotPossibleError("This rule is not in the draft any more.")
    services.drop_from_draft(change=change, **_who(request))
    messages.success(request, f"{change} is out of the draft.")
    return _to(draft)


def _undo(request: HttpRequest, draft: TerritoryDraft) -> HttpResponse:
    back = services.reverse_draft(draft=draft, **_who(request))
    messages.success(request, "This draft undoes it. Look at it and hand it to a second person.")
    return _to(back)


_DONE: dict[str, Callable[[HttpRequest, TerritoryDraft], HttpResponse]] = {
    "name": _name, "ask": _ask, "take_back": _take_back, "approve": _approve, "reject": _reject, "withdraw": _withdraw,
    "rebase": _rebase, "drop": _drop, "undo": _undo,
}  # fmt: skip


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"by": request.user, "at": timezone.now()}


def _reason(request: HttpRequest) -> str:
    return request.POST.get("reason", "").replace("\x00", "")[:2000]


def _seen(request: HttpRequest) -> int:
    return _number(request.POST.get("seen_version", ""), 0)


def _number(text: str, otherwise: int = 1) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else otherwise


def _to(draft: TerritoryDraft) -> HttpResponse:
    return redirect("admin:conflicts_territorydraft_change", draft.pk)


def _uuid(text: str | None) -> uuid.UUID:
    try:
        return uuid.UUID(text or "")
    except ValueError:
        return uuid.UUID(int=0)
