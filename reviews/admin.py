"""Windows on decisions, notices and deliveries; and where outcomes are written to."""

import re
from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from partners.admin.forms import FactForm
from partners.admin.scoped import ScopedAdmin, WindowAdmin, WindowInline
from partners.models import Partner, Program
from partners.permissions import may
from partners.services import NotPossibleError, save_row
from reviews import sending
from reviews.desk.own_view import hidden_from
from reviews.models import (
    Approval,
    Attempt,
    Case,
    Decision,
    Notice,
    Outbox,
    OutboxStatus,
    Sending,
    SendingStatus,
    SendingTry,
    Target,
)
from reviews.writeback import outbox

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
_SENDING_TONES = {SendingStatus.DELIVERED: "good", SendingStatus.DEAD: "bad", SendingStatus.SENDING: "acc"}
_TONES = {OutboxStatus.DELIVERED: "good", OutboxStatus.DEAD: "bad", OutboxStatus.SENDING: "acc"}


def case_link(case: Case | None) -> SafeString | str:
    """The case's number, leading to its page on the desk."""
    if case is None:
        return "–"
    try:
        return format_html('<a href="{}">{}</a>', reverse("review:case", args=[case.pk]), case.ref)
    except NoReverseMatch:
        return case.ref


class TargetForm(FactForm):
    """The name becomes a file's name, so it is kept to harmless characters and to the program's own names."""

    def check(self) -> None:
        """No path, no file of another program."""
        name, program = self.cleaned_data.get("name", ""), self.program_id()
        if name and not _NAME.fullmatch(name):
            self.add_error("name", "Use small letters, digits, - and _, beginning with a letter or digit.")
        elif name and program and not name.startswith(f"{Program.objects.get(pk=program).code}-"):
            self.add_error("name", f"Begin the name with the program's code: {Program.objects.get(pk=program).code}-")


@admin.register(Target)
class TargetAdmin(ScopedAdmin):
    """Other systems that decided outcomes are written to; switched off, they get nothing new."""

    form = TargetForm
    list_display = ("name", "kind", "enabled")
    list_filter = ("enabled",)
    search_fields = ("name",)
    ordering = ("name", "id")
    fieldsets = ((None, {"fields": ("name", "kind", "enabled")}),)
    help_texts = {
        "name": "A file target writes a file of this name. Renaming it begins a new file.",
        "enabled": "Switched off, it gets no new outcomes; what waits already is still delivered.",
    }

    def record(self, form: Any, *, by: Any, at: datetime) -> None:
        """Keep where outcomes go."""
        save_row(form.instance, by=by, at=at, action="target.recorded", reason=form.cleaned_data["why"])


class AttemptInline(WindowInline):
    """Each try, and how it ended."""

    model = Attempt
    fields = ("number", "started_at", "ended_at", "result", "detail")
    readonly_fields = fields
    verbose_name_plural = "tries"

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """In their order."""
        return super().get_queryset(request).select_related("outbox__target").order_by("number")


