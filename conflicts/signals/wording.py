"""Signals in sentences: what was seen, when, and what would be usual."""

from __future__ import annotations

from datetime import date, timedelta

from conflicts.signals.counts import Surge
from conflicts.signals.facts import ClaimState, Probing
from conflicts.signals.measure import WAKES
from conflicts.signals.patterns import Oddity
from conflicts.signals.prices import Swing
from conflicts.wording import listing, on


def ago(day: date, days: int) -> date:
    """The day so many days before."""
    return day - timedelta(days=days)


def number(value: float) -> str:
    """12, 3.4 or 0.25: as many digits as say something."""
    return f"{value:.0f}" if value >= 10 or value == int(value) else f"{value:.1f}"


def surge_sentence(name: str, unit: str, surge: Surge) -> str:
    """Alpha Flow: 14 registrations in the last 4 weeks, where about 3.2 are usual."""
    time = "in the last week" if surge.weeks == 1 else f"in the last {surge.weeks} weeks"
    return f"{name}: {surge.observed} {unit} {time}, where about {number(surge.expected)} are usual."


def price_sentence(name: str, line: str, swing: Swing) -> str:
    """Alpha Flow quotes Pumps at 31 % discount, where about 18 % are usual."""
    return (
        f"{name} quotes {line} at {number(swing.observed)} % discount in the last 4 weeks "
        f"({swing.quotes} quotes), where about {number(swing.expected)} % are usual."
    )


def claim_sentence(kind: str, claim: ClaimState, days: int, usual: float, until: date) -> str:
    """The claim on an account by its reference, with the gap."""
    what = f"The claim {claim.ref} on {claim.account_name}"
    expected = f"about {number(usual)} days are usual between two activities"
    if kind == WAKES:
        beside = " Somebody else has a claim there too." if claim.contested else ""
        return f"{what} woke on {on(until)} after {days} days without activity, where {expected}.{beside}"
    return f"{what} has had no activity for {days} days, where {expected}."


def fishing_sentence(name: str, found: Probing, expected: float) -> str:
    """How many registrations came to nothing."""
    return (
        f"{name} registered {found.registered} deals in half a year: {found.neither} were neither worked nor won, where "
        f"about {number(expected)} would be usual, and {found.refused} were refused or withdrawn."
    )


def pattern_sentence(name: str, odd: Oddity) -> str:
    """Which figures are off together, and which way."""
    words = [f"{what} {'above' if value > 0 else 'below'} the usual" for what, value in odd.far[:3]]
    told = f" ({listing(words)})" if words else ""
    return f"{name}: the last 4 weeks are unlike what partners do{told}."
