"""What a side says in a talk. It runs in the side's own scope, which sees its own side and answers alone."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from channelconflict.audit import explain, record
from channelconflict.models import User
from channelconflict.tasks import nudge
from partners.services import NotPossibleError
from reviews.models import MediationSide, ProposalAnswer, Verdict
from reviews.permissions import NotAllowedError, roles_in


def why_no_word(side: MediationSide, at: datetime) -> str:
    """The sentence that says why a side cannot say anything any more at `at`, or ""."""
    if side.ended_at is not None:
        return _("This talk has ended.")
    return _("The time to answer has passed.") if side.due_at <= at else ""


def why_no_answer(answer: ProposalAnswer, side: MediationSide, at: datetime) -> str:
    """The sentence that says why a proposal cannot be answered any more at `at`, or ""."""
    if answer.verdict:
        accepted = answer.verdict == Verdict.ACCEPTED
        return _("You have accepted this proposal.") if accepted else _("You have declined this proposal.")
    if answer.closed_at is not None:
        return _("This proposal is closed.")
    return why_no_word(side, at)


@transaction.atomic
def state_interests(*, side: MediationSide, statement: str, by: User, at: datetime) -> MediationSide:
    """A side says what matters to it; the vendor's people read it, the other side never does."""
    side = MediationSide.objects.select_for_update(no_key=True, of=("self",)).get(pk=side.pk)
    why_not = why_no_word(side, at)
    if why_not:
        raise NotPossibleError(why_not)
    if not statement.strip():
        raise NotPossibleError(_("Say in a few sentences what matters to you."))
    side.statement, side.stated_at, side.stated_by_id = statement.strip(), at, by.pk
    explain(side, by=by, at=at, reason="talk.stated")
    side.save(update_fields=["statement", "stated_at", "stated_by_id"])
    record(action="talk.stated", by=by, at=at, subject=side, program_id=side.program_id,
           private={"statement": side.statement})  # fmt: skip
    return side


@transaction.atomic
def answer_proposal(*, answer: ProposalAnswer, verdict: str, comment: str, by: User, at: datetime) -> ProposalAnswer:
    """Accept or decline a proposal, once; the worker follows. Whoever declines says what would be acceptable."""
    answer = (
        ProposalAnswer.objects.select_for_update(no_key=True, of=("self",)).select_related("side").get(pk=answer.pk)
    )
    why_not = why_no_answer(answer, answer.side, at)
    if why_not:
        raise NotPossibleError(why_not)
    if verdict not in (Verdict.ACCEPTED, Verdict.DECLINED):
        raise NotPossibleError(_("Accept the proposal or decline it."))
    if verdict == Verdict.DECLINED and not comment.strip():
        raise NotPossibleError(_("Say in a sentence what would be acceptable to you: the next proposal can be closer."))
    answer.verdict, answer.comment, answer.answered_at, answer.answered_by_id = verdict, comment.strip(), at, by.pk
    explain(answer, by=by, at=at, reason=f"proposal.answered_{verdict}")
    answer.save(update_fields=["verdict", "comment", "answered_at", "answered_by_id"])
    record(action=f"proposal.answered_{verdict}", by=by, at=at, subject=answer, program_id=answer.program_id,
           private={"comment": answer.comment} if answer.comment else None)  # fmt: skip
    nudge("reviews.tasks.follow_talks", answer.program_id)
    return answer


@transaction.atomic
def answer_for_direct(*, answer: ProposalAnswer, verdict: str, comment: str, by: User, at: datetime) -> ProposalAnswer:
    """Staff answer for the direct team, which has no portal: not who facilitates, and not who made the proposal."""
    why_not = why_not_for_direct(by, answer)
    if why_not:
        raise NotAllowedError(why_not)
    return answer_proposal(answer=answer, verdict=verdict, comment=comment, by=by, at=at)


def why_not_for_direct(user: User, answer: ProposalAnswer) -> str:
    """The sentence that says why `user` may not answer for the direct team, or ""."""
    proposal = answer.proposal
    if not answer.direct:
        return "A partner answers for itself, in its portal."
    if not roles_in(user, answer.program_id):
        return "Your role reads cases; it does not work on them."
    if user.pk in (proposal.made_by_id, proposal.mediation.facilitator_id):
        return "Whoever puts a proposal to the sides answers for none of them."
    return ""
