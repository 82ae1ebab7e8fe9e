"""The breach register: somebody records, the partner may comment once, a second person confirms or dismisses.

Nothing follows from an entry by itself; a confirmed one counts for so many days as the program says.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from channelconflict.audit import explain, record
from channelconflict.models import User
from partners.models import Partner
from partners.permissions import roles_in
from partners.services import NotPossibleError, save_row
from partners.tracker import day
from reviews import interim_notices
from reviews.models import Breach, BreachCategory, BreachFile, BreachStatus, Case, NoticeKind
from reviews.permissions import NotAllowedError, conflict_of_interest
from reviews.services.frames import put_notice
from reviews.services.wording import check_words_to
from reviews.text import Text

COMMENT_HOURS = 120  # open hours that a partner has to comment: five open days


@dataclass(frozen=True)
class Entry:
    """What somebody records; `what` is read by the partner, the evidence (a case or words) by staff alone."""

    category: str
    what: str
    happened_on: date
    evidence: str = ""
    case: Case | None = None

    def check(self, today: date) -> None:
        """Refuse an entry that says too little."""
        if self.category not in BreachCategory.values:
            raise NotPossibleError("Choose the rule that was broken from the list.")
        if not self.what.strip():
            raise NotPossibleError("Say in a sentence what happened: the partner reads it.")
        if self.happened_on > today:
            raise NotPossibleError("This day is still to come: enter when it happened.")
        if self.case is None and not self.evidence.strip():
            raise NotPossibleError("Name the case, or say in words what shows it.")


@transaction.atomic
def record_breach(*, partner: Partner, entry: Entry, by: User, at: datetime) -> Breach:
    """Record that a partner broke a rule of engagement; it is told, and may comment."""
    _check_works_here(by, partner)
    entry.check(at.date())
    if entry.case and not entry.case.parties.filter(partner=partner).exists():
        raise NotPossibleError(
            f"{partner.name} is no party of {entry.case.ref}: name another case, or say it in words."
        )
    check_words_to(entry.what, partner, entry.case)
    breach = Breach(
        program_id=partner.program_id, partner=partner, category=entry.category, what=entry.what.strip(),
        happened_on=entry.happened_on, recorded_at=at,
        comment_until=partner.program.calendar.add_hours(at, COMMENT_HOURS),
    )  # fmt: skip
    facts = {"category": entry.category, "case": entry.case.pk if entry.case else None}
    save_row(breach, by=by, at=at, action="breach.recorded", facts=facts)
    file = BreachFile(
        program_id=partner.program_id, breach=breach, case=entry.case, evidence=entry.evidence.strip(), recorded_by=by
    )
    save_row(file, by=by, at=at, action="breach.file_opened")
    _tell(breach, NoticeKind.BREACH_RECORDED, interim_notices.breach_recorded(breach), at)
    return breach


def _answered_already(breach: Breach) -> str:
    confirmed = breach.status == BreachStatus.CONFIRMED
    return _("This entry is confirmed already.") if confirmed else _("This entry is dismissed already.")


def why_no_comment(breach: Breach, at: datetime) -> str:
    """The sentence that says why the partner cannot comment at `at`, or ""."""
    if breach.commented_at:
        return _("You have commented: a comment is given once.")
    if breach.status != BreachStatus.RECORDED:
        return _answered_already(breach)
    if at > breach.comment_until:
        return _("You could comment until %(day)s.") % {"day": day(breach.comment_until, breach.program.timezone)}
    return ""


@transaction.atomic
def comment_on_breach(*, breach: Breach, comment: str, by: User, at: datetime) -> Breach:
    """The partner's one comment, in its own scope: it may write these columns and no others."""
    breach = Breach.objects.select_for_update(no_key=True, of=("self",)).select_related("program").get(pk=breach.pk)
    why_not = why_no_comment(breach, at)
    if why_not:
        raise NotPossibleError(why_not)
    if not comment.strip():
        raise NotPossibleError(_("Write your comment first."))
    breach.comment, breach.commented_at = comment.strip(), at
    explain(breach, by=by, at=at, reason="breach.commented")
    breach.save(update_fields=["comment", "commented_at"])
    record(action="breach.commented", by=by, at=at, subject=breach, program_id=breach.program_id)
    return breach


def why_no_answer(user: User, breach: Breach, at: datetime) -> str:
    """The sentence that says why `user` may not confirm or dismiss an entry now, or ""."""
    if breach.status != BreachStatus.RECORDED:
        return _answered_already(breach)
    if not roles_in(user, breach.program_id):
        return "Your role reads the register; it does not confirm or dismiss entries."
    if breach.file.recorded_by_id == user.pk:
        return "You recorded this entry: a second person confirms or dismisses it."
    return conflict_of_interest(user, breach.file.case) if breach.file.case else ""


def why_not_yet(breach: Breach, at: datetime) -> str:
    """The sentence that says that the partner may still comment, or ""."""
    if breach.commented_at or at > breach.comment_until:
        return ""
    until = day(breach.comment_until, breach.program.timezone)
    return f"The partner may comment until {until}: confirm it after that, or dismiss it now."


@transaction.atomic
def answer_breach(
    *, breach: Breach, confirmed: bool, answer: str, reasons: str, comment_seen: bool, by: User, at: datetime
) -> Breach:
    """Confirm or dismiss an entry as the second person, who has read the comment that there is.

    `answer` is read by the partner, `reasons` by staff alone; `comment_seen`: whether a comment stood on the page.
    """
    breach = (
        Breach.objects.select_for_update(no_key=True, of=("self",)).select_related("program", "file").get(pk=breach.pk)
    )
    why_not = why_no_answer(by, breach, at)
    if why_not:
        raise NotAllowedError(why_not) if breach.status == BreachStatus.RECORDED else NotPossibleError(why_not)
    if breach.commented_at and not comment_seen:
        raise NotPossibleError("The partner commented while you were looking: read it, then answer. Nothing was saved.")
    if confirmed and why_not_yet(breach, at):
        raise NotPossibleError(why_not_yet(breach, at))
    if not reasons.strip():
        raise NotPossibleError("Say in a sentence why: it goes on the record.")
    file = breach.file
    check_words_to(answer, breach.partner, file.case)
    breach.status = BreachStatus.CONFIRMED if confirmed else BreachStatus.DISMISSED
    breach.answer, breach.answered_at = answer.strip(), at
    breach.counts_until = at.date() + timedelta(days=breach.program.breach_days) if confirmed else None
    save_row(breach, by=by, at=at, action=f"breach.{breach.status}", facts={"until": str(breach.counts_until or "")})
    file.answered_by, file.reasons = by, reasons.strip()
    save_row(file, by=by, at=at, action="breach.file_closed")
    _tell(breach, NoticeKind.BREACH_ANSWERED, interim_notices.breach_answered(breach), at)
    return breach


def _check_works_here(by: User, partner: Partner) -> None:
    if not roles_in(by, partner.program_id):
        raise NotAllowedError("Your role reads the register; it does not record entries.")


def _tell(breach: Breach, kind: NoticeKind, text: Text, at: datetime) -> None:
    put_notice(program_id=breach.program_id, partner_id=breach.partner_id, kind=kind, text=text, at=at, breach=breach)
