"""Concerns as the desk shows them: the list, one concern with what is like it, and what is like one that is being raised."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet
from django.urls import reverse

from channelconflict.models import User
from conflicts.models import Precedent
from conflicts.precedents import Given, Traits, likeness
from partners.models import Account, ProductLine, Program
from partners.permissions import visible
from reviews.categories import BY_CODE
from reviews.concern_states import ConcernStatus
from reviews.desk.precedents import traits_of
from reviews.desk.programs import Chosen, chosen_program
from reviews.desk.words import Chip, ClockView, clock_words, day_of, products_text, stamp
from reviews.models import Case, Concern, ConcernReview
from reviews.services.concerns import claims_about, review_of, why_not_worked

PAGE = 50
COMPARED, SHOWN = 100, 4  # decided cases that are compared, of each kind; and shown
VIEWS = {
    "": ("To answer", (ConcernStatus.RECEIVED,)),
    "cases": ("In a case", (ConcernStatus.IN_CASE,)),
    "answered": ("Answered", (ConcernStatus.ANSWERED,)),
    "mine": ("Raised by me", tuple(ConcernStatus)),
}
CHIPS = {
    ConcernStatus.RECEIVED: Chip("to be answered", "acc", "message"),
    ConcernStatus.IN_CASE: Chip("in a case", "", "gavel"),
    ConcernStatus.ANSWERED: Chip("answered", "good", "check"),
}


@dataclass(frozen=True)
class ConcernRow:
    """One concern of the list."""

    concern: Concern
    category: str
    by: str
    clock: ClockView | None
    chip: Chip


@dataclass(frozen=True)
class ConcernsPage:
    """The list."""

    program: Chosen
    rows: list[ConcernRow]
    page: Page
    view: str
    views: list[tuple[str, str, bool]]


@dataclass(frozen=True)
class Alike:
    """A decided case that is like what was raised: what it came to, and in what it is alike."""

    url: str
    ref: str
    account: str
    outcome: str
    when: str
    same: str


@dataclass(frozen=True)
class Before:
    """A concern of the same category that was answered: what came of it."""

    url: str
    number: str
    account: str
    outcome: str
    when: str


@dataclass(frozen=True)
class Similar:
    """What the past says about something like this. For staff alone."""

    cases: list[Alike]
    concerns: list[Before]


@dataclass(frozen=True)
class ConcernPage:
    """One concern as staff see it."""

    concern: Concern
    review: ConcernReview
    category: str
    means: str
    by: str
    raised: str
    happened: str
    products: str
    chip: Chip
    clock: ClockView | None
    case: Case | None
    similar: Similar
    claims: list[str]
    why_not: str
    may_answer: bool
    may_make_case: bool


def concerns_page(user: Any, data: Mapping[str, str], now: datetime) -> ConcernsPage:
    """One page of concerns, the first due on top; answered ones the latest first."""
    chosen = chosen_program(user, data)
    view = data.get("view", "") if data.get("view", "") in VIEWS else ""
    rows = visible(user, Concern.objects.filter(program=chosen.program, status__in=VIEWS[view][1]))
    if view == "mine":
        rows = rows.filter(raised_by_id=user.pk)
    order = ("due_at", "pk") if view == "" else ("-raised_at", "-pk")
    page = Paginator(rows.select_related("partner").order_by(*order), PAGE).get_page(data.get("page"))
    people = _people(concern.raised_by_id for concern in page if concern.partner_id is None)
    return ConcernsPage(
        program=chosen,
        rows=[
            ConcernRow(c, BY_CODE[c.category].title, _by(c, people, user), _clock(c, chosen.program, now),
                       CHIPS[ConcernStatus(c.status)])
            for c in page
        ],
        page=page,
        view=view,
        views=[(key, label, key == view) for key, (label, _) in VIEWS.items()],
    )  # fmt: skip


def concern_page(user: Any, concern: Concern, now: datetime) -> ConcernPage:
    """Everything that the page of a concern shows to `user`."""
    review, waits = review_of(concern), concern.status == ConcernStatus.RECEIVED
    claims = list(
        claims_about(concern).select_related("registration__partner").order_by("registration__submitted_at", "pk")
    )
    why_not = why_not_worked(user, concern)
    lines = dict(ProductLine.objects.filter(program=concern.program).values_list("code", "name"))
    category = BY_CODE[concern.category]
    return ConcernPage(
        concern=concern,
        review=review,
        category=category.title,
        means=category.means,
        by=_by(concern, _people([concern.raised_by_id]), user),
        raised=stamp(concern.raised_at),
        happened=day_of(concern.happened_on) or "not said",
        products=products_text(concern.product_lines, lines) if concern.product_lines else "not said",
        chip=CHIPS[ConcernStatus(concern.status)],
        clock=_clock(concern, concern.program, now),
        case=review.case,
        similar=similar(user, concern.program, concern.category, review.account, concern.product_lines, but=concern),
        claims=[f"{c.registration.claimant_name} {c.registration.ref}, {c.registration.get_status_display().lower()}"
                for c in claims if c.registration],
        why_not=why_not,
        may_answer=waits and not why_not,
        may_make_case=waits and not why_not and bool(claims),
    )  # fmt: skip


def similar(
    user: Any,
    program: Program,
    category: str,
    account: Account | None,
    lines: Iterable[str],
    but: Concern | None = None,
) -> Similar:
    """Decided cases of the kinds that the category is like, those most alike first, and answered concerns of it."""
    kinds = BY_CODE[category].kinds
    mine = visible(user, Precedent.objects.filter(program=program))
    found: list[Precedent] = []
    if kinds:
        latest = (mine.filter(kind=kind).order_by("-decided_at")[:COMPARED] for kind in kinds)
        several: QuerySet[Precedent] = reduce(lambda left, right: left.union(right), latest)
        found = list(several)
    here = Traits(
        kind="",
        country=account.country if account else "",
        subdivision=account.subdivision if account else "",
        segment=account.segment if account else "",
        product_lines=frozenset(lines),
    )
    scored = [(likeness(here, traits_of(row)), row) for row in found]
    scored.sort(key=lambda item: (-item[0].score, -item[1].decided_at.timestamp(), str(item[1].pk)))
    best = scored[:SHOWN]
    cases = Case.objects.filter(conflict__in=[row.conflict_id for _, row in best], decided_at__isnull=False)
    by_conflict = {case.conflict_id: case for case in cases.select_related("account", "study").order_by("number")}
    return Similar(
        cases=[
            Alike(reverse("review:study", args=[case.study.pk]), case.ref, case.account.name,
                  Given(row.action, row.to).words, day_of(row.decided_at), "; ".join(alike.same))
            for alike, row in best
            if (case := by_conflict.get(row.conflict_id)) is not None and hasattr(case, "study")
        ],
        concerns=_answered(user, program, category, account, but),
    )  # fmt: skip


def _answered(user: Any, program: Program, category: str, account: Account | None, but: Concern | None) -> list[Before]:
    rows = visible(user, ConcernReview.objects.filter(program=program)).exclude(outcome="")
    alike = Q(concern__category=category) | (Q(account=account) if account else Q())
    rows = rows.filter(alike, concern__status=ConcernStatus.ANSWERED).exclude(concern=but)
    latest = rows.select_related("concern").order_by("-reviewed_at", "-pk")[:SHOWN]
    return [
        Before(reverse("review:concern", args=[row.concern_id]), row.concern.number, row.concern.account_name,
               row.get_outcome_display(), day_of(row.reviewed_at))
        for row in latest
    ]  # fmt: skip


def _clock(concern: Concern, program: Program, now: datetime) -> ClockView | None:
    """The first answer within so many open hours; nothing once it was given."""
    if concern.status != ConcernStatus.RECEIVED:
        return None
    return clock_words(concern.due_at, now, program.calendar)


def _people(ids: Iterable[Any]) -> dict[Any, User]:
    return User.objects.in_bulk(set(ids))


def _by(concern: Concern, people: Mapping[Any, User], user: Any) -> str:
    if concern.partner:
        return concern.partner.name
    return "you" if concern.raised_by_id == user.pk else str(people.get(concern.raised_by_id, "staff"))
