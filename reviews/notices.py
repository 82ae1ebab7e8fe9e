"""What a party is told: neutral, from its own facts alone, never who else or what else. Pure text."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from partners.models import LeadOffer, ProtectionTerms, Registration
from partners.tracker import day, moment, written
from reviews.models import NoticeKind
from reviews.reasons import NOTHING, Basis, Own

# The parts of a decision's statement, in the order in which it says them, each with what it holds.
PARTS = {
    "decided": "what was decided",
    "rule": "the rule, or who decided",
    "counted": "what counted of the party's own",
    "priority": "that another claim had priority, if it is so",
    "could": "what could have changed it",
    "protected": "until when it is protected",
    "appeal": "how to appeal, and until when",
}


@dataclass(frozen=True)
class Text:
    """A notice's subject and body (plain text, paragraphs separated by an empty line); of a decision also its parts."""

    subject: str
    body: str
    parts: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Outcome:
    """What one party's registration came to: its own name and number, and, if approved, until when and what share.

    `own` are sentences about the party's own facts; `another_claim` says that another claim was the reason;
    `again` that an earlier decision was changed, `by_rule` that no person decided.
    """

    number: str
    account: str
    kind: NoticeKind
    basis: Basis
    zone: str  # the program's
    protected_until: datetime | None = None
    share_pct: int | None = None
    own: Own = NOTHING
    another_claim: bool = False
    again: bool = False  # on an appeal
    by_rule: bool = False  # without a person
    appeal_until: datetime | None = None


def write(outcome: Outcome) -> Text:
    """The notice of a decision: what was decided, by which rule, what counted, what could have changed it, how to appeal."""
    subject = {
        NoticeKind.APPROVED: _("Registration %(number)s is approved"),
        NoticeKind.SHARED: _("Registration %(number)s is approved as a shared deal"),
        NoticeKind.SUPPORT: _("Registration %(number)s: you have a support role"),
        NoticeKind.NOT_APPROVED: _("Registration %(number)s is not approved any more")
        if outcome.again
        else _("Registration %(number)s is not approved"),
    }[outcome.kind]
    parts = dict(zip(PARTS, _paragraphs(outcome), strict=True))
    return Text(subject % {"number": outcome.number}, "\n\n".join(part for part in parts.values() if part), parts)


def _paragraphs(outcome: Outcome) -> list[str]:
    """One for each of PARTS; an empty one has nothing to say."""
    again = _("We looked at the decision on this registration again, and changed it. It is final now.")
    alone = _("No person decided: the program's rules did. You can appeal, and a person then decides.")
    return [
        f"{again}\n\n{_decided(outcome)}" if outcome.again else _decided(outcome),
        f"{outcome.basis.sentence} {alone}" if outcome.by_rule else outcome.basis.sentence,
        _listed(
            _("What counted of yours:") if outcome.basis.weighs_work else _("What we have of yours:"),
            outcome.own.counted,
        ),
        _("Another claim had priority.") if outcome.another_claim and outcome.kind == NoticeKind.NOT_APPROVED else "",
        "" if outcome.again else _listed(_("What could have changed it:"), outcome.own.could),
        _protected(outcome),
        _appeal(outcome),
    ]


def _decided(outcome: Outcome) -> str:
    named = {"number": outcome.number, "account": outcome.account, "share": outcome.share_pct}
    if outcome.kind == NoticeKind.APPROVED:
        return _("Your registration %(number)s for %(account)s is approved.") % named
    if outcome.kind == NoticeKind.SHARED:
        decided = _("Your registration %(number)s for %(account)s is approved as a shared deal.") % named
        return f"{decided} {_('Your share is %(share)s %%.') % named}" if outcome.share_pct is not None else decided
    if outcome.kind == NoticeKind.SUPPORT:
        text = _(
            "Your registration %(number)s for %(account)s is not approved for ownership. You have a support role on the deal."
        )
        return text % named
    if outcome.again:
        return _("Your registration %(number)s for %(account)s is not approved any more.") % named
    return _("Your registration %(number)s for %(account)s is not approved.") % named


def _listed(lead: str, sentences: tuple[str, ...]) -> str:
    return "\n".join((lead, *(f"- {sentence}" for sentence in sentences))) if sentences else ""


def _protected(outcome: Outcome) -> str:
    if outcome.protected_until is None:
        return ""
    text = _("The deal is protected until %(day)s. Activity on it renews the protection.")
    return text % {"day": day(outcome.protected_until, outcome.zone)}


