"""What a party is told of an appeal, a hold and a breach: neutral, of itself alone. Pure text."""

from datetime import datetime

from partners.models import Registration
from partners.tracker import day, written
from reviews.models import Appeal, AppealStatus, Breach, BreachStatus
from reviews.notices import Text, deal_of

YOURSELF = "Your company"  # a party's own name for itself, where it is the one who speaks to the buyer


def appeal_answered(appeal: Appeal, registration: Registration) -> Text:
    """The notice to a side that appealed."""
    came_to = {
        AppealStatus.UPHELD: "The decision stands",
        AppealStatus.VARIED: "The decision was changed in part",
        AppealStatus.OVERTURNED: "The decision was overturned",
    }[AppealStatus(appeal.status)]
    return Text(
        f"Your appeal {appeal.number} is answered",
        f"We looked at {deal_of(registration)} again, by a person who had no part in the decision. {came_to}.\n\n"
        f"{appeal.answer}\n\nThis is final.",
    )


def decision_stands(registration: Registration) -> Text:
    """The notice to whoever was told that a decision is looked at again, when nothing changed."""
    return Text(
        f"Registration {registration.ref}: nothing changes",
        f"We have looked at {deal_of(registration)} again. Nothing changes: it stays as it was decided, and this is final.",
    )


def held(registration: Registration, until: datetime, speaker: str, contact: str) -> Text:
    """The notice that a party's claim is on hold, and who speaks to the buyer."""
    on = day(until, registration.program.timezone)
    return Text(
        f"Registration {registration.ref} is on hold until {on}",
        f"{_capital(deal_of(registration))} stays exactly as it is until {on}: nothing is approved, and no protection "
        f"ends.\n\n{who_speaks(speaker)}\n\nThe hold ends by itself. If you have questions, ask {contact}.",
    )


def who_speaks(speaker: str) -> str:
    """What a party reads of who speaks to the buyer."""
    if speaker == YOURSELF:
        return "Your company speaks to the buyer in this time, as you do now. Please promise nothing that is not agreed with us."
    return f"In this time one person speaks to the buyer: {speaker}. Please leave talks about this deal to that person."


def hold_ended(registration: Registration) -> Text:
    """The notice that a hold is over."""
    return Text(
        f"Registration {registration.ref}: the hold has ended",
        f"The hold on {deal_of(registration)} has ended. You may speak to the buyer again, and we go on from where we were.",
    )


def breach_recorded(breach: Breach) -> Text:
    """The notice that something was recorded; nothing has been decided."""
    until = day(breach.comment_until, breach.program.timezone)
    return Text(
        f"We noted something about your company ({breach.number})",
        f"We noted this of {written(breach.happened_on)}: {_label(breach)}.\n\n{breach.what}\n\nNothing is decided yet. You may "
        f"comment once, until {until}; a second person reads your comment and confirms or dismisses "
        "the entry. Nothing follows from it by itself.",
    )


def breach_answered(breach: Breach) -> Text:
    """The notice of what a second person decided."""
    if breach.status == BreachStatus.DISMISSED:
        subject, lead = f"Entry {breach.number} is dismissed", "was dismissed. It does not count."
    else:
        subject, until = f"Entry {breach.number} is confirmed", written(breach.counts_until)
        lead = f"was confirmed by a second person. It counts until {until}; nothing follows from it by itself."
    body = f"Our entry {breach.number} of {written(breach.happened_on)} ({_label(breach)}) {lead}"
    return Text(subject, "\n\n".join(part for part in (body, breach.answer) if part))


def _label(breach: Breach) -> str:
    text = str(breach.get_category_display())
    return f"{text[:1].lower()}{text[1:]}"


def _capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"
