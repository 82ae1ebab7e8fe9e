"""Static checks: what they find in policies that were spoilt on purpose, and that they agree with trying every case."""

from __future__ import annotations

import copy
import time
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from conflicts.policy import STANDARD, Policy
from conflicts.policy.background import against, finds
from conflicts.policy.checks import ERROR, INFO, WARNING, Problem, changed_fields, check, check_document, differences
from conflicts.policy.checks.fields import LABELS
from conflicts.policy.conditions import TRUE, state_of
from conflicts.policy.rules import Then

POLICY = Policy.from_document(STANDARD)


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


def test_the_checks_of_twelve_rules_do_not_explode() -> None:
    other = Policy.from_document(document(parameters=STANDARD["parameters"] | {"margin": 20}))
    check(POLICY)  # loads the solver
    began = time.process_time()
    check(other)
    assert differences(POLICY, other)
    assert time.process_time() - began < 20  # .4 on an idle machine


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
    assert "“Points between the two leading claimants” at least 500, a part of" in problem.sentence
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


def test_every_field_that_differs_is_told_with_a_name_for_people() -> None:
    other = document(version=2)
    other["parameters"]["margin"] = 20
    other["findings"][2]["blocks"] = "always"
    other["rules"][7]["when"]["value"] = 20
    other["rules"][10]["then"] = {"action": "mediate"}
    other["rules"][3:4] = [rule("R-20", fact("amount", ">", 9), {"action": "mediate"}, 41)]
    other["scoring"]["last_activity"][1]["points"] = 12
    other["routing"]["table"][0]["roles"] = ["revenue_lead"]
    told = {item.path: item for item in changed_fields(STANDARD, other)}
    assert list(told) == [
        "parameters.margin", "findings[competing_registration].blocks", "rules[R-20]", "rules[R-08].when",
        "rules[R-11].then.action", "rules[R-11].then.between", "rules[R-04]", "scoring.last_activity[2].points",
        "routing.table[1].roles",
    ]  # fmt: skip
    margin, blocks = told["parameters.margin"], told["findings[competing_registration].blocks"]
    assert (margin.label, margin.before, margin.after, margin.facts) == (
        "Parameters: margin that decides (points)", "15", "20", (),
    )  # fmt: skip
    assert blocks.label == 'Finding "Another partner registered it": blocks a registration'
    assert "finding_competing_registration" in blocks.facts
    assert told["rules[R-08].when"].before == "“Points between the two leading claimants” at least the margin"
    assert told["rules[R-20]"].before == told["rules[R-04]"].after == "(not there)"
    assert told["rules[R-20]"].label == 'Rule R-20 "Rule R-20"'
    assert "“Largest amount among the claims” above 9" in told["rules[R-20]"].after
    assert "the co-sell partner that the direct team named" in told["rules[R-04]"].before
    assert told["rules[R-11].then.between"].label == 'Rule R-11 "Both have worked it": outcome, shared between'
    assert "lead" in told["scoring.last_activity[2].points"].facts
    assert told["routing.table[1].roles"].before == "channel lead, revenue lead"
    assert changed_fields(STANDARD, document(version=7)) == []


def keys_of(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, part in value.items():
            yield key
            if key not in ("when", "signals"):  # conditions are told in words, early warnings by their kind
                yield from keys_of(part)
    elif isinstance(value, list):
        for part in value:
            yield from keys_of(part)


def test_every_field_of_a_document_has_a_name_for_people() -> None:
    assert set(keys_of(STANDARD)) - {"version", "step", "kind"} <= set(LABELS)


def test_whom_an_outcome_names_is_found_or_not() -> None:
    alone = {"eligible_claimants": 1, "partner_leads": False, "left_top_claimant_direct": True}
    assert state_of(finds(Then("co_sell", "top_claimant", "direct")), alone, {}) != TRUE
    assert state_of(finds(Then("co_sell", "top_claimant", "direct")), alone | {"partner_leads": True}, {}) == TRUE
    assert state_of(finds(Then("split", between="top_two")), alone, {}) != TRUE
    assert state_of(finds(Then("co_sell", "direct", "direct")), alone, {}) != TRUE
