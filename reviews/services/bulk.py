"""Approving many cases at once, each as recommended: shown first, sent once, then each in a transaction of its own.

What is approved is exactly what was shown: the case's version and its recommendation are kept with the preview, and a case
that changed since is refused while the others go through.
"""

import logging
import uuid
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Prefetch

from channelconflict.audit import record
from channelconflict.models import User
from channelconflict.tasks import nudge
from conflicts.models import Recommendation
from partners.models import Program
from partners.services import NotPossibleError
from reviews.choices import BadChoiceError
from reviews.models import Approval, Assignment, BulkApproval, BulkItem, BulkState, Case, Decision, Mediation, Party
from reviews.permissions import NotAllowedError, next_step
from reviews.services.agreed import agreed_proposal
from reviews.services.asked_first import ask_first, owing
from reviews.services.cases import StaleCaseError
from reviews.services.decisions import approve, recommended_choice
from reviews.states import Act, CaseStatus, WrongStateError, check_can

MOST = 500
MANY = 50  # cases from which on a second worker helps: what is read and judged of one case is done beside another's writing
FORGOTTEN = timedelta(days=1)  # a preview that nobody sent
log = logging.getLogger(__name__)

_ENDS: dict[type[Exception], BulkState] = {
    StaleCaseError: BulkState.CHANGED,
    WrongStateError: BulkState.NOT_POSSIBLE,
    NotPossibleError: BulkState.NOT_POSSIBLE,
    NotAllowedError: BulkState.NOT_POSSIBLE,
    BadChoiceError: BulkState.NOT_POSSIBLE,
}


@transaction.atomic
def preview_bulk(*, program: Program, case_ids: Sequence[uuid.UUID], by: User, at: datetime) -> BulkApproval:
    """Keep what approving these cases would mean for `by`, each with why not where it cannot be; approves nothing."""
    if not case_ids:
        raise NotPossibleError("Choose at least one case.")
    if len(case_ids) > MOST:
        raise NotPossibleError(f"Choose {MOST} cases at the most, not {len(case_ids)}.")
    BulkApproval.objects.filter(asked_by=by, sent_at__isnull=True, previewed_at__lt=at - FORGOTTEN).delete()
    bulk = BulkApproval.objects.create(program=program, asked_by=by, previewed_at=at)
    cases = _cases(program, case_ids)
    chosen = [cases[key] for key in dict.fromkeys(case_ids) if key in cases]
    advised = _advised(chosen)
    held, asked = _held_by_others(chosen, by, at), owing(by, chosen)

    def why_not(case: Case) -> str:
        # A first opinion before all else: the other sentences say something of the recommendation.
        first = ask_first(case) if case.pk in asked else ""
        return first or _why_not(case, advised[case.conflict_id], by, held.get(case.pk, ""))

    items = [
        _item(bulk, number, case, advised[case.conflict_id], why_not(case))
        for number, case in enumerate(chosen, start=1)
    ]
    BulkItem.objects.bulk_create(items)
    facts = {"cases": len(items), "offered": sum(item.state == BulkState.OFFERED for item in items)}
    record(action="bulk.previewed", by=by, at=at, subject=bulk, program_id=program.pk, facts=facts)
    return bulk


def _cases(program: Program, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Case]:
    """With whatever `next_step` asks, in a fixed number of queries."""
    parties = Party.objects.select_related("partner")
    approvals = Prefetch("approvals", Approval.objects.all())
    decisions = Decision.objects.defer("snapshot").select_related("taken_back").order_by("-number")
    decisions = decisions.prefetch_related(approvals)
    rows = Case.objects.filter(program=program, pk__in=ids).select_related("conflict", "program")
    talks = Mediation.objects.prefetch_related("proposals__answers__side")
    rows = rows.prefetch_related(
        Prefetch("parties", parties), Prefetch("decisions", decisions), Prefetch("mediations", talks)
    )
    return {case.pk: case for case in rows}


def _advised(cases: Sequence[Case]) -> dict[uuid.UUID, Recommendation]:
    rows = Recommendation.objects.filter(conflict__in=[case.conflict_id for case in cases], superseded_at__isnull=True)
    return {row.conflict_id: row for row in rows.defer("facts")}


def _held_by_others(cases: Sequence[Case], by: User, at: datetime) -> dict[uuid.UUID, str]:
    rows = Assignment.objects.filter(case__in=cases, released_at__isnull=True, lease_until__gt=at).exclude(user=by)
    return {row.case_id: str(row.user) for row in rows.select_related("user")}


