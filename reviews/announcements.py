"""Which change of the rules each partner has yet to acknowledge. Nothing is written for that: it is derived."""

import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db.models import Exists, F, OuterRef, QuerySet, Subquery

from conflicts.models import PolicySummary
from conflicts.policy.differing import Change, changes_between
from partners.models import Partner, PartnerStatus, Program
from reviews.models import PolicyAcknowledgement

_EARLIER = PolicySummary.objects.filter(program=OuterRef("program"), number__lt=OuterRef("number")).order_by("-number")


@dataclass(frozen=True)
class Announced:
    """The change that a partner's people are asked to acknowledge."""

    partner: Partner
    summary: PolicySummary


def announcements() -> QuerySet[PolicySummary]:
    """The summaries in which something changes for partners, against the version before; the first one announces nothing."""
    rows = PolicySummary.objects.annotate(parts_before=Subquery(_EARLIER.values("parts")[:1]))
    return rows.filter(parts_before__isnull=False).exclude(parts=F("parts_before"))


def latest_announcements(programs: Collection[uuid.UUID]) -> dict[uuid.UUID, PolicySummary]:
    """By program, the latest change that partners were told of. One query."""
    rows = announcements().filter(program__in=programs).order_by("program_id", "-number").distinct("program_id")
    return {row.program_id: row for row in rows}


def to_acknowledge(partners: Iterable[Partner]) -> list[Announced]:
    """What these partners have not acknowledged yet: two queries, one where no rules ever changed."""
    mine = list(partners)
    latest = latest_announcements({partner.program_id for partner in mine})
    if not latest:
        return []
    rows = PolicyAcknowledgement.objects.filter(partner__in=mine, summary__in=latest.values())
    done = set(rows.values_list("partner_id", flat=True))
    return [Announced(p, latest[p.program_id]) for p in mine if p.program_id in latest and p.pk not in done]


def changes_of(summary: PolicySummary, partners: Iterable[Partner] = ()) -> tuple[PolicySummary | None, list[Change]]:
    """The version that `summary` is compared with, and what changes.

    Of these partners the version that one of them acknowledged last counts, so that no change in between is missed;
    else the version before.
    """
    earlier = PolicySummary.objects.filter(program=summary.program_id, number__lt=summary.number).order_by("-number")
    seen = earlier.filter(acknowledgements__partner__in=list(partners)).first()
    before = seen or earlier.first()
    return before, changes_between(before.parts, summary.parts) if before else []


def told(program: Program) -> QuerySet[Partner]:
    """The partners of a program who are told of changes: all but those whose partnership has ended."""
    return Partner.objects.filter(program=program).exclude(status=PartnerStatus.ENDED)


def acknowledged(summary: PolicySummary) -> Exists:
    """Whether a partner of the outer query has acknowledged it."""
    return Exists(PolicyAcknowledgement.objects.filter(summary=summary, partner=OuterRef("pk")))
