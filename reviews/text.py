"""A notice's text, written in the language of whoever reads it: not when it is made, but when it is put to them. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import ParamSpec, cast

from django.utils.functional import SimpleLazyObject

P = ParamSpec("P")


@dataclass(frozen=True)
class Text:
    """A notice's subject and body (plain text, paragraphs separated by an empty line); of a decision also its parts."""

    subject: str
    body: str
    parts: Mapping[str, str] | None = None

    @property
    def written(self) -> "Text":
        """The text in the language that is active now; one that was put off is written by this."""
        return self


def put_off(build: Callable[P, Text]) -> Callable[P, Text]:
    """Make `build` return a text that is written once, when it is first read, in the language that is active then."""

    @wraps(build)
    def later(*args: P.args, **kwargs: P.kwargs) -> Text:
        return cast(Text, SimpleLazyObject(lambda: build(*args, **kwargs)))

    return later
