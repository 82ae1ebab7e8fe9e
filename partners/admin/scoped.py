"""What every page of the staff site shares: only the user's own programs, writes through services, bounded lists."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db import IntegrityError, connection, models, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import cached_property
from simple_history.admin import SimpleHistoryAdmin

from partners.admin.forms import FactForm, FactFormSet, KnownChoice
from partners.permissions import may, programs_of, visible
from partners.services import NotPossibleError, StaleRowError

REFUSED = (StaleRowError, NotPossibleError, ValidationError, IntegrityError)

# What the database's own laws say, for the rare case that a form did not see it coming (two editors at once).
LAWS = {
    "assignment_once": "Somebody is listed twice with the same role in this territory.",
    "ownership_once": "Somebody is listed twice with the same role and first day on this account.",
    "ownership_shares_sum_to_100": "The shares of the owners of one account, product scope and period do not sum to 100.",
    "account_external_id": "Another account of this program has this reference.",
    "partner_external_id": "Another partner of this program has this reference.",
    "territory_external_id": "Another territory of this program has this reference.",
    "agreement_external_id": "Another agreement of this program has this reference.",
    "exception_external_id": "Another exception of this program has this reference.",
    "target_name": "Another target has this name.",
}


def sentence_of(error: Exception) -> str:
    """What to tell the editor about a write that a service or the database refused."""
    if isinstance(error, IntegrityError):
        law = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") or "integrity"
        return f"{LAWS.get(law, f'This contradicts what is stored already (rule {law}).')} Nothing was saved."
    return " ".join(error.messages) if isinstance(error, ValidationError) else str(error)


class BoundedPaginator(Paginator):
    """Counts no further than one past `LIMIT`: nobody pages through more, and counting a large table costs seconds."""

    LIMIT = 1000

    @cached_property
    def count(self) -> int:
        """The number of rows, or LIMIT + 1 for 'more than that'."""
        rows = self.object_list
        return rows.order_by()[: self.LIMIT + 1].count() if isinstance(rows, models.QuerySet) else len(rows)

    @property
    def cut_off(self) -> bool:
        """Whether there are more rows than were counted."""
        return self.count > self.LIMIT


class BoundedList(ChangeList):
    """A change list that says 'n results' only where something was searched or filtered."""

    def get_results(self, request: HttpRequest) -> None:
        """Django's page of results; without search and filter all rows are shown, and need no link to all."""
        super().get_results(request)
        if not self.query and not self.has_active_filters:
            self.full_result_count = self.result_count


class Scoped:
    """Mixin: rows, rights and choices follow partners.permissions; nothing is deleted, LogEntry is not written."""

    view_right = "view_desk"
    change_right = "change_rules"
    paginator: Any = BoundedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    actions: Any = None
    view_on_site = False
    autocomplete_fields: ClassVar[Any] = ()
    labels: ClassVar[Mapping[str, str]] = {}
    help_texts: ClassVar[Mapping[str, str]] = {}
    opts: Any
    admin_site: Any

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        """The rows of the programs in which the user has the right to look."""
        return visible(request.user, super().get_queryset(request), self.view_right)  # type: ignore[misc]

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> models.Model:
        """One row, or the same 404 for a foreign, an absent and a malformed id."""
        found = super().get_object(request, object_id, from_field)  # type: ignore[misc]
        if found is None:
            raise Http404("Not found.")
        return found

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """Our own list."""
        return BoundedList

    @admin.display(description="reference", ordering="external_id")
    def reference(self, row: Any) -> str:
        """The number that other systems know the row by."""
        return row.external_id or "–"

    def get_search_results(
        self, request: HttpRequest, rows: models.QuerySet, term: str
    ) -> tuple[models.QuerySet, bool]:
        """Django's search; the character that PostgreSQL cannot store finds nothing instead of failing."""
        return super().get_search_results(request, rows, term.replace("\x00", ""))  # type: ignore[misc]

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Whether this part of the site exists for the user."""
        return bool(programs_of(request.user, self.view_right))

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """May the user look (at this row)?"""
        return self._may(request, self.view_right, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """May the user make rows in some program?"""
        return self._may(request, self.change_right)

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """May the user change (this row)?"""
        return self._may(request, self.change_right, obj)

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Facts end, they are never deleted."""
        return False

    def _may(self, request: HttpRequest, right: str, obj: models.Model | None = None) -> bool:
        return bool(programs_of(request.user, right)) if obj is None else may(request.user, right, obj)

    def formfield_for_foreignkey(self, db_field: models.ForeignKey, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer and accept rows of the user's own programs only."""
        related: Any = db_field.remote_field.model
        kwargs["queryset"] = visible(request.user, related._default_manager.all(), self.change_right or self.view_right)
        if db_field.name in self.autocomplete_fields:
            kwargs["widget"] = KnownChoice(db_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]

    def formfield_for_dbfield(self, db_field: models.Field, request: HttpRequest, **kwargs: Any) -> Any:
        """Django's field in our words, without the add / change / view pop-ups beside it."""
        if db_field.name in self.labels:
            kwargs["label"] = self.labels[db_field.name]
        if db_field.name in self.help_texts:
            kwargs["help_text"] = self.help_texts[db_field.name]
        field = super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]
        if field is not None and isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget = field.widget.widget
        return field

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> list[Any]:
        """Nothing: it would only go into LogEntry."""
        return []

    def log_addition(self, request: HttpRequest, obj: models.Model, message: Any) -> None:
        """AuditEvent is the log of acts; the services write it."""

    def log_change(self, request: HttpRequest, obj: models.Model, message: Any) -> None:
        """AuditEvent is the log of acts; the services write it."""

    def log_deletions(self, request: HttpRequest, queryset: models.QuerySet) -> None:
        """Nothing is deleted here."""


