"""A window on early warnings; they are acted on at the review desk."""

from django.contrib import admin

from conflicts.models import Signal
from partners.admin.scoped import WindowAdmin


@admin.register(Signal)
class SignalAdmin(WindowAdmin):
    """What was seen, its numbers, and what became of it."""

    list_display = ("sentence", "kind", "severity", "owner", "status", "found_at", "gone_at")
    list_filter = ("status", "kind", "severity", "owner")
    list_select_related = ("partner",)
    search_fields = ("partner__name", "=partner__external_id", "account__name", "sentence")
    search_help_text = "Partner, account or words of the sentence"
    ordering = ("-found_at", "-id")
    fieldsets = (
        (None, {"fields": ("sentence", "kind", "partner", "account", "product_line", "region")}),
        (
            "Numbers",
            {"fields": ("observed", "expected", "unit", "spread", "score", "threshold", "since", "until", "stake")},
        ),
        ("Triage", {"fields": ("severity", "owner", "policy")}),
        ("What became of it", {"fields": ("status", "outcome", "reason", "snoozed_until", "acted_by", "acted_at")}),
        ("When", {"fields": ("found_at", "seen_at", "gone_at")}),
    )
