"""Agreements: what a partner may sell, until when, with how much discount."""

from datetime import datetime
from typing import Any

from django.contrib import admin

from partners.admin.fields import CodeBoxes
from partners.admin.forms import VersionedForm
from partners.admin.scoped import InForceFilter, ScopedAdmin, dates
from partners.models import Agreement
from partners.services import record_agreement


class AgreementForm(VersionedForm):
    """A paper with a partner."""

    product_lines = CodeBoxes(help_text="None ticked means all of them.")

    def check(self) -> None:
        """Dates in order, a discount that is a percentage."""
        self.check_dates()
        discount = self.cleaned_data.get("max_discount_pct")
        if discount is not None and not 0 <= discount <= 100:
            self.add_error("max_discount_pct", "A discount is a percentage between 0 and 100.")


@admin.register(Agreement)
class AgreementAdmin(ScopedAdmin):
    """Agreements with partners."""

    form = AgreementForm
    versioned = True
    list_display = ("reference", "partner", "status", "lines", "exclusive", "discount", "in_force")
    list_filter = ("status", InForceFilter, "exclusive")
    list_select_related = ("partner",)
    search_fields = ("external_id", "partner__name", "=partner__external_id")
    search_help_text = "Reference, or the partner's name"
    autocomplete_fields = ("partner",)
    ordering = ("external_id", "id")
    fieldsets = (
        (None, {"fields": ("partner", "external_id", "status")}),
        ("What it covers", {"fields": ("product_lines", "exclusive", "max_discount_pct")}),
        ("When", {"fields": (("valid_from", "valid_until"),)}),
    )
    labels = {"external_id": "Reference", "max_discount_pct": "Highest discount in %", "valid_from": "First day",
              "valid_until": "Last day"}  # fmt: skip
    help_texts = {
        "external_id": "Your own number for this agreement; imports find it again by it.",
        "valid_until": "This day still counts. Empty: open.",
        "max_discount_pct": "Empty: the limit of the partner's tier.",
        "exclusive": "The partner alone may sell these product lines.",
    }

    def record(self, form: Any, *, by: Any, at: datetime) -> None:
        """Through the service, which compares the version once more under a lock."""
        record_agreement(
            agreement=form.instance,
            by=by,
            at=at,
            seen_version=form.cleaned_data.get("seen_version"),
            reason=form.cleaned_data["why"],
        )

    @admin.display(description="product lines")
    def lines(self, agreement: Agreement) -> str:
        """The codes, or all."""
        return ", ".join(agreement.product_lines) or "all"

    @admin.display(description="discount", ordering="max_discount_pct")
    def discount(self, agreement: Agreement) -> str:
        """The highest discount, where the agreement sets one."""
        limit = agreement.max_discount_pct
        return f"up to {limit.normalize():f} %" if limit is not None else "–"

    @admin.display(description="in force", ordering="valid_from")
    def in_force(self, agreement: Agreement) -> str:
        """The days that count."""
        return dates(agreement)