class WindowAdmin(Scoped, admin.ModelAdmin):
    """Look, do not touch: rows that the product writes."""

    change_right = ""

    def get_urls(self) -> list[Any]:
        """No history page: these rows have none, their acts are in the record of acts."""
        history = f"{self.opts.app_label}_{self.opts.model_name}_history"
        return [url for url in super().get_urls() if getattr(url, "name", None) != history]


class ScopedAdmin(Scoped, SimpleHistoryAdmin):
    """A fact that people edit: its form is a FactForm, `record` hands it to a service, its history is read only."""

    form: type[forms.BaseModelForm] = FactForm
    versioned = False

    def record(self, form: FactForm, *, by: Any, at: datetime) -> None:
        """Save `form.instance` through its service; subclasses say which."""
        raise NotImplementedError

    def get_fieldsets(self, request: HttpRequest, obj: models.Model | None = None) -> Any:
        """The declared groups, and for an editor the program (if there is a choice) and the reason for the history."""
        groups = list(super().get_fieldsets(request, obj))
        if _past(request) or not (
            self.has_change_permission(request, obj) if obj else self.has_add_permission(request)
        ):
            return groups
        if obj is None and len(programs_of(request.user, self.change_right)) > 1:
            groups.insert(0, (None, {"fields": ("program",)}))
        kept = ("why", "seen_version") if self.versioned and obj is not None else ("why",)
        return [*groups, ("For the history", {"fields": kept})]

    def get_form(
        self, request: HttpRequest, obj: models.Model | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """The form, told who edits and what a service said to the last try."""
        made = super().get_form(request, obj, change=change, **kwargs)
        told = {"user": request.user, "right": self.change_right, "refusal": getattr(request, "refusal", "")}
        return type(made.__name__, (made,), told)

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Django's page; what a service refuses is shown as an error on the form with everything typed still in it."""
        if request.method != "POST":
            return super().changeform_view(request, object_id, form_url, extra_context)
        try:
            with transaction.atomic():
                return super().changeform_view(request, object_id, form_url, extra_context)
        except REFUSED as error:
            request.refusal = sentence_of(error)  # type: ignore[attr-defined]
            return super().changeform_view(request, object_id, form_url, extra_context)

    def save_model(self, request: HttpRequest, obj: models.Model, form: Any, change: bool) -> None:
        """Nothing: save_related hands row and inlines to the services together."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Record what was changed, the row first: a change of its inlines counts as a change of a versioned row."""
        at = timezone.now()
        # Django empties the key of a new row that has inlines; the services check whole rows.
        form.instance.pk = form.instance.pk or form.instance._meta.pk.get_default()
        inlines_changed = any(formset.has_changed() for formset in formsets)
        if not change or form.substance_changed() or (self.versioned and inlines_changed):
            self.record(form, by=request.user, at=at)
        for formset in [formset for formset in formsets if isinstance(formset, FactFormSet)]:
            formset.save_through_services(by=request.user, at=at, why=form.cleaned_data.get("why", ""))
        connection.check_constraints()  # deferred ones would otherwise fail at commit, when it is too late to say so

    def get_history_queryset(self, request: HttpRequest, history_manager: Any, pk_name: str, object_id: Any) -> Any:
        """The history of a row that the user may see."""
        rows = super().get_history_queryset(request, history_manager, pk_name, object_id)
        return visible(request.user, rows, self.view_right)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """What this row was, when, by whom and why; 404 unless the row itself may be seen."""
        self.get_object(request, object_id)
        return super().history_view(request, object_id, extra_context)

    def history_form_view(
        self, request: HttpRequest, object_id: str, version_id: str, extra_context: Any = None
    ) -> HttpResponse:
        """The row as it was then, read only."""
        if request.method not in ("GET", "HEAD"):
            raise PermissionDenied
        current = self.get_object(request, object_id)
        then = _uuid_or_404(version_id)
        if not visible(request.user, current.history.filter(pk=then), self.view_right).exists():  # type: ignore[attr-defined]
            raise Http404("Not found.")
        request.past = True  # type: ignore[attr-defined]
        here = {"opts": self.opts, **(extra_context or {})}  # the page is about the row, not about its history table
        return super().history_form_view(request, object_id, str(then), here)

    def get_readonly_fields(self, request: HttpRequest, obj: models.Model | None = None) -> Any:
        """Everything, on a page of the past."""
        declared = super().get_readonly_fields(request, obj)
        if not _past(request):
            return declared
        return [name for _, group in self.get_fieldsets(request, obj) for name in _flat(group["fields"])]

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """The past cannot be changed."""
        return not _past(request) and super().has_change_permission(request, obj)


class HistoryWindowAdmin(ScopedAdmin):
    """Look, do not touch: rows that the product writes, with their history."""

    change_right = ""


class ScopedInline(Scoped, admin.TabularInline):
    """Rows of a row, under the same rights as their parent; `formset` hands them to services."""

    formset: Any = FactFormSet
    extra = 0
    ended_by_removal = False

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Whoever may change the parent may add to it."""
        return self._may(request, self.change_right, obj)

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Where a service knows how to end such a row."""
        return self.ended_by_removal and self._may(request, self.change_right, obj)

    def get_formset(self, request: HttpRequest, obj: models.Model | None = None, **kwargs: Any) -> Any:
        """The formset, told who edits."""
        made: Any = super().get_formset(request, obj, **kwargs)
        made.user, made.right = request.user, self.change_right
        return made


class WindowInline(ScopedInline):
    """Rows of a row that are only looked at."""

    change_right = ""
    formset = forms.BaseInlineFormSet

    def get_formset(self, request: HttpRequest, obj: models.Model | None = None, **kwargs: Any) -> Any:
        """Django's formset; nothing of it is ever saved."""
        return admin.TabularInline.get_formset(self, request, obj, **kwargs)


class InForceFilter(admin.SimpleListFilter):
    """By dates: in force today, to come, over."""

    title = "dates"
    parameter_name = "in_force"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The three answers."""
        return [("now", "Today"), ("later", "Begins later"), ("over", "Over")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Rows by today's date (UTC)."""
        today = timezone.now().date()
        if self.value() == "now":
            return queryset.in_force_on(today)
        if self.value() == "later":
            return queryset.filter(valid_from__gt=today)
        if self.value() == "over":
            return queryset.filter(valid_until__lt=today)
        return queryset


def dates(row: Any) -> str:
    """'1 Jan 2026 – 31 Dec 2026', 'from 1 Jan 2026', 'until ...', 'always': the days that count."""
    begins, ends = row.valid_from, row.valid_until
    if begins and ends:
        return f"{_day(begins)} – {_day(ends)}"
    if begins or ends:
        return f"from {_day(begins)}" if begins else f"until {_day(ends)}"
    return "always"


def _day(day: Any) -> str:
    return f"{day.day}\u00a0{day:%b}\u00a0{day.year}"  # one date never breaks over two lines


def _past(request: HttpRequest) -> bool:
    return getattr(request, "past", False)


def _flat(fields: Any) -> list[str]:
    return [name for item in fields for name in (item if isinstance(item, (list, tuple)) else (item,))]


def _uuid_or_404(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise Http404("Not found.") from None
