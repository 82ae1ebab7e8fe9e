"""Possible duplicates: the list, one of them side by side with its decision, and all above a probability at once."""

import uuid
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from conflicts.admin.side_by_side import differing, table_of, whys_of
from conflicts.duplicates import (
    accept_cluster,
    accept_clusters,
    members_of,
    reject_cluster,
    seen_now,
    undo_cluster,
)
from conflicts.models import ClusterStatus, DuplicateCluster, DuplicatePair
from partners.admin.scoped import BoundedList, WindowAdmin
from partners.permissions import may, programs_of, visible
from partners.services import NotPossibleError

AT_ONCE = 100  # proposals that one click accepts: what a person can look over, and a request can do
SURE = 0.95
_TONES = {ClusterStatus.PROPOSED: "acc", ClusterStatus.ACCEPTED: "good", ClusterStatus.REJECTED: "quiet"}
CHANGES = "change_rules"


class StatusFilter(admin.SimpleListFilter):
    """What waits for somebody, unless another status is chosen."""

    title = "status"
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The statuses after the first."""
        return [*((s.value, s.label) for s in ClusterStatus if s != ClusterStatus.PROPOSED), ("all", "All")]

    def choices(self, changelist: Any) -> Any:
        """Proposed ones are shown when nothing is chosen."""
        first, *others = super().choices(changelist)
        yield first | {"display": "Proposed"}
        yield from others

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Clusters of that status."""
        if self.value() == "all":
            return queryset
        known = self.value() if self.value() in ClusterStatus.values else ClusterStatus.PROPOSED
        return queryset.filter(status=known)


class KindFilter(admin.SimpleListFilter):
    """Accounts or partners."""

    title = "kind"
    parameter_name = "of"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The two kinds."""
        return [("accounts", "Accounts"), ("partners", "Partners")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Clusters of that kind."""
        return queryset.filter(of_partners=self.value() == "partners") if self.value() else queryset


class ClusterList(BoundedList):
    """A page of clusters with their members, in a fixed number of queries."""

    def get_results(self, request: HttpRequest) -> None:
        """Django's page, and who is in each cluster."""
        super().get_results(request)
        self.result_list = list(self.result_list)
        for of_partners in (False, True):
            several = [cluster for cluster in self.result_list if cluster.of_partners is of_partners]
            for key, members in (members_of(several) if several else {}).items():
                next(cluster for cluster in several if cluster.pk == key).members = members  # type: ignore[attr-defined]