def _appeal(outcome: Outcome) -> str:
    if outcome.appeal_until is None:
        return ""
    text = _(
        "If you disagree, you can appeal once, until %(day)s: open the registration and choose a reason, such as new "
        "evidence, a fact that is wrong, or a rule that was not applied as written. A person who had no part in this decision "
        "answers."
    )
    return text % {"day": day(outcome.appeal_until, outcome.zone)}


# What the receipt says of the way ahead: of every registration alike.
NEXT = (
    "We look at it, and ask you if something is missing.",
    "You read the decision with its reasons here, in the portal.",
    "Until then you can add proof of work, amend the registration, or withdraw it.",
)


def received(registration: Registration, head: str) -> Text:
    """The receipt: number, when it came, by when the answer comes, what happens next, and the log head to keep."""
    zone = registration.program.timezone
    came, due = registration.submitted_at, registration.due_at
    promise = f" You hear from us by {moment(due, zone)}." if due else ""
    return Text(
        f"Registration {registration.ref}: received",
        f"We received {deal_of(registration)} on {moment(came, zone)}.{promise}\n\n{' '.join(NEXT)}\n\n"
        f"Log head: {head}\n\nKeep the log head: with it anybody can check later that our record of this was not changed.",
    )


def ask(number: str, account: str, labels: list[str], body: str) -> Text:
    """The notice that information is wanted: only the named fields can be changed."""
    fields = f"You can now change: {', '.join(labels)}." if labels else "Please answer in the registration."
    return Text(
        f"Registration {number}: information wanted",
        f"We need more information on your registration {number} for {account}.\n\n{body}\n\n{fields} "
        "The clock is paused until you answer.",
    )


