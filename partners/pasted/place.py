"""Where the customer buys: a country or a state, by any of its names."""

from __future__ import annotations

import re

from partners.naming import country_code
from partners.pasted.about import About

_LEAST = 4  # letters of a country's name in a sentence: "ger" and "per" are words of other languages
_STATE_CODE = re.compile(r",\s*([A-Z]{2})(?:\s+\d{5}(?:-\d{4})?)?\b")
_WORD = re.compile(r"[^\W\d_][^\W\d_'’.-]*")


def place_named(text: str, about: About) -> str:
    """The place of a field that asks for one: a state if one is named, else the country."""
    return _state(text, about) or _country(text, about, least=2)


def place_in(text: str, about: About) -> str:
    """A state or country that a sentence names with a capital."""
    return _state(text, about) or _country(text, about, least=_LEAST)


def _state(text: str, about: About) -> str:
    states = {code: name for code, name in about.places.items() if "-" in code}
    named = [code for code, name in states.items() if re.search(rf"\b{re.escape(name)}\b", text)]
    # "West Virginia" also says "Virginia": the longest name is meant.
    if named:
        return max(named, key=lambda code: len(states[code]))
    short = _STATE_CODE.search(text)
    return f"US-{short[1]}" if short and f"US-{short[1]}" in states else ""


def _country(text: str, about: About, least: int) -> str:
    words = [(item[0], item.start()) for item in _WORD.finditer(text)]
    for size in (4, 3, 2, 1):
        for start in range(len(words) - size + 1):
            name = " ".join(word for word, _ in words[start : start + size]).strip(".-'’")
            if len(name) >= least and name[0].isupper() and (code := _code(name, least)) and code in about.places:
                return code
    return ""


def _code(name: str, least: int) -> str:
    """Codes of two letters are read where a place is asked for, in capitals."""
    return "" if len(name) < _LEAST and not (least < _LEAST and name.isupper()) else country_code(name)
