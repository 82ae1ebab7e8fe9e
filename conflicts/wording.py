"""How facts are put into words, so that findings, reasons and options read alike."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from conflicts.facts import Facts, Lines
from conflicts.windows import day

MOST = 3  # of those that a sentence names, where there may be many
PROOF = {
    "first_contact": "a first contact",
    "meeting": "a meeting",
    "technical_validation": "a technical validation",
    "proposal": "a proposal",
    "sow_signed": "a signed statement of work",
}


def on(moment: datetime | date | None) -> str:
    """5 March 2026."""
    if moment is None:
        return "an unknown date"
    return _in_words(day(moment) if isinstance(moment, datetime) else moment)


@lru_cache(maxsize=4096)  # the same days come again and again, and strftime is slow
def _in_words(on: date) -> str:
    return f"{on.day} {on:%B %Y}"


def listing(items: Iterable[str]) -> str:
    """One, two and three."""
    words = list(items)
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else ""


def some(items: Iterable[str]) -> str:
    """The first three in order, and others: of hundreds who hold a rule nobody reads all."""
    words = sorted(items)
    return listing(words) if len(words) <= MOST else f"{', '.join(words[:MOST])} and others"


def part(name: str, role: str) -> str:
    """Somebody's part in a territory rule."""
    return f"{name} ({role})"


def products(facts: Facts, lines: Lines) -> str:
    """The names of product lines; a scope without lines is all of them."""
    if not lines:
        return "all products"
    key = "products", lines
    if key not in facts.kept:
        facts.kept[key] = listing(sorted(line.name if (line := facts.line(code)) else code for code in lines))
    named: str = facts.kept[key]
    return named


def money(amount: Decimal | None, currency: str) -> str:
    """USD 250,000 or USD 19.90."""
    if amount is None:
        return "an unknown amount"
    shown = f"{amount:,.0f}" if amount == amount.to_integral_value() else f"{amount:,.2f}"
    return f"{currency} {shown}".strip()


def percent(value: Decimal) -> str:
    """12.5 %."""
    return f"{value.quantize(Decimal('0.1')).normalize():f} %"


def proof(kind: str) -> str:
    """A kind of proof of work as people say it."""
    return PROOF.get(kind, kind.replace("_", " "))


def sentence(text: str) -> str:
    """The text with a capital letter first."""
    return text[:1].upper() + text[1:]
