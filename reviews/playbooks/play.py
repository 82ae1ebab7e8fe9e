"""What a playbook is, and how its texts are filled with the names of a case."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from reviews import neutral

# What a text may name: all of it the party's own facts, so that no text can tell a party of anybody else.
NAMES = {
    "partner": "the party's name",
    "customer": "the customer, as the party typed it",
    "registration": "the number of its registration",
    "products": "the products it registered",
    "program": "the program's name",
}
MOST_ITEMS = 12
_NAMED = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Play:
    """The playbook of one kind of case: data to gather, criteria to weigh, a text for a question and one for a notice."""

    kind: str
    title: str
    gather: tuple[str, ...]
    weigh: tuple[str, ...]
    question: str
    notice: str


def written(text: str, names: Mapping[str, str]) -> str:
    """A text with the names filled in; a name that it does not know stays as it stands, for a person to see."""
    return _NAMED.sub(lambda found: names.get(found.group(1), found.group(0)), text)


def problems(text: str) -> list[str]:
    """What is wrong with a text for parties, in sentences: unknown names, loose braces, words that are not neutral."""
    found = [
        f"{{{name}}} is no name: expected one of {', '.join(f'{{{known}}}' for known in NAMES)}."
        for name in dict.fromkeys(_NAMED.findall(text))
        if name not in NAMES
    ]
    if set("{}") & set(_NAMED.sub("", text)):
        found.append("A brace stands alone: write names like {customer}.")
    return found + neutral.flaws(text)
