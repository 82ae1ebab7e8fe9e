"""Territory rules that collide, as work items of sales operations: found, mended, and left to wait for a reason."""

from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from channelconflict.audit import record
from channelconflict.models import User
from conflicts import detectors
from conflicts.load import load_territories
from conflicts.models import TerritoryOverlap
from partners.models import Program
from partners.services import NotPossibleError

AWAKE = {"snoozed_until": None, "snoozed_by": None, "snooze_reason": ""}


@dataclass(frozen=True)
class OverlapChange:
    """What a look at the territory rules found: all standing overlaps, and how many are new or gone."""

    standing: list[TerritoryOverlap] = field(default_factory=list)
    new: int = 0
    gone: int = 0


def waiting_overlaps(today: date) -> QuerySet[TerritoryOverlap]:
    """Those that somebody should look at: they stand, and do not sleep."""
    awake = Q(snoozed_until__isnull=True) | Q(snoozed_until__lte=today)
    return TerritoryOverlap.objects.filter(awake, gone_at__isnull=True)


@transaction.atomic
def examine_territories(*, program: Program, at: datetime) -> OverlapChange:
    """Look for rules that collide, and keep each as a work item for sales operations until it is mended.

    One that collides in another way than it was told wakes: whoever let it wait did not know of that."""
    rules = load_territories(program)
    standing = {
        (str(o.first_id), str(o.second_id)): o
        for o in TerritoryOverlap.objects.select_for_update(no_key=True).filter(program=program, gone_at__isnull=True)
    }
    found = {_pair(o): o for o in detectors.territory_overlaps(rules, at)}
    for pair in found.keys() - standing.keys():
        TerritoryOverlap.objects.create(
            program=program, first_id=pair[0], second_id=pair[1], sentence=found[pair].sentence, found_at=at
        )
    retold = [pair for pair in found.keys() & standing.keys() if standing[pair].sentence != found[pair].sentence]
    for pair in retold:
        _told_anew(standing[pair], found[pair].sentence, at)
    gone = [standing[pair].pk for pair in standing.keys() - found.keys()]
    TerritoryOverlap.objects.filter(pk__in=gone).update(gone_at=at, **AWAKE)
    new = len(found.keys() - standing.keys())
    if new or gone or retold:
        record(action="territories.examined", by=None, at=at, subject=program, program_id=program.pk,
               facts={"overlaps": len(found), "new": new, "gone": len(gone), "retold": len(retold)})  # fmt: skip
    rows = TerritoryOverlap.objects.filter(program=program, gone_at__isnull=True).select_related("first", "second")
    return OverlapChange(list(rows.order_by("pk")), new, len(gone))


def _told_anew(row: TerritoryOverlap, sentence: str, at: datetime) -> None:
    slept, row.sentence = row.snoozed_until is not None, sentence
    row.snoozed_until, row.snoozed_by, row.snooze_reason = None, None, ""
    row.save()
    if slept:
        record(action="overlap.woken", by=None, at=at, subject=row, program_id=row.program_id, facts={"until": None})


def _pair(overlap: detectors.TerritoryOverlap) -> tuple[str, str]:
    first, second = sorted((overlap.first.id, overlap.second.id))
    return first, second


@transaction.atomic
def snooze_overlap(*, overlap: TerritoryOverlap, until: date, reason: str, by: User, at: datetime) -> TerritoryOverlap:
    """Not now: it is out of the list of work until a day; nothing else changes, both rules go on to apply."""
    row = _locked(overlap)
    if until <= at.date():
        raise NotPossibleError(f"Choose a day after today: {until:%-d %B %Y} does not lie ahead.")
    if not reason.strip():
        raise NotPossibleError("Say in a sentence why it can wait.")
    row.snoozed_until, row.snoozed_by, row.snooze_reason = until, by, reason.strip()[:500]
    return _kept(row, "snoozed", by, at)


@transaction.atomic
def wake_overlap(*, overlap: TerritoryOverlap, by: User, at: datetime) -> TerritoryOverlap:
    """Back into the list of work at once."""
    row = _locked(overlap)
    if row.snoozed_until is None:
        raise NotPossibleError("It does not sleep.")
    row.snoozed_until, row.snoozed_by, row.snooze_reason = None, None, ""
    return _kept(row, "woken", by, at)


def _locked(overlap: TerritoryOverlap) -> TerritoryOverlap:
    row = TerritoryOverlap.objects.select_for_update(no_key=True).get(pk=overlap.pk)
    if row.gone_at is not None:
        raise NotPossibleError(f"These rules collide no more since {row.gone_at:%-d %B %Y}.")
    return row


def _kept(row: TerritoryOverlap, verb: str, by: User, at: datetime) -> TerritoryOverlap:
    row.save()
    private = {"reason": row.snooze_reason} if row.snooze_reason else None
    record(action=f"overlap.{verb}", by=by, at=at, subject=row, program_id=row.program_id,
           facts={"until": row.snoozed_until}, private=private)  # fmt: skip
    return row
