"""Trials of policies on past cases: begun, cancelled, found again. `trying` is the work on one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from channelconflict.audit import record
from channelconflict.models import User
from channelconflict.tasks import nudge
from conflicts.models import PolicyTrial, PolicyVersion, TrialKind
from conflicts.policy import Policy, PolicyError, document_hash
from conflicts.services import policy_in_force
from partners.models import Program
from partners.services import NotPossibleError


@dataclass(frozen=True)
class Wanted:
    """What is to be tried: a version, or a document; with what supposed, and on how many of the newest cases."""

    document: Mapping[str, Any]
    title: str
    policy: PolicyVersion | None = None
    kind: TrialKind = TrialKind.BACKTEST
    changes: Sequence[Mapping[str, Any]] = ()
    most: int | None = None


def of_version(policy: PolicyVersion) -> Wanted:
    """A back-test of a version on all past cases: what publishing it asks for."""
    return Wanted(policy.document, f"Version {policy.number}, {policy.document.get('title', '')}"[:300], policy)


@transaction.atomic
def start_trial(
    *, program: Program, wanted: Wanted, by: User | None, at: datetime, in_background: bool = True
) -> PolicyTrial:
    """Begin to try a policy on past cases beside the one that is live; a worker goes on with it."""
    document = dict(wanted.document)
    try:
        Policy.from_document(document)
    except PolicyError as error:
        raise NotPossibleError(f"This is no policy yet: {error}") from None
    sha256 = document_hash(document)
    trial = PolicyTrial(
        program=program, kind=wanted.kind, title=wanted.title[:300], policy=wanted.policy, document=document,
        document_sha256=sha256, changes=[dict(item) for item in wanted.changes], most=wanted.most,
        held_against=policy_in_force(program).row, started_by_id=by.pk if by else None, started_at=at,
    )  # fmt: skip
    trial.save(force_insert=True)
    facts = {"kind": trial.kind, "document": sha256, "held_against": trial.held_against_id, "most": trial.most}
    record(action="policy_trial.started", by=by, at=at, subject=trial, program_id=program.pk, facts=facts)
    if in_background:
        nudge("reviews.tasks.try_policy", program.pk, trial.pk)
    return trial


@transaction.atomic
def cancel_trial(*, trial: PolicyTrial, by: User | None, at: datetime) -> PolicyTrial:
    """Stop a trial; what it had counted so far is shown, and counts for nothing."""
    trial = PolicyTrial.objects.select_for_update(no_key=True).get(pk=trial.pk)
    if trial.finished_at:
        raise NotPossibleError("It has ended already.")
    trial.cancelled_at = trial.finished_at = at
    trial.lease_until = trial.lease_key = None
    trial.save()
    record(action="policy_trial.cancelled", by=by, at=at, subject=trial, program_id=trial.program_id)
    return trial


def latest_trial(policy: PolicyVersion, against: PolicyVersion | None = None) -> PolicyTrial | None:
    """The newest back-test of exactly this document on all past cases, which ended well (beside this version)."""
    found = PolicyTrial.objects.filter(
        program_id=policy.program_id, kind=TrialKind.BACKTEST, document_sha256=document_hash(policy.document),
        finished_at__isnull=False, cancelled_at=None, error="", most=None, changes=[],
    )  # fmt: skip
    if against is not None:
        found = found.filter(held_against=against)
    return found.order_by("-finished_at", "-pk").first()
