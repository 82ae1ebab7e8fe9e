"""What time and the answers of the sides do to talks: an agreement, a declined proposal, reminders, the deadline."""

import uuid
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import QuerySet

from conflicts.services import policy_in_force
from partners.services import save_row
from reviews import talk_notices
from reviews.models import (
    Case,
    Mediation,
    MediationSide,
    MediationStatus,
    NoticeKind,
    Proposal,
    ProposalStatus,
    Verdict,
)
from reviews.routing import higher_of, least_role
from reviews.services.cases import lock_case, save_case, whole_route
from reviews.services.ending_talks import end_talks, tell_side
from reviews.states import TALKS


def open_mediations(program_id: uuid.UUID) -> QuerySet[Mediation]:
    """Talks that are under way, the earliest deadline first."""
    return Mediation.objects.filter(program_id=program_id, status=MediationStatus.OPEN).order_by("due_at", "pk")


@transaction.atomic
def follow_talks(*, mediation: Mediation, at: datetime) -> bool:
    """Bring talks up to date: other sides, answers, the deadline, a reminder; says whether there was anything to do."""
    case = lock_case(mediation.case, None)
    mediation = (
        Mediation.objects.select_for_update(no_key=True, of=("self",))
        .select_related("case__program")
        .get(pk=mediation.pk)
    )
    if mediation.status != MediationStatus.OPEN:
        return False
    gone = _gone(mediation, case)
    if gone:
        end_talks(mediation=mediation, status=MediationStatus.STOPPED, memo=gone, by=None, at=at)
        return True
    proposal = mediation.proposals.select_for_update(no_key=True).filter(status=ProposalStatus.OPEN).first()
    if proposal and _settle(case, mediation, proposal, at):
        return True
    if mediation.due_at <= at:
        memo = "The deadline passed without an agreement."
        end_talks(mediation=mediation, status=MediationStatus.FAILED, memo=memo, by=None, at=at)
        return True
    return _remind(mediation, at)


def _gone(mediation: Mediation, case: Case) -> str:
    if case.status not in TALKS:
        return "The case was closed meanwhile."
    present = set(case.parties.filter(left_at__isnull=True).values_list("pk", flat=True))
    asked = set(mediation.sides.values_list("party", flat=True))
    return "" if present == asked else "The sides of the case changed: whoever is there now was not asked."


def _settle(case: Case, mediation: Mediation, proposal: Proposal, at: datetime) -> bool:
    """What the answers so far come to: one that declines ends the proposal, the last that accepts makes the agreement."""
    answers = list(proposal.answers.select_for_update(no_key=True).order_by("pk"))
    verdicts = {answer.verdict for answer in answers}
    if Verdict.DECLINED in verdicts:
        _decline(case, proposal, answers, at)
        return True
    if verdicts != {Verdict.ACCEPTED}:
        return False
    kinds = set(case.conflict.findings.filter(gone_at__isnull=True).values_list("kind", flat=True))
    least = least_role(kinds, proposal.action, case.amount or Decimal(0), policy_in_force(case.program).policy)
    proposal.status, proposal.settled_at = ProposalStatus.ACCEPTED, at
    memo = f"Every side accepted proposal {proposal.number}."
    _agree(case, mediation, proposal, least, memo, at)
    return True


def _agree(case: Case, mediation: Mediation, proposal: Proposal, least: str, memo: str, at: datetime) -> None:
    """An agreement needs the roles that a decision like it needs, and every one of them anew."""
    case.handed_to = higher_of(case.handed_to, least)
    case.pending = whole_route(case)
    save_case(case, by=None, at=at, action="case.proposal_accepted", facts={"proposal": proposal.pk})
    save_row(proposal, by=None, at=at, action="proposal.accepted")
    end_talks(mediation=mediation, status=MediationStatus.AGREED, memo=memo, by=None, at=at)


def _decline(case: Case, proposal: Proposal, answers: list, at: datetime) -> None:
    save_case(case, by=None, at=at, action="case.proposal_declined", facts={"proposal": proposal.pk})
    proposal.status, proposal.settled_at = ProposalStatus.DECLINED, at
    save_row(proposal, by=None, at=at, action="proposal.declined")
    for answer in answers:
        answer.closed_at = at
        save_row(answer, by=None, at=at, action="proposal.closed")


def _remind(mediation: Mediation, at: datetime) -> bool:
    if mediation.remind_at is None or mediation.remind_at > at:
        return False
    mediation.remind_at = None
    save_row(mediation, by=None, at=at, action="mediation.reminded")
    for side in mediation.sides.select_related("registration").order_by("pk"):
        if owes_an_answer(side):
            text = talk_notices.reminder(side, mediation.case.program.timezone)
            tell_side(side, NoticeKind.TALK_REMINDER, text, at)
    return True


def owes_an_answer(side: MediationSide) -> bool:
    """Whether a side has a proposal to answer, or, while there is none, has not said yet what matters to it."""
    waiting = side.answers.filter(closed_at__isnull=True, verdict="")
    answered = side.answers.exclude(verdict="").exists()
    return waiting.exists() or not (side.statement or answered)
