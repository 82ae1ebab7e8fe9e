"""The wording around what parties are told: a template per kind of notice, with slots that the product fills. Pure text.

What a party must read (the decision, the rule, what counted, how to appeal) is made by the product and stands in slots that
no template may leave out; everything around them is a program's to word.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from reviews.models import NoticeKind
from reviews.neutral import flaws
from reviews.notices import PARTS
from reviews.text import Text

# What any template may name, beside the parts of its kind.
NAMES = {
    "partner": "the party's name",
    "customer": "the customer, as the party typed it",
    "number": "the number of its registration",
    "program": "the program's name",
}
DECISIONS = (NoticeKind.APPROVED, NoticeKind.SHARED, NoticeKind.SUPPORT, NoticeKind.NOT_APPROVED)
LONGEST = 4000
SUBJECT = "subject"
_NAMED = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Frame:
    """A template: subject and body with slots in braces; paragraphs are separated by an empty line."""

    subject: str
    body: str


def parts_of(kind: str) -> dict[str, str]:
    """The slots that a template of this kind must have, each with what stands there."""
    return dict(PARTS) if kind in DECISIONS else {"text": "what is told, in the product's words"}


def standard(kind: str) -> Frame:
    """The template that ships: the product's words alone."""
    return Frame("{subject}", "\n\n".join(f"{{{name}}}" for name in parts_of(kind)))


def framed(frame: Frame, text: Text, names: Mapping[str, str]) -> Text:
    """A notice in a program's wording; a paragraph of which nothing is left falls away."""
    slots = {**names, **(text.parts or {"text": text.body}), SUBJECT: text.subject}
    paragraphs = (_filled(part, slots).strip() for part in re.split(r"\n[ \t]*\n", frame.body))
    return Text(_filled(frame.subject, slots), "\n\n".join(part for part in paragraphs if part), text.parts)


def _filled(text: str, slots: Mapping[str, str]) -> str:
    return _NAMED.sub(lambda found: slots.get(found.group(1), ""), text)


def problems(kind: str, frame: Frame, language: str = "en") -> list[str]:
    """What is wrong with a template, in sentences: unknown or missing slots, loose braces, words that are not neutral."""
    parts = parts_of(kind)
    known = {**NAMES, **parts, SUBJECT: ""}
    used = _NAMED.findall(frame.body)
    found = [
        f"{{{name}}} is no name: expected one of {', '.join(f'{{{one}}}' for one in known)}."
        for name in dict.fromkeys([*_NAMED.findall(frame.subject), *used])
        if name not in known
    ]
    found += [
        f"{{{name}}} must stand in the text once: {what}." for name, what in parts.items() if used.count(name) != 1
    ]
    found += [
        f"{{{name}}} belongs into the text, not into the subject."
        for name in _NAMED.findall(frame.subject)
        if name in parts
    ]
    own = "\n\n".join(_NAMED.sub(" ", text) for text in (frame.subject, frame.body))
    if set("{}") & set(own):
        found.append("A brace stands alone: write names like {customer}.")
    if not frame.subject.strip() or "\n" in frame.subject:
        found.append("The subject is one line.")
    return found + flaws(own, language=language)
