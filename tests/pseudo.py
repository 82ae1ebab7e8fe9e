"""A language that does not exist: every translated text stands in brackets, so that what was never marked is seen."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from typing import Any
from unittest.mock import patch

from django.utils import translation

from tests import canary
from tests.canary import MARKER

_BRACKETED = re.compile(r"⟦[^⟦⟧]*⟧")
_WORD = re.compile(r"[A-Za-z]{3,}")
_NO_WORDS = re.compile(r"https?://\S+|\bmsg_[0-9a-f-]{36}\b")  # addresses, and ids of a webhook's messages
_SPOKEN = ("aria-label", "title", "placeholder", "alt", "data-confirm")
_SILENT = {"script", "style", "svg", "code"}
_EMPTY = {"input", "br", "meta", "link", "hr", "img", "wbr", "source", "col"}


@contextmanager
def bracketed() -> Iterator[None]:
    """Inside, whatever goes through gettext comes out in brackets."""
    texts = translation._trans
    with (
        patch.object(texts, "gettext", lambda message: f"⟦{message}⟧"),
        patch.object(texts, "pgettext", lambda _context, message: f"⟦{message}⟧"),
        patch.object(texts, "ngettext", lambda one, many, number: f"⟦{one if number == 1 else many}⟧"),
        patch.object(texts, "npgettext", lambda _context, one, many, number: f"⟦{one if number == 1 else many}⟧"),
    ):
        yield


def words_of(marked: canary.Marked, owners: set[str], *more: str) -> re.Pattern[str]:
    """Whatever stands in the texts of these owners' rows, line by line, and `more` words that are nobody's to translate."""
    found = set(more)
    for model in canary.all_models():
        keys = [key for owner in owners for key in marked.rows.get(model, {}).get(owner, [])]
        names = [f.attname for f in canary.text_fields(model)]
        for row in model._base_manager.using("owner").filter(pk__in=keys).values_list(*names):
            lines = (line for value in row for text in _texts(value) for line in text.split("\n"))
            found.update(MARKER.sub("", line).strip(" -") for line in lines)
    return re.compile("|".join(re.escape(text) for text in sorted(found, key=len, reverse=True) if len(text) > 2))


def _texts(value: Any) -> Iterator[str]:
    """The texts in a value, documents and lists gone through."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
    elif isinstance(value, str):
        yield value


class _Heard(HTMLParser):
    """Everything of a page that a person sees or a screen reader says."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.silent: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag not in _EMPTY and (self.silent or tag in _SILENT or given.get("translate") == "no"):
            self.silent.append(tag)
        self.texts += [given[name] or "" for name in _SPOKEN if name in given]
        if tag == "input" and given.get("type") in ("submit", "button", "reset"):
            self.texts.append(given.get("value") or "")

    def handle_endtag(self, tag: str) -> None:
        if self.silent and tag == self.silent[-1]:
            self.silent.pop()

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.texts.append(data)


def never_marked(page: str, data: re.Pattern[str]) -> list[str]:
    """The texts of a page, drawn inside bracketed(), that hold words of no translation; `data` are words of the rows."""
    heard = _Heard()
    heard.feed(_outside(page))  # a translated sentence may hold tags
    return [found for text in heard.texts for found in unmarked(text, data)]


def unmarked(text: str, data: re.Pattern[str]) -> list[str]:
    """The paragraphs of a text, written inside bracketed(), that hold words of no translation."""
    return [" ".join(part.split()) for part in text.split("\n\n") if _WORD.search(data.sub(" ", _outside(part)))]


def _outside(text: str) -> str:
    """What stands outside of all brackets and marks."""
    before = None
    while text != before:
        text, before = _BRACKETED.sub(" ", text), text
    return _NO_WORDS.sub(" ", MARKER.sub(" ", text))
