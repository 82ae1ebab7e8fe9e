"""Policy versions: the list, one version in words, its checks, differences and back-test, and the buttons of its life."""

import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from channelconflict.models import User
from conflicts import policies
from conflicts.admin.policy_editor import PolicyEditing, address_of
from conflicts.admin.trials import state_of
from conflicts.backtest import Trial
from conflicts.models import PolicyStatus, PolicyTrial, PolicyVersion, TrialKind
from conflicts.policies import ACTS, RIGHT, UnreadablePolicyError, why_not
from conflicts.policy.editing import SECTIONS
from conflicts.policy.files import LARGEST, BadFileError, from_text, to_text
from conflicts.policy.readable import for_staff, summary_of
from conflicts.policy_review import key_of, review_of
from conflicts.trials import of_version, start_trial
from partners.admin.scoped import REFUSED, HistoryWindowAdmin, sentence_of
from partners.models import Program
from partners.permissions import get_or_404, may, visible
from partners.services import NotPossibleError

S = PolicyStatus
TONES = {S.DRAFT: "acc", S.SHADOW: "warn", S.LIVE: "good", S.RETIRED: "quiet", S.DISCARDED: "quiet"}
TABS = (("change", "Read"), ("edit", "Edit"), ("checks", "Checks"), ("differences", "Differences"),
        ("backtest", "Back-test"), ("publish", "Publish"))  # fmt: skip
STEPS = ("Draft", "Asked", "Live", "Retired")


