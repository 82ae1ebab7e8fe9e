"""Conditions: three values as Kleene has them, read and written without loss, and no document that breaks the reading."""

from __future__ import annotations

import copy
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conflicts import memo
from conflicts.policy import STANDARD, Policy, PolicyError
from conflicts.policy.catalogue import BOOL, DAYS_AGO, FACTS, MONEY, OPS, PARAMETERS, REGION, TEXT
from conflicts.policy.conditions import (
    ALWAYS,
    DEEPEST,
    FALSE,
    NEGATED,
    TRUE,
    UNKNOWN,
    Condition,
    Group,
    Node,
    Test,
    evaluate,
    read_condition,
    state_of,
    to_document,
)
from conflicts.policy.reading import Reader
from conflicts.policy.saying import formula, words
from tests.conflicts.build import POLICY

NUMBERS = POLICY.numbers
WHOLE, PLACES = st.integers(0, 40), st.sampled_from(["US", "US-TX", "US-CA", "DE", "DE-BY"])
WORDS = st.sampled_from(["gold", "silver", "house", "325"])
many = settings(max_examples=300, deadline=None, derandomize=True)


def _value(kind: str) -> st.SearchStrategy[Any]:
    if kind == BOOL:
        return st.booleans()
    if kind in (TEXT, REGION):
        return WORDS if kind == TEXT else PLACES
    return WHOLE.map(Decimal) if kind == MONEY else WHOLE


@st.composite
def one_test(draw: st.DrawFn) -> Test:
    name = draw(st.sampled_from(sorted(FACTS)))
    kind = FACTS[name].type
    op = draw(st.sampled_from(OPS[kind]))
    one = {BOOL: st.booleans(), TEXT: WORDS, REGION: PLACES}.get(kind, WHOLE)
    if op == "is_known":
        return Test(name, op, draw(st.booleans()))
    if op == "between":
        return Test(name, op, tuple(sorted((draw(WHOLE), draw(WHOLE)))))
    if op in ("in", "covers_region"):
        return Test(name, op, tuple(draw(st.lists(one, min_size=1, max_size=3))))
    if kind in ("integer", DAYS_AGO) and draw(st.integers(0, 3)) == 0:
        return Test(name, op, parameter=draw(st.sampled_from(PARAMETERS)))
    return Test(name, op, draw(one))


