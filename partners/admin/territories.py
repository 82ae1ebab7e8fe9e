"""Territory rules: what they cover, who works them, when and how they rank. Lists and forms; written as drafts."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Prefetch, Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join

from partners.admin.fields import CodeBoxes, ListField, country, industry, postal_prefix, subdivision
from partners.admin.forms import DirectOrPartnerForm, VersionedForm, check_accounts_exist
from partners.admin.scoped import InForceFilter, ScopedAdmin, ScopedInline, dates
from partners.models import OwnershipRole, Territory, TerritoryAssignment
from partners.permissions import visible

SHOWN = 4  # entries of a list that a row of the change list spells out


class TerritoryForm(VersionedForm):
    """A rule of coverage; a dimension left empty covers everything."""

    countries = ListField(each=country, longest=2, help_text="Codes or names, as in DE, FR or Germany.")
    subdivisions = ListField(
        each=subdivision, longest=6, label="States and provinces", help_text="ISO 3166-2 codes, as in US-TX, CA-ON."
    )
    postal_prefixes = ListField(
        each=postal_prefix, longest=20, label="Postal codes beginning with", help_text="As in 77, 80331, SW1."
    )
    industries = ListField(
        each=industry, label="Industries beginning with", help_text="Industry codes; 325 covers 3254 and 32541 too."
    )
    product_lines = CodeBoxes(help_text="None ticked means all of them.")
    named_accounts = ListField(
        longest=200, lines_only=True, rows=3, label="Only these accounts", help_text="Account references, one a line."
    )
    excluded_accounts = ListField(
        longest=200, lines_only=True, rows=3, label="Never these accounts", help_text="Account references, one a line."
    )

    def check(self) -> None:
        """Ranges in order; every account named is known and not excluded at the same time."""
        self.check_dates()
        self.check_in_order("employees_min", "employees_max", "The upper number of employees lies below the lower one.")
        for name in ("named_accounts", "excluded_accounts"):
            added = set(self.cleaned_data.get(name) or []) - set(getattr(self.instance, name))
            try:
                check_accounts_exist(self.program_id(), sorted(added))
            except ValidationError as error:
                self.add_error(name, error)
        both = set(self.cleaned_data.get("named_accounts") or []) & set(
            self.cleaned_data.get("excluded_accounts") or []
        )
        if both:
            self.add_error("excluded_accounts", f"{', '.join(sorted(both))}: an account is either covered or excluded.")


class AssignmentInline(ScopedInline):
    """Partners, or the direct team, and their role."""

    model = TerritoryAssignment
    form = DirectOrPartnerForm
    fields = ("partner", "direct", "role")
    autocomplete_fields = ("partner",)
    verbose_name = "assignment"
    verbose_name_plural = "who works it"
    extra = 1
    labels = {"direct": "Direct team"}
    ended_by_removal = True

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """With the partner's name, in one query."""
        return super().get_queryset(request).select_related("partner", "territory").order_by("role", "id")

    def get_extra(self, request: HttpRequest, obj: Territory | None = None, **kwargs: Any) -> int:
        """An empty row to begin with, on a new territory only."""
        return 0 if obj else self.extra


class WorkedByFilter(admin.SimpleListFilter):
    """By who owns the territory."""

    title = "who works it"
    parameter_name = "worked_by"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Partners, the direct team, nobody."""
        return [("partner", "A partner"), ("direct", "The direct team"), ("nobody", "Nobody")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Territories by their assignments."""
        mine = visible(request.user, TerritoryAssignment.objects.all())
        if self.value() in ("partner", "direct"):
            mine = mine.filter(direct=self.value() == "direct")
            return queryset.filter(pk__in=mine.values("territory_id"))
        return queryset.exclude(pk__in=mine.values("territory_id")) if self.value() == "nobody" else queryset