@admin.register(DuplicateCluster)
class ClusterAdmin(WindowAdmin):
    """Accounts or partners that look like one company."""

    when_empty = (
        "No duplicates are proposed",
        "A look goes through all accounts, or all partners, and proposes which are one company.",
    )
    list_display = ("who", "likely", "number", "differs", "state")
    list_filter = (StatusFilter, KindFilter)
    search_fields = ("title",)
    search_help_text = "Name of one of them"
    ordering = ("-probability", "-id")
    change_list_template = "admin/conflicts/duplicatecluster/list.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """With the pairs, whose reasons only one page shows."""
        pairs = DuplicatePair.objects.defer("reasons").order_by("pk")
        return super().get_queryset(request).prefetch_related(Prefetch("pairs", pairs))

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """With members."""
        return ClusterList

    def get_urls(self) -> list[Any]:
        """And the page that accepts many."""
        view = self.admin_site.admin_view(self.accept_view)
        return [path("accept/", view, name="conflicts_duplicatecluster_accept"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The list, and what may be done above it."""
        able = {"may_change": bool(programs_of(request.user, CHANGES))}
        return super().changelist_view(request, {**able, **(extra_context or {})})

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """One cluster side by side; what somebody decided is done and leads back to the list."""
        cluster: Any = self.get_object(request, object_id or "")
        if request.method == "POST":
            return self._decide(request, cluster)
        members = members_of([cluster])[cluster.pk]
        context = {
            **self.admin_site.each_context(request), "opts": self.opts, "cluster": cluster, "title": cluster.title,
            "table": table_of(cluster, members), "seen": seen_now(cluster, members),
            "whys": whys_of(list(DuplicatePair.objects.filter(cluster=cluster).order_by("pk")), members),
            "may_change": may(request.user, CHANGES, cluster),
        }  # fmt: skip
        return TemplateResponse(request, "admin/conflicts/duplicatecluster/page.html", context)

    def _decide(self, request: HttpRequest, cluster: DuplicateCluster) -> HttpResponse:
        here = redirect("admin:conflicts_duplicatecluster_change", cluster.pk)
        if not may(request.user, CHANGES, cluster):
            messages.error(request, "Only people who may edit accounts and partners decide this.")
            return here
        try:
            messages.success(request, _act(request, cluster))
        except NotPossibleError as error:
            messages.error(request, str(error))
            return here
        return redirect("admin:conflicts_duplicatecluster_changelist") if request.POST.get("act") != "undo" else here

    def accept_view(self, request: HttpRequest) -> HttpResponse:
        """All above a probability: first which they are, then what became of each."""
        asked = request.POST if request.method == "POST" else request.GET
        above, of_partners = _probability(asked.get("above", "")), asked.get("of") == "partners"
        waiting = visible(request.user, self.get_queryset(request), CHANGES).filter(
            status=ClusterStatus.PROPOSED, of_partners=of_partners, probability__gte=above
        )
        context: dict[str, Any] = {
            **self.admin_site.each_context(request), "opts": self.opts, "title": "Accept all above", "above": above,
            "of_partners": of_partners, "may_change": bool(programs_of(request.user, CHANGES)),
        }  # fmt: skip
        if request.method == "POST":
            context["results"] = self._accept(request)
        rows = list(waiting.order_by("-probability", "-id")[:AT_ONCE])
        found = members_of(rows)
        context["rows"] = [(row, found[row.pk], seen_now(row, found[row.pk])) for row in rows]
        context["total"] = waiting.count() if len(rows) == AT_ONCE else len(rows)
        return TemplateResponse(request, "admin/conflicts/duplicatecluster/accept.html", context)

    def _accept(self, request: HttpRequest) -> list[Any]:
        """Accept what the form names, as far as the user may."""
        seen = dict(zip(request.POST.getlist("cluster"), request.POST.getlist("seen"), strict=False))
        ids = [key for key in map(_uuid, list(seen)[:AT_ONCE]) if key]
        clusters = visible(request.user, DuplicateCluster.objects.filter(pk__in=ids), CHANGES)
        wanted = [(cluster, seen[str(cluster.pk)]) for cluster in clusters.order_by("-probability", "-id")]
        return accept_clusters(clusters=wanted, by=request.user, at=timezone.now())  # type: ignore[arg-type]

    @admin.display(description="who")
    def who(self, cluster: Any) -> SafeString:
        """The members, one a line, with where they are; the one that would stay first."""
        shown = cluster.members[:4]
        lines = format_html_join("", "{}<small>{}</small>", ((row.name, _place(row)) for row in shown))
        more = len(cluster.members) - len(shown)
        return format_html("{}<small>and {} more</small>", lines, more) if more > 0 else lines

    @admin.display(description="probability", ordering="probability")
    def likely(self, cluster: DuplicateCluster) -> str:
        """Of the weakest link."""
        return cluster.likely

    @admin.display(description="size", ordering="size")
    def number(self, cluster: DuplicateCluster) -> int:
        """How many they are."""
        return cluster.size

    @admin.display(description="differ in")
    def differs(self, cluster: Any) -> str:
        """The fields that say different things."""
        return ", ".join(differing(cluster, cluster.members)) or "–"

    @admin.display(description="status", ordering="status")
    def state(self, cluster: DuplicateCluster) -> SafeString:
        """In words and colour."""
        tone = _TONES.get(ClusterStatus(cluster.status), "")
        return format_html('<span class="chip {}">{}</span>', tone, cluster.get_status_display())


def _act(request: HttpRequest, cluster: DuplicateCluster) -> SafeString:
    """Do what the button says; a sentence for the next page."""
    by: Any = request.user
    at, seen, act = timezone.now(), request.POST.get("seen", ""), request.POST.get("act")
    if act == "undo":
        undo_cluster(cluster=cluster, by=by, at=at)
        return format_html("{}: taken back. It waits again.", cluster.title)
    if act == "reject":
        reject_cluster(cluster=cluster, by=by, at=at, seen=seen)
        told = "not the same company. They are not proposed again."
    elif act == "accept":
        chosen = {key for key in map(_uuid, request.POST.getlist("member")) if key}
        survivor = _uuid(request.POST.get("survivor", ""))
        done = accept_cluster(cluster=cluster, survivor=survivor, members=chosen, by=by, at=at, seen=seen)
        told = f"{len(done.changes) + 1} are one company now."
    else:
        raise NotPossibleError("Choose what is to be done.")
    page = reverse("admin:conflicts_duplicatecluster_change", args=[cluster.pk])
    return format_html('{}: {} <a href="{}">Look at it or undo it</a>', cluster.title, told, page)


def _place(row: Any) -> str:
    where = ", ".join(part for part in (getattr(row, "city", ""), row.country) if part)
    return " · ".join(part for part in (where, row.domain, row.external_id) if part)


def _probability(text: str) -> float:
    try:
        return min(max(float(text), 0.01), 1.0)
    except ValueError:
        return SURE


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
