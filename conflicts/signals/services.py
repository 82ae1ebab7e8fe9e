"""Keeping early warnings: one row a standing cause, closed when the cause is gone, and what people do about it."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction

from channelconflict.audit import record
from channelconflict.models import User
from conflicts.models import Signal, SignalOutcome, SignalOwner, SignalStatus
from conflicts.services import InForce, policy_in_force
from conflicts.signals.load import load_histories
from conflicts.signals.look import look
from conflicts.signals.measure import NO_FOLLOW_UP, WAKES, Measure
from conflicts.signals.triage import severity
from partners.models import PartnerUserPermission, Program
from partners.services import NotPossibleError

MEASURED = (
    "unit", "observed", "expected", "spread", "score", "threshold", "since", "until", "sentence", "stake",
)  # fmt: skip
KEPT = (*MEASURED, "series", "severity", "owner", "seen_at", "gone_at", "status", "outcome", "snoozed_until")
REFUSED = "Nothing changed: "


@dataclass(frozen=True)
class SignalChange:
    """What a look came to: ids of new signals, those whose cause is gone, and how many stand."""

    new: tuple[uuid.UUID, ...]
    gone: tuple[uuid.UUID, ...]
    standing: int


@transaction.atomic
def examine_signals(*, program: Program, at: datetime) -> SignalChange:
    """Look at the program's histories, raise what is new, and end what is over. One look at a time."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"signals:{program.pk}"])
    in_force = policy_in_force(program)
    limits = in_force.policy.signals
    histories = load_histories(program, at, idle=limits[NO_FOLLOW_UP].least, gap=limits[WAKES].least)
    return keep_signals(program=program, measures=look(histories, limits), in_force=in_force, at=at)


@transaction.atomic
def keep_signals(*, program: Program, measures: Iterable[Measure], in_force: InForce, at: datetime) -> SignalChange:
    """Bring the rows in line with what was measured; a signal that a person closed is not raised again meanwhile."""
    rows = Signal.objects.select_for_update(no_key=True).filter(
        program=program, gone_at__isnull=True
    )  # somebody may act meanwhile
    standing = {(row.kind, row.subject): row for row in rows}
    amounts = [row.amount_at_least for row in in_force.policy.routing.table]
    managed = set(PartnerUserPermission.objects.filter(
        permission__codename="manage_partner", content_object__program=program
    ).values_list("content_object_id", flat=True))  # fmt: skip
    kept, new = [], []
    for measure in measures:
        row = standing.pop((measure.kind, measure.key), None)
        if row is None and measure.alarms:
            row = Signal(program=program, kind=measure.kind, subject=measure.key, policy=in_force.row, found_at=at)
            new.append(row)
        elif row is not None:
            kept.append(row)
        if row is not None:
            _fill(row, measure, severity(measure, amounts), managed, at)
    gone = list(standing.values())
    for row in gone:
        _end(row, at)
    Signal.objects.bulk_create(new)
    Signal.objects.bulk_update([*kept, *gone], KEPT)
    change = SignalChange(tuple(row.pk for row in new), tuple(row.pk for row in gone), len(kept) + len(new))
    if new or gone:
        record(action="signals.examined", by=None, at=at, subject=program, program_id=program.pk,
               facts={"new": change.new, "gone": change.gone, "standing": change.standing})  # fmt: skip
    return change


def _fill(row: Signal, measure: Measure, urgency: int, managed: set[uuid.UUID], at: datetime) -> None:
    """The numbers of today; a snooze that is over ends."""
    for name in MEASURED:
        setattr(row, name, getattr(measure, name))
    row.partner_id = uuid.UUID(measure.partner) if measure.partner else None
    row.account_id = uuid.UUID(measure.account) if measure.account else None
    row.product_line, row.region = measure.line, measure.region
    row.series, row.severity, row.seen_at = [list(item) for item in measure.series], urgency, at
    row.owner = SignalOwner.PARTNER_MANAGER if row.partner_id in managed else SignalOwner.CHANNEL_LEAD
    if row.status == SignalStatus.SNOOZED and row.snoozed_until and row.snoozed_until <= at.date():
        row.status, row.snoozed_until = SignalStatus.OPEN, None


def _end(row: Signal, at: datetime) -> None:
    row.gone_at, row.snoozed_until = at, None
    if row.status != SignalStatus.CLOSED:
        row.status, row.outcome = SignalStatus.CLOSED, SignalOutcome.GONE


@transaction.atomic
def acknowledge_signal(*, signal: Signal, by: User | None, at: datetime) -> Signal:
    """Somebody looks into it."""
    row = _locked(signal, SignalStatus.OPEN, SignalStatus.SNOOZED)
    return _act(row, "acknowledged", by, at, status=SignalStatus.ACKNOWLEDGED, snoozed_until=None)


@transaction.atomic
def snooze_signal(*, signal: Signal, until: date, reason: str, by: User | None, at: datetime) -> Signal:
    """Not now: it comes back on a day, if its cause still stands then."""
    row = _locked(signal, SignalStatus.OPEN, SignalStatus.ACKNOWLEDGED, SignalStatus.SNOOZED)
    if until <= at.date():
        raise NotPossibleError(f"{REFUSED}the day until which it sleeps has to lie ahead, and {until} does not.")
    if not reason.strip():
        raise NotPossibleError(f"{REFUSED}say in a few words why it can wait.")
    return _act(row, "snoozed", by, at, status=SignalStatus.SNOOZED, snoozed_until=until, reason=reason.strip())


@transaction.atomic
def close_signal(*, signal: Signal, outcome: str, reason: str, by: User | None, at: datetime) -> Signal:
    """It is dealt with: there was something to it, or it was a false alarm."""
    row = _locked(signal, SignalStatus.OPEN, SignalStatus.ACKNOWLEDGED, SignalStatus.SNOOZED)
    if outcome not in (SignalOutcome.TRUE, SignalOutcome.FALSE_ALARM):
        raise NotPossibleError(f"{REFUSED}say whether there was something to it (true) or not (false_alarm).")
    changes = {"status": SignalStatus.CLOSED, "outcome": outcome, "reason": reason.strip(), "snoozed_until": None}
    return _act(row, "closed", by, at, **changes)


@transaction.atomic
def reopen_signal(*, signal: Signal, by: User | None, at: datetime) -> Signal:
    """Closed or snoozed by mistake; what ended by itself stays ended."""
    row = _locked(signal, SignalStatus.CLOSED, SignalStatus.SNOOZED, SignalStatus.ACKNOWLEDGED)
    return _act(row, "reopened", by, at, status=SignalStatus.OPEN, outcome="", snoozed_until=None)


def _locked(signal: Signal, *wanted: str) -> Signal:
    row = Signal.objects.select_for_update(no_key=True).get(pk=signal.pk)
    if row.gone_at is not None:
        raise NotPossibleError(f"{REFUSED}the cause of this signal is gone since {row.gone_at:%-d %b %Y}.")
    if row.status not in wanted:
        raise NotPossibleError(f"{REFUSED}the signal is {row.get_status_display().lower()}.")
    return row


def _act(row: Signal, verb: str, by: User | None, at: datetime, **changes: Any) -> Signal:
    for name, value in changes.items():
        setattr(row, name, value)
    row.acted_by, row.acted_at = by, at
    row.save()
    facts = {"kind": row.kind, "outcome": row.outcome, "until": row.snoozed_until}
    record(action=f"signal.{verb}", by=by, at=at, subject=row, program_id=row.program_id, facts=facts,
           private={"reason": row.reason} if changes.get("reason") else None)  # fmt: skip
    return row
