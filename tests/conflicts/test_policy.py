"""The policy document: its defaults are those of the written policy, and a bad one says which field is wrong."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

from conflicts.policy import KINDS, STANDARD, Policy, PolicyError, document_hash


def changed(path: str, value: Any) -> dict[str, Any]:
    """The standard with one field replaced; `...` takes it out."""
    document = copy.deepcopy(STANDARD)
    at: Any = document
    *parents, last = path.split(".")
    for name in parents:
        at = at[int(name)] if isinstance(at, list) else at[name]
    if value is ...:
        del at[last]
    else:
        at[int(last) if isinstance(at, list) else last] = value
    return document


def test_the_standard_has_the_numbers_of_the_written_policy() -> None:
    policy = Policy.from_document(STANDARD)
    numbers = policy.parameters
    assert (numbers.lookback_days, numbers.direct_freshness_days, numbers.follow_up_days) == (366, 60, 60)
    assert (numbers.closed_won_days, numbers.price_tolerance_pct, numbers.margin) == (730, 5, 15)
    assert set(numbers.reserved_segments) == {"strategic", "house", "named"}
    assert dict(policy.scoring.proof) == {
        "first_contact": 5,
        "meeting": 10,
        "technical_validation": 15,
        "proposal": 20,
        "sow_signed": 25,
    }
    assert [(item.days, item.points) for item in policy.scoring.last_activity] == [(14, 15), (30, 10), (60, 5)]
    scoring = policy.scoring
    assert (scoring.earliest, scoring.own_territory, scoring.closed_won, scoring.customer_letter) == (30, 15, 15, 40)
    assert (policy.clock.hours, policy.clock.at_risk_pct, policy.automation.rule) == (48, 75, "no_conflict")
    assert (policy.protection.days, policy.protection.renewals, policy.protection.reminder_days) == (90, 2, (30, 14, 3))


def test_what_blocks_and_what_makes_a_case() -> None:
    policy = Policy.from_document(STANDARD)
    blocking = {kind for kind, item in policy.findings.items() if item.blocks == "always"}
    assert blocking == {
        "duplicate_registration",
        "exclusive_territory",
        "agreement_inactive",
        "product_not_entitled",
        "tier_insufficient",
        "capacity_reached",
    }
    assert [kind for kind, item in policy.findings.items() if item.blocks == "when_others_cover"] == [
        "out_of_territory"
    ]
    assert [kind for kind in KINDS if not policy.makes_case(kind)] == ["resubmission", "same_chain"]
    assert len(KINDS) == 17


def test_the_rules_stand_in_the_order_of_the_written_policy() -> None:
    rules = Policy.from_document(STANDARD).rules
    assert [rule.id for rule in rules] == [f"R-{number:02}" for number in range(1, 13)]
    assert [rule.then.action for rule in rules] == [
        "reject_all", "co_sell", "direct_retained", "co_sell", "award", "award", "award", "award",
        "request_information", "co_sell", "split", "mediate",
    ]  # fmt: skip
    turned = Policy.from_document(changed("rules", list(reversed(copy.deepcopy(STANDARD["rules"])))))
    assert turned.rules == rules  # the priority says the order, not the place in the document


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("parameters.margin", "15", "parameters.margin: expected a whole number of 0 or more, found '15'."),
        ("parameters.margin", True, "parameters.margin: expected a whole number of 0 or more, found True."),
        ("parameters.margin", -1, "parameters.margin: expected a whole number of 0 or more, found -1."),
        ("parameters.margin", ..., "parameters.margin: expected a whole number of 0 or more, found nothing."),
        (
            "parameters.proof_needed",
            "lunch",
            "parameters.proof_needed: expected a kind of scoring.proof, found 'lunch'.",
        ),
        (
            "parameters.reserved_segments",
            ["a", "a"],
            "parameters.reserved_segments: expected a list of different texts",
        ),
        ("parameters", None, "parameters: expected an object with named fields, found nothing."),
        ("title", " ", "title: expected a text, found ' '."),
        ("version", 0, "version: expected a whole number of 1 or more, found 0."),
        ("findings.0.blocks", "maybe", "findings[1].blocks: expected one of always, never, when_others_cover"),
        ("findings.0.kind", "gossip", "findings[1].kind: expected one of duplicate_registration"),
        ("findings.1.kind", "co_sell", "findings: expected every kind once, resubmission too"),
        ("rules.0.id", "R-02", "rules: expected a different id for every rule"),
        ("rules.0.id", "R 2", "rules[1].id: expected letters, digits and hyphens, at most 20 of them, found 'R 2'."),
        ("rules.0.priority", 20, "rules: expected a different priority for every rule"),
        ("rules.0.priority", 0, "rules[1].priority: expected a whole number of 1 or more, found 0."),
        ("rules.0.step", "score", "rules[1].step: no such field"),
        ("rules.0.when", {}, "rules[1].when.fact: expected one of eligible_claimants"),
        ("rules.0.when.fact", "horoscope", "rules[1].when.fact: expected one of eligible_claimants"),
        (
            "rules.0.when.op",
            "within_days",
            "rules[1].when.op: expected one of =, !=, <, <=, >, >=, in, between, is_known",
        ),
        ("rules.0.when.value", "none", "rules[1].when.value: expected a whole number, found 'none'."),
        ("rules.0.when.value", -1, "rules[1].when.value: expected a whole number, found -1."),
        ("rules.0.when.op", "between", "rules[1].when.value: expected two whole numbers, the lower first, found 0."),
        ("rules.0.when.extra", 1, "rules[1].when.extra: no such field; expected fact, op, value."),
        ("rules.1.when.all.0.value", 1, "rules[2].when.all[1].value: expected true or false, found 1."),
        ("rules.1.when.any", [], "rules[2].when.any: no such field; expected all."),
        ("rules.1.when", {"any": []}, "rules[2].when.any: expected a list with at least one condition"),
        ("rules.1.when", {"not": [1]}, "rules[2].when.not: expected an object with named fields, found [1]."),
        ("rules.7.when.value.parameter", "mood", "rules[8].when.value: expected one of the parameters margin"),
        ("rules.0.then.action", "hang", "rules[1].then.action: expected one of award, split"),
        ("rules.0.then.owner", "direct", "rules[1].then.owner: no such field; expected action."),
        ("rules.3.then.support", ..., "rules[4].then.support: expected one of direct, reserved_workers, top_two"),
        ("rules.3.then.owner", "top_two", "rules[4].then.owner: expected one of direct, only_claimant"),
        ("rules.2.then.owner", "top_claimant", "rules[3].then.owner: expected one of direct, found 'top_claimant'."),
        ("rules.10.then.between", "direct", "rules[11].then.between: expected one of top_two, found 'direct'."),
        (
            "rules.11.when",
            {"fact": "lead", "op": ">", "value": 1},
            'rules: expected a last rule that always holds, {"all": []}',
        ),
        (
            "rules.11.then",
            {"action": "award", "owner": "direct"},
            "rules: expected a last rule that needs nobody to be found",
        ),
        ("rules", [], "rules: expected a list with at least one object, found []."),
        ("title", "x" * 2001, "title: expected plain text of at most 2,000 characters"),
        ("title", "a\0b", "title: expected plain text of at most 2,000 characters"),
        ("title", "\ud800", "title: expected plain text of at most 2,000 characters"),
        ("parameters.margin", 10**16, "parameters.margin: expected a number of at most 1,000,000,000,000,000"),
        ("protection.days", 36501, "protection.days: expected at most 36,500 days, found 36501."),
        ("scoring.proof.meeting", 1.5, "scoring.proof.meeting: expected a whole number of 0 or more, found 1.5."),
        ("scoring.last_activity", [], "scoring.last_activity: expected a list with at least one object, found []."),
        ("scoring.last_activity.0.days", 90, "scoring.last_activity: expected rising numbers of days"),
        (
            "routing.table.0.roles",
            ["king"],
            "routing.table[1].roles: expected a list of at least 1 different texts out of",
        ),
        ("routing.table.2.amount_at_least", 1, "routing.table: expected a last row for every amount"),
        ("automation.approve_without_finding", "yes", "automation.approve_without_finding: expected true or false"),
        ("clock.at_risk_pct", 101, "clock.at_risk_pct: expected a whole number from 0 to 100, found 101."),
        ("protection.reminder_days", ["x"], "protection.reminder_days: expected a list of whole numbers"),
        ("parameters.margn", 15, "parameters.margn: no such field; expected abstain_below"),
        ("extra", 15, "extra: no such field; expected automation"),
    ],
)
def test_a_bad_field_is_named_in_a_sentence(path: str, value: Any, said: str) -> None:
    with pytest.raises(PolicyError) as caught:
        Policy.from_document(changed(path, value))
    assert any(problem.startswith(said) for problem in caught.value.problems), caught.value.problems


def test_all_problems_are_told_at_once_and_each_once() -> None:
    document = changed("parameters.margin", "x") | {"title": "", "clock": 4}
    with pytest.raises(PolicyError) as caught:
        Policy.from_document(document)
    assert len(caught.value.problems) == 3
    assert all(problem.endswith(".") for problem in caught.value.problems)


@pytest.mark.parametrize("document", [None, [], "policy", 7])
def test_what_is_no_object_is_no_policy(document: Any) -> None:
    with pytest.raises(PolicyError, match="expected an object with named fields"):
        Policy.from_document(document)


def test_the_hash_is_of_what_is_said_not_of_its_order() -> None:
    turned = dict(reversed(list(STANDARD.items())))
    assert document_hash(turned) == document_hash(STANDARD) == Policy.from_document(STANDARD).hash
    assert document_hash(changed("parameters.margin", 16)) != document_hash(STANDARD)


def test_what_is_wrong_comes_whole_out_of_another_process() -> None:
    error = PolicyError(["rules: expected some.", "title: expected a text."])
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.problems) == ("rules: expected some. title: expected a text.", error.problems)
