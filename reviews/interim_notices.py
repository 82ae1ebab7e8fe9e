"""What a party is told of an appeal, a hold and a breach: neutral, of itself alone. Pure text."""

from datetime import datetime

from django.utils.translation import gettext as _

from partners.models import Registration
from partners.tracker import day, written
from reviews.models import Appeal, AppealStatus, Breach, BreachCategory, BreachStatus
from reviews.notices import named, paragraphs, sentences
from reviews.text import Text, put_off

YOURSELF = "Your company"  # a party's own name for itself, where it is the one who speaks to the buyer


@put_off
def appeal_answered(appeal: Appeal, registration: Registration) -> Text:
    """The notice to a side that appealed."""
    came_to = {
        AppealStatus.UPHELD: _("The decision stands."),
        AppealStatus.VARIED: _("The decision was changed in part."),
        AppealStatus.OVERTURNED: _("The decision was overturned."),
    }[AppealStatus(appeal.status)]
    lead = _(
        "We looked at your registration %(number)s for %(account)s again, by a person who had no part in the decision."
    )
    final = _("This is final.")
    return Text(
        _("Your appeal %(number)s is answered") % {"number": appeal.number},
        f"{sentences(lead % named(registration), came_to)}\n\n{appeal.answer}\n\n{final}",
    )


@put_off
def decision_stands(registration: Registration) -> Text:
    """The notice to whoever was told that a decision is looked at again, when nothing changed."""
    body = _(
        "We have looked at your registration %(number)s for %(account)s again. Nothing changes: it stays as it was decided, "
        "and this is final."
    )
    return Text(_("Registration %(number)s: nothing changes") % named(registration), body % named(registration))


@put_off
def held(registration: Registration, until: datetime, speaker: str, contact: str) -> Text:
    """The notice that a party's claim is on hold, and who speaks to the buyer."""
    known = {**named(registration), "day": day(until, registration.program.timezone)}
    lead = _(
        "Your registration %(number)s for %(account)s stays exactly as it is until %(day)s: nothing is approved, and no "
        "protection ends."
    )
    end = _("The hold ends by itself. If you have questions, ask %(contact)s.") % {"contact": contact}
    return Text(
        _("Registration %(number)s is on hold until %(day)s") % known,
        paragraphs(lead % known, who_speaks(speaker), end),
    )


def who_speaks(speaker: str) -> str:
    """What a party reads of who speaks to the buyer."""
    if speaker == YOURSELF:
        return _(
            "Your company speaks to the buyer in this time, as you do now. Please promise nothing that is not agreed with us."
        )
    text = _(
        "In this time one person speaks to the buyer: %(name)s. Please leave talks about this deal to that person."
    )
    return text % {"name": speaker}


@put_off
def hold_ended(registration: Registration) -> Text:
    """The notice that a hold is over."""
    body = _(
        "The hold on your registration %(number)s for %(account)s has ended. You may speak to the buyer again, and we go on "
        "from where we were."
    )
    return Text(_("Registration %(number)s: the hold has ended") % named(registration), body % named(registration))


@put_off
def breach_recorded(breach: Breach) -> Text:
    """The notice that something was recorded; nothing has been decided."""
    lead = _("We noted this of %(day)s: %(what)s.") % {"day": written(breach.happened_on), "what": _what(breach)}
    rest = _(
        "Nothing is decided yet. You may comment once, until %(day)s; a second person reads your comment and confirms or "
        "dismisses the entry. Nothing follows from it by itself."
    ) % {"day": day(breach.comment_until, breach.program.timezone)}
    return Text(
        _("We noted something about your company (%(number)s)") % {"number": breach.number},
        f"{lead}\n\n{breach.what}\n\n{rest}",
    )


@put_off
def breach_answered(breach: Breach) -> Text:
    """The notice of what a second person decided."""
    known = {"number": breach.number, "day": written(breach.happened_on), "what": _what(breach)}
    if breach.status == BreachStatus.DISMISSED:
        subject = _("Entry %(number)s is dismissed")
        lead = _("Our entry %(number)s of %(day)s (%(what)s) was dismissed. It does not count.")
    else:
        subject, known["until"] = _("Entry %(number)s is confirmed"), written(breach.counts_until)
        lead = _(
            "Our entry %(number)s of %(day)s (%(what)s) was confirmed by a second person. It counts until %(until)s; nothing "
            "follows from it by itself."
        )
    return Text(subject % known, paragraphs(lead % known, breach.answer))


def _what(breach: Breach) -> str:
    """Its category within a sentence."""
    return {
        BreachCategory.FALSE_STATEMENT: _("a statement in a registration was not true"),
        BreachCategory.BYPASSED_OWNER: _("the buyer was approached on a deal that was protected for somebody else"),
        BreachCategory.BROKE_HOLD: _("the buyer was approached while the claims were on hold"),
        BreachCategory.PRICE: _("a price or discount outside the policy was offered"),
        BreachCategory.OUTSIDE_TERRITORY: _("sold outside the territory or the agreement"),
        BreachCategory.CONFIDENCE: _("something confidential was passed on"),
        BreachCategory.NO_FOLLOW_UP: _("deals were registered and not worked"),
        BreachCategory.OTHER: _("another rule"),
    }[BreachCategory(breach.category)]
