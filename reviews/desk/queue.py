"""The queue: open cases in the order in which they should be taken, in a fixed number of queries.

Default order, `urgency` = open time left x impact. With h = open hours from now to the due time and w = 1 + ln(1 +
amount / 50,000): h / w while the case is on time, hours over x w once it is not. So at one amount the earlier due comes
first, and a deal of 1,000,000 with 20 hours left stands where an unknown one with 5 hours does. Cases that wait for a
party come last, since nobody can decide them. Snoozed cases stand in a view of their own until they wake.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib.postgres.expressions import ArraySubquery
from django.core.paginator import Page, Paginator
from django.db import models
from django.db.models import Count, Exists, F, Func, OuterRef, Q
from django.urls import reverse

from partners.lookup import begins
from partners.models import Account, Partner, Program, Registration
from partners.permissions import roles_in, visible
from reviews.desk.own_view import owed
from reviews.desk.rows import Row, in_force, programs_with_lines, rows_of
from reviews.desk.urgency import HIGH_VALUE, urgency
from reviews.desk.words import Chip, kind_chip
from reviews.models import Assignment, Case, Party, Skip
from reviews.permissions import SECOND
from reviews.routing import may_second
from reviews.services.bulk import MOST
from reviews.states import ACTIVE, TALKS, CaseStatus

PAGE = 50
SOON_HOURS = 8
VIEWS = {
    "": "All open",
    "mine": "Mine",
    "due": f"Due in {SOON_HOURS} h",
    "step": "My step",
    "high": "High value",
    "abstained": "Abstained",
    "differs": "Model differs",
    "waiting": "Waiting",
    "escalated": "Escalated",
    "snoozed": "Snoozed",
    "appeals": "Appeals",
}
UNDECIDABLE = ("waiting", "snoozed", "appeals")
SORTS = {"": "Urgency", "account": "Case", "amount": "At stake", "due": "Clock", "newest": "Newest"}
_STATUSES = {"snoozed": (CaseStatus.SNOOZED,), "appeals": (CaseStatus.APPEALED,)}
_EMPTY = {
    "": ("The queue is empty", "A case appears here seconds after registrations collide or a rule stands against one."),
    "mine": ("You have taken no case", "'Start queue' gives you the most urgent one that nobody works on."),
    "due": (f"Nothing is due within {SOON_HOURS} hours", "The promise of 48 hours holds for every open case."),
    "step": ("No case waits for your role", "Cases come here when their route reaches you."),
    "high": ("No open case of high value", f"Cases at {HIGH_VALUE:,} or more would stand here."),
    "abstained": ("The rules abstain on no open case", "Cases that the records do not decide would stand here."),
    "differs": ("The model differs on no open case", "Cases on which it would choose otherwise stand here."),
    "waiting": ("No case waits for a party", "A case whose clock stands for a party, or for talks, would stand here."),
    "escalated": ("Nothing is escalated to your role", "Cases that run late, or are handed up, come here."),
    "snoozed": ("No case is snoozed", "A case sleeps when everything that makes it one is snoozed; it comes back by itself."),
    "appeals": ("No case is under appeal", "A side that lost may appeal within 14 days; another decider answers it."),
}  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """What the address asks for: a view, a kind, words, an order and a page."""

    view: str = ""
    kind: str = ""
    words: str = ""
    sort: str = ""
    page: str = ""

    @classmethod
    def of(cls, data: Mapping[str, str]) -> "Asked":
        """Read GET or POST data; whatever is not known is left out."""
        view, sort = data.get("view", ""), data.get("sort", "")
        if data.get("due") == "8h":
            view = "due"
        return cls(
            view=view if view in VIEWS else "",
            kind=re.sub(r"[^a-z_]", "", data.get("kind", ""))[:40],
            words=data.get("q", "").replace("\x00", "").strip()[:200],
            sort=sort if sort in SORTS else "",
            page=data.get("page", ""),
        )

    @property
    def order(self) -> str:
        """The order: the one asked for, else the view's own."""
        return self.sort or ("appeal" if self.view == "appeals" else "")

    def params(self, **other: str) -> dict[str, str]:
        """The address's parameters, some of them changed; a change goes back to the first page."""
        now = {"view": self.view, "kind": self.kind, "q": self.words, "sort": self.sort, **other}
        due = {"due": "8h"} if now["view"] == "due" else {}
        return due | {key: value for key, value in now.items() if value and not (due and key == "view")}

    def url(self, **other: str) -> str:
        """The address with some parameters changed."""
        query = urlencode(self.params(**other))
        return f"{reverse('review:queue')}?{query}" if query else reverse("review:queue")


@dataclass(frozen=True)
class Link:
    """A filter or an order as a link."""

    label: str
    url: str
    current: bool


@dataclass(frozen=True)
class QueuePage:
    """The queue as the template draws it."""

    rows: list[Row]
    counts: list[Chip]
    views: list[Link]
    kinds: list[Link]
    sorts: dict[str, Link]
    asked: Asked
    hidden: list[tuple[str, str]]
    searched: list[tuple[str, str]]
    page: Page
    query: str
    selectable: bool
    all_of_view: int
    programs: list[Program]
    empty: tuple[str, str]
    all_url: str
    filtered: bool
    kind_label: str


