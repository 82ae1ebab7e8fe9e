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
from django.db.models import Count, Exists, F, OuterRef, Q, Value
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Coalesce, JSONObject, NullIf
from django.urls import reverse

from conflicts.models import Finding, Recommendation
from conflicts.wording import listing, money
from partners.models import ProductLine, Program
from partners.permissions import programs_of, roles_in, visible
from reviews.desk.opinion import DIFFERS
from reviews.desk.urgency import HIGH_VALUE, urgency
from reviews.desk.words import Chip, ClockView, advice_title, clock_of, confidence_chip, kind_chip, products_text
from reviews.models import Assignment, Case, Message, Party
from reviews.permissions import SECOND, label
from reviews.routing import may_second
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
}
SORTS = {"": "Urgency", "account": "Case", "amount": "At stake", "due": "Clock", "newest": "Newest"}
_SAID = {name: name for name in ("action", "confidence", "abstained")}
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
class Row:
    """One case as the queue shows it."""

    url: str
    account: str
    ref: str
    products: str
    kind: Chip
    parties: str
    all_parties: str
    at_stake: str
    advice: str
    confidence: Chip | None
    second: Chip | None
    clock: ClockView
    holder: str
    step: str
    escalated: str


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
    empty: tuple[str, str]
    all_url: str
    filtered: bool
    kind_label: str


def queue_page(user: Any, data: Mapping[str, str], now: datetime) -> QueuePage:
    """Everything the queue shows to `user`."""
    asked = Asked.of(data)
    programs = programs_with_lines(user)
    kinds = list(_by_kind(user, now))
    page = Paginator(_ordered(_chosen(user, asked, programs, now), asked.sort, programs, now), PAGE).get_page(
        asked.page
    )
    query = urlencode(asked.params())
    return QueuePage(
        rows=[_row(case, user, programs[case.program_id], now) for case in page],
        counts=_count_chips(kinds),
        views=[Link(text, asked.url(view=key), key == asked.view) for key, text in VIEWS.items()],
        kinds=_kind_links(asked, kinds),
        sorts={key or "urgency": Link(text, asked.url(sort=key), key == asked.sort) for key, text in SORTS.items()},
        asked=asked,
        hidden=list(asked.params().items()),
        searched=list(asked.params(q="").items()),
        page=page,
        query=f"{query}&" if query else "",
        empty=_empty(asked),
        all_url=reverse("review:queue"),
        filtered=bool(asked.view or asked.kind or asked.words),
        kind_label=kind_chip(asked.kind).text if asked.kind else "Kind",
    )


def programs_with_lines(user: Any) -> dict[Any, Any]:
    """The programs whose cases `user` sees, each with the names of its product lines (`lines`), in one query."""
    lines = ProductLine.objects.filter(program=OuterRef("pk")).values(json=JSONObject(code="code", name="name"))
    rows = Program.objects.filter(pk__in=programs_of(user)).annotate(found=ArraySubquery(lines))
    programs: dict[Any, Any] = {program.pk: program for program in rows}
    for program in programs.values():
        program.lines = {line["code"]: line["name"] for line in program.found}
    return programs


def first_free(user: Any, data: Mapping[str, str], now: datetime) -> Case | None:
    """The first case of a view that can be worked on and that nobody else holds."""
    asked = Asked.of(data)
    programs = programs_with_lines(user)
    others = Assignment.objects.filter(case=OuterRef("pk"), released_at__isnull=True, lease_until__gt=now)
    free = _chosen(user, asked, programs, now).filter(status__in=(CaseStatus.OPEN, CaseStatus.IN_REVIEW))
    return _ordered(free.filter(~Exists(others.exclude(user=user))), asked.sort, programs, now).first()


def _open(user: Any, view: str = "") -> models.QuerySet[Case]:
    statuses = (CaseStatus.SNOOZED,) if view == "snoozed" else ACTIVE
    return visible(user, Case.objects.filter(status__in=[status.value for status in statuses]))


def _by_kind(user: Any, now: datetime) -> Any:
    """Open cases by kind, with how many are at risk and over: the header's counts and the kinds' links, one query."""
    over = Q(paused_at__isnull=True, due_at__lt=now) | Q(paused_at__gt=F("due_at"))
    risk = Q(paused_at__isnull=True, at_risk_at__lte=now, due_at__gte=now)
    return (
        _open(user)
        .values("kind")
        .annotate(n=Count("pk"), risk=Count("pk", filter=risk), over=Count("pk", filter=over))
        .order_by("kind")
    )


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
        rows = rows.filter(_said(asked.words))
    if asked.view == "mine":
        rows = rows.filter(Exists(Assignment.objects.filter(case=OuterRef("pk"), user=user, released_at__isnull=True)))
    elif asked.view == "due":
        until = [Q(program_id=pk, due_at__lte=p.calendar.add_hours(now, SOON_HOURS)) for pk, p in programs.items()]
        rows = rows.filter(_any(until), paused_at__isnull=True)
    elif asked.view == "step":
        rows = rows.filter(_any([Q(program_id=pk, pending__0__in=_steps(user, pk)) for pk in programs]))
    elif asked.view == "high":
        rows = rows.filter(amount__gte=HIGH_VALUE)
    elif asked.view == "abstained":
        rows = rows.filter(Exists(_in_force().filter(abstained=True)))
    elif asked.view == "differs":
        rows = rows.filter(Exists(_in_force().filter(opinion__status="ok", opinion__agrees=False)))
    elif asked.view == "waiting":
        rows = rows.filter(status__in=(CaseStatus.AWAITING_INFORMATION, *TALKS))
    elif asked.view == "escalated":
        rows = rows.filter(escalated_to_roles(user, programs))
    return rows


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


