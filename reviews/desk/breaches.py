"""The breach register as the desk shows it: counts per partner with expiry, entries, one entry."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Min, Q
from django.urls import reverse

from partners.models import Partner
from partners.permissions import get_or_404, programs_of, roles_in, visible
from reviews.desk.words import Chip, day_of, stamp
from reviews.models import Breach, BreachStatus
from reviews.services.breaches import why_no_answer, why_not_yet

SHOWN = 200


@dataclass(frozen=True)
class PartnerRow:
    """One partner: how many confirmed entries count now, when the next stops counting, how many wait."""

    name: str
    url: str
    counting: int
    next_ends: str
    last_ends: str
    waiting: int
    all: int


@dataclass(frozen=True)
class EntryRow:
    """One entry in a line."""

    number: str
    url: str
    partner: str
    category: str
    happened: str
    chip: Chip


@dataclass(frozen=True)
class BreachesPage:
    """The register."""

    partners: list[PartnerRow]
    entries: list[EntryRow]
    chosen: str
    may_record: bool


@dataclass(frozen=True)
class BreachPage:
    """One entry, with its file."""

    breach: Breach
    partner: str
    chip: Chip
    case_url: str
    recorded: str
    comment_until: str
    why_not: str
    not_yet: str


def works_somewhere(user: Any) -> bool:
    """Whether `user` has a deciding role in any program."""
    return any(roles_in(user, program) for program in programs_of(user))


def breaches_page(user: Any, partner: str, now: datetime) -> BreachesPage:
    """The register that `user` may see; of one partner alone, if its id is given."""
    rows = visible(user, Breach.objects.select_related("partner"))
    try:
        chosen = visible(user, Partner.objects.all()).filter(pk=uuid.UUID(partner)).first() if partner else None
    except ValueError:
        chosen = None
    shown = rows.filter(partner=chosen) if chosen else rows.none() if partner else rows
    counting = Q(breaches__status=BreachStatus.CONFIRMED, breaches__counts_until__gte=now.date())
    partners = visible(user, Partner.objects.filter(breaches__isnull=False)).annotate(
        counting=Count("breaches", filter=counting),
        next_ends=Min("breaches__counts_until", filter=counting),
        last_ends=Max("breaches__counts_until", filter=counting),
        waiting=Count("breaches", filter=Q(breaches__status=BreachStatus.RECORDED)),
        entries=Count("breaches"),
    )
    found: list[Any] = list(partners.order_by("-counting", "-waiting", "name", "pk")[:SHOWN])
    return BreachesPage(
        partners=[_partner(row) for row in found],
        entries=[_entry(row, now) for row in shown.order_by("-recorded_at", "-pk")[:SHOWN]],
        chosen=chosen.name if chosen else "",
        may_record=works_somewhere(user),
    )


def _partner(row: Any) -> PartnerRow:
    url = f"{reverse('review:breaches')}?partner={row.pk}"
    ends = [day_of(row.next_ends), day_of(row.last_ends)]
    return PartnerRow(row.name, url, row.counting, ends[0], ends[1], row.waiting, row.entries)


def _entry(row: Breach, now: datetime) -> EntryRow:
    return EntryRow(
        number=row.number,
        url=reverse("review:breach", args=[row.pk]),
        partner=row.partner.name,
        category=str(row.get_category_display()),
        happened=day_of(row.happened_on),
        chip=status_chip(row, now),
    )


def status_chip(row: Breach, now: datetime) -> Chip:
    """Where an entry stands: waits, counts until a day, counted, or dismissed."""
    if row.status == BreachStatus.RECORDED:
        return Chip("not yet confirmed", "warn", "clock")
    if row.status == BreachStatus.DISMISSED:
        return Chip("dismissed", "", "cross")
    if row.counts_until and row.counts_until < now.date():
        return Chip(f"counted until {day_of(row.counts_until)}", "", "check")
    return Chip(f"counts until {day_of(row.counts_until)}", "bad", "alert")


def breach_page(user: Any, pk: Any, now: datetime) -> BreachPage:
    """One entry; 404 for one of another program and for none."""
    rows = Breach.objects.select_related("program", "partner", "file__case", "file__recorded_by", "file__answered_by")
    breach = get_or_404(user, rows, "view_desk", pk=pk)
    file = breach.file
    return BreachPage(
        breach=breach,
        partner=breach.partner.name,
        chip=status_chip(breach, now),
        case_url=reverse("review:case", args=[file.case_id]) if file.case_id else "",
        recorded=stamp(breach.recorded_at),
        comment_until=stamp(breach.comment_until),
        why_not=why_no_answer(user, breach, now),
        not_yet=why_not_yet(breach, now),
    )
