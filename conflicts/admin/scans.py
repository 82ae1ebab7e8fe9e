"""Looks through the stock for duplicates: begin one, see how far it is, cancel it."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from conflicts.duplicates import AUTO, STANDARD_THRESHOLD, cancel_scan, start_scan
from conflicts.models import DuplicateCluster, DuplicateScan, Engine
from partners.admin.scoped import WindowAdmin
from partners.models import Program
from partners.permissions import may, programs_of, visible
from partners.services import NotPossibleError

CHANGES = "change_rules"


class StartForm(forms.Form):
    """What to look through, and how."""

    program = forms.ModelChoiceField(Program.objects.none(), empty_label=None)
    of = forms.ChoiceField(choices=[("accounts", "Accounts"), ("partners", "Partners")], label="Look through")
    threshold = forms.FloatField(
        min_value=0.01, max_value=1, initial=STANDARD_THRESHOLD, label="From which probability",
        help_text="Two that are at least as probably one company are proposed. Lower finds more, and more that is wrong.",
        widget=forms.NumberInput(attrs={"step": "any"}),
    )  # fmt: skip
    engine = forms.ChoiceField(
        choices=[(AUTO, "Whichever is faster"), *Engine.choices], initial=AUTO,
        help_text="Splink is an extra that takes millions of accounts; the index needs nothing.",
    )  # fmt: skip

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = visible(user, Program.objects.order_by("code"), CHANGES)
        self.fields["program"].queryset = rows  # type: ignore[attr-defined]
        if len(programs_of(user, CHANGES)) == 1:
            self.fields["program"].initial = rows.first()


@admin.register(DuplicateScan)
class ScanAdmin(WindowAdmin):
    """Each look through the stock."""

    when_empty = ("Nobody has looked for duplicates yet", "A look runs in the background; its progress stands here.")
    list_display = ("what", "state", "progress", "found", "engine", "threshold", "started_at")
    list_display_links = ("what",)
    list_filter = ("of_partners",)
    ordering = ("-started_at", "-id")
    change_list_template = "admin/conflicts/duplicatescan/list.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """With the number of clusters that each found."""
        counted = DuplicateCluster.objects.filter(scan=OuterRef("pk")).order_by().values("scan")
        number = Coalesce(Subquery(counted.annotate(number=Count("pk")).values("number")), 0)
        return super().get_queryset(request).annotate(clusters_found=number)

    def get_urls(self) -> list[Any]:
        """And the page that begins one."""
        view = self.admin_site.admin_view(self.start_view)
        return [path("start/", view, name="conflicts_duplicatescan_start"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The list, and the button above it."""
        able = {"may_change": bool(programs_of(request.user, CHANGES))}
        return super().changelist_view(request, {**able, **(extra_context or {})})

    def start_view(self, request: HttpRequest) -> HttpResponse:
        """Begin a look through the stock; a worker does it."""
        form = StartForm(request.POST if request.method == "POST" else None, user=request.user)
        if request.method == "POST" and form.is_valid():
            try:
                return redirect("admin:conflicts_duplicatescan_change", self._start(request, form.cleaned_data).pk)
            except NotPossibleError as error:
                form.add_error(None, str(error))
        context = {
            **self.admin_site.each_context(request), "opts": self.opts, "title": "Look for duplicates", "form": form,
            "may_change": bool(programs_of(request.user, CHANGES)),
        }  # fmt: skip
        return TemplateResponse(request, "admin/conflicts/duplicatescan/start.html", context)

    def _start(self, request: HttpRequest, wanted: dict[str, Any]) -> DuplicateScan:
        by: Any = request.user
        return start_scan(
            program=wanted["program"], of_partners=wanted["of"] == "partners", threshold=wanted["threshold"],
            engine=wanted["engine"], by=by, at=timezone.now(),
        )  # fmt: skip

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """How far it is; the page comes again by itself until it is over."""
        scan: Any = self.get_object(request, object_id or "")
        if request.method == "POST":
            self._cancel(request, scan)
            return redirect("admin:conflicts_duplicatescan_change", scan.pk)
        context = {
            **self.admin_site.each_context(request), "opts": self.opts, "scan": scan, "title": self.what(scan),
            "share": _share(scan), "state": self.state(scan), "may_change": may(request.user, CHANGES, scan),
        }  # fmt: skip
        return TemplateResponse(request, "admin/conflicts/duplicatescan/page.html", context)

    def _cancel(self, request: HttpRequest, scan: DuplicateScan) -> None:
        by: Any = request.user
        if not may(by, CHANGES, scan):
            messages.error(request, "Only people who may edit accounts and partners cancel this.")
            return
        try:
            cancel_scan(scan=scan, by=by, at=timezone.now())
            messages.success(request, "Cancelled. What was proposed before stays.")
        except NotPossibleError as error:
            messages.error(request, str(error))

    @admin.display(description="what", ordering="of_partners")
    def what(self, scan: DuplicateScan) -> str:
        """Accounts or partners."""
        return "Partners" if scan.of_partners else "Accounts"

    @admin.display(description="status")
    def state(self, scan: DuplicateScan) -> SafeString:
        """In words and colour."""
        if scan.error:
            tone, text = "bad", "Failed"
        elif scan.cancelled_at:
            tone, text = "quiet", "Cancelled"
        else:
            tone, text = ("good", "Done") if scan.finished_at else ("acc", "Under way")
        return format_html('<span class="chip {}">{}</span>', tone, text)

    @admin.display(description="looked through")
    def progress(self, scan: DuplicateScan) -> str:
        """How many of how many."""
        return f"{scan.done:,} of {scan.total:,}"

    @admin.display(description="proposed")
    def found(self, scan: Any) -> int:
        """Clusters that it found."""
        return scan.clusters_found


def _share(scan: DuplicateScan) -> int:
    return 100 if scan.finished_at else min(99, scan.done * 100 // max(1, scan.total))
