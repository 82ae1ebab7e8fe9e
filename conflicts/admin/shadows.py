"""Versions in shadow beside the live one: how often they differ, rule by rule, and the latest recommendations that do."""

from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from conflicts.admin.trial_tables import ACTIONS
from conflicts.hidden import hidden_from
from conflicts.models import PolicyVersion, ShadowAnswer
from partners.admin.scoped import WindowAdmin
from partners.permissions import visible

SHOWN = 50


@dataclass(frozen=True)
class RuleDelta:
    """Recommendations that one rule of the live version decides, and another of the shadow."""

    live: str
    shadow: str
    number: int
    differ: int
    width: float


@dataclass(frozen=True)
class Version:
    """A version that has answered in shadow."""

    policy: Any
    answers: int
    differ: int

    @property
    def share(self) -> str:
        """How many of a hundred differ."""
        return f"{100 * self.differ / self.answers:.1f} %" if self.answers else "–"


@admin.register(ShadowAnswer)
class ShadowAnswerAdmin(WindowAdmin):
    """One page a version; each answer has its own."""

    list_display = ("recommendation",)
    ordering = ("-made_at", "-id")
    fieldsets = (
        (None, {"fields": ("policy", "made_at", "differs")}),
        ("In shadow", {"fields": ("action", "owner", "owner_direct", "support", "shares", "rule_id")}),
        ("Live", {"fields": ("recommendation", "live_rule_id")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """With what stands beside them."""
        rows = super().get_queryset(request).exclude(recommendation__conflict__in=hidden_from(request.user))
        return rows.select_related("policy", "recommendation", "owner")

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The versions, and of the one that is chosen what would have been otherwise."""
        versions = self._versions(request)
        asked = request.GET.get("policy", "")
        chosen = next((v for v in versions if str(v.policy.pk) == asked), None)
        if asked and chosen is None:
            raise Http404("Not found.")
        chosen = chosen or next(iter(versions), None)
        context = {
            **self.admin_site.each_context(request), "opts": self.opts, "title": "In shadow", "versions": versions,
            "chosen": chosen, **(self._answers(request, chosen.policy) if chosen else {}), **(extra_context or {}),
        }  # fmt: skip
        return TemplateResponse(request, "admin/conflicts/shadowanswer/page.html", context)

    def _versions(self, request: HttpRequest) -> list[Version]:
        """Those that run in shadow, and those that did; the newest first."""
        counted = PolicyVersion.objects.select_related("program").annotate(
            answers=Count("shadow_answers"), differ=Count("shadow_answers", filter=Q(shadow_answers__differs=True))
        )
        found: Any = visible(request.user, counted).filter(Q(status="shadow") | Q(answers__gt=0))
        return [Version(row, row.answers, row.differ) for row in found.order_by("-number", "pk")]

    def _answers(self, request: HttpRequest, policy: PolicyVersion) -> dict[str, Any]:
        mine = visible(request.user, ShadowAnswer.objects.filter(policy=policy))
        pairs = list(
            mine.order_by()
            .values_list("live_rule_id", "rule_id")
            .annotate(number=Count("pk"), differ=Count("pk", filter=Q(differs=True)))
        )
        top = max((number for *_, number, _ in pairs), default=1)
        rows = sorted(pairs, key=lambda row: (-row[3], -row[2], row[0], row[1]))
        shown = mine.exclude(recommendation__conflict__in=hidden_from(request.user))
        latest = shown.filter(differs=True).select_related(
            "recommendation__conflict__account", "recommendation__owner", "owner"
        )
        return {
            "deltas": [
                RuleDelta(live, shadow, number, differ, round(100 * number / top, 1))
                for live, shadow, number, differ in rows
            ],
            "latest": [_shown(answer) for answer in latest.order_by("-made_at", "-pk")[:SHOWN]],
        }


@dataclass(frozen=True)
class Shown:
    """An answer that differs, in words."""

    account: Any
    conflict: Any
    live: str
    live_rule: str
    shadow: str
    shadow_rule: str
    made_at: Any
    answer: ShadowAnswer


def _shown(answer: ShadowAnswer) -> Shown:
    live = answer.recommendation
    return Shown(
        live.conflict.account, live.conflict, _outcome(live), answer.live_rule_id, _outcome(answer), answer.rule_id,
        answer.made_at, answer,
    )  # fmt: skip


def _outcome(row: Any) -> str:
    """The action, and who owns the deal by it."""
    owner = (
        "direct team" if row.owner_direct and row.action != "direct_retained" else row.owner.name if row.owner else ""
    )
    action = ACTIONS.get(row.action, row.action)
    return f"{action}: {owner}" if owner else action
