"""Decided cases like this one: read by index in two queries, however many there are, compared, and told."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce

from django.db.models import Q, QuerySet
from django.urls import reverse

from conflicts.models import OutputPart, Precedent
from conflicts.precedents import (
    ENOUGH,
    UNKNOWN_BAND,
    Given,
    Likeness,
    Traits,
    departs,
    given,
    leaning,
    likeness,
    most_alike,
    traits,
)
from partners.permissions import visible
from reviews.desk.feedback import Asked
from reviews.desk.material import Material
from reviews.desk.words import age
from reviews.models import Case

LATEST = 150  # of each way of being alike; a case page compares no more, whatever is in the database


@dataclass(frozen=True)
class Before:
    """A decided case: how like this one it is and why, and what it came to."""

    url: str
    ref: str
    account: str
    outcome: str
    when: str
    score: int
    same: str
    other: str
    override: bool
    asked: Asked


@dataclass(frozen=True)
class PrecedentCard:
    """The most similar decided cases; `departs` warns, `leaning` tells what they came to where nothing is recommended."""

    rows: list[Before]
    departs: str
    leaning: str
    few: bool
    enough: int = ENOUGH


def precedent_card(m: Material) -> PrecedentCard:
    """What was decided in cases like this one, before it was decided itself."""
    here = traits(
        m.facts, m.policy, kind=m.case.kind, findings={f.kind for f in m.findings}, account_id=str(m.case.account_id)
    )
    now = given(m.facts, m.policy, m.answer.action, m.answer.owner or "")
    found = [(row, likeness(here, traits_of(row))) for row in candidates(m, here)]
    best = [found[place] for place in most_alike((alike, row.decided_at.timestamp()) for row, alike in found)]
    before = [Given(row.action, row.to) for row, _ in best]
    return PrecedentCard(
        rows=_told(m, best),
        departs=departs(now, before),
        leaning=leaning(before) if m.answer.abstained else "",
        few=len(best) < ENOUGH,
    )


def candidates(m: Material, here: Traits) -> list[Precedent]:
    """The latest of each way of being alike, each once: one query of indexed parts."""
    rows = visible(m.user, Precedent.objects.all()).filter(program=m.case.program_id, kind=here.kind)
    rows = rows.exclude(conflict=m.case.conflict_id)
    if m.case.decided_at:
        rows = rows.filter(decided_at__lt=m.case.decided_at)
    band = Q(band=here.band)
    ways = [Q()]
    if here.band != UNKNOWN_BAND:
        ways += [Q(segment=here.segment) & band] if here.segment else []
        ways += [Q(subdivision=here.subdivision) & band] if here.subdivision else []
    latest = (rows.filter(way).order_by("-decided_at")[:LATEST] for way in ways)
    found: QuerySet[Precedent] = reduce(lambda left, right: left.union(right), latest)
    return sorted(found, key=lambda row: (row.decided_at, row.pk), reverse=True)


def traits_of(row: Precedent) -> Traits:
    """A kept precedent as it is compared."""
    return Traits(
        kind=row.kind,
        findings=frozenset(row.finding_kinds),
        country=row.country,
        subdivision=row.subdivision,
        segment=row.segment,
        product_lines=frozenset(row.product_lines),
        band=row.band,
        tiers=frozenset(row.tiers),
    )


def _told(m: Material, best: Iterable[tuple[Precedent, Likeness]]) -> list[Before]:
    best = list(best)
    conflicts = [row.conflict_id for row, _ in best]
    cases = {}
    if conflicts:  # a conflict may have had several cases: the decided one is told
        decided = Case.objects.filter(conflict__in=conflicts, decided_at__isnull=False).select_related("account")
        cases = {case.conflict_id: case for case in decided.order_by("number")}
    return [_before(m, cases[row.conflict_id], row, alike) for row, alike in best if row.conflict_id in cases]


def _before(m: Material, case: Case, row: Precedent, alike: Likeness) -> Before:
    outcome = Given(row.action, row.to).words
    return Before(
        url=reverse("review:case", args=[case.pk]),
        ref=case.ref,
        account=case.account.name,
        outcome=outcome,
        when=age(row.decided_at, m.now),
        score=alike.score,
        same="; ".join(alike.same),
        other="; ".join(alike.other),
        override=row.is_override,
        asked=m.ask(OutputPart.PRECEDENT, row.kind, f"{case.ref} {case.account.name}: {outcome}"),
    )
