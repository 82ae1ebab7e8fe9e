"""Where a registration stands, in a partner's words: chip, next step, steps, days of protection left, what renews it.

It reads the registration alone, never a case: what it says is the same whoever else asks for the deal.
"""

import math
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from partners.models import PENDING, ProtectionTerms, Registration, RegistrationStatus

EXPIRING_DAYS = 30


@dataclass(frozen=True)
class Chip:
    """A status as text, icon and tone (the theme's chip)."""

    text: str
    tone: str
    icon: str


@dataclass(frozen=True)
class Step:
    """One step of the tracker; state is done, current, stopped or nothing."""

    label: str
    state: str = ""
    note: str = ""


@dataclass(frozen=True)
class Track:
    """Everything a page says about how far a registration is."""

    chip: Chip
    next_step: str
    due: str
    days_left: int | None
    steps: tuple[Step, ...]

    @property
    def status(self) -> str:
        """The chip's text with the countdown: 'Protected, 23 days left'."""
        if not self.days_left:
            return self.chip.text
        return _("%(status)s, %(left)s") % {"status": self.chip.text, "left": days_text(self.days_left)}


S = RegistrationStatus


def moment(at: datetime, zone: str) -> str:
    """'Wednesday 4 March, 09:00 CST': a time in the program's own zone."""
    local = at.astimezone(ZoneInfo(zone))
    told = date_format(local, _("l j F, H:i"))
    return f"{told} {local.tzname()}"


def full_moment(at: datetime, zone: str) -> str:
    """'4 March 2026, 09:00 CST': a time with its year, in the program's own zone."""
    local = at.astimezone(ZoneInfo(zone))
    told = date_format(local, _("j F Y, H:i"))
    return f"{told} {local.tzname()}"


def clock(at: datetime, zone: str) -> str:
    """'14:03' in the program's own zone."""
    return f"{at.astimezone(ZoneInfo(zone)):%H:%M}"


def day(at: datetime, zone: str) -> str:
    """'4 March 2026' in the program's own zone."""
    return written(at.astimezone(ZoneInfo(zone)))


def written(on: date) -> str:
    """'4 March 2026'."""
    return date_format(on, _("j F Y"))


def days_text(days: int) -> str:
    """'1 day left', '23 days left'."""
    return ngettext("%(n)s day left", "%(n)s days left", days) % {"n": days}


def track(
    registration: Registration,
    *,
    now: datetime,
    zone: str,
    terms: ProtectionTerms | None = None,
    worked_on: date | None = None,
) -> Track:
    """Where `registration` stands at `now`; times are told in `zone`. `worked_on` is the day of the latest activity."""
    status = S(registration.status)
    due = moment(registration.due_at, zone) if registration.due_at and status in PENDING else ""
    days_left = _days_left(registration, now)
    chip, following = _chip(status), _next(status, due)
    if days_left is not None and registration.protected_until:
        chip, following = _protection(registration.protected_until, days_left, zone, terms, worked_on)
    return Track(chip, following, due, days_left, _steps(registration, chip, days_left, zone))


def _chip(status: RegistrationStatus) -> Chip:
    return {
        S.DRAFT: Chip(_("Draft"), "quiet", "pencil"),
        S.SUBMITTED: Chip(_("Received"), "acc", "inbox"),
        S.IN_REVIEW: Chip(_("In review"), "acc", "eye"),
        S.ACTION_REQUIRED: Chip(_("Information wanted"), "warn", "question"),
        S.APPROVED: Chip(_("Approved"), "good", "check"),
        S.REJECTED: Chip(_("Not approved"), "bad", "cross"),
        S.WITHDRAWN: Chip(_("Withdrawn"), "quiet", "undo"),
        S.EXPIRED: Chip(_("Expired"), "quiet", "clock"),
        S.CONVERTED: Chip(_("Converted"), "good", "check-circle"),
        S.REVOKED: Chip(_("Revoked"), "bad", "cross"),
        S.CLOSED_LOST: Chip(_("Closed, lost"), "quiet", "minus"),
    }[status]


