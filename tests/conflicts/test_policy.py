"""The policy document: its defaults are those of the written policy, and a bad one says which field is wrong."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from conflicts.policy import KINDS, STANDARD, STEPS, Policy, PolicyError, document_hash


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
    assert [policy.rules[step].id for step in STEPS] == [f"R-{number:02}" for number in range(1, 12)]


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
        ("rules.0.step", "score", "rules: expected the steps eligibility"),
        ("rules.0.id", "R-02", "rules: expected a different id for every rule"),
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
        ("parameters.margn", 15, "parameters.margn: no such field; expected closed_won_days"),
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