def _said(words: str) -> Q:
    """An account, a partner, or a number of a case or a registration."""
    number = re.sub(r"^cf-?", "", words.lower())
    found = Q(account__name__icontains=words) | Q(
        Exists(
            Party.objects.filter(case=OuterRef("pk"), left_at__isnull=True).filter(
                Q(partner__name__icontains=words)
                | Q(registration__number__istartswith=words)
                | Q(registration__external_id__istartswith=words)
            )
        )
    )
    return found | Q(number=int(number)) if number.isascii() and number.isdigit() and len(number) < 10 else found


def _in_force() -> models.QuerySet[Recommendation]:
    return Recommendation.objects.filter(conflict=OuterRef("conflict"), superseded_at__isnull=True)


def _ordered(
    rows: models.QuerySet[Case], sort: str, programs: Mapping[Any, Program], now: datetime
) -> models.QuerySet[Case]:
    order: dict[str, tuple[Any, ...]] = {
        "": (F("paused_at").asc(nulls_first=True), urgency(programs, now), "number"),
        "due": (F("paused_at").asc(nulls_first=True), "due_at", "number"),
        "amount": (F("amount").desc(nulls_last=True), "number"),
        "newest": ("-opened_at", "-number"),
        "account": ("account__name", "number"),
    }
    return rows.select_related("account").annotate(**_shown()).order_by(*order[sort])


def _shown() -> dict[str, Any]:
    """What a row shows of other tables, as one value each: no query a row."""
    party = Coalesce("partner__name", Value("Direct team"))
    name = Coalesce(NullIf("user__display_name", Value("")), "user__username")
    title = KeyTextTransform("title", KeyTransform("0", KeyTransform("options", "result")))
    return {
        "advised": _in_force().values(
            json=JSONObject(title=title, model="opinion__status", agrees="opinion__agrees", **_SAID)
        )[:1],
        "wakes_at": Finding.objects.filter(
            conflict=OuterRef("conflict"), gone_at__isnull=True, snoozed_until__isnull=False
        )
        .order_by("snoozed_until")
        .values("snoozed_until")[:1],
        "held": Assignment.objects.filter(case=OuterRef("pk"), released_at__isnull=True).values(
            json=JSONObject(user="user_id", name=name, until="lease_until")
        )[:1],
        "party_names": ArraySubquery(
            Party.objects.filter(case=OuterRef("pk"), left_at__isnull=True).order_by("joined_at", "pk").values(n=party)
        ),
        "waits_for": ArraySubquery(
            Message.objects.filter(party__case=OuterRef("pk"), from_party=False, answered_at__isnull=True)
            .order_by("sent_at", "pk")
            .values(n=Coalesce("partner__name", Value("Direct team")))
        ),
    }


def _row(case: Any, user: Any, program: Any, now: datetime) -> Row:
    advised, names = case.advised or {}, case.party_names
    action, abstained = advised.get("action", ""), bool(advised.get("abstained"))
    said = {"action": action, "abstained": abstained}
    shown = ", ".join(names) if len(names) < 3 else f"{len(names)} parties"
    return Row(
        url=reverse("review:case", args=[case.pk]),
        account=case.account.name,
        ref=case.ref,
        products=products_text(case.product_lines, program.lines),
        kind=kind_chip(case.kind),
        parties=shown,
        all_parties=listing(names) if len(names) > 2 else "",
        at_stake=money(case.amount, program.currency) if case.amount is not None else "–",
        advice=advice_title(advised.get("title") or "", **said),
        confidence=confidence_chip(advised["confidence"], **said) if advised else None,
        second=DIFFERS if advised.get("model") == "ok" and advised.get("agrees") is False else None,
        clock=clock_of(case, now, program.calendar, list(dict.fromkeys(case.waits_for)), case.wakes_at),
        holder=_holder(case.held, user, now),
        step=label(case.pending[0]).split(" (")[0] if case.pending else "",
        escalated=label(case.escalated_to) if case.escalated_to else "",
    )


def _holder(held: dict[str, Any] | None, user: Any, now: datetime) -> str:
    """Who works on a case: 'you' also when the ten minutes are over, others only within them."""
    if not held:
        return ""
    if str(held["user"]) == str(user.pk):
        return "you"
    return held["name"] if datetime.fromisoformat(held["until"]) > now else ""


def _empty(asked: Asked) -> tuple[str, str]:
    if asked.words:
        return (
            f"Nothing found for '{asked.words}'",
            "Search for an account, a partner, a case number or a registration number.",
        )
    if asked.kind:
        return "No open case of this kind in this view", "Choose another kind, or every kind."
    return _EMPTY[asked.view]
