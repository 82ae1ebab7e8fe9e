"""Versions of the identity score's weights: what they were made of, how they did, and the buttons that put one in force."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from conflicts.admin.worth import compared_with, groups
from conflicts.identity.learning import (
    draft_weights,
    fits_this_release,
    propose,
    publish_weights,
    return_weights,
)
from conflicts.identity.trial import ENOUGH, side_by_side
from conflicts.identity.weights import SHIPPED
from conflicts.models import IdentityWeights, WeightsStatus
from partners.admin.scoped import HistoryWindowAdmin
from partners.models import MatchVerdict, Program, Registration
from partners.permissions import get_or_404, may, visible
from partners.services import NotPossibleError

TONES = {WeightsStatus.LIVE: "good", WeightsStatus.DRAFT: "acc", WeightsStatus.RETIRED: "quiet"}
SHOWN = 50


@dataclass(frozen=True)
class Otherwise:
    """A reviewed query that the version judges otherwise."""

    ref: str
    typed: str
    before: str
    after: str
    better: bool
    held_out: bool


@admin.register(IdentityWeights)
class IdentityWeightsAdmin(HistoryWindowAdmin):
    """A window with buttons: learn, put in force, go back."""

    when_empty = ("Only the shipped weights", "New ones can be learned once people have said who is who often enough.")
    list_display = ("version", "state", "reviewed", "right_before", "right_after", "made_at", "live_from")
    list_display_links = ("version",)
    ordering = ("-number", "-id")
    fieldsets = ((None, {"fields": ("state", "base", "reviewed", "thresholds", "made_at", "live_from", "replaced")}),)
    readonly_fields = ("state", "thresholds")

    def get_urls(self) -> list[Any]:
        """Django's, and the buttons'."""
        wrap = self.admin_site.admin_view
        return [
            path("learn/", wrap(self.learn), name="conflicts_identityweights_learn"),
            path("<uuid:object_id>/publish/", wrap(self.publish), name="conflicts_identityweights_publish"),
            path("<uuid:object_id>/return/", wrap(self.take_back), name="conflicts_identityweights_return"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list, under what judges now in each program."""
        rows = visible(request.user, MatchVerdict.objects.all())
        live = {
            row.program_id: row.version
            for row in visible(request.user, IdentityWeights.objects.filter(status=WeightsStatus.LIVE))
        }
        programs = [
            {"program": program, "said": rows.filter(program=program).values("registration").distinct().count(),
             "in_force": live.get(program.pk, ""), "shipped": SHIPPED.version,
             "may": may(request.user, "change_rules", program)}
            for program in visible(request.user, Program.objects.order_by("code", "pk"))
        ]  # fmt: skip
        return super().changelist_view(request, {"programs": programs, "enough": ENOUGH, **(extra_context or {})})

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """The version beside the one it is compared with."""
        row = kwargs.get("obj")
        if row is not None and "trial" not in context and not getattr(request, "past", False):
            context |= self._page(request, row)
        return super().render_change_form(request, context, *args, **kwargs)

    def _page(self, request: HttpRequest, row: IdentityWeights) -> dict[str, Any]:
        trial = row.trial
        return {
            "weights": row,
            "holds": trial.get("holds"),
            "against": trial.get("against", ""),
            "judged_on": trial.get("before", {}).get("queries", 0),
            "figures": side_by_side(trial["before"], trial["after"]) if "before" in trial else [],
            "compared_with": compared_with(row)[0],
            "groups": groups(row),
            "otherwise": _otherwise(request.user, trial.get("changes", ())),
            "changed": trial.get("changed", 0),
            "may_publish": may(request.user, "change_rules", row),
            "fits": fits_this_release(row),
            "returns_to": row.replaced or f"the shipped weights ({SHIPPED.version})",
        }

    @method_decorator(require_POST)
    def learn(self, request: HttpRequest) -> HttpResponse:
        """Make a draft of what people said so far."""
        user: Any = request.user
        program = get_or_404(user, Program.objects.all(), "change_rules", pk=_uuid(request.POST.get("program")))
        try:
            row = draft_weights(program=program, proposal=propose(program.pk), by=user, at=timezone.now())
        except NotPossibleError as error:
            messages.warning(request, str(error))
            return HttpResponseRedirect(reverse("admin:conflicts_identityweights_changelist"))
        messages.success(request, f"{row} is a draft: look at how it did before you put it in force.")
        return self._to(row)

    @method_decorator(require_POST)
    def publish(self, request: HttpRequest, object_id: uuid.UUID) -> HttpResponse:
        """Put a draft in force."""
        row, user = self._row(request, object_id)
        try:
            publish_weights(weights=row, by=user, at=timezone.now())
            messages.success(request, f"{row} is in force: it judges whatever is looked at from now on.")
        except NotPossibleError as error:
            messages.error(request, str(error))
        return self._to(row)

    @method_decorator(require_POST)
    def take_back(self, request: HttpRequest, object_id: uuid.UUID) -> HttpResponse:
        """Return to the version before."""
        row, user = self._row(request, object_id)
        try:
            back = return_weights(weights=row, by=user, at=timezone.now())
            messages.success(request, f"{back or 'The shipped weights'} {'is' if back else 'are'} in force again.")
        except NotPossibleError as error:
            messages.error(request, str(error))
        return self._to(row)

    def _row(self, request: HttpRequest, key: uuid.UUID) -> tuple[IdentityWeights, Any]:
        row = get_or_404(request.user, IdentityWeights.objects.select_related("program"), pk=key)
        if not may(request.user, "change_rules", row):
            raise PermissionDenied
        return row, request.user

    def _to(self, row: IdentityWeights) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:conflicts_identityweights_change", args=[row.pk]))

    @admin.display(description="version", ordering="number")
    def version(self, row: IdentityWeights) -> str:
        """As claims name it."""
        return row.version

    @admin.display(description="status", ordering="status")
    def state(self, row: IdentityWeights) -> SafeString:
        """In words and colour."""
        tone = TONES.get(WeightsStatus(row.status), "")
        return format_html('<span class="chip {}">{}</span>', tone, row.get_status_display())

    @admin.display(description="“same” was right")
    def right_before(self, row: IdentityWeights) -> str:
        """Of the version that it was tried against."""
        return _share(row.trial.get("before", {}))

    @admin.display(description="“same” is right")
    def right_after(self, row: IdentityWeights) -> str:
        """Of this one, on the same queries."""
        return _share(row.trial.get("after", {}))

    @admin.display(description="thresholds")
    def thresholds(self, row: IdentityWeights) -> str:
        """Where the verdicts lie."""
        return f"same from {row.same:.3g}, {row.margin:.3g} ahead of the next; different below {row.different:.3g}"


def _share(figures: Mapping[str, Any]) -> str:
    return f"{figures['same_right']} of {figures['same']}" if figures else "–"


def _uuid(text: str | None) -> uuid.UUID:
    try:
        return uuid.UUID(text or "")
    except ValueError:
        return uuid.UUID(int=0)


def _otherwise(user: Any, changes: Iterable[Mapping[str, Any]]) -> list[Otherwise]:
    """The reviewed queries that change, those that nothing was learned from first."""
    shown = sorted((c for c in changes if isinstance(c, dict)), key=lambda change: not change["held_out"])[:SHOWN]
    rows = visible(user, Registration.objects.filter(pk__in=[change["key"] for change in shown]))
    known = {str(row.pk): row for row in rows}
    return [
        Otherwise(
            known[c["key"]].ref, known[c["key"]].account_name, c["before"], c["after"], c["better"], c["held_out"]
        )
        for c in shown
        if c["key"] in known
    ]
