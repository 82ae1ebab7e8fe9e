"""Amounts as people write them: 85k, $ 1.2M, 250.000,00 EUR, between 50 and 80 thousand."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from partners.pasted.about import About

_SIGNS = {"$": "USD", "us$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "fr.": "CHF", "euro": "EUR", "euros": "EUR",
          "dollars": "USD", "dollar": "USD"}  # fmt: skip
_CURRENCY = r"USD|US\$|EUR|GBP|CHF|JPY|SEK|NOK|DKK|PLN|CZK|CAD|AUD|BRL|MXN|INR|SGD|\$|€|£|¥|[Ee]uros?|[Dd]ollars?"
_NUMBER = r"\d{1,3}(?:[.,' ’]\d{3})+(?:[.,]\d{1,2})?|\d{1,9}(?:[.,]\d{1,3})?"
_SCALE = (
    r"k|K|[Tt]sd\.?|TEUR|thousand|tausend|mille|mil|M|m|mn|mio\.?|Mio\.?|million(?:s|en|i)?|Million(?:en)?|millones"
)
_AMOUNT = re.compile(
    rf"(?P<before>{_CURRENCY})?\s?(?P<number>{_NUMBER})\s?(?P<scale>(?:{_SCALE})(?![A-Za-z]))?\s?(?P<after>{_CURRENCY})?(?!\w)"
)
_THOUSAND, _MILLION = Decimal(1000), Decimal(1_000_000)


@dataclass(frozen=True, slots=True)
class Money:
    """An amount; the currency is empty where none is written."""

    amount: Decimal
    currency: str


def money_in(text: str) -> Money | None:
    """The largest amount that says its currency, or its scale (k, million): a range is as large as its upper end.
    Numbers alone are counts, dates or prices of something else."""
    found = []
    for item in _AMOUNT.finditer(text):
        sign = (item["before"] or item["after"] or "").lower()
        if not sign and not item["scale"]:
            continue
        amount = _number(item["number"]) * _scale(item["scale"] or "")
        if amount > 0:
            found.append(Money(amount, _SIGNS.get(sign, sign.upper())))
    return max(found, key=lambda money: money.amount, default=None)


def bare_amount(text: str) -> Decimal | None:
    """The number of a field that asks for a value, even without a currency."""
    found = [_number(item["number"]) * _scale(item["scale"] or "") for item in _AMOUNT.finditer(text)]
    return max(found, default=None)


def band_of(text: str, about: About) -> str:
    """The band of the amount, by its upper end; empty in another currency, or without an amount."""
    money = money_in(text)
    if money is None and not re.search(r"[A-Za-z]{3}", text):  # a labelled value is a number, perhaps nothing more
        amount = bare_amount(text)
        money = Money(amount, "") if amount else None
    if money is None or money.currency not in ("", about.currency):
        return ""
    return str(next((upper for upper in about.bands if money.amount <= upper), about.bands[-1]))


def _number(written: str) -> Decimal:
    """1.250.000,50 and 1,250,000.50 and 1'250'000: three digits after a mark are thousands, one or two are cents."""
    plain = re.sub(r"[ '’]", "", written)
    whole, cents = plain, ""
    if match := re.fullmatch(r"(.*)[.,](\d{1,2})", plain):
        whole, cents = match[1], match[2]
    return Decimal(re.sub(r"[.,]", "", whole) or "0") + (Decimal(f"0.{cents}") if cents else 0)


def _scale(word: str) -> Decimal:
    plain = word.lower().rstrip(".")
    if not plain:
        return Decimal(1)
    return _THOUSAND if plain in ("k", "tsd", "teur", "thousand", "tausend", "mille", "mil") else _MILLION
