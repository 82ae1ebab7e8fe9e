"""Windows on the record: who did what, and what came in."""

import json
import uuid
from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import CharField, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import Value
from django.db.models.functions import Coalesce, NullIf
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html

from channelconflict.models import AuditEvent, User
from partners.admin.scoped import WindowAdmin
from partners.models import ImportBatch


def name_of(column: str) -> Subquery:
    """The name of the person whose id stands in this column."""
    name = Coalesce(NullIf("display_name", Value("")), "username", output_field=CharField())
    return Subquery(User.objects.filter(pk=OuterRef(column)).annotate(shown=name).values("shown")[:1])


class SinceFilter(admin.SimpleListFilter):
    """By age, so that a long record is not counted."""

    title = "time"
    parameter_name = "since"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Day, week, month."""
        return [("1", "Last 24 hours"), ("7", "Last 7 days"), ("30", "Last 30 days")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Events since then."""
        days = self.value()
        return (
            queryset.filter(at__gte=timezone.now() - timedelta(days=int(days)))
            if days in ("1", "7", "30")
            else queryset
        )


@admin.register(AuditEvent)
class AuditEventAdmin(WindowAdmin):
    """The record of acts: linked by hashes, written once."""

    view_right = "read_audit"
    list_display = ("at", "actor", "action", "subject", "link", "short_hash")
    list_filter = (SinceFilter,)
    list_display_links = ("at",)
    search_fields = ("=action",)  # the search itself is below
    search_help_text = "Beginning of an act (territory.), a chain, or the id of a subject or person"
    ordering = ("-at", "-id")
    fieldsets = (
        (None, {"fields": ("at", "actor", "action", "subject")}),
        ("What was recorded", {"fields": ("facts", "kept_apart")}),
        ("Its link in the chain", {"fields": ("chain", "sequence", "previous_hash", "hash")}),
    )
    readonly_fields = ("actor", "subject", "facts", "kept_apart")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """With the actor's name, in the same query."""
        return super().get_queryset(request).annotate(actor_name=name_of("actor_id"))

    def get_search_results(self, request: HttpRequest, rows: QuerySet, term: str) -> tuple[QuerySet, bool]:
        """By act, chain or id."""
        text = term.replace("\x00", "").strip()
        if not text:
            return rows, False
        fits = Q(action__startswith=text) | Q(chain=text)
        try:
            key = uuid.UUID(text)
        except ValueError:
            return rows.filter(fits), False
        return rows.filter(fits | Q(subject_id=key) | Q(actor_id=key) | Q(chain=f"case:{key}")), False

    @admin.display(description="who", ordering="actor_id")
    def actor(self, event: Any) -> str:
        """A person, or the product itself."""
        return event.actor_name or ("somebody unknown" if event.actor_id else "the product")

    @admin.display(description="what")
    def subject(self, event: AuditEvent) -> str:
        """Kind and id of the row acted on."""
        return format_html("{} <small>{}</small>", event.subject_type, event.subject_id or "")

    @admin.display(description="link", ordering="sequence")
    def link(self, event: AuditEvent) -> str:
        """Which chain, short, and its place in it."""
        kind, _, rest = event.chain.partition(":")
        name = f"…{rest[-12:]}" if kind == "case" else rest[-10:]
        return format_html(
            '<span title="{}">{} {}</span> <small>link {}</small>', event.chain, kind, name, event.sequence
        )

    @admin.display(description="hash")
    def short_hash(self, event: AuditEvent) -> str:
        """Enough of the hash to compare by eye."""
        return format_html('<span class="mono" title="{}">{}</span>', event.hash, event.hash[:12])

    @admin.display(description="facts")
    def facts(self, event: AuditEvent) -> str:
        """The facts of the hashed text, one a line."""
        return "\n".join(f"{name}: {value}" for name, value in json.loads(event.body)["facts"].items()) or "none"

    @admin.display(description="kept apart")
    def kept_apart(self, event: AuditEvent) -> str:
        """Personal data: only their salted hashes are in the chain, so they can be erased."""
        return "\n".join(f"{name}: {_value(entry)}" for name, entry in event.private.items()) or "nothing"


def _value(entry: Any) -> Any:
    return entry.get("value", "erased") if isinstance(entry, dict) else entry


@admin.register(ImportBatch)
class ImportBatchAdmin(WindowAdmin):
    """Files that came in, and what became of their rows."""

    list_display = ("imported_at", "kind", "file_name", "who", "created", "updated", "unchanged", "rejected")
    search_fields = ("file_name", "=kind", "=sha256")
    search_help_text = "File name, kind of record, or the file's hash"
    ordering = ("-imported_at", "-id")
    fieldsets = (
        (None, {"fields": ("file_name", "kind", "imported_at", "who")}),
        ("What became of its rows", {"fields": ("created", "updated", "unchanged", "rejected")}),
        ("The file itself", {"fields": ("sha256",)}),
    )
    readonly_fields = ("who",)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """With the name of who brought it, in the same query."""
        return super().get_queryset(request).annotate(importer=name_of("imported_by_id"))

    @admin.display(description="brought by")
    def who(self, batch: Any) -> str:
        """A person, or the product itself."""
        return batch.importer or "the product"
