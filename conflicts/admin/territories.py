"""The page of a territory rule: whoever changes it there changes a draft, and sees what that would do before anything is kept."""

import uuid
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.html import format_html

from conflicts.drafting.preview import Preview, preview
from conflicts.drafting.rules import NEW, Wish, live_day, values_in, wish_of
from conflicts.drafting.services import Edit, open_draft, put_in_draft
from conflicts.drafting.values import LABELS, Values, assigned, typed, values_of
from conflicts.models import ChangeKind, DraftStatus, TerritoryChange, TerritoryDraft
from conflicts.services import policy_in_force
from partners.admin.forms import FactFormSet
from partners.admin.scoped import REFUSED, sentence_of
from partners.admin.territories import AssignmentInline, TerritoryAdmin, TerritoryForm
from partners.models import Program, Territory
from partners.permissions import visible

TWICE = "Somebody is listed twice with the same role in this territory."


class DraftedForm(TerritoryForm):
    """A rule as somebody types it, and the draft that it goes into. `held`: only looked at, never kept."""

    held = False
    draft = forms.ModelChoiceField(
        TerritoryDraft.objects.none(),
        required=False,
        empty_label="A new draft",
        help_text="Nothing changes until a second person agreed.",
    )
    draft_name = forms.CharField(
        required=False,
        max_length=120,
        label="Name of a new draft",
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "draft" in self.fields:
            rows = visible(self.user, TerritoryDraft.objects.filter(status=DraftStatus.DRAFT), "change_rules")
            self.fields["draft"].queryset = rows.order_by("-created_at", "-pk")  # type: ignore[attr-defined]

    def is_valid(self) -> bool:
        """Whether it may be kept."""
        return super().is_valid() and not self.held

    def substance_changed(self) -> bool:
        """Whether the rule itself was changed."""
        return bool(set(self.changed_data) & set(LABELS))


class AssignmentFormSet(FactFormSet):
    """Who works the rule, as typed; it is kept with the draft, not here."""

    dropped: frozenset[uuid.UUID] = frozenset()

    def add_fields(self, form: Any, index: int | None) -> None:
        """Those that the draft takes away come ticked."""
        super().add_fields(form, index)
        if form.instance.pk in self.dropped and "DELETE" in form.fields:
            form.fields["DELETE"].initial = True

    def wanted(self) -> list[Values]:
        """The assignments as they shall be."""
        kept = [f for f in self.forms if f not in self.deleted_forms]
        rows = assigned([f.instance for f in kept if f.has_changed() or not f.instance._state.adding])
        if len({tuple(sorted(row.items(), key=str)) for row in rows}) < len(rows):
            raise ValidationError(TWICE)
        return rows


class DraftedInline(AssignmentInline):
    """Who works it, as the draft has it where the page was opened from one."""

    formset = AssignmentFormSet

    def get_extra(self, request: HttpRequest, obj: Territory | None = None, **kwargs: Any) -> int:
        """A row for each that the draft adds."""
        return len(getattr(request, "added", ())) or super().get_extra(request, obj, **kwargs)

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """Told which rows the draft takes away."""
        made = super().get_formset(request, obj, **kwargs)
        made.dropped = getattr(request, "dropped", frozenset())
        return made


@admin.register(Territory)
class DraftedTerritoryAdmin(TerritoryAdmin):
    """Territory rules; every change goes into a draft."""

    form = DraftedForm
    inlines = (DraftedInline,)
    change_form_template = "admin/partners/territory/edit.html"

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """The rule's own groups; for an editor the draft in place of the history."""
        groups = list(super().get_fieldsets(request, obj))
        if groups and groups[-1][0] == "For the history":
            kept = ("draft", "draft_name", "why", *(["seen_version"] if obj else []))
            groups[-1] = ("Into which draft", {"fields": kept})
        return groups

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Held back where only a preview was asked for."""
        made = super().get_form(request, obj, change=change, **kwargs)
        return type(made.__name__, (made,), {"held": "_preview" in request.POST})

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """The rule; opened from a draft, as the draft has it."""
        found = super().get_object(request, object_id, from_field)
        kept = _kept(request, territory_id=found.pk) if request.method == "GET" else None
        if kept is not None and kept.kind != ChangeKind.END and kept.seen_version == found.version:  # type: ignore[attr-defined]
            _lay_over(request, found, kept.after)
        return found

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """A new rule opened from a draft, as the draft has it."""
        kept = _kept(request, pk=_uuid(request.GET.get("change", "")))
        if kept is not None:
            request.added = kept.after["assignments"]  # type: ignore[attr-defined]
        return {"draft": request.GET.get("draft", ""), **(typed(kept.after) if kept else {})}

    def get_formset_kwargs(self, request: HttpRequest, obj: Any, inline: Any, prefix: str) -> dict[str, Any]:
        """With who the draft adds."""
        kwargs = super().get_formset_kwargs(request, obj, inline, prefix)
        added = getattr(request, "added", None)
        return kwargs | ({"initial": [dict(one) for one in added]} if added and request.method == "GET" else {})

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Django's page; ending a rule goes into a draft as well."""
        if request.method == "POST" and "_end" in request.POST and object_id:
            return self._end(request, self.get_object(request, object_id))
        answer = super().changeform_view(request, object_id, form_url, extra_context)
        if isinstance(answer, TemplateResponse) and request.POST.get("_preview") == "part":
            return TemplateResponse(request, "admin/conflicts/territorydraft/preview.html", answer.context_data)
        return answer

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """With the preview of what was typed."""
        if "_preview" in request.POST:
            context |= self._previewed(request, context)
        chosen = _chosen(request)
        context |= {"from_draft": chosen, "draft_media": "territory.js"}
        if chosen is not None and "draft" in context["adminform"].form.fields:
            context["adminform"].form.initial.setdefault("draft", chosen.pk)
        return super().render_change_form(request, context, *args, **kwargs)

    def _previewed(self, request: HttpRequest, context: Any) -> dict[str, Any]:
        form, formsets = context["adminform"].form, [one.formset for one in context["inline_admin_formsets"]]
        if form.errors or not all(formset.is_valid() for formset in formsets):
            return {"preview_refused": "Mend what is marked first, then look at the preview again."}
        try:
            with transaction.atomic():
                return {"preview": _preview(form, formsets)}
        except (*REFUSED, LookupError) as error:
            return {"preview_refused": sentence_of(error)}

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Into the draft, if anything was changed."""
        if change and not form.substance_changed() and not any(formset.has_changed() for formset in formsets):
            return
        kind = ChangeKind.CHANGE if change else ChangeKind.ADD
        edit = Edit(
            kind, _values(form, formsets), form.instance if change else None, form.cleaned_data.get("seen_version")
        )
        draft = _draft_for(request, form.instance.program, form.cleaned_data)
        kept = None if change else _kept(request, pk=_uuid(request.GET.get("change", "")), draft=draft)
        put_in_draft(draft=draft, edit=edit, by=request.user, at=timezone.now(), change=kept)  # type: ignore[arg-type]
        request.draft = draft  # type: ignore[attr-defined]

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        """To the draft."""
        return self._to_draft(request, obj)

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        """To the draft."""
        return self._to_draft(request, obj)

    def _to_draft(self, request: HttpRequest, obj: Any) -> HttpResponse:
        draft = getattr(request, "draft", None)
        if draft is None:
            messages.info(request, "Nothing was changed, so nothing was kept.")
            return redirect("admin:partners_territory_changelist")
        messages.success(request, format_html("{} is in the draft “{}”. The rule in force is as it was.", obj, draft))
        return redirect("admin:conflicts_territorydraft_change", draft.pk)

    def _end(self, request: HttpRequest, rule: Any) -> HttpResponse:
        if not self.has_change_permission(request, rule):
            return redirect("admin:partners_territory_change", rule.pk)
        named = {"draft": _chosen(request, request.POST.get("draft", "")), "draft_name": request.POST.get("draft_name", ""),
                 "why": request.POST.get("why", "")}  # fmt: skip
        seen = request.POST.get("seen_version", "")
        try:
            with transaction.atomic():
                request.draft = _draft_for(request, rule.program, named, f"End of {rule}")  # type: ignore[attr-defined]
                edit = Edit(ChangeKind.END, {}, rule, int(seen) if seen.isdigit() else None)
                put_in_draft(draft=request.draft, edit=edit, by=request.user, at=timezone.now())  # type: ignore[attr-defined,arg-type]
        except REFUSED as error:
            messages.error(request, sentence_of(error))
            return redirect("admin:partners_territory_change", rule.pk)
        return self._to_draft(request, rule)


def _draft_for(request: HttpRequest, program: Program, cleaned: Any, name: str = "") -> TerritoryDraft:
    """The chosen draft, or a new one."""
    chosen = cleaned.get("draft")
    if chosen is not None:
        if chosen.program_id != program.pk:
            raise ValidationError("This draft belongs to another program.")
        return chosen
    name = cleaned.get("draft_name") or name or f"Change of {cleaned.get('name', 'rules')}"
    why = cleaned.get("why") or ""
    return open_draft(program=program, name=name, why=why, by=request.user, at=timezone.now())  # type: ignore[arg-type]


def _values(form: Any, formsets: Any) -> Values:
    return {**values_of(form.instance, []), "assignments": [row for formset in formsets for row in formset.wanted()]}


def _preview(form: Any, formsets: Any) -> Preview:
    """What the draft with this rule in it would do."""
    at, draft, rule = timezone.now(), form.cleaned_data.get("draft"), form.instance
    on = live_day(draft, at.date())
    key = f"{NEW}typed" if rule._state.adding else str(rule.pk)
    others = [wish_of(change, on) for change in draft.changes.order_by("pk")] if draft else []
    wishes = [*(wish for wish in others if wish.key != key), Wish(key, _values(form, formsets))]
    policy = policy_in_force(rule.program).policy
    return preview(program=rule.program, wishes=wishes, policy=policy, at=at, on=on)


def _chosen(request: HttpRequest, key: str = "") -> TerritoryDraft | None:
    rows = visible(request.user, TerritoryDraft.objects.filter(status=DraftStatus.DRAFT), "change_rules")
    asked = _uuid(key or request.GET.get("draft", ""))
    return rows.filter(pk=asked).first() if asked else None


def _kept(request: HttpRequest, **which: Any) -> TerritoryChange | None:
    """What the draft that the page was opened from has of a rule."""
    draft = which.pop("draft", None) or _chosen(request)
    if draft is None or not all(which.values()):
        return None
    return TerritoryChange.objects.filter(draft=draft, **which).first()


def _lay_over(request: HttpRequest, rule: Any, after: Values) -> None:
    for name, value in typed(values_in(after)).items():
        setattr(rule, name, value)
    stored = list(rule.assignments.all())
    wanted = after["assignments"]
    request.dropped = frozenset(row.pk for row in stored if assigned([row])[0] not in wanted)  # type: ignore[attr-defined]
    have = assigned(stored)
    request.added = [one for one in wanted if one not in have]  # type: ignore[attr-defined]


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
