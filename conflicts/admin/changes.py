"""What people said about who is who: the list of merges and splits, what each moved, and the way back."""

from typing import Any, cast

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from channelconflict.models import User
from conflicts.admin.confirmed import NOT_AS_SHOWN, Confirmed, looked_at_again
from conflicts.as_shown import undo_as_shown
from conflicts.holdings import OF_ACCOUNTS, in_words
from conflicts.moves import undoing
from conflicts.wording import listing
from partners.admin.records import name_of
from partners.admin.scoped import WindowAdmin
from partners.models import ChangeKind, IdentityChange

# What a change may have moved, and one of each.
MOVED = {
    "accounts": "account", "names": "name", "registrations": "registration", "ownerships": "ownership",
    "opportunities": "opportunity", "quotes": "quote", "exceptions": "exception", "protections": "protection",
}  # fmt: skip


class WhatFilter(admin.SimpleListFilter):
    """By what was done to what."""

    title = "kind"
    parameter_name = "what"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The three kinds."""
        return [("accounts", "Merges of accounts"), ("partners", "Merges of partners"), ("split", "Splits")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Changes of that kind."""
        if self.value() == "split":
            return queryset.filter(kind=ChangeKind.SPLIT)
        if self.value() in ("accounts", "partners"):
            return queryset.filter(kind=ChangeKind.MERGE, of_partners=self.value() == "partners")
        return queryset


