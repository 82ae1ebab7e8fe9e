"""Windows on what reasoning keeps: conflicts, findings, colliding territories; and the editor of exceptions."""

from datetime import datetime
from functools import partial
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from channelconflict.models import User
from conflicts.admin.confirmed import NOT_AS_SHOWN, Confirmed
from conflicts.models import Claim, Conflict, Finding, TerritoryOverlap
from conflicts.overlaps import snooze_overlap, waiting_overlaps, wake_overlap
from conflicts.policy import STANDARD
from partners.admin.fields import CodeBoxes
from partners.admin.forms import VersionedForm
from partners.admin.scoped import HistoryWindowAdmin, InForceFilter, ScopedAdmin, WindowAdmin, WindowInline, dates
from partners.models import AccountException
from partners.services import record_exception

TITLES: dict[str, str] = {item["kind"]: item["title"] for item in STANDARD["findings"]}


class ExceptionForm(VersionedForm):
    """A dated, owned, reasoned record that lifts findings."""

    lifts = CodeBoxes(required=True, help_text="While the exception is in force, these do not count on this account.")
    product_lines = CodeBoxes(help_text="None ticked means all of them.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lifts = self.fields.get("lifts")
        if isinstance(lifts, CodeBoxes):
            lifts.offer(sorted(TITLES.items(), key=lambda item: item[1]), self.instance.lifts)
            lifts.error_messages["required"] = "Tick at least one finding that the exception lifts."

    def check(self) -> None:
        """Dates in order; one party at most."""
        self.check_dates()
        if self.cleaned_data.get("partner") and self.cleaned_data.get("direct"):
            self.add_error("partner", "Choose a partner or the direct team, not both; neither means everybody.")


@admin.register(AccountException)
class ExceptionAdmin(ScopedAdmin):
    """Exceptions, edited here because the findings they lift are named in this room."""

    form = ExceptionForm
    versioned = True
    list_display = ("reference", "account", "holds_for", "lifted", "in_force", "owner_email")
    list_filter = (InForceFilter, "family", "direct")
    list_select_related = ("account", "partner")
    search_fields = ("external_id", "=account__external_id", "account__name", "partner__name", "owner_email")
    search_help_text = "Reference, account, partner or owner"
    autocomplete_fields = ("account", "partner")
    ordering = ("external_id", "id")
    fieldsets = (
        (None, {"fields": ("external_id", "kind", "reason", "owner_email")}),
        ("For whom and on what", {"fields": ("account", "family", "partner", "direct", "product_lines")}),
        ("What it lifts", {"fields": ("lifts",)}),
        ("When", {"fields": (("valid_from", "valid_until"),)}),
    )
    labels = {"external_id": "Reference", "family": "The whole corporate family", "direct": "The direct team",
              "owner_email": "Owner's e-mail", "valid_from": "First day", "valid_until": "Last day"}  # fmt: skip
    help_texts = {
        "external_id": "Your own number for this exception; imports find it again by it.",
        "kind": "What sort of exception it is, in a word: grandfathered, pilot, legal ...",
        "reason": "Why it was granted, for those who decide and for the audit.",
        "owner_email": "Who answers for it and ends it when it is no longer needed.",
        "family": "Also every account with the same ultimate parent.",
        "partner": "Neither a partner nor the direct team means everybody.",
        "valid_until": "This day still counts. Empty: open.",
    }

    def record(self, form: Any, *, by: Any, at: datetime) -> None:
        """Through the service, which compares the version once more under a lock."""
        record_exception(
            exception=form.instance,
            by=by,
            at=at,
            seen_version=form.cleaned_data.get("seen_version"),
            reason=form.cleaned_data["why"],
        )

    @admin.display(description="holds for")
    def holds_for(self, exception: AccountException) -> str:
        """A partner, the direct team, or everybody."""
        return "Direct team" if exception.direct else str(exception.partner or "Everybody")

    @admin.display(description="lifts")
    def lifted(self, exception: AccountException) -> str:
        """The findings by their titles."""
        return ", ".join(TITLES.get(kind, kind) for kind in exception.lifts)

    @admin.display(description="in force", ordering="valid_from")
    def in_force(self, exception: AccountException) -> str:
        """The days that count."""
        return dates(exception)


class FindingInline(WindowInline):
    """What stands against the registrations of a conflict."""

    model = Finding
    fields = ("registration", "title", "blocking", "sentence", "found_at", "gone_at")
    readonly_fields = fields
    verbose_name_plural = "findings"

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Those that hold first."""
        return super().get_queryset(request).select_related("registration").order_by("gone_at", "found_at", "id")

    @admin.display(description="finding")
    def title(self, finding: Finding) -> str:
        """The kind in words."""
        return TITLES.get(finding.kind, finding.kind)


@admin.register(Conflict)
class ConflictAdmin(HistoryWindowAdmin):
    """Claim sets with something against them."""

    inlines = (FindingInline,)
    list_display = ("account", "status", "claim_count", "finding_count", "opened_at", "settled_at")
    list_filter = ("status",)
    list_select_related = ("account",)
    search_fields = ("account__name", "=account__external_id")
    search_help_text = "Account, by name or reference"
    ordering = ("-opened_at", "-id")
    fieldsets = ((None, {"fields": ("account", "status", "opened_at", "settled_at")}),)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """With the numbers of claims and of findings that hold."""
        holding = Finding.objects.filter(gone_at__isnull=True)
        return (
            super()
            .get_queryset(request)
            .annotate(claims_now=_number_of(Claim.objects.all()), findings_now=_number_of(holding))
        )

    @admin.display(description="claims")
    def claim_count(self, conflict: Any) -> int:
        """Claims that are part of it now."""
        return conflict.claims_now

    @admin.display(description="findings")
    def finding_count(self, conflict: Any) -> int:
        """Findings that hold now."""
        return conflict.findings_now


class KindFilter(admin.SimpleListFilter):
    """By kind, in words."""

    title = "finding"
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Every kind of the standard policy."""
        return sorted(TITLES.items(), key=lambda item: item[1])

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Findings of the kind."""
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.register(Finding)
class FindingAdmin(WindowAdmin):
    """Findings, each with its sentence and evidence."""

    list_display = ("title", "registration", "blocking", "sentence", "found_at", "gone_at")
    list_filter = (KindFilter, "blocking", ("gone_at", admin.EmptyFieldListFilter))
    list_select_related = ("registration",)
    search_fields = ("=registration__number", "=registration__external_id", "=against_ref")
    search_help_text = "Number of a registration, or what stands against it"
    ordering = ("-found_at", "-id")
    fieldsets = (
        (None, {"fields": ("title", "registration", "sentence", "blocking", "identity_confirmed")}),
        ("Against what", {"fields": ("against_kind", "against_ref", "evidence_shown")}),
        ("When, under which policy", {"fields": ("found_at", "gone_at", "policy", "conflict")}),
    )
    readonly_fields = ("title", "evidence_shown")

    @admin.display(description="finding", ordering="kind")
    def title(self, finding: Finding) -> str:
        """The kind in words."""
        return TITLES.get(finding.kind, finding.kind)

    @admin.display(description="evidence")
    def evidence_shown(self, finding: Finding) -> SafeString | str:
        """Each piece on its own line."""
        pieces = finding.evidence if isinstance(finding.evidence, list) else [finding.evidence]
        lines = ((_piece(piece),) for piece in pieces)
        return format_html_join("\n", "{}", lines) or "none"


class WaitForm(forms.Form):
    """Until which day colliding rules are left alone, and why."""

    until = forms.DateField(
        label="Until",
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={
            "required": "Choose the day on which it comes back.",
            "invalid": "Write the day as 2026-12-31.",
        },
    )
    reason = forms.CharField(
        label="Why it can wait",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Say in a sentence why it can wait."},
    )


class StandingFilter(admin.SimpleListFilter):
    """By whether the rules still collide, and whether somebody let them wait."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """To look at, asleep, or mended."""
        return [("open", "To look at"), ("asleep", "Asleep"), ("mended", "Mended")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """What stands has no end yet; what sleeps has a day ahead."""
        today = timezone.now().date()
        states = {
            "open": queryset.filter(pk__in=waiting_overlaps(today).values("pk")),
            "asleep": queryset.filter(gone_at__isnull=True, snoozed_until__gt=today),
            "mended": queryset.filter(gone_at__isnull=False),
        }
        return states.get(self.value() or "", queryset)


@admin.register(TerritoryOverlap)
class TerritoryOverlapAdmin(Confirmed, WindowAdmin):
    """Territory rules that collide: work for sales operations."""

    list_display = ("sentence", "first", "second", "state", "found_at")
    when_empty = (
        "No rules collide",
        "Rules that cover the same ground for different owners stand here until one is changed.",
    )
    list_filter = (StandingFilter,)
    list_select_related = ("first", "second", "snoozed_by")
    search_fields = ("first__name", "second__name", "=first__external_id", "=second__external_id")
    search_help_text = "Territory, by name or reference"
    ordering = ("-found_at", "-id")
    fieldsets = ((None, {"fields": ("sentence", "first", "second", "state", "found_at", "gone_at")}),)
    readonly_fields = ("state",)

    def get_urls(self) -> list[Any]:
        """With the page on which it is left to wait."""
        view = self.admin_site.admin_view(self.snooze_view)
        return [path("<path:object_id>/snooze/", view, name="conflicts_territoryoverlap_snooze"), *super().get_urls()]

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """With the buttons, for those who may change rules, as long as the rules collide."""
        overlap = kwargs.get("obj")
        may = overlap is not None and overlap.gone_at is None and self._may(request, "change_rules", overlap)
        return super().render_change_form(request, {**context, "may_wait": may}, *args, **kwargs)

    def snooze_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Let it wait until a day, or wake it."""
        overlap, refused, waking = self.row_to_change(request, object_id), "", "wake" in request.POST
        form = WaitForm(request.POST if request.method == "POST" and not waking else None)
        if waking or form.is_valid():
            act = wake_overlap if waking else partial(snooze_overlap, **form.cleaned_data)
            by, at = cast(User, request.user), timezone.now()
            done, refused = self.attempt(request, lambda: act(overlap=overlap, by=by, at=at))
            if done:
                messages.success(request, "It is in the list again." if waking else "It waits until then.")
                return redirect("admin:conflicts_territoryoverlap_change", overlap.pk)
        status = NOT_AS_SHOWN if refused else 200
        return self.page(request, "wait", overlap, "Let it wait", status, form=form, refused=refused)

    @admin.display(description="state", ordering="snoozed_until")
    def state(self, overlap: TerritoryOverlap) -> SafeString:
        """To look at; asleep until when, by whom and why; or mended."""
        if overlap.gone_at:
            return format_html('<span class="chip good">mended</span><small>{}</small>', f"{overlap.gone_at:%-d %b %Y}")
        if overlap.snoozed_until and overlap.snoozed_until > timezone.now().date():
            return format_html(
                '<span class="chip">asleep until {}</span><small>by {}: {}</small>',
                f"{overlap.snoozed_until:%-d %b %Y}", overlap.snoozed_by, overlap.snooze_reason,
            )  # fmt: skip
        return format_html('<span class="chip warn">{}</span>', "to look at")


def _number_of(rows: QuerySet) -> Coalesce:
    # A sub-select is counted for the rows of the page only; a join would count the whole table first.
    counted = rows.filter(conflict=OuterRef("pk")).order_by().values("conflict").annotate(number=Count("pk"))
    return Coalesce(Subquery(counted.values("number")), 0)


def _words(code: str) -> str:
    return code.replace("_", " ")


def _piece(piece: Any) -> str:
    if not isinstance(piece, dict):
        return str(piece)
    return ", ".join(f"{_words(str(name))}: {value}" for name, value in piece.items() if value not in (None, "", []))
