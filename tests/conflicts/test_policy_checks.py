"""Static checks: what they find in policies that were spoilt on purpose, and that they agree with trying every case."""

from __future__ import annotations

import copy
import os
import time
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cache
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conflicts.policy import STANDARD, Policy, conditions
from conflicts.policy.background import against, decider, finds, holds, ordinary
from conflicts.policy.checks import ERROR, INFO, WARNING, Problem, check, check_document, differences
from conflicts.policy.conditions import ALWAYS, TRUE, Condition, Group, Value, state_of
from conflicts.policy.rules import Rule, Then

POLICY = Policy.from_document(STANDARD)
EXAMPLES = 400 if os.environ.get("PROVE") else 25
MEDIATE = Then("mediate")
Values = dict[str, Value | None]


def document(**parts: Any) -> dict[str, Any]:
    """The standard with some of its parts replaced."""
    return copy.deepcopy(STANDARD) | parts


def rule(id: str, when: dict[str, Any], then: dict[str, Any], priority: int) -> dict[str, Any]:
    return {"id": id, "priority": priority, "title": f"Rule {id}", "reason": "So it is.", "when": when, "then": then}


def with_rule(when: dict[str, Any], priority: int, **then: str) -> Policy:
    """The standard with one rule more, R-20."""
    extra = rule("R-20", when, then or {"action": "mediate"}, priority)
    return Policy.from_document(document(rules=[*copy.deepcopy(STANDARD["rules"]), extra]))


def fact(name: str, op: str, value: Any) -> dict[str, Any]:
    return {"fact": name, "op": op, "value": value}


def found(policy: Policy, code: str) -> list[Problem]:
    return [problem for problem in check(policy) if problem.code == code]


# --- what is found ---


def test_the_standard_has_no_error_and_no_warning() -> None:
    problems = check(POLICY)
    assert {problem.severity for problem in problems} == {INFO}
    assert {problem.code for problem in problems} == {"overlap"}
    assert len(problems) == 8
    assert all(problem.example for problem in problems)


def test_the_checks_of_twelve_rules_take_less_than_a_second_of_work() -> None:
    other = Policy.from_document(document(parameters=STANDARD["parameters"] | {"margin": 20}))
    check(POLICY)  # loads the solver
    began = time.process_time()
    check(other)
    assert differences(POLICY, other)
    assert time.process_time() - began < 2  # .4 on an idle machine; the limit leaves room for a busy one


def test_a_document_that_is_no_policy_gets_an_error_a_field() -> None:
    spoilt = document(parameters=STANDARD["parameters"] | {"margin": "much"}, title="")
    problems = check_document(spoilt)
    assert {problem.severity for problem in problems} == {ERROR}
    assert {problem.code for problem in problems} == {"type"}
    assert [problem.sentence.partition(":")[0] for problem in problems] == ["title", "parameters.margin"]
    assert check_document(STANDARD) == check(POLICY)


def test_a_rule_that_earlier_ones_cover_together_names_just_those() -> None:
    spoilt = with_rule({"all": [fact("reserved_account", "=", True), fact("amount", ">", 100)]}, 45)
    (problem,) = found(spoilt, "unreachable")
    assert problem.severity == ERROR
    assert problem.rule_ids == ("R-20", "R-03")
    either = {"any": [fact("co_sell_named", "=", True), fact("protection_active", "=", True)]}
    (problem,) = found(with_rule(either, 65), "unreachable")
    assert problem.rule_ids == ("R-20", "R-04", "R-05")
    assert problem.sentence.endswith('"Co-sell agreed" (R-04) or "Protection held" (R-05) decides first.')


def test_what_covers_a_rule_may_hang_on_how_facts_are_derived() -> None:
    """Nobody has a lead where fewer than two are eligible: rules before take those cases."""
    (problem,) = found(with_rule(fact("lead", "is_known", False), 75), "unreachable")
    assert problem.rule_ids == ("R-20", "R-01", "R-07")