def reminder(registration: Registration, terms: ProtectionTerms, worked: date | None, at: datetime) -> Text:
    """The notice that a protection ends soon, and what would renew it. `worked`: the activity that does so already."""
    ends = registration.protected_until
    left = -((at - ends) // timedelta(days=1))
    body = f"The protection of {deal_of(registration)} ends on {_on(ends, registration)}."
    return Text(
        f"Registration {registration.ref}: the protection ends in {left} day{'' if left == 1 else 's'}",
        "\n\n".join(part for part in (body, _what_renews(terms, worked), _more_time(registration, terms, at)) if part),
    )


def _what_renews(terms: ProtectionTerms, worked: date | None) -> str:
    if terms.renewable_from is None:
        return "It does not renew by itself any more."
    if worked is not None:
        return f"Your activity of {written(worked)} renews it by itself on that day: nothing is to do."
    return (
        f"It renews by itself if you did dated work on the deal from {written(terms.renewable_from)} on: a meeting, a "
        "technical validation, a proposal or a signed statement of work. Add it to the registration before that day; "
        "without it the protection lapses."
    )


def _more_time(registration: Registration, terms: ProtectionTerms, at: datetime) -> str:
    if terms.extendable_from is None:
        return ""
    begin = "now" if terms.extendable_from <= at else f"from {_on(terms.extendable_from, registration)} on"
    return f"You can ask for up to {terms.extension_days} more days, with a reason, {begin}."


def renewed(registration: Registration, terms: ProtectionTerms) -> Text:
    """The notice that activity renewed a protection."""
    once = "once" if terms.renewals == 1 else "twice" if terms.renewals == 2 else f"{terms.renewals} times"
    again = f"It renews again if you work the deal from {written(terms.renewable_from)} on." if terms.renewable_from else (
        "It does not renew by itself any more."
    )  # fmt: skip
    until = _on(registration.protected_until, registration)
    return Text(
        f"Registration {registration.ref}: the protection is renewed",
        f"Your work on {deal_of(registration)} renewed its protection until {until}.\n\n"
        f"It has been renewed {once}. {again}",
    )


def expired(registration: Registration, unanswered: bool) -> Text:
    """The notice that a protection ended; `unanswered`: a request for more time was still open."""
    late = "Your request for more time was not answered before that day; we are sorry." if unanswered else ""
    again = "Register the deal again if it is alive: a new registration counts from the day you send it."
    body = f"The protection of {deal_of(registration)} ended on {_on(registration.protected_until, registration)}."
    return Text(
        f"Registration {registration.ref}: the protection has ended", "\n\n".join(p for p in (body, late, again) if p)
    )


def returned(registration: Registration) -> Text:
    """The notice that a worked registration was not renewed by itself, and that a person looks at it."""
    ended, due = _on(registration.protected_until, registration), _on(registration.due_at, registration)
    return Text(
        f"Registration {registration.ref} is looked at again",
        f"The protection of {deal_of(registration)} ended on {ended} and was not renewed by "
        f"itself: a person looks at it first. Nothing is to do. You hear from us by {due}.",
    )


def looked_at_again(registration: Registration) -> Text:
    """The notice to whoever is protected where a person must look: the protection stands meanwhile."""
    return Text(
        f"Registration {registration.ref} is looked at again",
        f"A person looks at {deal_of(registration)} again. Its protection stands meanwhile, and nothing is to do.",
    )


def extension_answered(registration: Registration, days: int, granted: bool, answer: str) -> Text:
    """The notice of what came of a request for more time."""
    ref, until = registration.ref, _on(registration.protected_until, registration)
    if granted:
        subject, lead = f"Registration {ref}: more time is granted", f"is protected {days} more days, until {until}."
    else:
        subject, lead = f"Registration {ref}: more time is not granted", f"stays protected until {until}."
    deal = deal_of(registration)
    return Text(subject, "\n\n".join(part for part in (f"{deal[0].upper()}{deal[1:]} {lead}", answer) if part))


def may_register_again(registration: Registration) -> Text:
    """The notice that was asked for on a registration that was not approved; the same words for everybody."""
    return Text(
        f"Registration {registration.ref}: the account may be registered again",
        f"You asked to be told: {registration.account_name} may be registered again. A new registration is looked at "
        "like any other and counts from the day you send it.",
    )


def concern_answered(registration: Registration, number: str, answer: str) -> Text:
    """The notice to whoever raised a concern that it was answered."""
    return Text(f"Concern {number}: our answer", f"You raised a concern about {deal_of(registration)}.\n\n{answer}")


def deal_of(registration: Registration) -> str:
    """A registration as its own party reads it."""
    return f"your registration {registration.ref} for {registration.account_name}"


def _on(at: datetime, registration: Registration) -> str:
    """The day that it is in the party's program: near midnight it is another one elsewhere."""
    return day(at, registration.program.timezone)


def lead_offered(offer: LeadOffer) -> Text:
    """The notice that a lead is offered: enough to open it, nothing of how it came there."""
    return Text(
        f"A lead is offered to you: {offer.customer_name}",
        f"{_customer(offer)} You have until {_time(offer)} to accept or decline it. With your answer you see whom to "
        "contact, and the deal is registered for you.",
    )


def lead_reminder(offer: LeadOffer) -> Text:
    """The reminder before an offer ends."""
    return Text(
        f"Lead {offer.number} waits for your answer",
        f"{_customer(offer)} It is offered to you until {_time(offer)}; after that it is not yours to take any more.",
    )


def lead_gone(offer: LeadOffer) -> Text:
    """The notice that an offer ended without an answer."""
    return Text(
        f"Lead {offer.number} is no longer offered to you",
        f"The lead for {offer.customer_name} was offered to you until {_time(offer)} and is not any more. Nothing is to do.",
    )


def _customer(offer: LeadOffer) -> str:
    return f"{offer.customer_name} asked us for {', '.join(offer.product_lines)}."


def _time(offer: LeadOffer) -> str:
    return f"{offer.due_at.astimezone(ZoneInfo(offer.program.timezone)):%-d %B %Y, %H:%M %Z}"


def question_waits(registration: Registration, asked_at: datetime) -> Text:
    """The reminder that a question was not answered."""
    return Text(
        f"Registration {registration.ref}: our question waits for your answer",
        f"On {_on(asked_at, registration)} we asked for more information on {deal_of(registration)}. The clock is paused "
        "until you answer.\n\nOpen the registration and answer there: what we asked for can be changed.",
    )


def appeal_closes(registration: Registration, until: datetime) -> Text:
    """The reminder that a decision can be appealed against no longer than until then."""
    ends = f"{until.astimezone(ZoneInfo(registration.program.timezone)):%-d %B %Y, %H:%M %Z}"
    return Text(
        f"Registration {registration.ref}: you can appeal until {_on(until, registration)}",
        f"You can appeal once against the decision on {deal_of(registration)}, until {ends}. A person who had no part in "
        "it then looks at it again.\n\nIf you agree with the decision, nothing is to do.",
    )