class StandsFilter(admin.SimpleListFilter):
    """By whether it was taken back."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Stands, undone."""
        return [("stands", "Stands"), ("undone", "Undone")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """By the moment of undoing."""
        if self.value() in ("stands", "undone"):
            return queryset.filter(undone_at__isnull=self.value() == "stands")
        return queryset


@admin.register(IdentityChange)
class IdentityChangeAdmin(Confirmed, WindowAdmin):
    """What people said about who is who: only for those who may say it."""

    view_right = "change_rules"
    when_empty = (
        "Nothing was merged or split",
        "Merging begins on an account's or a partner's page; whatever is done can be undone here.",
    )
    list_display = ("made_at", "sides", "reason", "moved_counted", "followed")
    list_filter = (WhatFilter, StandsFilter)
    search_fields = ("subject_name", "target_name", "reason")
    search_help_text = "Name of a side, or a word of the reason"
    ordering = ("-made_at", "-id")
    fieldsets = (
        (None, {"fields": ("sentence", "made_at", "who", "reason")}),
        ("What moved", {"fields": ("moved_named",)}),
        ("What followed", {"fields": ("looked_at", "state")}),
    )
    readonly_fields = ("sentence", "who", "moved_named", "looked_at", "state")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """With the names of who did it and who undid it, in the same query."""
        return super().get_queryset(request).annotate(maker=name_of("made_by_id"), undoer=name_of("undone_by_id"))

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The list; for those who may not say who is who it is not there."""
        if not self.has_module_permission(request):
            raise Http404("Not found.")
        return super().changelist_view(request, extra_context)

    def get_urls(self) -> list[Any]:
        """With the page that undoes."""
        view = self.admin_site.admin_view(self.undo_view)
        return [path("<path:object_id>/undo/", view, name="partners_identitychange_undo"), *super().get_urls()]

    def undo_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """See what would go back where, and confirm it."""
        change, refused = self.row_to_change(request, object_id), ""
        if request.method == "POST":
            by, seen = cast(User, request.user), request.POST.get("seen", "")
            undone, refused = self.attempt(
                request, lambda: undo_as_shown(change=change, seen=seen, by=by, at=timezone.now())
            )
            if undone:
                messages.success(request, f"Undone. {looked_at_again(undone).capitalize()}.")
                return redirect("admin:partners_identitychange_change", change.pk)
        preview, title = undoing(change), f"Undo the {change.get_kind_display().lower()}"
        return self.page(
            request, "undo", change, title, NOT_AS_SHOWN if refused else 200,
            preview=preview, refused=refused or preview.refusal, sentence=self.sentence(change),
        )  # fmt: skip

    @admin.display(description="who is who", ordering="subject_name")
    def sides(self, change: Any) -> SafeString:
        """Both sides, what kind of change it was, and who made it."""
        sign = "counts as" if change.kind == ChangeKind.MERGE else "gave away"
        kind = f"{change.get_kind_display()} of {'partners' if change.of_partners else 'accounts'}"
        return format_html(
            '<b>{}</b> <span class="muted">{}</span> <b>{}</b><small>{}, by {}</small>',
            change.subject_name, sign, change.target_name, kind, self.who(change),
        )  # fmt: skip

    @admin.display(description="what followed", ordering="undone_at")
    def followed(self, change: Any) -> SafeString:
        """Whether it stands, and whether the conflicts were looked at again."""
        if change.undone_at is None:
            return format_html('<span class="chip good">stands</span><small>{}</small>', self.looked_at(change))
        by = f"by {change.undoer or 'the product'}, {change.undone_at:%-d %b %Y}"
        return format_html(
            '<span class="chip">undone</span><small>{}</small><small>{}</small>', by, self.looked_at(change)
        )

    @admin.display(description="what was said")
    def sentence(self, change: IdentityChange) -> SafeString:
        """What this change says, with links to both sides."""
        one, other = (self._link(change, side) for side in ("subject", "target"))
        if change.kind == ChangeKind.MERGE:
            return format_html("{} counts as {}", one, other)
        return format_html("{} is another company than {}", other, one)

    def _link(self, change: IdentityChange, side: str) -> SafeString:
        model = "partner" if change.of_partners else "account"
        url = reverse(f"admin:partners_{model}_change", args=[getattr(change, f"{side}_id")])
        return format_html('<a href="{}">{}</a>', url, getattr(change, f"{side}_name"))

    @admin.display(description="who", ordering="made_by_id")
    def who(self, change: Any) -> str:
        """Who said it."""
        return change.maker or "the product"

    @admin.display(description="what moved")
    def moved_counted(self, change: IdentityChange) -> str:
        """How many of each kind."""
        counts = {kind: len(change.moved.get(kind, [])) for kind in MOVED}
        words = [f"{n} {kind if n != 1 else MOVED[kind]}" for kind, n in counts.items() if n]
        return ", ".join(words) or "–"

    @admin.display(description="by name")
    def moved_named(self, change: IdentityChange) -> SafeString | str:
        """Everything that moved, as it reads now."""
        groups = [(kind.label, _named(change, name)) for name, kind in OF_ACCOUNTS.items() if name in MOVED]
        lines = ((label, listing(texts)) for label, texts in groups if texts)
        told = format_html_join("\n", "{}: {}", lines)
        if change.kind == ChangeKind.SPLIT:
            return told or "nothing"
        rest = f"Nothing was copied: what stands on {change.subject_name} counts for {change.target_name}."
        return format_html("{}{}{}", told, "\n" if told else "", rest)

    @admin.display(description="state", ordering="undone_at")
    def state(self, change: Any) -> SafeString:
        """Stands, or undone by whom and when."""
        if change.undone_at is None:
            return format_html('<span class="chip good">{}</span>', "stands")
        by = f"undone by {change.undoer or 'the product'}, {change.undone_at:%-d %b %Y, %H:%M} UTC"
        return format_html('<span class="chip">{}</span>', by)

    @admin.display(description="conflicts", ordering="examined_at")
    def looked_at(self, change: IdentityChange) -> str:
        """Whether what it concerns was looked at again."""
        if change.examined_at is None:
            return "being looked at again"
        return f"looked at again {change.examined_at:%-d %b %Y, %H:%M} UTC"


def _named(change: IdentityChange, kind: str) -> list[str]:
    """What moved of a kind; names are kept as they were."""
    moved = change.moved.get(kind, [])
    return moved if kind == "names" or not moved else in_words(OF_ACCOUNTS[kind], moved)
