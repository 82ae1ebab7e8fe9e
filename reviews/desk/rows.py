"""A case as one line of the queue: what it shows of other tables comes with its own query."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import OuterRef, Value
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Coalesce, JSONObject, NullIf
from django.urls import reverse

from channelconflict.models import User
from conflicts.models import Finding, Recommendation
from conflicts.wording import listing, money
from partners.models import ProductLine, Program
from partners.permissions import programs_of, roles_in, visible
from reviews.desk.opinion import DIFFERS
from reviews.desk.own_view import owed
from reviews.desk.words import Chip, ClockView, advice_title, clock_of, confidence_chip, kind_chip, products_text
from reviews.models import Assignment, Case, Message, Party
from reviews.permissions import label
from reviews.states import CaseStatus

OWN_VIEW_FIRST = "Your own view first"
_SAID = {name: name for name in ("action", "confidence", "abstained")}


@dataclass(frozen=True)
class Row:
    """One case as the queue shows it."""

    pk: Any
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
    assigned: str
    step: str
    selectable: bool
    escalated: str
    own_view_first: bool


def programs_with_lines(user: Any) -> dict[Any, Any]:
    """The programs whose cases `user` sees, each with the names of its product lines (`lines`), in one query."""
    lines = ProductLine.objects.filter(program=OuterRef("pk")).values(json=JSONObject(code="code", name="name"))
    rows = Program.objects.filter(pk__in=programs_of(user)).annotate(found=ArraySubquery(lines))
    programs: dict[Any, Any] = {program.pk: program for program in rows}
    for program in programs.values():
        program.lines = {line["code"]: line["name"] for line in program.found}
    return programs


def in_force() -> models.QuerySet[Recommendation]:
    """The recommendation in force of the outer query's case."""
    return Recommendation.objects.filter(conflict=OuterRef("conflict"), superseded_at__isnull=True)


def shown() -> dict[str, Any]:
    """What a row shows of other tables, as one value each: no query a row."""
    party = Coalesce("partner__name", Value("Direct team"))
    name = Coalesce(NullIf("user__display_name", Value("")), "user__username")
    person = Coalesce(NullIf("display_name", Value("")), "username")
    title = KeyTextTransform("title", KeyTransform("0", KeyTransform("options", "result")))
    return {
        "advised": in_force().values(
            json=JSONObject(title=title, model="opinion__status", agrees="opinion__agrees", **_SAID)
        )[:1],
        "wakes_at": Finding.objects.filter(
            conflict=OuterRef("conflict"), gone_at__isnull=True, snoozed_until__isnull=False
        )
        .order_by("snoozed_until")
        .values("snoozed_until")[:1],
        "assignee_name": User.objects.filter(pk=OuterRef("assignee")).values(n=person)[:1],
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


def _step(case: Any) -> str:
    """For whom the case waits."""
    if case.pending:
        return label(case.pending[0]).split(" (")[0]
    return "another decider" if case.status == CaseStatus.APPEALED else ""


def row_of(case: Any, user: Any, program: Any, now: datetime) -> Row:
    # Until their own view is said, they see neither the recommendation nor whose claims these are.
    hidden = case.own_view_first
    advised, names = ({} if hidden else case.advised or {}), case.party_names
    action, abstained = advised.get("action", ""), bool(advised.get("abstained"))
    said = {"action": action, "abstained": abstained}
    shown = ", ".join(names) if len(names) < 3 else f"{len(names)} parties"
    return Row(
        pk=case.pk,
        url=reverse("review:case", args=[case.pk]),
        account=case.account.name,
        ref=case.ref,
        products=products_text(case.product_lines, program.lines),
        kind=kind_chip(case.kind),
        parties=f"{len(names)} claimant{'s' if len(names) != 1 else ''}, names hidden" if hidden else shown,
        all_parties=listing(names) if len(names) > 2 and not hidden else "",
        at_stake=money(case.amount, program.currency) if case.amount is not None else "–",
        advice=OWN_VIEW_FIRST if hidden else advice_title(advised.get("title") or "", **said),
        confidence=confidence_chip(advised["confidence"], **said) if advised else None,
        second=DIFFERS if advised.get("model") == "ok" and advised.get("agrees") is False else None,
        clock=clock_of(
            case, now, program.calendar, [] if hidden else list(dict.fromkeys(case.waits_for)), case.wakes_at
        ),
        holder=_holder(case.held, user, now),
        assigned=_assigned(case, user),
        step=_step(case),
        selectable=case.status in (CaseStatus.OPEN, CaseStatus.IN_REVIEW) and bool(roles_in(user, case.program_id)),
        escalated=label(case.escalated_to) if case.escalated_to else "",
        own_view_first=hidden,
    )


def _assigned(case: Any, user: Any) -> str:
    """Whose case it is to be; nobody says nothing."""
    return "you" if case.assignee_id == user.pk else case.assignee_name or ""


def _holder(held: dict[str, Any] | None, user: Any, now: datetime) -> str:
    """Who works on a case: 'you' also when the ten minutes are over, others only within them."""
    if not held:
        return ""
    if str(held["user"]) == str(user.pk):
        return "you"
    return held["name"] if datetime.fromisoformat(held["until"]) > now else ""


def rows_of(user: Any, ids: Collection[Any], now: datetime, programs: dict[Any, Any] | None = None) -> dict[Any, Row]:
    """The lines of some cases that `user` sees, by id; `programs` = programs_with_lines, where they are known already."""
    programs = programs or programs_with_lines(user)
    cases = (
        visible(user, Case.objects.filter(pk__in=ids))
        .select_related("account")
        .annotate(own_view_first=owed(user, programs.values()), **shown())
    )
    return {case.pk: row_of(case, user, programs[case.program_id], now) for case in cases}
