"""Reads a document field by field and collects what is wrong as sentences that name the field."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

T = TypeVar("T")
_NOTHING = object()


class PolicyError(ValueError):
    """The document is no policy; `problems` holds one sentence a field."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = tuple(problems)


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
        shown = "nothing" if found is _NOTHING or found is None else repr(found)
        self.problems.append(f"{field}: expected {expected}, found {shown[:80]}.")

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

    def text(self, key: str, choices: Sequence[str] = ()) -> str:
        """A text that is not empty, or one of the choices."""
        value = self.take(key)
        if isinstance(value, str) and value.strip() and (not choices or value in choices):
            return value
        self.problem(self.name(key), f"one of {', '.join(choices)}" if choices else "a text", value)
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
