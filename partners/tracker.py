"""Where a registration stands, in a partner's words: chip, next step, steps, days of protection left, what renews it.

It reads the registration alone, never a case: what it says is the same whoever else asks for the deal.
"""

import math
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

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
        return f"{self.chip.text}, {days_text(self.days_left)}" if self.days_left else self.chip.text


S = RegistrationStatus
_CHIPS = {
    S.DRAFT: Chip("Draft", "quiet", "pencil"),
    S.SUBMITTED: Chip("Received", "acc", "inbox"),
    S.IN_REVIEW: Chip("In review", "acc", "eye"),
    S.ACTION_REQUIRED: Chip("Information wanted", "warn", "question"),
    S.APPROVED: Chip("Approved", "good", "check"),
    S.REJECTED: Chip("Not approved", "bad", "cross"),
    S.WITHDRAWN: Chip("Withdrawn", "quiet", "undo"),
    S.EXPIRED: Chip("Expired", "quiet", "clock"),
    S.CONVERTED: Chip("Converted", "good", "check-circle"),
    S.REVOKED: Chip("Revoked", "bad", "cross"),
    S.CLOSED_LOST: Chip("Closed, lost", "quiet", "minus"),
}
_NEXT = {
    S.DRAFT: "Finish and submit it: only your company sees a draft.",
    S.SUBMITTED: "Nothing to do. You hear from us by {due}.",
    S.IN_REVIEW: "Nothing to do. You hear from us by {due}.",
    S.ACTION_REQUIRED: "Your move: answer our question. The clock waits for you.",
    S.APPROVED: "Work the deal.",
    S.REJECTED: "Read the reasons in your notice.",
    S.WITHDRAWN: "Nothing to do. Register it again if the deal comes back.",
    S.EXPIRED: "The protection has ended. Register it again if the deal is alive.",
    S.CONVERTED: "Nothing to do: the deal was won.",
    S.REVOKED: "Read the reasons in your notice.",
    S.CLOSED_LOST: "Nothing to do: the deal was lost.",
}


def moment(at: datetime, zone: str) -> str:
    """'Wednesday 4 March, 09:00 CST': a time in the program's own zone."""
    local = at.astimezone(ZoneInfo(zone))
    return f"{local:%A} {local.day} {local:%B}, {local:%H:%M} {local.tzname()}"


def clock(at: datetime, zone: str) -> str:
    """'14:03' in the program's own zone."""
    return f"{at.astimezone(ZoneInfo(zone)):%H:%M}"


def day(at: datetime, zone: str) -> str:
    """'4 March 2026' in the program's own zone."""
    return written(at.astimezone(ZoneInfo(zone)))


def written(on: date) -> str:
    """'4 March 2026'."""
    return f"{on.day} {on:%B %Y}"


def days_text(days: int) -> str:
    """'1 day left', '23 days left'."""
    return "1 day left" if days == 1 else f"{days} days left"


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
    chip, following = _CHIPS[status], _NEXT[status].format(due=due or "the due time")
    if days_left is not None and registration.protected_until:
        chip, following = _protection(registration.protected_until, days_left, zone, terms, worked_on)
    return Track(chip, following, due, days_left, _steps(registration, chip, days_left, zone))


def _days_left(registration: Registration, now: datetime) -> int | None:
    if registration.status != S.APPROVED or registration.protected_until is None:
        return None
    return max(0, math.ceil((registration.protected_until - now) / timedelta(days=1)))


def _protection(
    ends: datetime, days_left: int, zone: str, terms: ProtectionTerms | None, worked_on: date | None
) -> tuple[Chip, str]:
    until = day(ends, zone)
    if days_left == 0:
        return Chip("Protection ended", "quiet", "clock"), f"The protection ended on {until}."
    left = f"Protected until {until}: {days_text(days_left)}."
    if days_left > EXPIRING_DAYS:
        return Chip("Protected", "good", "shield"), f"Work the deal. {left}"
    if terms and terms.renewable_from and worked_on and worked_on >= terms.renewable_from:
        return Chip("Protected", "good", "shield"), f"{left} Your activity of {written(worked_on)} renews it by itself."
    return Chip("Expiring", "warn", "clock"), f"{left} {_what_renews(terms)}"


def _what_renews(terms: ProtectionTerms | None) -> str:
    if terms is None:
        return "Add recent proof of work."
    if terms.renewable_from is None:
        return "It does not renew by itself any more."
    return f"It renews by itself if you add work done from {written(terms.renewable_from)} on."


def _steps(registration: Registration, chip: Chip, days_left: int | None, zone: str) -> tuple[Step, ...]:
    status = S(registration.status)
    sent = day(registration.submitted_at, zone) if registration.submitted_at else ""
    ended = day(registration.decided_at, zone) if registration.decided_at else ""
    labels = ["Draft", "Received", "In review", "Decided", "Protected"]
    notes = ["", sent, "", ended, ""]
    if status == S.WITHDRAWN:
        kept = 2 if sent else 1
        done = [Step(label, "done", note) for label, note in zip(labels[:kept], notes[:kept], strict=True)]
        return (*done, Step("Withdrawn", "stopped"))
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
