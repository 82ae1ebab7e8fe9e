"""What a user may open and how much waits there: the navigation of desk and admin, and the portal's (from portal)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from conflicts.models import (
    ClusterStatus,
    DraftStatus,
    DriftAlarm,
    DriftStatus,
    DuplicateCluster,
    Signal,
    TerritoryDraft,
)
from conflicts.overlaps import waiting_overlaps
from conflicts.policy_review import awaiting_policies
from partners.models import Program
from partners.permissions import programs_of, visible
from reviews.desk.leads import waiting_leads
from reviews.desk.queue import escalated_to_roles
from reviews.desk.spot_checks import open_alarms, waiting_checks
from reviews.models import Breach, BreachStatus, Case, Outbox, OutboxStatus, Sending, SendingStatus
from reviews.portal import portal_navigation
from reviews.services.concerns import open_concerns
from reviews.services.extensions import open_extensions
from reviews.states import ACTIVE, CaseStatus

SOON_HOURS = 8


@dataclass(frozen=True)
class Link:
    """One line: where it leads, the right it takes, and which number stands beside it."""

    label: str
    url_name: str
    icon: str
    right: str = "view_desk"
    query: str = ""
    counts: str = ""


GROUPS: tuple[tuple[str, tuple[Link, ...]], ...] = (
    (
        "Review",
        (
            Link("Queue", "review:queue", "inbox", counts="open"),
            Link("Due in 8 h", "review:queue", "clock", query="?due=8h", counts="soon"),
            Link("Escalated to you", "review:queue", "alert", query="?view=escalated", counts="escalated"),
            Link("Appeals", "review:queue", "scale", query="?view=appeals", counts="appeals"),
            Link("Decided", "review:decided", "gavel"),
            Link("More time", "review:extensions", "shield", counts="extensions"),
            Link("Leads", "review:leads", "flag", counts="leads"),
            Link("Early warning", "review:signals", "bell", counts="signals"),
            Link("Spot checks", "review:spot_checks", "check-circle", counts="spot_checks"),
            Link("Breaches", "review:breaches", "alert", counts="breaches"),
            Link("Concerns", "review:concerns", "message", counts="concerns"),
            Link("Team", "review:team", "users"),
            Link("Training", "review:training", "book"),
            Link("Register a deal", "review:register", "plus", right="register_deals"),
        ),
    ),
    (
        "Program",
        (
            Link("Territories", "admin:partners_territory_changelist", "map"),
            Link("Drafts of rules", "admin:conflicts_territorydraft_changelist", "pencil", counts="drafts"),
            Link("Colliding rules", "admin:conflicts_territoryoverlap_changelist", "alert", counts="overlaps"),
            Link("Agreements", "admin:partners_agreement_changelist", "doc"),
            Link("Exceptions", "admin:partners_accountexception_changelist", "exception"),
            Link("Partners", "admin:partners_partner_changelist", "users"),
            Link("Accounts", "admin:partners_account_changelist", "building"),
            Link("Duplicates", "admin:conflicts_duplicatecluster_changelist", "link", counts="duplicates"),
            Link("Merges and splits", "admin:partners_identitychange_changelist", "split", right="change_rules"),
            Link("Policies", "admin:conflicts_policyversion_changelist", "rules", counts="policies_asked"),
            Link("Changes for partners", "review:policy_changes", "bell"),
            Link("Trials", "admin:conflicts_policytrial_changelist", "chart"),
            Link("Calendar", "admin:partners_program_changelist", "clock"),
            Link("The model", "admin:conflicts_modelswitch_changelist", "pulse"),
            Link("Identity weights", "admin:conflicts_identityweights_changelist", "scale"),
        ),
    ),
    (
        "Knowledge",
        (
            Link("Playbooks", "review:playbooks", "rules"),
            Link("Notice texts", "review:notice_texts", "message"),
            Link("Studies", "review:studies", "search"),
            Link("Charter", "review:charter", "doc"),
        ),
    ),
    (
        "Learning",
        (
            Link("Drift", "review:drift", "pulse", counts="drift"),
            Link("Calibration", "review:calibration", "chart"),
            Link("Satisfaction", "review:satisfaction", "star"),
            Link("Points of the score", "review:proposals", "scale"),
            Link("Feedback", "review:feedback", "message", right="change_rules"),
        ),
    ),
    (
        "Records",
        (
            Link("Imports", "admin:partners_importbatch_changelist", "upload"),
            Link("Outbox", "admin:reviews_outbox_changelist", "send", counts="dead"),
            Link("Sendings", "admin:reviews_sending_changelist", "message", counts="unsent"),
            Link("Record of acts", "admin:channelconflict_auditevent_changelist", "book", right="read_audit"),
        ),
    ),
)


def navigation(request: Any) -> dict[str, Any]:
    """Context processor: groups of links with counts, the desk's or the portal's; read only when a page draws them."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"navigation": []}
    groups = _groups if user.is_staff else portal_navigation
    return {"navigation": SimpleLazyObject(lambda: groups(request))}