def _item(bulk: BulkApproval, number: int, case: Case, advice: Recommendation, why_not: str) -> BulkItem:
    return BulkItem(
        program_id=case.program_id, bulk=bulk, number=number, case=case, case_version=case.version, recommendation=advice,
        state=BulkState.REFUSED if why_not else BulkState.OFFERED, told=why_not,
    )  # fmt: skip


def _why_not(case: Case, advice: Recommendation, by: User, holder: str) -> str:
    """Why this case is not approved in bulk, or "". Where the records do not decide, somebody looks at it alone."""
    if case.status == CaseStatus.AWAITING_INFORMATION:
        return "A question is open: its clock is paused until the answer."
    try:
        check_can(case.status, Act.COMPLETE)
    except WrongStateError as error:
        return str(error)
    if agreed_proposal(case):
        return "The sides agreed on an outcome in talks: open it and confirm that."
    if advice.abstained or recommended_choice(advice) is None:
        return "The rules do not decide this one: open it and decide for yourself."
    latest = next(iter(case.decisions.all()), None)
    standing = latest if latest and latest.recommendation_id == advice.pk and not latest.is_taken_back else None
    if standing and standing.is_override:
        return "Somebody chose otherwise than recommended: open it and see why."
    step = next_step(by, case, standing)
    return step.why_not or (f"{holder} is deciding it now." if holder else "")


@transaction.atomic
def send_bulk(*, bulk: BulkApproval, chosen: Collection[uuid.UUID], by: User, at: datetime) -> BulkApproval:
    """Approve the chosen ones of a preview; sent a second time, it does nothing more."""
    bulk = BulkApproval.objects.select_for_update(no_key=True).get(pk=bulk.pk)
    if bulk.asked_by_id != by.pk:
        raise NotAllowedError("Only who made this preview can send it.")
    if bulk.sent_at:
        return bulk
    offered = bulk.items.filter(state=BulkState.OFFERED)
    if not offered.filter(pk__in=chosen).exists():
        raise NotPossibleError("Choose at least one case that can be approved.")
    bulk.sent_at = at
    bulk.save(update_fields=["sent_at"])
    waiting = offered.filter(pk__in=chosen).update(state=BulkState.WAITING)
    offered.update(state=BulkState.LEFT_OUT)
    record(action="bulk.sent", by=by, at=at, subject=bulk, program_id=bulk.program_id, facts={"cases": waiting})
    nudge("reviews.tasks.approve_bulk", bulk.program_id, bulk.pk)
    if waiting > MANY:
        nudge("reviews.tasks.help_with_bulk", bulk.program_id, bulk.pk)
    return bulk


@transaction.atomic
def approve_next(*, bulk: BulkApproval, by: User, at: datetime) -> BulkItem | None:
    """Approve the next case of a bulk that waits, or note why not; None when none is left for this worker."""
    waiting = bulk.items.filter(state=BulkState.WAITING).select_related("case").order_by("number", "pk")
    item: BulkItem | None = waiting.select_for_update(no_key=True, skip_locked=True, of=("self",)).first()
    if item is None:
        return None
    try:
        with transaction.atomic():
            _approve_as_shown(item, by, at)
        item.state = BulkState.DONE
    except tuple(_ENDS) as error:
        item.state, item.told = _ENDS[type(error)], str(error)
    except Exception:  # one case's trouble must not keep the others waiting
        log.exception("case %s could not be approved in bulk", item.case_id)
        item.state, item.told = BulkState.FAILED, "The product failed on this case. Nothing was saved: open it."
    item.ended_at = at
    item.save(update_fields=["state", "told", "ended_at"])
    return item


def _approve_as_shown(item: BulkItem, by: User, at: datetime) -> None:
    decision = approve(case=item.case, by=by, at=at, seen_version=item.case_version)
    if decision.recommendation_id != item.recommendation_id:
        raise StaleCaseError(f"{item.case.ref} has another recommendation by now: nothing was saved.")


@transaction.atomic
def finish_bulk(*, bulk: BulkApproval, by: User, at: datetime) -> None:
    """Say that nothing waits any more; the second to find that out says nothing."""
    bulk = BulkApproval.objects.select_for_update(no_key=True).get(pk=bulk.pk)
    if bulk.finished_at or bulk.items.filter(state=BulkState.WAITING).exists():
        return
    bulk.finished_at = at
    bulk.save(update_fields=["finished_at"])
    facts = {"approved": bulk.items.filter(state=BulkState.DONE).count()}
    record(action="bulk.finished", by=by, at=at, subject=bulk, program_id=bulk.program_id, facts=facts)
