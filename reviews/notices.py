"""What a party is told: neutral, from its own facts alone, never who else or what else. Pure text."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from partners.models import LeadOffer, ProtectionTerms, Registration
from partners.tracker import day, full_moment, moment, written
from reviews.models import NoticeKind
from reviews.reasons import NOTHING, Basis, Own
from reviews.text import Text, put_off

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
        share = _("Your share is %(share)s %%.") % named
        return f"{decided} {share}" if outcome.share_pct is not None else decided
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
    gettext_lazy("We look at it, and ask you if something is missing."),
    gettext_lazy("You read the decision with its reasons here, in the portal."),
    gettext_lazy("Until then you can add proof of work, amend the registration, or withdraw it."),
)


@put_off
def received(registration: Registration, head: str) -> Text:
    """The receipt: number, when it came, by when the answer comes, what happens next, and the log head to keep."""
    zone = registration.program.timezone
    came, due = registration.submitted_at, registration.due_at
    lead = _("We received your registration %(number)s for %(account)s on %(moment)s.")
    promise = _("You hear from us by %(moment)s.") % {"moment": moment(due, zone)} if due else ""
    return Text(
        _("Registration %(number)s: received") % named(registration),
        paragraphs(
            sentences(lead % {**named(registration), "moment": moment(came, zone)}, promise),
            sentences(*(str(sentence) for sentence in NEXT)),
            _("Log head: %(head)s") % {"head": head},
            _("Keep the log head: with it anybody can check later that our record of this was not changed."),
        ),
    )


@put_off
def ask(number: str, account: str, labels: Sequence[object], body: str) -> Text:
    """The notice that information is wanted: only the named fields can be changed."""
    lead = _("We need more information on your registration %(number)s for %(account)s.")
    can_change = _("You can now change: %(fields)s.") % {"fields": ", ".join(str(label) for label in labels)}
    fields = can_change if labels else _("Please answer in the registration.")
    return Text(
        _("Registration %(number)s: information wanted") % {"number": number},
        "\n\n".join((
            lead % {"number": number, "account": account},
            body,
            sentences(fields, _("The clock is paused until you answer.")),
        )),
    )  # fmt: skip


@put_off
def reminder(registration: Registration, terms: ProtectionTerms, worked: date | None, at: datetime) -> Text:
    """The notice that a protection ends soon, and what would renew it. `worked`: the activity that does so already."""
    ends = registration.protected_until
    left = -((at - ends) // timedelta(days=1))
    subject = ngettext(
        "Registration %(number)s: the protection ends in %(days)s day",
        "Registration %(number)s: the protection ends in %(days)s days",
        left,
    )
    body = _("The protection of your registration %(number)s for %(account)s ends on %(day)s.")
    return Text(
        subject % {"number": registration.ref, "days": left},
        paragraphs(
            body % {**named(registration), "day": _on(ends, registration)},
            _what_renews(terms, worked),
            _more_time(registration, terms, at),
        ),
    )


def _what_renews(terms: ProtectionTerms, worked: date | None) -> str:
    if terms.renewable_from is None:
        return _("It does not renew by itself any more.")
    if worked is not None:
        text = _("Your activity of %(day)s renews it by itself on that day: nothing is to do.")
        return text % {"day": written(worked)}
    text = _(
        "It renews by itself if you did dated work on the deal from %(day)s on: a meeting, a technical validation, a "
        "proposal or a signed statement of work. Add it to the registration before that day; without it the protection "
        "lapses."
    )
    return text % {"day": written(terms.renewable_from)}


def _more_time(registration: Registration, terms: ProtectionTerms, at: datetime) -> str:
    if terms.extendable_from is None:
        return ""
    if terms.extendable_from <= at:
        return _("You can ask for up to %(days)s more days, with a reason, now.") % {"days": terms.extension_days}
    text = _("You can ask for up to %(days)s more days, with a reason, from %(day)s on.")
    return text % {"days": terms.extension_days, "day": _on(terms.extendable_from, registration)}


@put_off
def renewed(registration: Registration, terms: ProtectionTerms) -> Text:
    """The notice that activity renewed a protection."""
    body = _("Your work on your registration %(number)s for %(account)s renewed its protection until %(day)s.")
    return Text(
        _("Registration %(number)s: the protection is renewed") % named(registration),
        paragraphs(
            body % {**named(registration), "day": _on(registration.protected_until, registration)},
            sentences(_how_often(terms.renewals), _whether_again(terms)),
        ),
    )


def _how_often(renewals: int) -> str:
    if renewals == 1:
        return _("It has been renewed once.")
    if renewals == 2:
        return _("It has been renewed twice.")
    return _("It has been renewed %(times)s times.") % {"times": renewals}


def _whether_again(terms: ProtectionTerms) -> str:
    if not terms.renewable_from:
        return _("It does not renew by itself any more.")
    return _("It renews again if you work the deal from %(day)s on.") % {"day": written(terms.renewable_from)}


@put_off
def expired(registration: Registration, unanswered: bool) -> Text:
    """The notice that a protection ended; `unanswered`: a request for more time was still open."""
    body = _("The protection of your registration %(number)s for %(account)s ended on %(day)s.")
    return Text(
        _("Registration %(number)s: the protection has ended") % named(registration),
        paragraphs(
            body % {**named(registration), "day": _on(registration.protected_until, registration)},
            _("Your request for more time was not answered before that day; we are sorry.") if unanswered else "",
            _("Register the deal again if it is alive: a new registration counts from the day you send it."),
        ),
    )


@put_off
def returned(registration: Registration) -> Text:
    """The notice that a worked registration was not renewed by itself, and that a person looks at it."""
    body = _(
        "The protection of your registration %(number)s for %(account)s ended on %(ended)s and was not renewed by itself: "
        "a person looks at it first. Nothing is to do. You hear from us by %(due)s."
    )
    ended, due = _on(registration.protected_until, registration), _on(registration.due_at, registration)
    return Text(
        _("Registration %(number)s is looked at again") % named(registration),
        body % {**named(registration), "ended": ended, "due": due},
    )


@put_off
def looked_at_again(registration: Registration) -> Text:
    """The notice to whoever is protected where a person must look: the protection stands meanwhile."""
    body = _(
        "A person looks at your registration %(number)s for %(account)s again. Its protection stands meanwhile, and nothing "
        "is to do."
    )
    return Text(_("Registration %(number)s is looked at again") % named(registration), body % named(registration))


@put_off
def extension_answered(registration: Registration, days: int, granted: bool, answer: str) -> Text:
    """The notice of what came of a request for more time."""
    if granted:
        subject = _("Registration %(number)s: more time is granted")
        lead = _("Your registration %(number)s for %(account)s is protected %(days)s more days, until %(day)s.")
    else:
        subject = _("Registration %(number)s: more time is not granted")
        lead = _("Your registration %(number)s for %(account)s stays protected until %(day)s.")
    known = {**named(registration), "days": days, "day": _on(registration.protected_until, registration)}
    return Text(subject % known, paragraphs(lead % known, answer))


@put_off
def may_register_again(registration: Registration) -> Text:
    """The notice that was asked for on a registration that was not approved; the same words for everybody."""
    body = _(
        "You asked to be told: %(account)s may be registered again. A new registration is looked at like any other and "
        "counts from the day you send it."
    )
    return Text(
        _("Registration %(number)s: the account may be registered again") % named(registration),
        body % named(registration),
    )


@put_off
def concern_answered(registration: Registration, number: str, answer: str) -> Text:
    """The notice to whoever raised a concern that it was answered."""
    lead = _("You raised a concern about your registration %(number)s for %(account)s.") % named(registration)
    return Text(_("Concern %(number)s: our answer") % {"number": number}, f"{lead}\n\n{answer}")


def named(registration: Registration) -> dict[str, str | int]:
    """A registration as its own party reads it: what the sentences about it call it."""
    return {"number": registration.ref, "account": registration.account_name}


def sentences(*told: str) -> str:
    """Whole sentences one after the other; an empty one has nothing to say."""
    return " ".join(sentence for sentence in told if sentence)


def paragraphs(*told: str) -> str:
    """Paragraphs one under the other; an empty one has nothing to say."""
    return "\n\n".join(paragraph for paragraph in told if paragraph)


def _on(at: datetime, registration: Registration) -> str:
    """The day that it is in the party's program: near midnight it is another one elsewhere."""
    return day(at, registration.program.timezone)