def queue_page(user: Any, data: Mapping[str, str], now: datetime) -> QueuePage:
    """Everything the queue shows to `user`."""
    asked = Asked.of(data)
    programs = programs_with_lines(user)
    kinds = list(_by_kind(user, now))
    found = _ordered(_chosen(user, asked, programs, now), asked.order, programs, now)
    page = Paginator(found.values_list("pk", flat=True), PAGE).get_page(asked.page)
    rows = rows_of(user, list(page), now, programs)  # what a row shows is read for a page, not for all that are sorted
    query = urlencode(asked.params())
    return QueuePage(
        rows=[rows[key] for key in page if key in rows],
        counts=_count_chips(kinds),
        views=[Link(text, asked.url(view=key), key == asked.view) for key, text in VIEWS.items()],
        kinds=_kind_links(asked, kinds),
        sorts={key or "urgency": Link(text, asked.url(sort=key), key == asked.sort) for key, text in SORTS.items()},
        asked=asked,
        hidden=list(asked.params().items()),
        searched=list(asked.params(q="").items()),
        page=page,
        query=f"{query}&" if query else "",
        selectable=asked.view not in UNDECIDABLE and any(roles_in(user, pk) for pk in programs),
        all_of_view=min(page.paginator.count, MOST),
        programs=sorted(programs.values(), key=lambda program: (program.name, str(program.pk))),
        empty=_empty(asked),
        all_url=reverse("review:queue"),
        filtered=bool(asked.view or asked.kind or asked.words),
        kind_label=kind_chip(asked.kind).text if asked.kind else "Kind",
    )


def ids_in_view(user: Any, data: Mapping[str, str], now: datetime, most: int) -> list[Any]:
    """The cases of a view that can be decided, the first `most` in its order."""
    asked = Asked.of(data)
    programs = programs_with_lines(user)
    rows = _chosen(user, asked, programs, now).filter(status__in=(CaseStatus.OPEN, CaseStatus.IN_REVIEW))
    return list(_ordered(rows, asked.sort, programs, now).values_list("pk", flat=True)[:most])


def first_free(user: Any, data: Mapping[str, str], now: datetime, but: Any = None) -> Case | None:
    """The first case of a view, `but` that one, that can be worked on and is nobody else's; what `user` skipped comes
    last."""
    asked = Asked.of(data)
    programs = programs_with_lines(user)
    others = Assignment.objects.filter(case=OuterRef("pk"), released_at__isnull=True, lease_until__gt=now)
    free = _chosen(user, asked, programs, now).filter(
        Q(assignee__isnull=True) | Q(assignee=user),
        ~Exists(others.exclude(user=user)),
        ~Q(pk=but),
        status__in=(CaseStatus.OPEN, CaseStatus.IN_REVIEW),
        held_until=None,
    )
    skips = Skip.objects.filter(case=OuterRef("pk"), user=user, recommendation__superseded_at__isnull=True)
    ordered = _ordered(free, asked.order, programs, now)
    latest = skips.order_by("-skipped_at", "-pk").values("skipped_at")[:1]
    return (
        ordered.filter(~Exists(skips)).first() or ordered.annotate(skipped=latest).order_by("skipped", "number").first()
    )


def _open(user: Any, view: str = "") -> models.QuerySet[Case]:
    statuses = [status.value for status in _STATUSES.get(view, ACTIVE)]
    return visible(user, Case.objects.filter(status__in=statuses))


def _by_kind(user: Any, now: datetime) -> Any:
    """Open cases by kind, with how many are at risk and over: the header's counts and the kinds' links, one query."""
    over = Q(paused_at__isnull=True, due_at__lt=now) | Q(paused_at__gt=F("due_at"))
    risk = Q(paused_at__isnull=True, at_risk_at__lte=now, due_at__gte=now)
    rows = _open(user).values("kind").order_by("kind")
    return rows.annotate(n=Count("pk"), risk=Count("pk", filter=risk), over=Count("pk", filter=over))


def _count_chips(kinds: list[dict[str, Any]]) -> list[Chip]:
    total, risk, over = (sum(row[key] for row in kinds) for key in ("n", "risk", "over"))
    return [
        Chip(f"{total} open"),
        Chip(f"{risk} at risk", "warn" if risk else "", "clock"),
        Chip(f"{over} breached", "bad" if over else "", "alert" if over else "check"),
    ]


def _kind_links(asked: Asked, kinds: list[dict[str, Any]]) -> list[Link]:
    """The kinds that are there (and the chosen one), each with its count; with one kind there is nothing to choose."""
    if len(kinds) < 2 and not asked.kind:
        return []
    links = [
        Link(f"{kind_chip(row['kind']).text} {row['n']}", asked.url(kind=row["kind"]), row["kind"] == asked.kind)
        for row in kinds
    ]
    return [Link("Every kind", asked.url(kind=""), not asked.kind), *links]


