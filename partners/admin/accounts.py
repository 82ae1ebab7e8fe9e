"""Accounts, the names they are known by, and who owns or supports them."""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html

from partners.admin.fields import CountryField, ListField, subdivision
from partners.admin.forms import DirectOrPartnerForm, FactForm, FactFormSet
from partners.admin.partner import clean_domain
from partners.admin.scoped import ScopedAdmin, ScopedInline, WindowInline
from partners.models import Account, AccountName, Ownership
from partners.naming import name_key, registered_domain
from partners.permissions import visible
from partners.places import place_name
from partners.services import record_account, save_row

FAMILY = 50  # generations that are followed before a family counts as endless


class AccountForm(FactForm):
    """An end customer."""

    country = CountryField()
    also_known_as = ListField(
        longest=500, lines_only=True, label="Add names", help_text="Further names and spellings, one a line."
    )

    def clean_domain(self) -> str:
        """The registered domain of what was typed."""
        return clean_domain(self.cleaned_data["domain"])

    def clean_subdivision(self) -> str:
        """The state's code, which lies in the country."""
        typed = self.cleaned_data["subdivision"]
        code, home = subdivision(typed) if typed else "", self.cleaned_data.get("country")
        if code and home and code[:2] != home:
            self.add_error("subdivision", f"{code} does not lie in {home}.")
        return code

    def check(self) -> None:
        """No account is its own parent, not even by way of others; a name that means something."""
        if self.cleaned_data.get("name") and not name_key(self.cleaned_data["name"]):
            self.add_error("name", "A name needs letters or digits.")
        above, steps = self.cleaned_data.get("parent"), 0
        while above is not None and steps < FAMILY:
            if above.pk == self.instance.pk:
                self.add_error("parent", "This account would be its own ancestor: the parent chosen belongs to it.")
                return
            above, steps = above.parent, steps + 1


class OwnershipForm(DirectOrPartnerForm):
    """Who owns or supports the account, for which product lines, in which period."""

    product_lines = ListField(rows=1, help_text="Codes, separated by commas. Empty: all.")

    def clean(self) -> dict[str, Any]:
        """One of partner and direct, known product lines, dates in order, a share that is a percentage."""
        cleaned = super().clean()
        self.check_lines()
        self.check_dates()
        share = cleaned.get("share_pct")
        if share is not None and not 0 < share <= 100:
            self.add_error("share_pct", "A share is a percentage above 0, at most 100.")
        return cleaned


class OwnershipFormSet(FactFormSet):
    """Ownerships end by their last day; none is removed."""

    def record_row(self, row: Ownership, *, by: Any, at: datetime, why: str) -> None:
        """Keep who owns or supports the account."""
        save_row(row, by=by, at=at, action="ownership.recorded", reason=why)


class OwnershipInline(ScopedInline):
    """Who owns or supports the account."""

    model = Ownership
    form = OwnershipForm
    formset = OwnershipFormSet
    fields = ("partner", "direct", "role", "product_lines", "valid_from", "valid_until", "share_pct")
    autocomplete_fields = ("partner",)
    verbose_name_plural = "who owns or supports it"
    labels = {"direct": "Direct team", "valid_from": "First day", "valid_until": "Last day", "share_pct": "Share in %"}

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """With the partner's name, in one query."""
        return super().get_queryset(request).select_related("partner", "account").order_by("role", "id")


class NameInline(WindowInline):
    """The names it is known by."""

    model = AccountName
    fields = ("name",)
    readonly_fields = ("name",)
    verbose_name_plural = "names it is known by"

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """In the order of the alphabet."""
        return super().get_queryset(request).order_by("name", "id")


class AccountAdmin(ScopedAdmin):
    """Accounts (on the site by conflicts.admin.identity, which knows what a merge or a split would do)."""

    form = AccountForm
    inlines = (NameInline, OwnershipInline)
    list_display = ("name", "reference", "place", "domain", "industry", "segment", "belongs_to")
    list_filter = ("segment",)
    list_select_related = ("parent", "merged_into")
    search_fields = ("=external_id",)  # the search itself is below: by any name, whatever its spelling
    search_help_text = "Any name or spelling, reference, domain or LEI"
    autocomplete_fields = ("parent",)
    ordering = ("name", "id")
    fieldsets = (
        (None, {"fields": ("name", "external_id", "segment", ("parent", "unit"), "also_known_as")}),
        ("Where it is", {"fields": ("country", "subdivision", ("postal_code", "city"), "domain", "phone")}),
        ("What it is", {"fields": ("industry", ("employees", "annual_revenue"), "lei", "vat_id", "duns")}),
    )
    labels = {"external_id": "Reference", "subdivision": "State or province", "lei": "LEI", "vat_id": "VAT number",
              "duns": "D-U-N-S number", "parent": "Belongs to", "unit": "As its"}  # fmt: skip
    help_texts = {
        "external_id": "Its number in your CRM; imports and territory rules name it by it.",
        "subdivision": "ISO 3166-2 code, as in US-TX.",
        "domain": "The domain of its website or mail, as in example.com.",
        "segment": "Strategic, house and named accounts are reserved for the direct team.",
        "parent": "The parent company. Accounts of one ultimate parent are a family.",
        "unit": "A branch is the same legal entity in another place, a subsidiary one of its own.",
        "industry": "Industry code, as in 325.",
    }

    def record(self, form: Any, *, by: Any, at: datetime) -> None:
        """Through the service, which keeps the names in step."""
        record_account(
            account=form.instance,
            by=by,
            at=at,
            aliases=tuple(form.cleaned_data["also_known_as"]),
            reason=form.cleaned_data["why"],
        )

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Without the box for further names where nothing can be changed."""
        groups = super().get_fieldsets(request, obj)
        if self.has_change_permission(request, obj) if obj else self.has_add_permission(request):
            return groups
        (title, first), *others = groups
        return [(title, {**first, "fields": tuple(f for f in first["fields"] if f != "also_known_as")}), *others]

    def get_search_results(self, request: HttpRequest, rows: QuerySet, term: str) -> tuple[QuerySet, bool]:
        """By a name that it is known by in any spelling, or by an identifier."""
        text = term.replace("\x00", "").strip()
        if not text:
            return rows, False
        fits = Q(external_id=text) | Q(lei=text.upper())
        if domain := registered_domain(text):
            fits |= Q(domain=domain)
        if key := name_key(text):
            names = visible(request.user, AccountName.objects.filter(key__contains=key), self.view_right)
            fits |= Q(pk__in=names.values("account_id"))
        return rows.filter(fits), False

    def choice_label(self, account: Account) -> str:
        """How a search-as-you-type field tells accounts of one name apart."""
        where = ", ".join(part for part in (account.city, account.subdivision or account.country) if part)
        merged = "merged" if account.merged_into_id else ""
        return " · ".join(part for part in (account.name, where, account.external_id, merged) if part)

    @admin.display(description="belongs to", ordering="parent")
    def belongs_to(self, account: Account) -> str:
        """Its parent, or the account that it counts as."""
        if account.merged_into:
            return format_html('<span class="muted">counts as</span> {}', account.merged_into)
        return str(account.parent or "–")

    @admin.display(description="place", ordering="country")
    def place(self, account: Account) -> str:
        """City and country."""
        return ", ".join(part for part in (account.city, place_name(account.country, account.subdivision)) if part)