class TerritoryAdmin(ScopedAdmin):
    """Territory rules. How they are written is the editor's (conflicts.admin.territories), which drafts changes."""

    form = TerritoryForm
    versioned = True
    inlines = (AssignmentInline,)
    list_display = ("name", "reference", "covers", "worked_by", "exclusive", "priority", "in_force")
    list_filter = (InForceFilter, "exclusive", WorkedByFilter)
    search_fields = ("name", "external_id")
    search_help_text = "Name, reference, country code (DE), state (US-TX) or account reference"
    ordering = ("name", "id")
    fieldsets = (
        (None, {"fields": ("name", "external_id")}),
        (
            "What it covers",
            {
                "description": "A line left empty covers all of it.",
                "fields": (
                    "countries", "subdivisions", "postal_prefixes", "industries", ("employees_min", "employees_max"),
                    "product_lines", "named_accounts", "excluded_accounts",
                ),
            },
        ),
        ("When and how it ranks", {"fields": (("valid_from", "valid_until"), "exclusive", "priority")}),
    )  # fmt: skip
    labels = {"external_id": "Reference", "valid_from": "First day", "valid_until": "Last day",
              "employees_min": "Employees, from", "employees_max": "Employees, to"}  # fmt: skip
    help_texts = {
        "external_id": "Your own number for this rule; imports find it again by it.",
        "valid_until": "This day still counts. Empty: open.",
        "exclusive": "Nobody but those who work it may register deals in here.",
        "priority": "Where rules overlap, the higher number leads.",
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """With who works each, in one more query for the whole page."""
        assigned = (
            visible(request.user, TerritoryAssignment.objects.all()).select_related("partner").order_by("role", "id")
        )
        return super().get_queryset(request).prefetch_related(Prefetch("assignments", assigned, to_attr="assigned"))

    def get_search_results(self, request: HttpRequest, rows: QuerySet, term: str) -> tuple[QuerySet, bool]:
        """By name or reference, and by a code that the rule lists."""
        found, duplicates = super().get_search_results(request, rows, term)
        code = term.replace("\x00", "").strip()
        if not code:
            return found, duplicates
        listed = Q(countries__contains=[code.upper()]) | Q(subdivisions__contains=[code.upper()])
        listed |= Q(named_accounts__contains=[code]) | Q(excluded_accounts__contains=[code])
        return found | rows.filter(listed), duplicates

    @admin.display(description="covers")
    def covers(self, territory: Territory) -> str:
        """The dimensions that are set, short."""
        parts = [
            _some(territory.countries),
            _some(territory.subdivisions),
            _some(territory.postal_prefixes, "postal codes "),
            _some(territory.industries, "industries "),
            _employees(territory),
            _some(territory.product_lines),
            _counted(territory.named_accounts, "named account"),
            _counted(territory.excluded_accounts, "account", " excluded"),
        ]
        return " · ".join(part for part in parts if part) or "everything"

    @admin.display(description="who works it")
    def worked_by(self, territory: Any) -> str:
        """Owners by name, supporters marked."""
        if not territory.assigned:
            return format_html('<span class="muted">{}</span>', "nobody")
        lines = ((_who(row),) for row in territory.assigned[:SHOWN])
        more = len(territory.assigned) - SHOWN
        return format_html("{}{}", format_html_join(", ", "{}", lines), f" and {more} more" if more > 0 else "")

    @admin.display(description="in force", ordering="valid_from")
    def in_force(self, territory: Territory) -> str:
        """The days that count."""
        return dates(territory)


def _who(row: TerritoryAssignment) -> str:
    name = "Direct team" if row.direct else str(row.partner)
    return f"{name} (support)" if row.role == OwnershipRole.SUPPORT else name


def _some(values: list[str], what: str = "") -> str:
    if not values:
        return ""
    more = f" +{len(values) - SHOWN}" if len(values) > SHOWN else ""
    return what + ", ".join(values[:SHOWN]) + more


def _counted(values: list[str], what: str, after: str = "") -> str:
    return f"{len(values)} {what}{'s' if len(values) > 1 else ''}{after}" if values else ""


def _employees(territory: Territory) -> str:
    low, high = territory.employees_min, territory.employees_max
    if low is not None and high is not None:
        return f"{low:,}–{high:,} employees"
    if low is not None:
        return f"{low:,} employees or more"
    return f"up to {high:,} employees" if high is not None else ""
