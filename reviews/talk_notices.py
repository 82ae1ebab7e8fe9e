"""What a side of a talk is told: that it is asked to settle, its own part of a proposal, deadlines, the end. Pure text.

That there is another claim is said, since nobody settles alone; who, when, what and how much is not (ADR 22).
"""

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from partners.tracker import full_moment
from reviews.models import MediationSide, MediationStage, MediationStatus, PartyOutcome, ProposalAnswer
from reviews.text import Text, put_off


@put_off
def invited(side: MediationSide, zone: str) -> Text:
    """The notice that opens a talk."""
    if side.stage == MediationStage.MEDIATION:
        subject = _subject(
            side, _("Registration %(number)s: a mediation has begun"), _("%(account)s: a mediation has begun")
        )
        text = _(
            "There is another claim on this deal. %(facilitator)s mediates and belongs to no side; others at the vendor "
            "decide if there is no agreement."
        )
        lead = text % {"facilitator": side.facilitator_name}
    else:
        subject = _subject(
            side, _("Registration %(number)s: you are asked to settle"), _("%(account)s: you are asked to settle")
        )
        lead = _("There is another claim on this deal. We ask both sides to settle before anybody decides.")
    until = _("You have until %(moment)s. The other side reads nothing of what you write.") % _ends(side, zone)
    return Text(subject, f"{lead}\n\n{side.body}\n\n{until}")


@put_off
def proposed(side: MediationSide, answer: ProposalAnswer, zone: str) -> Text:
    """The notice of a proposal: the side's own part of it."""
    named = {"number": answer.number, "account": side.account_name, "part": own_part(answer)}
    lead = _("Proposal %(number)s for %(account)s: %(part)s") % named
    until = _("Please accept or decline it by %(moment)s. It holds only if every side accepts.") % _ends(side, zone)
    return Text(
        _subject(
            side,
            _("Registration %(number)s: a proposal waits for your answer"),
            _("%(account)s: a proposal waits for your answer"),
        ),
        f"{lead}\n\n{answer.body}\n\n{until}",
    )


@put_off
def reminder(side: MediationSide, zone: str) -> Text:
    """The reminder before a talk ends."""
    text = _(
        "The talk about %(account)s ends on %(moment)s. Without an agreement by then, the case is decided on the records."
    )
    return Text(
        _subject(side, _("Registration %(number)s: your answer is wanted"), _("%(account)s: your answer is wanted")),
        text % _ends(side, zone),
    )


@put_off
def extended(side: MediationSide, body: str, zone: str) -> Text:
    """The notice of another deadline."""
    lead = _("The talk about %(account)s now ends on %(moment)s.") % _ends(side, zone)
    return Text(
        _subject(
            side, _("Registration %(number)s: there is more time to talk"), _("%(account)s: there is more time to talk")
        ),
        f"{lead}\n\n{body}",
    )


@put_off
def another_facilitator(side: MediationSide, zone: str) -> Text:
    """The notice of who mediates from now on."""
    text = _(
        "%(facilitator)s mediates the talk about %(account)s from now on, and belongs to no side. Whatever you wrote stays, "
        "and so does the deadline: %(moment)s."
    )
    return Text(
        _subject(side, _("Registration %(number)s: somebody else mediates"), _("%(account)s: somebody else mediates")),
        text % {**_ends(side, zone), "facilitator": side.facilitator_name},
    )


@put_off
def ended(side: MediationSide) -> Text:
    """The notice of how a talk ended."""
    if side.result == MediationStatus.AGREED:
        return Text(
            _subject(
                side, _("Registration %(number)s: there is an agreement"), _("%(account)s: there is an agreement")
            ),
            _("Every side accepted the proposal. It is confirmed next; you are told when it is."),
        )
    text = _(
        "The talk about %(account)s ended without an agreement. The case goes on, and is decided on the records. Nothing is "
        "to do; whatever you wrote stays unread by the other side."
    )
    return Text(
        _subject(side, _("Registration %(number)s: the talk has ended"), _("%(account)s: the talk has ended")),
        text % {"account": side.account_name},
    )


def own_part(answer: ProposalAnswer) -> str:
    """What a proposal gives to the side that reads it, in a sentence."""
    outcome = PartyOutcome(answer.outcome)
    if outcome == PartyOutcome.OWNER:
        return _("the deal would be yours.")
    if outcome == PartyOutcome.SHARED:
        return _shared(answer)
    if outcome == PartyOutcome.SUPPORT:
        return _("you would support the deal, and another side would own it.")
    return _("the deal would go to another side.")


def _shared(answer: ProposalAnswer) -> str:
    if answer.share_pct is None:
        return _("you would share the deal.")
    share = number_format(f"{float(answer.share_pct):g}")
    return _("you would share the deal with a share of %(share)s %%.") % {"share": share}


def _ends(side: MediationSide, zone: str) -> dict[str, str]:
    return {"account": side.account_name, "moment": full_moment(side.due_at, zone)}


def _subject(side: MediationSide, of_registration: str, of_account: str) -> str:
    if side.registration:
        return of_registration % {"number": side.registration.ref}
    return of_account % {"account": side.account_name}
