"""What a side of a talk is told: that it is asked to settle, its own part of a proposal, deadlines, the end. Pure text.

That there is another claim is said, since nobody settles alone; who, when, what and how much is not (ADR 22).
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from reviews.models import MediationSide, MediationStage, MediationStatus, PartyOutcome, ProposalAnswer
from reviews.notices import Text


def invited(side: MediationSide, zone: str) -> Text:
    """The notice that opens a talk."""
    if side.stage == MediationStage.MEDIATION:
        subject = f"{_ref(side)}: a mediation has begun"
        lead = (
            f"There is another claim on this deal. {side.facilitator_name} mediates and belongs to no side; "
            "others at the vendor decide if there is no agreement."
        )
    else:
        subject = f"{_ref(side)}: you are asked to settle"
        lead = "There is another claim on this deal. We ask both sides to settle before anybody decides."
    until = f"You have until {moment(side.due_at, zone)}. The other side reads nothing of what you write."
    return Text(subject, f"{lead}\n\n{side.body}\n\n{until}")


def proposed(side: MediationSide, answer: ProposalAnswer, zone: str) -> Text:
    """The notice of a proposal: the side's own part of it."""
    return Text(
        f"{_ref(side)}: a proposal waits for your answer",
        f"Proposal {answer.number} for {side.account_name}: {own_part(answer)}\n\n{answer.body}\n\n"
        f"Please accept or decline it by {moment(side.due_at, zone)}. It holds only if every side accepts.",
    )


def reminder(side: MediationSide, zone: str) -> Text:
    """The reminder before a talk ends."""
    return Text(
        f"{_ref(side)}: your answer is wanted",
        f"The talk about {side.account_name} ends on {moment(side.due_at, zone)}. Without an agreement by then, "
        "the case is decided on the records.",
    )


def extended(side: MediationSide, body: str, zone: str) -> Text:
    """The notice of another deadline."""
    return Text(
        f"{_ref(side)}: there is more time to talk",
        f"The talk about {side.account_name} now ends on {moment(side.due_at, zone)}.\n\n{body}",
    )


def another_facilitator(side: MediationSide, zone: str) -> Text:
    """The notice of who mediates from now on."""
    return Text(
        f"{_ref(side)}: somebody else mediates",
        f"{side.facilitator_name} mediates the talk about {side.account_name} from now on, and belongs to no side. "
        f"Whatever you wrote stays, and so does the deadline: {moment(side.due_at, zone)}.",
    )


def ended(side: MediationSide) -> Text:
    """The notice of how a talk ended."""
    if side.result == MediationStatus.AGREED:
        return Text(
            f"{_ref(side)}: there is an agreement",
            "Every side accepted the proposal. It is confirmed next; you are told when it is.",
        )
    return Text(
        f"{_ref(side)}: the talk has ended",
        f"The talk about {side.account_name} ended without an agreement. The case goes on, and is decided on the "
        "records. Nothing is to do; whatever you wrote stays unread by the other side.",
    )


def own_part(answer: ProposalAnswer) -> str:
    """What a proposal gives to the side that reads it, in a sentence."""
    share = f" with a share of {float(answer.share_pct):g} %" if answer.share_pct is not None else ""
    return {
        PartyOutcome.OWNER: "the deal would be yours.",
        PartyOutcome.SHARED: f"you would share the deal{share}.",
        PartyOutcome.SUPPORT: "you would support the deal, and another side would own it.",
    }.get(PartyOutcome(answer.outcome), "the deal would go to another side.")


def moment(at: datetime, zone: str) -> str:
    """A time in the program's own zone."""
    return f"{at.astimezone(ZoneInfo(zone)):%-d %B %Y, %H:%M %Z}"


def _ref(side: MediationSide) -> str:
    return f"Registration {side.registration.ref}" if side.registration else side.account_name
