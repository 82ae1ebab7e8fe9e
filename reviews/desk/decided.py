"""What was decided: what leaves soon on top, then the latest first, with who stood behind it and whether the writes went out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.core.paginator import Page, Paginator
from django.db.models import Count, F, OuterRef, Q, Value
from django.db.models.functions import Coalesce
from django.urls import reverse

from conflicts.wording import money
from partners.models import Partner
from partners.permissions import visible
from reviews.desk.queue import PAGE, Asked
from reviews.desk.rows import programs_with_lines
from reviews.desk.words import Chip, ClockView, choice_title, clock_of, kind_chip, products_text
from reviews.models import Case, Decision, OutboxStatus, Party
from reviews.services.decisions import choice_of
from reviews.states import CaseStatus


@dataclass(frozen=True)
class DecidedRow:
    """One decided case."""

    url: str
    account: str
    ref: str
    products: str
    kind: Chip
    outcome: str
    override: bool
    by: str
    at: datetime  # when it left, or will
    leaves: bool
    amount: str
    clock: ClockView
    writes: Chip | None


@dataclass(frozen=True)
class DecidedPage:
    """The list of decided cases."""

    rows: list[DecidedRow]
    page: Page
    words: str
    query: str


def decided_page(user: Any, data: Mapping[str, str], now: datetime) -> DecidedPage:
    """The decided cases that `user` may see, found by account, partner or case number."""
    words = Asked.of(data).words
    programs = programs_with_lines(user)
    page = Paginator(_rows(user, words), PAGE).get_page(data.get("page"))
    cases = list(page)
    decisions = _latest(cases)
    names = _names(decisions.values())
    rows = [_row(case, decisions[case.pk], programs[case.program_id], names, now) for case in cases]
    return DecidedPage(rows, page, words, f"q={words}&" if words else "")


_ANY_OUTCOME = Q(decided_at__isnull=False) | Q(status=CaseStatus.SETTLING)


def _rows(user: Any, words: str) -> Any:
    rows = visible(user, Case.objects.filter(_ANY_OUTCOME)).select_related("account")
    if words:
        number = words.lower().removeprefix("cf-")
        found = Q(account__name__icontains=words) | Q(
            pk__in=Party.objects.filter(partner__name__icontains=words).values("case")
        )
        if number.isascii() and number.isdigit() and len(number) < 10:
            found |= Q(number=int(number))
        rows = rows.filter(found)
    sent = Count("outbox", filter=Q(outbox__status=OutboxStatus.DELIVERED))
    dead = Count("outbox", filter=Q(outbox__status=OutboxStatus.DEAD))
    party = Coalesce("partner__name", Value("Direct team"))
    names = ArraySubquery(
        Party.objects.filter(case=OuterRef("pk"), left_at__isnull=True).order_by("joined_at").values(n=party)
    )
    return rows.annotate(writes=Count("outbox"), sent=sent, dead=dead, party_names=names).order_by(
        F("decided_at").desc(nulls_first=True), "-number"
    )


def _latest(cases: list[Case]) -> dict[Any, Decision]:
    rows = Decision.objects.filter(case__in=cases).select_related("decided_by").defer("snapshot").order_by("number")
    return {decision.case_id: decision for decision in rows}


def _names(decisions: Any) -> dict[str, str]:
    wanted = {who for d in decisions for who in (*d.shares, *d.support, str(d.owner_id or ""))} - {"", "direct"}
    return {str(pk): name for pk, name in Partner.objects.filter(pk__in=wanted).values_list("pk", "name")}


def _row(case: Any, decision: Decision, program: Any, names: Mapping[str, str], now: datetime) -> DecidedRow:
    return DecidedRow(
        url=reverse("review:case", args=[case.pk]),
        account=case.account.name,
        ref=case.ref,
        products=products_text(case.product_lines, program.lines),
        kind=kind_chip(case.kind),
        outcome=choice_title(choice_of(decision), lambda who: names.get(who, "the direct team")),
        override=decision.is_override,
        by=str(decision.decided_by or "the product"),
        at=case.decided_at or case.settles_at,
        leaves=case.decided_at is None,
        amount=money(case.amount, program.currency) if case.amount is not None else "–",
        clock=clock_of(case, now, program.calendar),
        writes=_writes(case),
    )


def _writes(case: Any) -> Chip | None:
    if not case.writes:
        return None
    if case.dead:
        return Chip(f"{case.dead} need a person", "bad", "alert")
    if case.sent == case.writes:
        return Chip(f"{case.sent} written", "good", "check")
    return Chip(f"{case.sent} of {case.writes} written", "", "send")


def is_decided(case: Case) -> bool:
    """Whether the case has an outcome, even if it has not left yet."""
    return case.status in (CaseStatus.SETTLING, CaseStatus.DECIDED, CaseStatus.APPEALED, CaseStatus.FINAL) or (
        case.status == CaseStatus.CLOSED and bool(case.decided_at)
    )
