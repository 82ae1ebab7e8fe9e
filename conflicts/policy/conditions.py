"""Conditions of rules, as data: all, any, not over tests of one fact. Evaluated in three values, with the whole tree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from conflicts.policy.catalogue import BOOL, DAYS_AGO, FACTS, INTEGER, MONEY, OPS, PARAMETERS, REGION
from conflicts.policy.reading import Reader

TRUE, FALSE, UNKNOWN = "true", "false", "unknown"
NEGATED = {TRUE: FALSE, FALSE: TRUE, UNKNOWN: UNKNOWN}
DEEPEST = 6  # levels of all / any / not that a person can still read
Value = bool | int | Decimal | str


@dataclass(frozen=True, slots=True)
class Test:
    """One fact against a value, or against a parameter of the policy by its name."""

    __test__: ClassVar = False  # it is no test class: test runners collect by name

    fact: str
    op: str
    value: Any = None
    parameter: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """`all`, `any` or `not` (of one part). `all` of nothing always holds."""

    how: str
    parts: tuple[Test | Group, ...]


Condition = Test | Group
ALWAYS = Group("all", ())


@dataclass(frozen=True, slots=True)
class Node:
    """A condition as it came out: the same tree with the actual value and true, false or unknown at each node."""

    how: str  # all, any, not; test
    state: str
    fact: str = ""
    op: str = ""
    wanted: str = ""
    actual: str = ""
    parts: tuple[Node, ...] = ()

    @property
    def tests(self) -> tuple[Node, ...]:
        """The tests below, from left to right."""
        return (self,) if self.how == "test" else tuple(test for part in self.parts for test in part.tests)

    @property
    def decisive(self) -> tuple[Node, ...]:
        """The tests that made it come out so: of an `all` that fails those that failed, of an `any` that holds
        those that hold, else all."""
        if self.how == "test":
            return (self,)
        wanted = FALSE if self.how == "all" else TRUE
        same = [part for part in self.parts if part.state == self.state]
        chosen = same if self.state in (wanted, UNKNOWN) and self.how != "not" else self.parts
        return tuple(test for part in chosen for test in part.decisive)


def state_of(condition: Condition, values: Mapping[str, Value | None], parameters: Mapping[str, int]) -> str:
    """The state alone, asking for no more values than it needs: what `evaluate` would say at the top."""
    if isinstance(condition, Test):
        return _state(condition, values.get(condition.fact), parameters)
    if condition.how == "not":
        return NEGATED[state_of(condition.parts[0], values, parameters)]
    decisive, state = (FALSE, TRUE) if condition.how == "all" else (TRUE, FALSE)
    for part in condition.parts:
        found = state_of(part, values, parameters)
        if found == decisive:
            return decisive
        state = UNKNOWN if found == UNKNOWN else state
    return state


def evaluate(condition: Condition, values: Mapping[str, Value | None], parameters: Mapping[str, int]) -> Node:
    """The condition over these values; None, or a fact that is not there, is unknown. Nothing is cut short."""
    if isinstance(condition, Test):
        return _test(condition, values.get(condition.fact), parameters)
    parts = tuple(evaluate(part, values, parameters) for part in condition.parts)
    states = [part.state for part in parts]
    return Node(condition.how, _combined(condition.how, states), parts=parts)


def _combined(how: str, states: Sequence[str]) -> str:
    """Kleene's three values."""
    if how == "not":
        return NEGATED[states[0]]
    decisive, other = (FALSE, TRUE) if how == "all" else (TRUE, FALSE)
    if decisive in states:
        return decisive
    return UNKNOWN if UNKNOWN in states else other


def _test(test: Test, actual: Value | None, parameters: Mapping[str, int]) -> Node:
    state = _state(test, actual, parameters)
    found = "unknown" if actual is None else shown(actual)
    return Node("test", state, test.fact, test.op, shown(wanted_by(test, parameters)), found)


def _state(test: Test, actual: Value | None, parameters: Mapping[str, int]) -> str:
    wanted = wanted_by(test, parameters)
    if test.op == "is_known":
        return TRUE if (actual is not None) == bool(wanted) else FALSE
    if actual is None:
        return UNKNOWN
    if holds(test.op, actual, wanted):
        return TRUE
    # A country alone does not say whether it is the one subdivision that is asked for.
    wider = test.op == "covers_region" and any(code.startswith(f"{actual}-") for code in wanted)
    return UNKNOWN if wider else FALSE