def _groups(request: Any) -> list[dict[str, Any]]:
    counts = _counts(request.user)
    filled = [(title, list(_items(links, request, counts))) for title, links in GROUPS]
    _mark_current([item for _, items in filled for item in items], request)
    return [{"title": title, "items": items} for title, items in filled if items]


def pages_of(user: Any) -> list[tuple[str, Link, str]]:
    """The pages of desk and admin that `user` may open: under which title, the line, and its address."""
    return [(title, link, url) for title, links in GROUPS for link, url in _open_to(user, links)]


def _open_to(user: Any, links: tuple[Link, ...]) -> Iterator[tuple[Link, str]]:
    for link in links:
        if not programs_of(user, link.right):
            continue
        try:
            yield link, reverse(link.url_name) + link.query
        except NoReverseMatch:
            continue


def _items(links: tuple[Link, ...], request: Any, counts: dict[str, int]) -> Iterator[dict[str, Any]]:
    for link, url in _open_to(request.user, links):
        yield {
            "label": link.label,
            "url": url,
            "icon": link.icon,
            "count": counts.get(link.counts, 0),
            "current": False,
        }


def _mark_current(items: list[dict[str, Any]], request: Any) -> None:
    """The line whose address is the longest beginning of the present one."""
    here = request.get_full_path()
    fitting = [item for item in items if here.startswith(item["url"])]
    if fitting:
        max(fitting, key=lambda item: len(item["url"]))["current"] = True


def _counts(user: Any) -> dict[str, int]:
    """Open cases, those due within 8 open hours, and whatever else waits for people: two queries."""
    if not programs_of(user):
        return {}
    now, soon = timezone.now(), Q()
    waiting = {
        "dead": Outbox.objects.filter(status=OutboxStatus.DEAD),
        "unsent": Sending.objects.filter(status=SendingStatus.DEAD),
        "overlaps": waiting_overlaps(now.date()),
        "policies_asked": awaiting_policies(),
        "drafts": TerritoryDraft.objects.filter(status=DraftStatus.AWAITING),
        "signals": Signal.objects.filter(status="open"),
        "drift": DriftAlarm.objects.filter(status=DriftStatus.OPEN),
        "duplicates": DuplicateCluster.objects.filter(status=ClusterStatus.PROPOSED),
        "extensions": open_extensions(now),
        "leads": waiting_leads(),
        "appeals": Case.objects.filter(status=CaseStatus.APPEALED),
        "breaches": Breach.objects.filter(status=BreachStatus.RECORDED),
        "concerns": open_concerns(),
        "spot_checks": waiting_checks(),
        "spot_alarms": open_alarms(),
    }
    counted = Program.objects.annotate(**{name: _number(rows) for name, rows in waiting.items()})
    programs: list[Any] = list(visible(user, counted))
    for program in programs:
        soon |= Q(
            program_id=program.pk, due_at__lte=program.calendar.add_hours(now, SOON_HOURS), paused_at__isnull=True
        )
    cases = visible(user, Case.objects.filter(status__in=[status.value for status in ACTIVE]))
    told = escalated_to_roles(user, [program.pk for program in programs])
    found = cases.aggregate(open=Count("pk"), soon=Count("pk", filter=soon), escalated=Count("pk", filter=told))
    sums = {name: sum(getattr(program, name) for program in programs) for name in waiting}
    sums["drift"] += sums.pop("spot_alarms")  # both are about what people should look into; Drift shows both
    return {**found, **sums}


def _number(rows: QuerySet) -> Coalesce:
    """How many of these rows a program has, as a part of the query for programs."""
    mine = rows.filter(program=OuterRef("pk")).order_by().values("program")
    return Coalesce(Subquery(mine.annotate(number=Count("pk")).values("number")), 0)
