"""Who works on a policy's trial and how far it is: one at a time, whoever holds the lease's key (reviews.backtest)."""

import uuid
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from channelconflict.audit import record
from conflicts.models import PolicyTrial
from partners.models import Program

LEASE = timedelta(minutes=10)


def waiting_trials(program: Program, at: datetime) -> QuerySet[PolicyTrial]:
    """Trials that nobody works on."""
    idle = Q(lease_until=None) | Q(lease_until__lt=at)
    return PolicyTrial.objects.filter(idle, program=program, finished_at=None).order_by("pk")


@transaction.atomic
def take_trial(*, program: Program, trial_id: uuid.UUID, at: datetime) -> PolicyTrial | None:
    """Hold a trial; None where it is over, or somebody else is at it. A worker takes it in no person's name."""
    trial = waiting_trials(program, at).select_for_update(no_key=True, skip_locked=True).filter(pk=trial_id).first()
    if trial is not None:
        trial.lease_until, trial.lease_key = at + LEASE, uuid.uuid4()
        trial.save()
    return trial


def keep_progress(trial: PolicyTrial) -> bool:
    """Write how far it is, together with what was counted; False where it was cancelled, or taken from us."""
    mine = PolicyTrial.objects.filter(pk=trial.pk, lease_key=trial.lease_key, finished_at=None)
    return bool(
        mine.update(
            total=trial.total,
            done=trial.done,
            result=trial.result,
            resume_at=trial.resume_at,
            seconds=trial.seconds,
            lease_until=timezone.now() + LEASE,
        )
    )


@transaction.atomic
def end_trial(*, trial: PolicyTrial, at: datetime, error: str = "") -> None:
    """It is done, or it failed: what failed once would fail again."""
    mine = PolicyTrial.objects.filter(pk=trial.pk, lease_key=trial.lease_key, finished_at=None)
    written = {name: getattr(trial, name) for name in ("total", "done", "result", "resume_at", "seconds")}
    if mine.update(**written, error=error, finished_at=at, lease_until=None, lease_key=None):
        facts = {"cases": trial.done, "changed": trial.result.get("changed", 0), "failed": bool(error)}
        record(action="policy_trial.ended", by=None, at=at, subject=trial, program_id=trial.program_id, facts=facts)


def let_go(trial: PolicyTrial) -> None:
    """Somebody else may go on with it, from where it stands."""
    mine = PolicyTrial.objects.filter(pk=trial.pk, lease_key=trial.lease_key, finished_at=None)
    mine.update(lease_until=None, lease_key=None)
