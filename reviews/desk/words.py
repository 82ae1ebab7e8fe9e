"""How the desk says things: chips, clocks, money, moments and outcomes in words."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from conflicts.wording import listing
from partners.calendar import Calendar
from reviews.choices import Choice
from reviews.models import Case
from reviews.states import TALKS, CaseStatus

KINDS = {
    "exclusive_territory": "exclusive",
    "reserved_account": "reserved",
    "agreement_inactive": "agreement",
    "product_not_entitled": "entitlement",
    "tier_insufficient": "tier limit",
    "capacity_reached": "capacity",
    "competing_registration": "competing",
    "account_owned": "owned",
    "co_sell": "co-sell",
    "direct_engagement": "direct",
    "duplicate_registration": "duplicate",
    "corporate_family": "family",
    "out_of_territory": "territory",
    "price_overlap": "price",
    "discount_outside_policy": "discount",
    "routine": "routine",
    "raised_concern": "concern",
}
LAST_HOURS = 12  # a quarter of the 48 open hours


@dataclass(frozen=True)
class Chip:
    """A short label; `tone` is good, warn, bad, acc or nothing, and never says more than the text."""

    text: str
    tone: str = ""
    icon: str = ""
    title: str = ""


@dataclass(frozen=True)
class ClockView:
    """The 48-hour promise: ok, risk, breach, paused or done, in a few words."""

    state: str
    text: str
    due: datetime | None = None


def kind_chip(kind: str, *, long: bool = False) -> Chip:
    """What a case is about."""
    whole = kind.replace("_", " ")
    return Chip(whole if long else KINDS.get(kind, whole), "acc" if long else "", title="" if long else whole)


def clock_of(
    case: Case, now: datetime, calendar: Calendar, waits_for: Sequence[str] = (), asleep_until: datetime | None = None
) -> ClockView:
    """How a case stands against its promise, in open hours of the program's calendar."""
    if case.held_until:
        return ClockView("paused", f"on hold until {day_of(case.held_until.astimezone(ZoneInfo(calendar.timezone)))}")
    if case.status == CaseStatus.APPEALED:
        return clock_words(case.appeal_due_at, now, calendar, case.appeal_at_risk_at)
    if case.decided_at:
        late = case.decided_at > case.due_at
        return ClockView("breach" if late else "done", "late" if late else "in time", case.due_at)
    if case.status == CaseStatus.CLOSED:
        return ClockView("done", "closed without a decision")
    if case.status == CaseStatus.SETTLING:
        return ClockView("ok", f"leaves at {case.settles_at:%H:%M} UTC", case.due_at)
    if case.status == CaseStatus.SNOOZED:
        return ClockView("paused", f"snoozed until {day_of(asleep_until)}" if asleep_until else "snoozed")
    if case.paused_at:
        whom = waits_for[0] if len(waits_for) == 1 else f"{len(waits_for)} parties" if waits_for else "an answer"
        left = calendar.hours_between(case.paused_at, case.due_at)
        late = case.paused_at > case.due_at
        text = case.get_status_display().lower() if case.status in TALKS else f"waits for {whom}"
        return ClockView("breach" if late else "paused", f"{_hours(-left)} over, {text}" if late else text)
    return clock_words(case.due_at, now, calendar, case.at_risk_at)


def clock_words(due_at: datetime, now: datetime, calendar: Calendar, at_risk_at: datetime | None = None) -> ClockView:
    """A running clock: how many open hours are left, or over; at risk from `at_risk_at`, else in its last 12 hours."""
    left = calendar.hours_between(now, due_at)
    if now > due_at:
        return ClockView("breach", f"{_hours(-left)} over", due_at)
    risk = now >= at_risk_at if at_risk_at else left <= LAST_HOURS
    return ClockView("risk" if risk else "ok", f"{_hours(left)} left", due_at)


def _hours(hours: float) -> str:
    return f"{hours:.0f} h" if hours >= 1 else f"{max(hours, 0) * 60:.0f} min"


def confidence_chip(confidence: float, action: str, *, abstained: bool) -> Chip:
    """How sure the recommendation is; one that abstains says what to do instead."""
    if abstained:
        text = "ask" if action == "request_information" else action
        return Chip(text, "warn", "question", f"The rules abstain (confidence {confidence:.2f})")
    tone = "good" if confidence >= 0.8 else "" if confidence >= 0.6 else "warn"
    return Chip(f"{confidence:.2f}", tone, title=f"Confidence {confidence:.2f} of 1")


def advice_title(title: str, action: str, *, abstained: bool) -> str:
    """The recommendation in a line of the queue."""
    if not abstained:
        return title
    return "Abstains: no proof of work" if action == "request_information" else "Abstains: a close call"


def stamp(moment: datetime | None) -> str:
    """2 Mar 2026 09:00 UTC."""
    return f"{moment:%-d %b %Y %H:%M} UTC" if moment else ""


def day_of(moment: datetime | date | None) -> str:
    """2 Mar 2026."""
    return f"{moment:%-d %b %Y}" if moment else ""


def when(moment: datetime | None) -> str:
    """A time; of what is known by the day only, the day."""
    at_midnight = moment and not (moment.hour or moment.minute or moment.second)
    return day_of(moment) if at_midnight else stamp(moment)


def age(moment: datetime | date, now: datetime) -> str:
    """How long ago, in whole days."""
    days = (now.date() - (moment.date() if isinstance(moment, datetime) else moment)).days
    if days == 0:
        return "today"
    ago = "ago" if days > 0 else "ahead"
    return f"{abs(days)} day{'s' if abs(days) != 1 else ''} {ago}"


def choice_title(choice: Choice, name_of: Callable[[str], str]) -> str:
    """An outcome in a few words."""
    if choice.action == "split":
        return "Split " + ", ".join(f"{name_of(who)} {float(share):g} %" for who, share in choice.shares.items())
    if choice.action == "co_sell":
        helpers = listing(name_of(who) for who in choice.support)
        return f"Co-sell: {name_of(choice.owner)} owns, {helpers} supports"
    if choice.action == "direct_retained":
        return "The direct team keeps it"
    if choice.action == "reject_all":
        return "Reject all registrations"
    return f"Award to {name_of(choice.owner)}"


def products_text(lines: Sequence[str], names: Mapping[Any, str]) -> str:
    """The names of product lines; none = all of them."""
    return ", ".join(names.get(code, code) for code in lines) or "All products"


def title_case(word: str) -> str:
    """The text with a capital letter first."""
    return word[:1].upper() + word[1:]