def _next(status: RegistrationStatus, due: str) -> str:
    if status in (S.SUBMITTED, S.IN_REVIEW):
        if due:
            return _("Nothing to do. You hear from us by %(moment)s.") % {"moment": due}
        return _("Nothing to do. You hear from us by the due time.")
    return {
        S.DRAFT: _("Finish and submit it: only your company sees a draft."),
        S.ACTION_REQUIRED: _("Your move: answer our question. The clock waits for you."),
        S.APPROVED: _("Work the deal."),
        S.REJECTED: _("Read the reasons in your notice."),
        S.WITHDRAWN: _("Nothing to do. Register it again if the deal comes back."),
        S.EXPIRED: _("The protection has ended. Register it again if the deal is alive."),
        S.CONVERTED: _("Nothing to do: the deal was won."),
        S.REVOKED: _("Read the reasons in your notice."),
        S.CLOSED_LOST: _("Nothing to do: the deal was lost."),
    }[status]


def _days_left(registration: Registration, now: datetime) -> int | None:
    if registration.status != S.APPROVED or registration.protected_until is None:
        return None
    return max(0, math.ceil((registration.protected_until - now) / timedelta(days=1)))


def _protection(
    ends: datetime, days_left: int, zone: str, terms: ProtectionTerms | None, worked_on: date | None
) -> tuple[Chip, str]:
    until = day(ends, zone)
    if days_left == 0:
        return Chip(_("Protection ended"), "quiet", "clock"), _("The protection ended on %(day)s.") % {"day": until}
    left = ngettext("Protected until %(day)s: %(n)s day left.", "Protected until %(day)s: %(n)s days left.", days_left)
    left %= {"day": until, "n": days_left}
    if days_left > EXPIRING_DAYS:
        work = _("Work the deal.")
        return Chip(_("Protected"), "good", "shield"), f"{work} {left}"
    if terms and terms.renewable_from and worked_on and worked_on >= terms.renewable_from:
        renews = _("Your activity of %(day)s renews it by itself.") % {"day": written(worked_on)}
        return Chip(_("Protected"), "good", "shield"), f"{left} {renews}"
    return Chip(_("Expiring"), "warn", "clock"), f"{left} {_what_renews(terms)}"


def _what_renews(terms: ProtectionTerms | None) -> str:
    if terms is None:
        return _("Add recent proof of work.")
    if terms.renewable_from is None:
        return _("It does not renew by itself any more.")
    text = _("It renews by itself if you add work done from %(day)s on.")
    return text % {"day": written(terms.renewable_from)}


def _steps(registration: Registration, chip: Chip, days_left: int | None, zone: str) -> tuple[Step, ...]:
    status = S(registration.status)
    sent = day(registration.submitted_at, zone) if registration.submitted_at else ""
    ended = day(registration.decided_at, zone) if registration.decided_at else ""
    labels = [_("Draft"), _("Received"), _("In review"), _("Decided"), _("Protected")]
    notes = ["", sent, "", ended, ""]
    if status == S.WITHDRAWN:
        kept = 2 if sent else 1
        done = [Step(label, "done", note) for label, note in zip(labels[:kept], notes[:kept], strict=True)]
        return (*done, Step(_("Withdrawn"), "stopped"))
    current = {S.DRAFT: 0, S.SUBMITTED: 1, S.IN_REVIEW: 2, S.ACTION_REQUIRED: 2}.get(status, 4)
    if status == S.ACTION_REQUIRED:
        labels[2] = chip.text
    if status in (S.REJECTED, S.REVOKED):
        done = [Step(label, "done", note) for label, note in zip(labels[:3], notes[:3], strict=True)]
        return (*done, Step(chip.text, "stopped", ended))
    if current == 4:
        labels[4] = chip.text
        notes[4] = days_text(days_left) if days_left else ""
    states = ["done" if i < current else "current" if i == current else "" for i in range(5)]
    return tuple(Step(label, state, note) for label, state, note in zip(labels, states, notes, strict=True))