def groups(parts: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    several = st.lists(parts, min_size=1, max_size=3).map(tuple)
    return st.builds(Group, st.sampled_from(["all", "any"]), several) | parts.map(lambda part: Group("not", (part,)))


def depth(condition: Condition) -> int:
    return 0 if isinstance(condition, Test) else 1 + max((depth(part) for part in condition.parts), default=0)


CONDITIONS = (st.recursive(one_test(), groups, max_leaves=8) | st.just(ALWAYS)).filter(lambda c: depth(c) <= DEEPEST)
VALUES = st.fixed_dictionaries({name: st.none() | _value(fact.type) for name, fact in FACTS.items()})


def state(condition: Condition, values: dict[str, Any]) -> str:
    return evaluate(condition, values, NUMBERS).state


@many
@given(CONDITIONS, CONDITIONS, VALUES)
def test_three_values_as_kleene_has_them(left: Condition, right: Condition, values: dict[str, Any]) -> None:
    denied = lambda part: Group("not", (part,))  # noqa: E731
    order = (FALSE, UNKNOWN, TRUE)
    states = [state(left, values), state(right, values)]
    assert state(denied(left), values) == NEGATED[states[0]]
    assert state(denied(denied(left)), values) == states[0]
    both, either = Group("all", (left, right)), Group("any", (left, right))
    assert state(both, values) == min(states, key=order.index)
    assert state(either, values) == max(states, key=order.index)
    assert state(denied(both), values) == state(Group("any", (denied(left), denied(right))), values)
    assert state(denied(either), values) == state(Group("all", (denied(left), denied(right))), values)


def asks_whether_known(condition: Condition) -> bool:
    if isinstance(condition, Test):
        return condition.op == "is_known"
    return any(asks_whether_known(part) for part in condition.parts)


@many
@given(CONDITIONS.filter(lambda c: not asks_whether_known(c)), VALUES, st.data())
def test_a_fact_that_becomes_known_never_turns_an_answer(
    condition: Condition, values: dict, data: st.DataObject
) -> None:
    """Except where a rule asks whether it is known, which is what such a rule is for."""
    before = state(condition, values)
    known = {
        name: data.draw(_value(FACTS[name].type)) if value is None and data.draw(st.booleans()) else value
        for name, value in values.items()
    }
    assert before in (UNKNOWN, state(condition, known))


@many
@given(CONDITIONS, VALUES)
def test_the_short_way_says_what_the_whole_tree_says(condition: Condition, values: dict[str, Any]) -> None:
    node = evaluate(condition, values, NUMBERS)
    assert state_of(condition, values, NUMBERS) == node.state
    assert set(node.decisive) <= set(node.tests)
    assert memo.load(Node, memo.dump(node)) == node


@many
@given(CONDITIONS, VALUES)
def test_the_decisive_tests_alone_decide(condition: Condition, values: dict[str, Any]) -> None:
    """What is not among them may be anything: the answer stays."""
    node = evaluate(condition, values, NUMBERS)
    named = {test.fact for test in node.decisive}
    if node.state != UNKNOWN:
        assert state(condition, {name: value for name, value in values.items() if name in named}) == node.state


@many
@given(CONDITIONS)
def test_reading_what_was_written_gives_the_same(condition: Condition) -> None:
    document = to_document(condition)
    reader = Reader(document)
    assert read_condition(reader) == condition
    reader.close()
    assert not reader.problems
    assert to_document(read_condition(Reader(copy.deepcopy(document)))) == document


@many
@given(CONDITIONS)
def test_conditions_can_be_said(condition: Condition) -> None:
    for text in (words(condition, NUMBERS), formula(condition, NUMBERS)):
        assert text
        assert "None" not in text
        assert text.count("(") == text.count(")")


def test_how_conditions_read() -> None:
    lead, both = POLICY.rule("R-08").when, POLICY.rule("R-02").when
    assert formula(lead, NUMBERS) == "lead >= margin (15)"
    assert words(lead, NUMBERS) == "“Points between the two leading claimants” at least 15"
    assert formula(both, NUMBERS) == "reserved_account = yes and reserved_workers >= 1"
    assert formula(ALWAYS, NUMBERS) == words(ALWAYS, NUMBERS) == "always"
    mixed = Group("any", (both, Group("not", (Test("amount", "between", (10_000, 20_000)),))))
    assert formula(mixed, NUMBERS) == (
        "(reserved_account = yes and reserved_workers >= 1) or not (amount between 10,000, 20,000)"
    )
    assert words(mixed, NUMBERS).endswith("or not (“Largest amount among the claims” from 10,000 to 20,000)")


def test_a_country_alone_does_not_say_which_subdivision_it_is() -> None:
    texas = Test("account_region", "covers_region", ("US-TX", "DE"))
    found = {place: state(texas, {"account_region": place}) for place in ("US-TX", "US", "US-CA", "DE-BY", "GB", None)}
    assert found == {"US-TX": TRUE, "US": UNKNOWN, "US-CA": FALSE, "DE-BY": TRUE, "GB": FALSE, None: UNKNOWN}


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
    | st.sampled_from([10**400, "margin", "R-02", "all", "lead", ">=", "direct", "award", b"x", (1,), {1}]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6) | st.integers(), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


def spots(value: Any, path: tuple = ()) -> list[tuple]:
    found = [path] if path else []
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return found + [spot for key, item in items for spot in spots(item, (*path, key))]


SPOTS = spots(STANDARD)


@settings(max_examples=600, deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.sampled_from(SPOTS), JUNK | st.just(...)), min_size=1, max_size=3))
def test_no_document_breaks_the_reading(changes: list[tuple[tuple, Any]]) -> None:
    document: Any = copy.deepcopy(STANDARD)
    for (*parents, last), junk in changes:
        at = document
        try:
            for key in parents:
                at = at[key]
            if junk is ...:
                del at[last]
            else:
                at[last] = junk
        except (KeyError, IndexError, TypeError):
            continue  # an earlier change took that place away
    for problem in problems_of(document):
        field, colon, said = problem.partition(": ")
        assert colon
        assert field.split(".")[0].split("[")[0] in {*STANDARD, "The document"}, problem
        assert said.endswith("."), problem


def problems_of(document: Any) -> tuple[str, ...]:
    try:
        policy = Policy.from_document(document)
    except PolicyError as error:
        return error.problems or ("",)
    assert policy.rules[-1].when == ALWAYS
    return ()


@settings(max_examples=200, deadline=None, derandomize=True)
@given(JUNK)
def test_nothing_else_is_a_policy(document: Any) -> None:
    with pytest.raises(PolicyError):
        Policy.from_document(document)


def test_a_document_without_bottom_is_refused() -> None:
    deep: Any = {"all": []}
    for _ in range(5_000):
        deep = {"not": deep}
    for where in ("when", "title"):
        document = copy.deepcopy(STANDARD)
        document["rules"][0][where] = deep
        with pytest.raises(PolicyError, match="at most 40 levels"):
            Policy.from_document(document)
    document["rules"][0] = STANDARD["rules"][0] | {
        "when": {"not": {"not": {"not": {"not": {"not": {"not": {"not": {"all": []}}}}}}}}
    }
    with pytest.raises(PolicyError, match=f"at most {DEEPEST} levels of conditions"):
        Policy.from_document(document)


def test_a_number_of_thousands_of_digits_is_refused() -> None:
    with pytest.raises(PolicyError, match=r"^clock.hours: expected a number of at most"):
        Policy.from_document(copy.deepcopy(STANDARD) | {"clock": {"hours": 10**5000, "at_risk_pct": 75}})
    with pytest.raises(PolicyError, match="found a int"):
        Policy.from_document(10**5000)
