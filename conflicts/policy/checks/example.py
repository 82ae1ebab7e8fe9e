"""A case that shows something, as ordinary as it can be: whatever need not be special has its usual value."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from conflicts.policy.background import ALL_FACTS
from conflicts.policy.catalogue import BOOL, FACTS, MONEY
from conflicts.policy.checks.encoding import Formula, Space
from conflicts.policy.conditions import Value, shown

UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Example:
    """All facts of a case, and those that make it one: the rest is as in any ordinary case."""

    values: Mapping[str, Value | None]
    told: dict[str, str]

    @property
    def shown(self) -> dict[str, str]:
        """The special facts that rules can ask for."""
        return {name: value for name, value in self.told.items() if name in FACTS}


class Examples:
    """Finds examples in one space."""

    def __init__(self, space: Space) -> None:
        self.space = space
        self.usual = space.usual()
        self._short = {name: space.name(space.is_value(name, value)) for name, value in self.usual.items()}
        self._fact = {short.get_id(): name for name, short in self._short.items()}
        self._named: dict[tuple[str, Value | None], Formula] = {}

    def of(self, goal: Sequence[Formula], about: Collection[str], changed: Collection[str] = ()) -> Example | None:
        """A case in which the goal holds; `about`: the facts that it is about, always told. They, and those that have
        `changed`, are the first to be special."""
        special = self._special(goal, {*about, *changed})
        if special is None:
            return None
        fixed = [*goal, *(short for name, short in self._short.items() if name not in special)]
        values: dict[str, Value | None] = {name: value for name, value in self.usual.items() if name not in special}
        for name in special:
            values[name] = self._chosen(name, fixed)
            fixed.append(self._is(name, values[name]))
        return Example(values, self._told(goal, values, about))

    def _special(self, goal: Sequence[Formula], about: Collection[str]) -> list[str] | None:
        """The facts that cannot all have their usual value, given up one by one until the goal can hold."""
        usual, special = dict(self._short), list[str]()
        while not self.space.can(*goal, *usual.values()):
            stuck = [self._fact[item] for item in self.space.core() if item in self._fact]
            if not stuck:
                return None
            special.append(max(stuck, key=lambda name: (name in about, name in FACTS, name)))
            del usual[special[-1]]
        return [name for name in ALL_FACTS if name in special]

    def _chosen(self, name: str, fixed: Sequence[Formula]) -> Value | None:
        """The first of the plain values that fits; the solver's own, should none."""
        tried: Value | None
        for tried in (*self._plain(name), None):
            if self.space.can(*fixed, self._is(name, tried)):
                return tried
        self.space.can(*fixed)
        return self.space.read(self.space.model(), name)

    def _plain(self, name: str) -> Iterator[Value]:
        """Values to try: those that conditions name, then some between, above and below."""
        if ALL_FACTS[name].type == BOOL:
            yield from (False, True)
        elif name in self.space.words:
            yield from self.space.words[name]
        else:
            yield from _near(self.space.numbers[name], 1_000 if ALL_FACTS[name].type == MONEY else 1)

    def _is(self, name: str, value: Value | None) -> Formula:
        if (name, value) not in self._named:
            self._named[name, value] = self.space.name(self.space.is_value(name, value))
        return self._named[name, value]

    def _told(
        self, goal: Sequence[Formula], values: Mapping[str, Value | None], about: Collection[str]
    ) -> dict[str, str]:
        """The values that the goal needs: without any one of them it might not hold. Usual ones only where it is about them."""
        needed = self._needed(goal, values)
        return {
            name: UNKNOWN if values[name] is None else shown(values[name])
            for name in ALL_FACTS
            if name in needed and (name in about or values[name] != self.usual[name])
        }

    def _needed(self, goal: Sequence[Formula], values: Mapping[str, Value | None]) -> set[str]:
        against = self.space.name(self.space.either(self.space.no(item) for item in goal))
        given = {name: self._is(name, value) for name, value in values.items()}
        if self.space.can(against, *given.values()):
            raise RuntimeError("The values of an example do not bring about what it should show.")
        core = self.space.core()
        needed = [name for name, short in given.items() if short.get_id() in core]
        for name in list(needed):
            if not self.space.can(against, *(given[other] for other in needed if other != name)):
                needed.remove(name)
        return set(needed)


def _near(marks: Sequence[int], step: int) -> Iterator[int]:
    """Numbers on, between, above and below the marks, where conditions turn; then some small ones."""
    yield from marks
    yield from ((low + high) // 2 for low, high in pairwise(marks) if high - low > 1)
    yield from (mark + step for mark in reversed(marks))
    yield from (mark - step for mark in marks if mark >= step)
    yield from (mark + 1 for mark in marks)
    yield from range(4)