@pytest.mark.parametrize(
    ("when", "why"),
    [
        ({"all": [fact("amount", ">", 10), fact("amount", "<", 5)]}, "It contradicts itself"),
        (fact("lead", ">=", 500), "Nobody can lead by more points than there are."),
        (fact("best_proof", "=", 7), "Proof of work has the points of one of its kinds, or none."),
        (fact("finding_tier_insufficient", "=", True), '"Deal above the tier" blocks, and a blocked registration'),
        (fact("eligible_claimants", "is_known", False), "or what its facts can be."),
    ],
)
def test_a_condition_that_can_never_hold_says_why(when: dict[str, Any], why: str) -> None:
    (problem,) = found(with_rule(when, 15), "never")
    assert (problem.severity, problem.rule_ids) == (ERROR, ("R-20",))
    assert why in problem.sentence


def test_money_has_cents_and_other_numbers_have_not() -> None:
    between = {"all": [fact("amount", ">", 10), fact("amount", "<", 11)]}
    assert not found(with_rule(between, 15), "never")
    between = {"all": [fact("account_employees", ">", 10), fact("account_employees", "<", 11)]}
    assert found(with_rule(between, 15), "never")


def test_a_selector_that_finds_nobody() -> None:
    then = {"action": "award", "owner": "only_claimant"}
    (problem,) = found(with_rule(fact("eligible_claimants", ">=", 2), 15, **then), "nobody")
    assert (problem.severity, problem.rule_ids) == (ERROR, ("R-20",))
    then = {"action": "co_sell", "owner": "direct", "support": "direct"}
    assert found(with_rule(fact("amount", ">=", 2), 15, **then), "nobody")
    then = {"action": "co_sell", "owner": "top_claimant", "support": "direct"}
    assert not found(with_rule(fact("amount", ">=", 2), 15, **then), "nobody")


def test_a_gap_has_an_example() -> None:
    (problem,) = found(replace(POLICY, rules=POLICY.rules[:-1]), "gap")
    assert (problem.severity, problem.rule_ids) == (ERROR, ())
    assert problem.example == {"lesser_proof": "0"}  # all else as usual
    last = replace(POLICY.rules[-1], then=Then("award", owner="top_claimant"))
    assert not found(replace(POLICY, rules=(*POLICY.rules[:-1], last)), "gap")
    assert found(replace(POLICY, rules=(*POLICY.rules[1:-1], last)), "gap")  # nobody to award it to


def test_a_rule_that_always_holds_ends_the_list() -> None:
    spoilt = with_rule(fact("claimants", ">=", 1), 65)
    (problem,) = found(spoilt, "always")
    assert (problem.severity, problem.rule_ids) == (WARNING, ("R-20",))
    assert [problem.rule_ids[0] for problem in found(spoilt, "unreachable")] == [f"R-{n:02}" for n in range(7, 13)]


def test_parts_that_say_nothing() -> None:
    when = {"any": [fact("lead", ">=", 500), fact("amount", ">", 9)]}
    (problem,) = found(with_rule(when, 15), "part_never")
    assert problem.severity == WARNING
    assert '"points between the two leading claimants at least 500"' in problem.sentence
    when = {"all": [fact("claimants", ">=", 1), fact("amount", ">", 9)]}
    assert found(with_rule(when, 15), "part_always")


def test_two_rules_about_the_same_that_overlap_are_a_warning() -> None:
    rules = [
        rule("A", fact("amount", ">=", 100), {"action": "mediate"}, 1),
        rule("B", fact("amount", "between", [50, 200]), {"action": "request_information"}, 2),
        rule("Z", {"all": []}, {"action": "mediate"}, 3),
    ]
    (problem,) = found(Policy.from_document(document(rules=rules)), "overlap")
    assert (problem.severity, problem.rule_ids) == (WARNING, ("A", "B"))
    assert problem.example is not None
    assert 100 <= Decimal(problem.example["amount"]) <= 200
    rules[1]["when"] = fact("amount", ">=", 50)  # the first is an exception to it, and stands before it
    assert not found(Policy.from_document(document(rules=rules)), "overlap")


def test_a_margin_that_no_rule_asks_for() -> None:
    rules = copy.deepcopy(STANDARD["rules"])
    rules[7]["when"]["value"] = 15
    (problem,) = found(Policy.from_document(document(rules=rules)), "parameter_unused")
    assert problem.severity == WARNING
    assert not found(Policy.from_document(document(rules=rules)), "score_unused")
    only = [rule("A", fact("amount", ">", 1), {"action": "reject_all"}, 1), rules[-1]]
    assert found(Policy.from_document(document(rules=only)), "score_unused")