def wanted_by(test: Test, parameters: Mapping[str, int]) -> Any:
    """The value that the test compares with."""
    return parameters[test.parameter] if test.parameter else test.value


def holds(op: str, actual: Any, wanted: Any) -> bool:
    """One comparison of two known values."""
    if op in ("=", "!="):
        return bool((actual == wanted) == (op == "="))
    if op == "in":
        return actual in wanted
    if op == "between":
        return bool(wanted[0] <= actual <= wanted[1])
    if op == "within_days":
        return bool(0 <= actual <= wanted)
    if op == "covers_region":
        return any(actual == code or str(actual).startswith(f"{code}-") for code in wanted)
    return bool({"<": actual < wanted, "<=": actual <= wanted, ">": actual > wanted, ">=": actual >= wanted}[op])


def shown(value: Any) -> str:
    """A value as people read it in a condition."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(shown(item) for item in value)
    return f"{value:,}" if isinstance(value, int | Decimal) else str(value)


# --- reading ---


def read_condition(reader: Reader, depth: int = 1) -> Condition:
    """A condition of a document, checked against the catalogue; what is wrong is noted with the field that it is in."""
    groups = [how for how in ("all", "any", "not") if how in reader.data]
    if not groups:
        return _read_test(reader)
    how = groups[0]
    if depth > DEEPEST:
        reader.problem(reader.name(how), f"at most {DEEPEST} levels of conditions", "more")
        reader.seen.update(reader.data)
        return ALWAYS
    if how == "not":
        return Group("not", (reader.part("not", lambda part: read_condition(part, depth + 1)),))
    if reader.data[how] == []:
        reader.take(how)
        if how == "any":
            reader.problem(reader.name(how), "a list with at least one condition", "an empty one")
        return ALWAYS
    return Group(how, reader.parts(how, lambda part: read_condition(part, depth + 1)))


def _read_test(reader: Reader) -> Test:
    fact, op = reader.text("fact", tuple(FACTS)), reader.take("op")
    value, kind = reader.take("value"), FACTS.get(fact)
    if kind is None:
        return Test(fact, "is_known", True)
    if op not in OPS[kind.type]:
        reader.problem(reader.name("op"), f"one of {', '.join(OPS[kind.type])} for {fact}", op)
        return Test(fact, "is_known", True)
    if isinstance(value, dict) and set(value) == {"parameter"} and kind.type in (INTEGER, DAYS_AGO) and op != "in":
        if value["parameter"] in PARAMETERS and op not in ("between", "is_known"):
            return Test(fact, op, parameter=str(value["parameter"]))
        reader.problem(reader.name("value"), f"one of the parameters {', '.join(PARAMETERS)}", value["parameter"])
        return Test(fact, "is_known", True)
    expected = _expected(kind.type, op, value, kind.choices)
    if expected:
        reader.problem(reader.name("value"), expected, value)
        return Test(fact, "is_known", True)
    return Test(fact, op, tuple(value) if isinstance(value, list) else value)


def _expected(kind: str, op: str, value: Any, choices: tuple[str, ...]) -> str:
    """What should stand there, if it does not."""
    if kind == BOOL or op == "is_known":
        return "" if isinstance(value, bool) else "true or false"
    number = kind in (INTEGER, MONEY, DAYS_AGO)
    if op in ("in", "covers_region"):
        one = _whole if number else _word
        good = isinstance(value, list) and value and all(one(item) for item in value)
        good = good and (not choices or set(value) <= set(choices))
        what = "codes" if kind == REGION else "whole numbers" if number else "texts"
        return "" if good else f"a list of {what}"
    if op == "between":
        good = isinstance(value, list) and len(value) == 2 and all(map(_whole, value)) and value[0] <= value[1]
        return "" if good else "two whole numbers, the lower first"
    if number:
        return "" if _whole(value) else "a whole number"
    return "" if _word(value) and (not choices or value in choices) else "a text"


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _word(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def to_document(condition: Condition) -> dict[str, Any]:
    """The condition as the document writes it."""
    if isinstance(condition, Test):
        value = {"parameter": condition.parameter} if condition.parameter else condition.value
        return {"fact": condition.fact, "op": condition.op, "value": list(value) if isinstance(value, tuple) else value}
    if condition.how == "not":
        return {"not": to_document(condition.parts[0])}
    return {condition.how: [to_document(part) for part in condition.parts]}
