"""Reads a document field by field and collects what is wrong as sentences that name the field."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

T = TypeVar("T")
_NOTHING = object()
LARGEST = 10**15
LONGEST_DAYS = 36_500  # a hundred years: what a calendar can still count
DEEPEST, LONGEST_TEXT, MOST_VALUES = 40, 2_000, 20_000


class PolicyError(ValueError):
    """The document is no policy; `problems` holds one sentence a field."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(tuple(problems))  # as given: so it comes whole out of another process
        self.problems = tuple(problems)

    def __str__(self) -> str:
        return " ".join(self.problems)


def unfit(document: Any) -> str:
    """Why no database could keep it and no person read it, whatever it says; one sentence that names the field."""
    waiting: list[tuple[str, Any, int]] = [("The document", document, 1)]
    count = 0
    while waiting:
        path, value, depth = waiting.pop()
        count += 1
        if count > MOST_VALUES or depth > DEEPEST:
            limit = f"{MOST_VALUES:,} values" if count > MOST_VALUES else f"{DEEPEST} levels"
            return f"{path[:80]}: expected at most {limit}, found more."
        if isinstance(value, dict):
            if any(not isinstance(key, str) or not _printable(key) for key in value):
                return f"{path[:80]}: expected names of fields as plain text, found others."
            inside = "" if path == "The document" else f"{path}."
            waiting += [(f"{inside}{key}", item, depth + 1) for key, item in value.items()]
        elif isinstance(value, list):
            waiting += [(f"{path}[{number}]", item, depth + 1) for number, item in enumerate(value, start=1)]
        elif isinstance(value, str) and not _printable(value):
            return f"{path[:80]}: expected plain text of at most {LONGEST_TEXT:,} characters, found another."
        elif isinstance(value, int | float) and not -LARGEST <= value <= LARGEST:
            return f"{path[:80]}: expected a number of at most {LARGEST:,}, found a larger one."
    return ""


def shown(found: Any) -> str:
    """What was found, briefly."""
    try:
        return repr(found)[:80]
    except (ValueError, RecursionError):  # a number of thousands of digits, a list within a list without end
        return f"a {type(found).__name__}"


def _printable(text: str) -> bool:
    """A database keeps no NUL and no half of a surrogate pair."""
    return len(text) <= LONGEST_TEXT and "\0" not in text and not re.search("[\ud800-\udfff]", text)


class Reader:
    """One object of the document, at `path`; all readers of a document share one list of problems."""

    def __init__(self, data: Any, path: str = "", problems: list[str] | None = None) -> None:
        self.path = path
        self.problems: list[str] = [] if problems is None else problems
        self.seen: set[str] = set()
        self.data: dict[str, Any] = data if isinstance(data, dict) else {}
        if not isinstance(data, dict):
            self.problem(path or "The document", "an object with named fields", data)
            self.problems = []  # one sentence says it; its missing fields would only repeat it

    def problem(self, field: str, expected: str, found: Any) -> None:
        """Note that a field holds something else than expected."""
        what = "nothing" if found is _NOTHING or found is None else shown(found)
        self.problems.append(f"{field}: expected {expected}, found {what}.")

    def name(self, key: str) -> str:
        """The full name of a field of this object."""
        return f"{self.path}.{key}" if self.path else key

    def take(self, key: str) -> Any:
        """The raw value of a field."""
        self.seen.add(key)
        return self.data.get(key, _NOTHING)

    def whole(self, key: str, least: int = 0, most: int | None = None, default: int | None = None) -> int:
        """A whole number; with a default one that may be left out."""
        value = self.take(key)
        if value is _NOTHING and default is not None:
            return default
        fits = isinstance(value, int) and not isinstance(value, bool)
        if fits and value >= least and (most is None or value <= most):
            return int(value)
        between = f"a whole number of {least} or more" if most is None else f"a whole number from {least} to {most}"
        self.problem(self.name(key), between, value)
        return least

    def days(self, key: str, least: int = 0, default: int | None = None) -> int:
        """A number of days that a calendar can count."""
        value = self.whole(key, least, default=default)
        if value <= LONGEST_DAYS:
            return value
        self.problem(self.name(key), f"at most {LONGEST_DAYS:,} days", value)
        return least

    def number(self, key: str) -> float:
        """A number above 0."""
        value = self.take(key)
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < float("inf"):
            return float(value)
        self.problem(self.name(key), "a number above 0", value)
        return 1.0

    def switch(self, key: str) -> bool:
        """True or false."""
        value = self.take(key)
        if not isinstance(value, bool):
            self.problem(self.name(key), "true or false", value)
        return value is True

    def text(self, key: str, choices: Sequence[str] = (), most: int = LONGEST_TEXT) -> str:
        """A text that is not empty nor longer than `most`, or one of the choices."""
        value = self.take(key)
        if isinstance(value, str) and value.strip() and len(value) <= most and (not choices or value in choices):
            return value
        long = isinstance(value, str) and len(value) > most
        what = f"a text of at most {most} characters" if long else "a text"
        self.problem(self.name(key), f"one of {', '.join(choices)}" if choices else what, value)
        return ""

    def code(self, key: str) -> str:
        """A short name without spaces, as R-01: letters, digits and hyphens."""
        value = self.take(key)
        if isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,18}[A-Za-z0-9])?", value):
            return value
        self.problem(self.name(key), "letters, digits and hyphens, at most 20 of them", value)
        return ""

    def texts(self, key: str, choices: Sequence[str] = (), least: int = 0) -> tuple[str, ...]:
        """A list of texts, none of them twice."""
        value = self.take(key)
        good = isinstance(value, list) and all(isinstance(item, str) and item for item in value)
        if good and len(set(value)) == len(value) >= least and (not choices or set(value) <= set(choices)):
            return tuple(value)
        expected = f"a list of {f'at least {least} ' if least else ''}different texts"
        self.problem(self.name(key), expected + (f" out of {', '.join(choices)}" if choices else ""), value)
        return ()

    def wholes(self, key: str) -> tuple[int, ...]:
        """A list of whole numbers."""
        value = self.take(key)
        if isinstance(value, list) and all(isinstance(item, int) and not isinstance(item, bool) for item in value):
            return tuple(value)
        self.problem(self.name(key), "a list of whole numbers", value)
        return ()

    def part(self, key: str, read: Callable[[Reader], T]) -> T:
        """An object within this one."""
        value = self.take(key)
        reader = Reader(None if value is _NOTHING else value, self.name(key), self.problems)
        result = read(reader)
        reader.close()
        return result

    def part_or(self, key: str, read: Callable[[Reader], T], default: object) -> T:
        """An object within this one; where the document has none, `default` is read in its place."""
        if key in self.data:
            return self.part(key, read)
        self.seen.add(key)
        return read(Reader(default, self.name(key), self.problems))

    def parts(self, key: str, read: Callable[[Reader], T]) -> tuple[T, ...]:
        """A list of objects within this one."""
        value = self.take(key)
        if not isinstance(value, list) or not value:
            self.problem(self.name(key), "a list with at least one object", value)
            return ()
        results = []
        for number, item in enumerate(value, start=1):
            reader = Reader(item, f"{self.name(key)}[{number}]", self.problems)
            results.append(read(reader))
            reader.close()
        return tuple(results)

    def close(self) -> None:
        """Note the fields that nobody asked for: most of them are misspelt."""
        for key in sorted(set(self.data) - self.seen, key=str):
            self.problems.append(f"{self.name(str(key))}: no such field; expected {', '.join(sorted(self.seen))}.")