@pytest.mark.parametrize(
    ("windows", "code"),
    [
        ([(14, 15), (30, 15), (60, 5)], "recency_idle"),
        ([(14, 15), (30, 10), (60, 0)], "recency_idle"),
        ([(14, 5), (30, 10)], "recency_order"),
    ],
)
def test_recency_windows_without_effect(windows: list[tuple[int, int]], code: str) -> None:
    scoring = STANDARD["scoring"] | {"last_activity": [{"days": days, "points": points} for days, points in windows]}
    (problem,) = found(Policy.from_document(document(scoring=scoring)), code)
    assert problem.severity == WARNING


def test_routing_rows_that_are_never_reached() -> None:
    def routed(*rows: tuple[int, list[str], list[str]]) -> list[str]:
        table = [
            {"amount_at_least": amount, "findings": findings, "actions": actions, "roles": ["channel_lead"]}
            for amount, findings, actions in (*rows, (0, [], []))
        ]
        policy = Policy.from_document(document(routing=STANDARD["routing"] | {"table": table}))
        return [problem.sentence for problem in found(policy, "routing_unreached")]

    assert routed((50_000, [], ["split"]), (250_000, ["reserved_account"], [])) == []  # by its finding
    (sentence,) = routed((50_000, ["reserved_account"], ["split"]), (250_000, ["reserved_account"], ["split"]))
    assert sentence.startswith("Row 2 ")
    # Whoever is retained by direct is on a reserved account, which row 1 takes already.
    assert len(routed((50_000, ["reserved_account"], []), (60_000, [], ["direct_retained"]))) == 1
    assert routed((50_000, [], []), (60_000, [], ["direct_retained"])) == []
    assert len(routed((0, [], []))) == 1


# --- what comes out otherwise ---


def test_a_changed_margin_is_shown_by_cases_between() -> None:
    other = Policy.from_document(document(parameters=STANDARD["parameters"] | {"margin": 20}))
    shown = differences(POLICY, other)
    assert {(item.old_rule, item.new_rule) for item in shown} == {("R-08", f"R-{n:02}") for n in (9, 10, 11, 12)}
    assert all(15 <= int(item.example["lead"]) < 20 for item in shown)
    split = next(item for item in shown if item.new_rule == "R-11")
    assert (split.old_outcome, split.new_outcome) == (Then("award", "top_claimant"), Then("split", between="top_two"))
    assert split.example == {"lead": "15", "lesser_proof": "10"}
    assert split.sentence.startswith(
        "Points between the two leading claimants: 15; The lesser proof of work of the two"
    )
    assert {(item.old_rule, item.new_rule) for item in differences(other, POLICY)} == {
        (item.new_rule, item.old_rule) for item in shown
    }


def test_the_same_rules_in_other_words_differ_nowhere() -> None:
    rules = copy.deepcopy(STANDARD["rules"])
    rules[0]["when"] = {"not": fact("eligible_claimants", ">=", 1)}
    rules[6]["when"] = {"all": [fact("eligible_claimants", ">", 0), fact("lead", "is_known", False)]}
    rules[8]["title"] = "Nothing shown"
    assert differences(POLICY, Policy.from_document(document(rules=rules))) == []


def test_no_more_than_asked_for_and_never_a_case_that_cannot_be() -> None:
    other = replace(POLICY, rules=POLICY.rules[-1:])
    assert len(differences(POLICY, other, most=3)) == 3
    for item in differences(POLICY, other):
        assert against(item.values, POLICY) == []


# --- the same by trying every case ---

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
    "account_region": (None, "DE", "DE-BY", "DE-HE", "FR"),
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


def test_whom_an_outcome_names_is_found_or_not() -> None:
    alone = {"eligible_claimants": 1, "partner_leads": False, "left_top_claimant_direct": True}
    assert state_of(finds(Then("co_sell", "top_claimant", "direct")), alone, {}) != TRUE
    assert state_of(finds(Then("co_sell", "top_claimant", "direct")), alone | {"partner_leads": True}, {}) == TRUE
    assert state_of(finds(Then("split", between="top_two")), alone, {}) != TRUE
    assert state_of(finds(Then("co_sell", "direct", "direct")), alone, {}) != TRUE