class QueueWindow(WindowAdmin):
    """Rows that leave by themselves, to look at; what was given up can be sent again."""

    again_right = "change_rules"
    send_again: Any

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The page; its one button has a row tried again."""
        row: Any = self.get_object(request, object_id or "")
        able = may(request.user, self.again_right, row)
        if request.method != "POST":
            again = able and row.status == "dead"
            context = {"may_send_again": again, **(extra_context or {})}
            return super().changeform_view(request, object_id, form_url, context)
        if not able:
            messages.error(request, "Only people who may edit rules have something sent again.")
        else:
            try:
                self.send_again(row=row, by=request.user, at=timezone.now())
                messages.success(request, "It is sent again in a moment.")
            except NotPossibleError as error:
                messages.error(request, str(error))
        return redirect(request.path)


@admin.register(Outbox)
class OutboxAdmin(QueueWindow):
    """Writes to other systems: what waits, what was delivered, what needs a person."""

    send_again = staticmethod(outbox.send_again)
    inlines = (AttemptInline,)
    list_display = ("object_ref", "target", "state", "tries", "case_page", "created_at", "due_at", "delivered_at")
    list_filter = ("status", ("target", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("target", "case")
    search_fields = ("=object_ref", "=key")
    search_help_text = "Registration, or the key of a write"
    ordering = ("-created_at", "-id")
    fieldsets = (
        (None, {"fields": ("object_ref", "target", "state", "case_page", "registration")}),
        ("What is written", {"fields": ("preview_table",)}),
        ("Its way", {"fields": ("created_at", "due_at", "tries", "lease_until", "delivered_at", "key")}),
    )
    readonly_fields = ("state", "case_page", "preview_table")

    @admin.display(description="status", ordering="status")
    def state(self, row: Outbox) -> SafeString:
        """In words and colour."""
        tone = _TONES.get(OutboxStatus(row.status), "")
        return format_html('<span class="chip {}">{}</span>', tone, row.get_status_display())

    @admin.display(description="case")
    def case_page(self, row: Outbox) -> SafeString | str:
        """Where it was decided."""
        return case_link(row.case)

    @admin.display(description="field by field")
    def preview_table(self, row: Outbox) -> SafeString:
        """Each field before and after, as the decider saw it."""
        lines = format_html_join("", "<tr><th>{}</th><td>{}</td><td>{}</td></tr>", row.preview)
        return format_html(
            '<div class="table-wrap"><table class="table"><thead><tr><th scope="col">Field</th><th scope="col">Before</th>'
            '<th scope="col">After</th></tr></thead><tbody>{}</tbody></table></div>',
            lines,
        )


class SendingTryInline(WindowInline):
    """Each try, and how it ended."""

    model = SendingTry
    fields = ("number", "started_at", "ended_at", "result", "detail")
    readonly_fields = fields
    verbose_name_plural = "tries"

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """In their order."""
        return super().get_queryset(request).select_related("sending__partner").order_by("number")


@admin.register(Sending)
class SendingAdmin(QueueWindow):
    """Mails and webhook messages to partners: what waits, what left, what needs a person."""

    send_again = staticmethod(sending.send_again)
    inlines = (SendingTryInline,)
    list_display = ("created_at", "partner", "way", "state", "tries", "due_at", "delivered_at")
    list_filter = ("status", "way")
    list_select_related = ("partner",)
    search_fields = ("partner__name", "=id")
    search_help_text = "Partner, or the id in a Message-ID or webhook-id"
    ordering = ("-created_at", "-id")
    fieldsets = (
        (None, {"fields": ("partner", "way", "user", "state", "told")}),
        ("Its way", {"fields": ("created_at", "due_at", "tries", "lease_until", "delivered_at", "id")}),
    )
    readonly_fields = ("state", "told", "id")

    @admin.display(description="status", ordering="status")
    def state(self, row: Sending) -> SafeString:
        """In words and colour."""
        tone = _SENDING_TONES.get(SendingStatus(row.status), "")
        return format_html('<span class="chip {}">{}</span>', tone, row.get_status_display())

    @admin.display(description="what it tells")
    def told(self, row: Sending) -> SafeString | str:
        """The notices in it, each leading to its page."""
        rows = Notice.objects.filter(enclosures__sending=row).order_by("sent_at", "pk")
        links = [(reverse("admin:reviews_notice_change", args=[notice.pk]), notice.subject) for notice in rows]
        return format_html_join(", ", '<a href="{}">{}</a>', links) or "A test of the webhook"


@admin.register(Notice)
class NoticeAdmin(WindowAdmin):
    """What parties were told."""

    list_display = ("subject", "to", "kind", "registration", "sent_at", "read_at")
    list_filter = ("kind", "direct", ("read_at", admin.EmptyFieldListFilter))
    list_select_related = ("partner", "registration")
    search_fields = ("=registration__number", "=registration__external_id", "partner__name", "subject")
    search_help_text = "Registration, partner or subject"
    ordering = ("-sent_at", "-id")
    fieldsets = ((None, {"fields": ("to", "kind", "registration", "subject", "body", "sent_at", "read_at")}),)
    readonly_fields = ("to",)

    @admin.display(description="to", ordering="partner__name")
    def to(self, notice: Notice) -> str:
        """The partner, or the direct team."""
        return str(notice.partner or "Direct team")


class ApprovalInline(WindowInline):
    """Who stands behind the decision."""

    model = Approval
    fields = ("as_role", "approved_by", "approved_at")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """In their order."""
        return (
            super().get_queryset(request).select_related("approved_by", "decision__case").order_by("approved_at", "id")
        )

    @admin.display(description="as")
    def as_role(self, approval: Approval) -> str:
        """The role in words."""
        return _words(approval.role)


@admin.register(Decision)
class DecisionAdmin(WindowAdmin):
    """Decisions as they were made: never edited."""

    inlines = (ApprovalInline,)
    list_display = (
        "decided_at",
        "case_page",
        "action_words",
        "to",
        "is_override",
        "taken_back",
        "decided_by",
        "as_role",
    )
    list_filter = ("is_override", "reason_code")
    list_select_related = ("case", "owner", "decided_by", "taken_back")
    search_fields = ("owner__name",)
    search_help_text = "Case (CF-2041) or the partner it was awarded to"
    ordering = ("-decided_at", "-id")
    fieldsets = (
        (None, {"fields": ("case_page", "number", "action_words", "to", "division")}),
        (
            "By whom and why",
            {"fields": ("decided_by", "as_role", "decided_at", "is_override", "reason_code", "reason_text")},
        ),
        ("On what", {"fields": ("recommendation", "policy", "case_version", "snapshot_sha256")}),
    )
    readonly_fields = ("case_page", "action_words", "to", "as_role", "division")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Without those of cases that wait for the reader's own view."""
        return super().get_queryset(request).exclude(case__in=hidden_from(request.user))

    def get_search_results(self, request: HttpRequest, rows: QuerySet, term: str) -> tuple[QuerySet, bool]:
        """By case number, or by owner."""
        number = term.strip().upper().removeprefix("CF-")
        if number.isascii() and number.isdigit() and len(number) < 10:
            return rows.filter(case__number=int(number)), False
        return super().get_search_results(request, rows, term)

    @admin.display(description="case", ordering="case__number")
    def case_page(self, decision: Decision) -> SafeString | str:
        """Where it was decided."""
        return case_link(decision.case)

    @admin.display(description="taken back", boolean=True)
    def taken_back(self, decision: Decision) -> bool:
        """Whether it never left."""
        return decision.is_taken_back

    @admin.display(description="decision", ordering="action")
    def action_words(self, decision: Decision) -> str:
        """The action in words."""
        return _words(decision.action)

    @admin.display(description="as", ordering="decided_as")
    def as_role(self, decision: Decision) -> str:
        """The role in words."""
        return _words(decision.decided_as)

    @admin.display(description="owner")
    def to(self, decision: Decision) -> str:
        """Whom the deal went to."""
        return "Direct team" if decision.owner_direct else str(decision.owner or "–")

    @admin.display(description="shares and support")
    def division(self, decision: Decision) -> str:
        """Who shares the deal, who supports it, by name."""
        ids = [key for key in (*decision.shares, *decision.support) if key != "direct"]
        partners = Partner.objects.filter(program_id=decision.program_id, pk__in=ids)
        names = {"direct": "Direct team", **{str(partner.pk): partner.name for partner in partners}}
        lines = [f"{names.get(key, key)}: {share} %" for key, share in decision.shares.items()]
        return "\n".join([*lines, *(f"{names.get(key, key)}: support" for key in decision.support)]) or "none"


def _words(code: str) -> str:
    return code.replace("_", " ").replace(":", ": ").capitalize()