def _chosen(user: Any, asked: Asked, programs: Mapping[Any, Program], now: datetime) -> models.QuerySet[Case]:
    rows = _open(user, asked.view)
    if asked.kind:
        rows = rows.filter(kind=asked.kind)
    if asked.words:
        rows = rows.filter(pk__in=_found(rows, asked.words))
    if asked.view == "mine":  # each way has an index, both at once have none
        held = Assignment.objects.filter(user=user, released_at__isnull=True)
        rows = rows.filter(pk__in=_open(user).filter(assignee=user).values("pk").union(held.values("case")))
    elif asked.view == "due":
        until = [Q(program_id=pk, due_at__lte=p.calendar.add_hours(now, SOON_HOURS)) for pk, p in programs.items()]
        rows = rows.filter(_any(until), paused_at__isnull=True)
    elif asked.view == "step":
        rows = rows.filter(_any([Q(program_id=pk, pending__0__in=_steps(user, pk)) for pk in programs]))
    elif asked.view == "high":
        rows = rows.filter(amount__gte=HIGH_VALUE)
    elif asked.view == "abstained":
        rows = _said_own_view(rows, user, programs).filter(Exists(in_force().filter(abstained=True)))
    elif asked.view == "differs":
        rows = _said_own_view(rows, user, programs).filter(
            Exists(in_force().filter(opinion__status="ok", opinion__agrees=False))
        )
    elif asked.view == "waiting":
        rows = rows.filter(status__in=(CaseStatus.AWAITING_INFORMATION, *TALKS))
    elif asked.view == "escalated":
        rows = rows.filter(escalated_to_roles(user, programs))
    return rows


def _said_own_view(rows: models.QuerySet[Case], user: Any, programs: Mapping[Any, Program]) -> models.QuerySet[Case]:
    """Without the cases that wait for the reader's own view: of those nothing of the recommendation is told."""
    return rows.alias(own_first=owed(user, programs.values())).filter(own_first=False)


def escalated_to_roles(user: Any, programs: Iterable[Any]) -> Q:
    """Cases on which one of the user's roles was told last, in these programs (their ids)."""
    return _any([Q(program_id=pk, escalated_to__in=[r.value for r in roles_in(user, pk)]) for pk in programs])


def _any(conditions: list[Q]) -> Q:
    found = Q(pk__in=[])
    for condition in conditions:
        found |= condition
    return found


def _steps(user: Any, program_id: Any) -> list[str]:
    """The next steps of a route that wait for one of the user's roles, those of a second person included."""
    mine = roles_in(user, program_id)
    firsts = ("partner_manager", "channel_lead", "revenue_lead", "sales_ops", "legal")
    seconds = {f"{SECOND}{first}" for first in firsts for role in mine if may_second(first, role.value)}
    return sorted({role.value for role in mine} | seconds)


def _found(rows: models.QuerySet[Case], words: str) -> list[Any]:
    """The ids of cases by their account, a partner, or a number of the case or a registration: one query, each way by itself.

    Names are read of the accounts of these cases alone, by their ids: joined, all accounts would be read, most of which have
    no open case; case by case, it takes half as long again.
    """
    theirs = ArraySubquery(rows.order_by().values("account"))
    any_of = Func(theirs, function="any")
    is_theirs = Func(F("pk"), any_of, template="%(expressions)s", arg_joiner=" = ", output_field=models.BooleanField())
    named = Account.objects.filter(is_theirs, name__icontains=words)
    numbers = (begins("number", words.upper()), begins("external_id", words), begins("external_id", words.upper()))
    parties = [
        Q(partner__in=Partner.objects.filter(name__icontains=words).values("pk")),
        *(Q(registration__in=Registration.objects.filter(number).values("pk")) for number in numbers),
    ]
    ways = [rows.filter(pk__in=Party.objects.filter(way, left_at__isnull=True).values("case")) for way in parties]
    number = re.sub(r"^cf-?", "", words.lower())
    if number.isascii() and number.isdigit() and len(number) < 10:
        ways.append(rows.filter(number=int(number)))
    by_account = rows.filter(account__in=named.values("pk"))
    return list(by_account.values_list("pk", flat=True).union(*(way.values_list("pk", flat=True) for way in ways)))


def _ordered(
    rows: models.QuerySet[Case], sort: str, programs: Mapping[Any, Program], now: datetime
) -> models.QuerySet[Case]:
    order: dict[str, tuple[Any, ...]] = {
        "": (F("paused_at").asc(nulls_first=True), urgency(programs, now), "number"),
        "due": (F("paused_at").asc(nulls_first=True), "due_at", "number"),
        "amount": (F("amount").desc(nulls_last=True), "number"),
        "newest": ("-opened_at", "-number"),
        "appeal": ("appeal_due_at", "number"),
        "account": ("account__name", "number"),
    }
    return rows.order_by(*order[sort])


def _empty(asked: Asked) -> tuple[str, str]:
    if asked.words:
        return (
            f"Nothing found for '{asked.words}'",
            "Search for an account, a partner, a case number or a registration number.",
        )
    if asked.kind:
        return "No open case of this kind in this view", "Choose another kind, or every kind."
    return _EMPTY[asked.view]
