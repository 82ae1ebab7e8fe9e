"""The end of talks, whoever brings it about: a person, the sides by their answers, the deadline, or another set of sides."""

from datetime import datetime

from django.db import transaction

from channelconflict.models import User
from partners.services import save_row
from reviews import talk_notices
from reviews.models import (
    Case,
    Mediation,
    MediationSide,
    MediationStatus,
    Notice,
    NoticeKind,
    ProposalAnswer,
    ProposalStatus,
)
from reviews.services.cases import lock_case, run_again, save_case
from reviews.services.frames import put_notice
from reviews.states import TALKS, Act
from reviews.text import Text


@transaction.atomic
def end_talks(*, mediation: Mediation, status: str, memo: str, by: User | None, at: datetime) -> Case:
    """End the talks with a memo: the clock runs again, and each side is told. A case that is over stays so."""
    case = lock_case(mediation.case, None)
    mediation = (
        Mediation.objects.select_for_update(no_key=True, of=("self",))
        .select_related("case__program")
        .get(pk=mediation.pk)
    )
    if mediation.status != MediationStatus.OPEN:
        return case
    agreed = status == MediationStatus.AGREED
    facts = {"mediation": mediation.pk, "result": status}
    if case.status in TALKS:
        case = run_again(case=case, act=Act.AGREE if agreed else Act.END_TALKS, by=by, at=at)
    save_case(case, by=by, at=at, action="case.agreed" if agreed else "case.talks_ended", facts=facts,
              private={"memo": memo})  # fmt: skip
    mediation.status, mediation.memo, mediation.ended_by, mediation.ended_at = status, memo, by, at
    mediation.remind_at = None
    save_row(mediation, by=by, at=at, action=f"mediation.{status}")
    for proposal in mediation.proposals.select_for_update(no_key=True).filter(status=ProposalStatus.OPEN):
        proposal.status, proposal.settled_at = ProposalStatus.WITHDRAWN, at
        save_row(proposal, by=by, at=at, action="proposal.withdrawn")
    answers = ProposalAnswer.objects.filter(side__mediation=mediation, closed_at__isnull=True)
    for answer in answers.select_for_update(no_key=True, of=("self",)).order_by("pk"):
        answer.closed_at = at
        save_row(answer, by=by, at=at, action="proposal.closed")
    for side in (
        mediation.sides.select_for_update(no_key=True, of=("self",)).select_related("registration").order_by("pk")
    ):
        side.result, side.ended_at = status, at
        save_row(side, by=by, at=at, action="talk.ended")
        kind = NoticeKind.AGREED if agreed else NoticeKind.TALK_ENDED
        tell_side(side, kind, talk_notices.ended(side), at)
    return case


def tell_side(side: MediationSide, kind: NoticeKind, text: Text, at: datetime) -> Notice | None:
    """Put a notice into a side's portal; the direct team reads the desk."""
    if side.partner_id is None:
        return None
    return put_notice(
        program_id=side.program_id, partner_id=side.partner_id, kind=kind, text=text, at=at,
        registration=side.registration, side=side,
    )  # fmt: skip
