"""The verdicts, overlaps and differences of the static checks are those of trying every case of small domains."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cache
from itertools import product
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from conflicts.policy import STANDARD, Policy, conditions
from conflicts.policy.background import against, decider, holds, ordinary
from conflicts.policy.checks import ERROR, Problem, check, differences
from conflicts.policy.conditions import ALWAYS, TRUE, Condition, Group, Value, state_of
from conflicts.policy.rules import Rule, Then

POLICY = Policy.from_document(STANDARD)
EXAMPLES = 400 if os.environ.get("PROVE") else 25
Values = dict[str, Value | None]
MEDIATE = Then("mediate")
TIED: dict[str, tuple[Value | None, ...]] = {  # by what facts say of one another
    "eligible_claimants": (0, 1, 2, 3),
    "reserved_workers": (0, 1, 2, 3),
    "owner_working": (None, False, True),
    "partner_leads": (False, True),
    "left_top_claimant_direct": (False, True),
    "left_working_owner_reserved_workers": (False, True),
}
LEADS = (None, 0, 1, 2, 3)
LOOSE: dict[str, tuple[Value | None, ...]] = {  # nothing is said of them
    "amount": (None, *(Decimal(half) / 2 for half in range(6))),
    "account_employees": (None, 0, 1, 2, 3),
    "first_claim": (None, 0, 1, 2, 3),
    "account_industry": (None, "steel", "banks", "another"),
    "account_region": (None, "DE", "DE-BY", "DE-HE", "FR", "US"),
    "identity_confirmed": (False, True),
}
ASKED = ("eligible_claimants", "reserved_workers", "owner_working", "lead", *LOOSE)
USUAL = ordinary(POLICY)
OUTCOMES = (
    MEDIATE,
    Then("request_information"),
    Then("award", owner="top_partner"),
    Then("award", owner="working_owner"),
    Then("co_sell", owner="top_claimant", support="direct"),
    Then("co_sell", owner="working_owner", support="reserved_workers"),
    Then("split", between="top_two"),
)


def asking(name: str) -> st.SearchStrategy[Condition]:
    known = st.booleans().map(lambda value: conditions.Test(name, "is_known", value))
    number = st.integers(0, 2)
    if name in ("owner_working", "identity_confirmed"):
        return known | st.builds(conditions.Test, st.just(name), st.sampled_from(["=", "!="]), st.booleans())
    if name == "account_industry":
        words = st.sampled_from(["steel", "banks"])
        return known | st.builds(conditions.Test, st.just(name), st.sampled_from(["=", "!="]), words)
    if name == "account_region":
        codes = st.sampled_from([("DE",), ("DE-BY",), ("FR", "DE-BY")])
        return known | st.builds(conditions.Test, st.just(name), st.just("covers_region"), codes)
    if name == "first_claim":
        return known | st.builds(conditions.Test, st.just(name), st.just("within_days"), number)
    pair = st.tuples(number, number).map(lambda two: conditions.Test(name, "between", tuple(sorted(two))))
    some = st.lists(number, min_size=1, max_size=2).map(lambda items: conditions.Test(name, "in", tuple(items)))
    return (
        known
        | pair
        | some
        | st.builds(conditions.Test, st.just(name), st.sampled_from(["=", "!=", "<", "<=", ">", ">="]), number)
    )


@st.composite
def rule_lists(draw: st.DrawFn, names: Sequence[str]) -> tuple[Rule, ...]:
    test = st.sampled_from(names).flatmap(asking)
    several = st.lists(test, min_size=1, max_size=3).map(tuple)
    flat = st.builds(Group, st.sampled_from(["all", "any"]), several)
    condition = test | flat | (test | flat).map(lambda part: Group("not", (part,)))
    made = draw(st.lists(st.tuples(condition, st.sampled_from(OUTCOMES)), min_size=1, max_size=4))
    if draw(st.booleans()):
        made.append((ALWAYS, MEDIATE))
    return tuple(
        Rule(f"R-{at}", at, f"Rule {at}", "So it is.", when, then) for at, (when, then) in enumerate(made, start=1)
    )


@st.composite
def policies(draw: st.DrawFn, count: int) -> tuple[list[str], list[Policy]]:
    names = draw(st.lists(st.sampled_from(ASKED), min_size=1, max_size=2, unique=True))
    return names, [replace(POLICY, rules=draw(rule_lists(names))) for _ in range(count)]


@cache
def tied_cases(leads: tuple[int | None, ...]) -> list[Values]:
    """All combinations of the tied facts that can be; what is not asked for goes along."""
    found = []
    for values in product(*TIED.values(), leads, (None, False, True)):
        case = dict(zip((*TIED, "lead", "direct_leads"), values, strict=True))
        eligible: Any = case["eligible_claimants"]
        whole = USUAL | {
            "claimants": max(1, eligible),
            "blocked_registrations": 0 if eligible else 1,
            "reserved_account": bool(case["reserved_workers"]),
            "finding_reserved_account": bool(case["reserved_workers"]),
            "account_segment": "house",
            "best_proof": 10 if eligible else None,
            "lesser_proof": 10 if eligible > 1 else None,
            "top_tier": None,
            "last_activity": None,
        }
        if not against(whole | case, POLICY):
            found.append(whole | case)
    return found


def every_case(names: Sequence[str]) -> list[Values]:
    """All cases that can be, as far as these facts go."""
    loose = [name for name in names if name in LOOSE]
    others = [dict(zip(loose, values, strict=True)) for values in product(*(LOOSE[name] for name in loose))]
    return [case | other for case in tied_cases(LEADS if "lead" in names else (None, 0)) for other in others]


def every_rule(policy: Policy, cases: Sequence[Values]) -> tuple[list[int | None], list[set[int]]]:
    """For each case which rule decides, and which hold."""
    numbered = {rule.id: at for at, rule in enumerate(policy.rules)}
    deciding = [decider(policy, case) for case in cases]
    held = [{numbered[rule.id] for rule in policy.rules if holds(rule, policy, case)} for case in cases]
    return [numbered[rule.id] if rule else None for rule in deciding], held


@settings(max_examples=EXAMPLES, deadline=None, derandomize=True)
@given(policies(1))
def test_the_verdicts_are_those_of_trying_every_case(made: tuple[list[str], list[Policy]]) -> None:
    names, (policy,) = made
    cases, problems = every_case(names), check(policy)
    decide, held = every_rule(policy, cases)
    said = {problem.rule_ids[0]: problem.code for problem in problems if problem.severity == ERROR and problem.rule_ids}
    for at, rule in enumerate(policy.rules):
        true = any(state_of(rule.when, case, {}) == TRUE for case in cases)
        somebody = any(at in found for found in held)
        expected = None if at in decide else "unreachable" if somebody else "nobody" if true else "never"
        assert said.get(rule.id) == expected, rule
    assert (None in decide) == any(problem.code == "gap" for problem in problems)
    assert overlaps_said(problems) == overlaps_tried(policy, decide, held)


def overlaps_said(problems: Sequence[Problem]) -> set[tuple[str, str]]:
    overlaps = [problem for problem in problems if problem.code == "overlap"]
    return {(first, problem.rule_ids[-1]) for problem in overlaps for first in problem.rule_ids[:-1]}


def overlaps_tried(policy: Policy, decide: list[int | None], held: list[set[int]]) -> set[tuple[str, str]]:
    pairs = set()
    for first, second in product(range(len(policy.rules)), repeat=2):
        one, other = policy.rules[first], policy.rules[second]
        if second <= first or one.then == other.then or other.when == ALWAYS or second not in decide:
            continue
        both = any(found == first and second in holding for found, holding in zip(decide, held, strict=True))
        if both and any(first in holding and second not in holding for holding in held):
            pairs.add((one.id, other.id))
    return pairs


@settings(max_examples=EXAMPLES, deadline=None, derandomize=True)
@given(policies(2))
def test_the_differences_are_those_of_trying_every_case(made: tuple[list[str], list[Policy]]) -> None:
    names, (old, new) = made
    cases = every_case(names)
    tried = {
        (before.id if before else "", after.id if after else "")
        for before, after in ((decider(old, case), decider(new, case)) for case in cases)
        if (before and before.then) != (after and after.then)
    }
    shown = differences(old, new)
    assert {(item.old_rule, item.new_rule) for item in shown} == tried
    for item in shown:
        assert against(item.values, old) == against(item.values, new) == []
        before, after = decider(old, item.values), decider(new, item.values)
        assert (before.id if before else "", after.id if after else "") == (item.old_rule, item.new_rule)
        assert (before and before.then) == item.old_outcome != item.new_outcome == (after and after.then)