@admin.register(PolicyVersion)
class PolicyVersionAdmin(PolicyEditing, HistoryWindowAdmin):
    """Versions, the newest first."""

    list_display = ("name", "title", "state", "live_from", "retired_at", "created_at", "short_hash")
    list_display_links = ("name", "title")
    list_filter = ("status",)
    ordering = ("-number", "-id")
    fieldsets = ((None, {"fields": ("number", "status", "why", "live_from", "retired_at", "sha256", "document")}),)
    change_list_template = "admin/conflicts/policyversion/list.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """With the program's currency, which the authority matrix is in, and what it came from."""
        return super().get_queryset(request).select_related("program", "replaced", "restores", "source")

    def get_urls(self) -> list[Any]:
        """Django's, the tabs', the editor's and the buttons'."""
        wrap, name = self.admin_site.admin_view, "conflicts_policyversion_{}"
        pages: list[tuple[str, Any]] = [
            ("edit", self.edit), ("rule", self.rule), ("checks", self.checks), ("differences", self.differences),
            ("backtest", self.backtest), ("publish", self.publish), ("download", self.download),
        ]  # fmt: skip
        sections = [
            path(f"<uuid:object_id>/edit/{s.slug}/", wrap(partial(self.section, slug=s.slug)), name=name.format(f"edit_{s.slug}"))
            for s in SECTIONS
        ]  # fmt: skip
        return [
            path("new/", wrap(self.new), name=name.format("new")),
            path("upload/", wrap(self.upload), name=name.format("upload")),
            *(path(f"<uuid:object_id>/{slug}/", wrap(view), name=name.format(slug)) for slug, view in pages),
            *sections, *super().get_urls(),
        ]  # fmt: skip

    # --- the list ---

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The list, and who may begin a version from which."""
        programs = list(visible(request.user, Program.objects.order_by("name", "pk"), RIGHT))
        rows = PolicyVersion.objects.exclude(status=S.DISCARDED).order_by("program__name", "-number")
        sources = list(visible(request.user, rows.select_related("program"), RIGHT)[:50]) if programs else []
        more = {"programs": programs, "sources": sources, "several": len(programs) > 1, **(extra_context or {})}
        return super().changelist_view(request, more)

    @method_decorator(require_POST)
    def new(self, request: HttpRequest) -> HttpResponse:
        """Begin a version from another one."""
        user: Any = request.user
        source = get_or_404(user, PolicyVersion.objects.select_related("program"), RIGHT,
                            pk=_uuid(request.POST.get("source", "")))  # fmt: skip
        why = _text(request, "why")
        try:
            made = policies.draft_policy(program=source.program, source=source, why=why, by=user, at=timezone.now())
        except NotPossibleError as error:
            messages.error(request, str(error))
            return redirect("admin:conflicts_policyversion_changelist")
        messages.success(request, f"{_name(made)} is a draft: it decides nothing before a second person publishes it.")
        return redirect(address_of(made, "edit"))

    @method_decorator(require_POST)
    def upload(self, request: HttpRequest) -> HttpResponse:
        """Begin a version with the document of a file."""
        user: Any = request.user
        program = get_or_404(user, Program.objects.all(), RIGHT, pk=_uuid(request.POST.get("program", "")))
        try:
            document = from_text(_uploaded(request))
            why = _text(request, "why") or "Uploaded."
            made = policies.import_policy(program=program, document=document, why=why, by=user, at=timezone.now())
        except UnreadablePolicyError as error:
            _tell(request, error.problems)
        except (BadFileError, NotPossibleError) as error:
            messages.error(request, str(error))
        else:
            messages.success(request, f"{_name(made)} is a draft with the document of the file.")
            return redirect(address_of(made, "change"))
        return redirect("admin:conflicts_policyversion_changelist")

    # --- one version ---

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The version in words, as staff read it or as partners do. Nothing is posted here."""
        if getattr(request, "past", False) or request.method == "POST" or not object_id:
            return super().changeform_view(request, object_id, form_url, extra_context)
        row: Any = self.get_object(request, object_id)
        if request.GET.get("for") == "partners":
            return self.draw(request, row, "change", "partners", summary=summary_of(row.document))
        return self.draw(request, row, "change", "read", parts=for_staff(row.document, row.program.currency))

    def draw(self, request: HttpRequest, row: PolicyVersion, tab: str, template: str, **context: Any) -> HttpResponse:
        """One tab of the version's page."""
        may = {act.replace(" ", "_"): why_not(row, act, request.user) for act in ACTS}
        shell = {
            **self.admin_site.each_context(request), "opts": self.opts, "row": row, "original": row, "tab": tab,
            "title": f"{_name(row)}: {row.document['title']}", "tone": TONES[S(row.status)], "why_not": may,
            "tabs": [(label, address_of(row, slug), slug == tab) for slug, label in TABS], "awaits": row.awaits,
        }  # fmt: skip
        status = context.pop("status", 200)
        return TemplateResponse(
            request, f"admin/conflicts/policyversion/{template}.html", {**shell, **context}, status=status
        )

    def checks(self, request: HttpRequest, object_id: uuid.UUID) -> HttpResponse:
        """What the static checks find."""
        row: Any = self.get_object(request, str(object_id))
        return self.draw(request, row, "checks", "checks", review=review_of(row))

    def differences(self, request: HttpRequest, object_id: uuid.UUID) -> HttpResponse:
        """What differs from the live version, field by field, and what would be decided otherwise."""
        row: Any = self.get_object(request, str(object_id))
        return self.draw(request, row, "differences", "differences", review=review_of(row))

    def backtest(self, request: HttpRequest, object_id: uuid.UUID) -> HttpResponse:
        """How it did on past cases; POST runs it."""
        row: Any = self.get_object(request, str(object_id))
        user: Any = request.user
        why = "" if may(user, RIGHT, row) else policies.ONLY_RULES
        if request.method == "POST" and not why:
            try:
                begun = start_trial(program=row.program, wanted=of_version(row), by=user, at=timezone.now())
                return redirect("admin:conflicts_policytrial_change", begun.pk)
            except NotPossibleError as error:
                messages.error(request, str(error))
        tried = PolicyTrial.objects.filter(program=row.program, document_sha256=row.sha256, kind=TrialKind.BACKTEST)
        review = review_of(row)
        figures = Trial.from_json(review.trial.result) if review.trial and review.trial.result else None
        shown = [
            (trial, *state_of(trial))
            for trial in tried.select_related("held_against").order_by("-started_at", "-pk")[:10]
        ]
        return self.draw(
            request, row, "backtest", "backtest", review=review, figures=figures, tried=shown, why_not_try=why
        )

    def download(self, request: HttpRequest, object_id: uuid.UUID) -> HttpResponse:
        """The document as a file."""
        row: Any = self.get_object(request, str(object_id))
        answer = HttpResponse(to_text(row.document), content_type="application/json; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="policy-{row.program.code}-v{row.number}.json"'
        return answer

    def publish(self, request: HttpRequest, object_id: uuid.UUID) -> HttpResponse:
        """Where it stands, what is still missing, and the buttons."""
        row: Any = self.get_object(request, str(object_id))
        if request.method == "POST":
            return self._act(request, row)
        review = review_of(row)
        ticked = [one["key"] for one in row.accepted]
        people = {row.created_by_id, row.asked_by_id, row.published_by_id, *row.written_by} - {None}
        names = {user.pk: str(user) for user in User.objects.filter(pk__in=people)}
        unused = row.status in (S.DRAFT, S.SHADOW)
        warnings = [(key_of(one), one) for one in review.warnings] if unused else []
        return self.draw(
            request, row, "publish", "publish", review=review, steps=_steps(row), unused=unused, warnings=warnings,
            missing=review.why_not_ready(ticked if row.awaits else [key for key, _ in warnings]) if unused else [],
            created_by=names.get(row.created_by_id, ""), asked_by=names.get(row.asked_by_id, ""),
            published_by=names.get(row.published_by_id, ""), writers=[names[one] for one in row.written_by if one in names],
        )  # fmt: skip

    def _act(self, request: HttpRequest, row: PolicyVersion) -> HttpResponse:
        act = _DONE.get(request.POST.get("act", ""))
        if act is None:
            messages.error(request, "Choose what is to be done.")
            return redirect(address_of(row, "publish"))
        try:
            with transaction.atomic():
                return act(request, row)
        except REFUSED as error:
            messages.error(request, sentence_of(error))
        return redirect(address_of(row, "publish"))

    # --- columns ---

    @admin.display(description="version", ordering="number")
    def name(self, policy: PolicyVersion) -> str:
        """As outcomes name it."""
        return f"v{policy.number}"

    @admin.display(description="title")
    def title(self, policy: PolicyVersion) -> str:
        """What the document calls itself."""
        return policy.document.get("title", "")

    @admin.display(description="status", ordering="status")
    def state(self, policy: PolicyVersion) -> SafeString:
        """In words and colour."""
        label = "Awaits a second person" if policy.awaits else policy.get_status_display()
        return format_html(
            '<span class="chip {}">{}</span>', "warn" if policy.awaits else TONES[S(policy.status)], label
        )

    @admin.display(description="hash")
    def short_hash(self, policy: PolicyVersion) -> SafeString:
        """Enough of the hash to compare by eye."""
        return format_html('<span class="mono" title="{}">{}</span>', policy.sha256, policy.sha256[:12])


def _steps(row: PolicyVersion) -> list[dict[str, str]]:
    """Where it is on its way: [{label, state}]."""
    here = {S.LIVE: 2, S.RETIRED: 3}.get(S(row.status), 1 if row.awaits else 0)
    return [
        {"label": label, "state": "current" if n == here else "done" if n < here else ""}
        for n, label in enumerate(STEPS)
    ]


def _ask(request: HttpRequest, row: PolicyVersion) -> HttpResponse:
    policies.ask_for_second(policy=row, reason=_text(request, "reason"), ticked=request.POST.getlist("ticked"),
                            seen_version=_seen(request), **_who(request))  # fmt: skip
    messages.success(request, "A second person decides now: anybody else who may change the program's rules.")
    return redirect(address_of(row, "publish"))


def _take_back(request: HttpRequest, row: PolicyVersion) -> HttpResponse:
    policies.take_back(policy=row, **_who(request))
    messages.success(request, "It is with its writers again.")
    return redirect(address_of(row, "publish"))


def _publish(request: HttpRequest, row: PolicyVersion) -> HttpResponse:
    done = policies.publish_policy(policy=row, seen_version=_seen(request), seen_live=_seen(request, "seen_live"),
                                   reason=_text(request, "reason"), **_who(request))  # fmt: skip
    messages.success(request, f"{_name(done)} is live. Everything open is being looked at again under it.")
    return redirect(address_of(row, "publish"))


def _shadow(request: HttpRequest, row: PolicyVersion) -> HttpResponse:
    policies.put_in_shadow(policy=row, seen_version=_seen(request), **_who(request))
    messages.success(request, "It answers beside the live version from now on; nobody who decides sees it.")
    return redirect(address_of(row, "publish"))


def _leave_shadow(request: HttpRequest, row: PolicyVersion) -> HttpResponse:
    policies.leave_shadow(policy=row, **_who(request))
    messages.success(request, "It is a draft again.")
    return redirect(address_of(row, "publish"))


def _discard(request: HttpRequest, row: PolicyVersion) -> HttpResponse:
    policies.discard_policy(policy=row, reason=_text(request, "reason"), **_who(request))
    messages.success(request, "Discarded: nothing was changed.")
    return redirect(address_of(row, "publish"))


def _roll_back(request: HttpRequest, row: PolicyVersion) -> HttpResponse:
    back = policies.roll_back(program=row.program, reason=_text(request, "reason"), seen_live=_seen(request, "seen_live"),
                              **_who(request))  # fmt: skip
    messages.success(
        request, f"{_name(back)} is live and says what {back.restores} said. Everything open is being looked at again."
    )
    return redirect(address_of(back, "publish"))


_DONE: dict[str, Callable[[HttpRequest, PolicyVersion], HttpResponse]] = {
    "ask": _ask, "take_back": _take_back, "publish": _publish, "shadow": _shadow, "leave_shadow": _leave_shadow,
    "discard": _discard, "roll_back": _roll_back,
}  # fmt: skip


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"by": request.user, "at": timezone.now()}


def _text(request: HttpRequest, name: str) -> str:
    return request.POST.get(name, "").replace("\x00", "").strip()[:2000]


def _seen(request: HttpRequest, name: str = "seen_version") -> int:
    text = request.POST.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


def _uploaded(request: HttpRequest) -> str:
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile):
        raise BadFileError("Choose the file of a policy (JSON).")
    try:
        return file.read(LARGEST * 4 + 1).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadFileError("The file is no text (UTF-8).") from None


def _tell(request: HttpRequest, problems: tuple[str, ...]) -> None:
    """What is wrong with a file; so many that they fit on a page."""
    for problem in problems[:12]:
        messages.error(request, problem)
    if len(problems) > 12:
        messages.error(request, f"And {len(problems) - 12} more. Nothing was kept.")


def _name(row: PolicyVersion) -> str:
    return f"Policy v{row.number}"


def _uuid(text: str | None) -> uuid.UUID:
    try:
        return uuid.UUID(text or "")
    except ValueError:
        return uuid.UUID(int=0)