@put_off
def lead_offered(offer: LeadOffer) -> Text:
    """The notice that a lead is offered: enough to open it, nothing of how it came there."""
    known = _known_of(offer)
    then = _(
        "You have until %(moment)s to accept or decline it. With your answer you see whom to contact, and the deal is "
        "registered for you."
    )
    return Text(_("A lead is offered to you: %(customer)s") % known, sentences(_customer(offer), then % known))


@put_off
def lead_reminder(offer: LeadOffer) -> Text:
    """The reminder before an offer ends."""
    known = _known_of(offer)
    then = _("It is offered to you until %(moment)s; after that it is not yours to take any more.")
    return Text(_("Lead %(number)s waits for your answer") % known, sentences(_customer(offer), then % known))


@put_off
def lead_gone(offer: LeadOffer) -> Text:
    """The notice that an offer ended without an answer."""
    known = _known_of(offer)
    body = _("The lead for %(customer)s was offered to you until %(moment)s and is not any more. Nothing is to do.")
    return Text(_("Lead %(number)s is no longer offered to you") % known, body % known)


def _customer(offer: LeadOffer) -> str:
    known = {"customer": offer.customer_name, "products": ", ".join(offer.product_lines)}
    return _("%(customer)s asked us for %(products)s.") % known


def _known_of(offer: LeadOffer) -> dict[str, str]:
    until = full_moment(offer.due_at, offer.program.timezone)
    return {"number": str(offer.number), "customer": offer.customer_name, "moment": until}


@put_off
def question_waits(registration: Registration, asked_at: datetime) -> Text:
    """The reminder that a question was not answered."""
    lead = _(
        "On %(day)s we asked for more information on your registration %(number)s for %(account)s. The clock is paused until "
        "you answer."
    )
    return Text(
        _("Registration %(number)s: our question waits for your answer") % named(registration),
        paragraphs(
            lead % {**named(registration), "day": _on(asked_at, registration)},
            _("Open the registration and answer there: what we asked for can be changed."),
        ),
    )


@put_off
def appeal_closes(registration: Registration, until: datetime) -> Text:
    """The reminder that a decision can be appealed against no longer than until then."""
    subject = _("Registration %(number)s: you can appeal until %(day)s")
    lead = _(
        "You can appeal once against the decision on your registration %(number)s for %(account)s, until %(moment)s. A person "
        "who had no part in it then looks at it again."
    )
    return Text(
        subject % {**named(registration), "day": _on(until, registration)},
        paragraphs(
            lead % {**named(registration), "moment": full_moment(until, registration.program.timezone)},
            _("If you agree with the decision, nothing is to do."),
        ),
    )
