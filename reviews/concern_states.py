"""The life of a concern as data: which state follows which, by what act, and what its raiser is told of each."""

from django.db.models import TextChoices


class ConcernStatus(TextChoices):
    RECEIVED = "received", "Received"
    IN_CASE = "in_case", "In review"
    ANSWERED = "answered", "Answered"


class ConcernAct(TextChoices):
    """What happens to a concern."""

    OPEN_CASE = "open_case", "Make a case of it"
    ANSWER = "answer", "Answer and close it"
    CASE_DECIDED = "case_decided", "Its case was decided"
    CASE_ENDED = "case_ended", "Its case ended without a decision"


TRANSITIONS: dict[tuple[ConcernStatus, ConcernAct], ConcernStatus] = {
    (ConcernStatus.RECEIVED, ConcernAct.OPEN_CASE): ConcernStatus.IN_CASE,
    (ConcernStatus.RECEIVED, ConcernAct.ANSWER): ConcernStatus.ANSWERED,
    (ConcernStatus.IN_CASE, ConcernAct.CASE_DECIDED): ConcernStatus.ANSWERED,
    (ConcernStatus.IN_CASE, ConcernAct.CASE_ENDED): ConcernStatus.RECEIVED,
}


def following(status: str, act: ConcernAct) -> ConcernStatus | None:
    """The state after an act; None where the act does not fit."""
    return TRANSITIONS.get((ConcernStatus(status), act))
