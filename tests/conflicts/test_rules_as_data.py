"""Every fact of the catalogue is derived as it says, and a policy with rules of its own decides by them."""

from __future__ import annotations

import copy
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from conflicts import memo
from conflicts.claims import claim_sets
from conflicts.detectors import detect
from conflicts.facts import DIRECT
from conflicts.narrow import narrow
from conflicts.policy import STANDARD, Policy
from conflicts.policy.catalogue import (
    BETWEEN,
    BOOL,
    BY_SCORE,
    CALLED,
    FACTS,
    GROUPS,
    MONEY,
    PARAMETERS,
    REGION,
    TEXT,
    WHO,
    FactType,
)
from conflicts.policy.rules import NAMES
from conflicts.recommend import Recommendation, derived, recommend
from conflicts.recommend.rules import decide
from conflicts.recommend.telling import TELLING, derive
from conflicts.recommend.weigh import Case
from tests.conflicts.build import POLICY, World, ago, key, on, world
from tests.conflicts.test_properties import worlds

ROOT = Path(__file__).parents[2]


def case_of(made: World, policy: Policy = POLICY) -> Case:
    facts = made.facts()
    return Case(facts, tuple(detect(facts, policy)), policy)


def facts_of(made: World) -> dict[str, Any]:
    return {name: item.value for name, item in derive(case_of(made)).items()}


def with_rules(*rules: dict[str, Any], **parameters: int) -> Policy:
    """The standard with rules more, or in place of those of the same id."""
    document = copy.deepcopy(STANDARD)
    new = {str(rule["id"]) for rule in rules}
    document["rules"] = [rule for rule in document["rules"] if rule["id"] not in new] + list(rules)
    document["parameters"] |= parameters
    return Policy.from_document(document)


def rule(id_: str, priority: int, when: dict[str, Any], then: dict[str, Any]) -> dict[str, Any]:
    return {"id": id_, "priority": priority, "title": "Own", "reason": "Because we say so.", "when": when, "then": then}


def asked(made: World, policy: Policy) -> Recommendation:
    facts = made.facts()
    return recommend(facts, detect(facts, policy), policy)


def rivals(**more: object) -> World:
    return world().registration("R-1", "ALPHA", 20, **more).registration("R-2", "BETA", 10)


LARGE = {"fact": "amount", "op": ">=", "value": 500_000}
CONTESTED = {"fact": "finding_competing_registration", "op": "=", "value": True}
BIG = rule("OWN-1", 75, {"all": [LARGE, CONTESTED]}, {"action": "mediate"})


# --- the catalogue ---


def test_everything_that_can_be_named_can_be_found() -> None:
    assert set(derived.VALUES) == set(TELLING) == set(FACTS)
    assert set(derived.WHO) == set(WHO)
    assert set(derived.GROUPS) == set(GROUPS) >= set(BETWEEN)
    assert set(CALLED) == {*WHO, *GROUPS} >= set(BY_SCORE)
    assert set(POLICY.numbers) == set(PARAMETERS)
    assert set(NAMES) == {item.then.action for item in POLICY.rules}


def line_of(fact: FactType) -> str:
    """The row of docs/policy.md that tells of a fact."""
    kind = fact.type.replace("_", " ") + (f", {fact.unit}" if fact.unit else "")
    unknown, controls = "yes" if fact.optional else "never", "yes" if fact.claimant_controls else ""
    return f"| `{fact.name}` | {fact.title} | {kind} | {fact.source} | {fact.sensitivity} | {unknown} | {controls} |"


def test_the_reference_lists_the_catalogue() -> None:
    text = (ROOT / "docs" / "policy.md").read_text().partition("## The facts")[2]
    listed = [line_of(fact) for fact in FACTS.values()]
    assert [line for line in text.splitlines() if line.startswith("| `")] == listed, "\n".join(listed)


TYPES = {BOOL: bool, MONEY: Decimal, TEXT: str, REGION: str}


@settings(max_examples=60, deadline=None, derandomize=True)
@given(worlds())
def test_every_fact_is_what_the_catalogue_says(made: World) -> None:
    facts = made.facts()
    for claim_set in claim_sets(facts, POLICY):
        case = narrow(facts, claim_set)
        for name, item in derive(Case(case, tuple(detect(case, POLICY)), POLICY)).items():
            fact = FACTS[name]
            if item.value is None:
                assert fact.optional, name
                assert item.unknown, name
            else:
                assert type(item.value) is TYPES.get(fact.type, int), name
                assert fact.least is None or int(item.value) >= fact.least, name
            for text in (item.sentence, *item.unknown):
                assert text[0].isupper(), text
                assert text.endswith("."), text
                assert "id-" not in text, text
                assert "None" not in text, text


@settings(max_examples=60, deadline=None, derandomize=True)
@given(worlds())
def test_what_is_unknown_is_shown_and_named(made: World) -> None:
    facts = made.facts()
    for claim_set in claim_sets(facts, POLICY):
        case = narrow(facts, claim_set)
        said = recommend(case, detect(case, POLICY), POLICY)
        for step in said.trace:
            assert (step.state == "unknown") <= bool(step.unknown), step
            assert set(step.unknown) <= set(said.missing)
        assert memo.load(Recommendation, memo.dump(said)) == said
        assert memo.dump(memo.load(Recommendation, memo.dump(said))) == memo.dump(said)


# --- single facts ---


def test_the_account_in_facts() -> None:
    found = facts_of(rivals(amount=90_000))
    assert found["account_segment"] == "standard"
    assert (found["account_region"], found["account_industry"], found["account_employees"]) == ("US-TX", "325", 1200)
    assert (found["amount"], found["first_claim"], found["top_tier"]) == (Decimal(90_000), 20, "gold")
    family = rivals().account("CHILD", parent="ACME", segment="house", subdivision="", employees=None)
    family.registration("R-3", "BETA", 5, account="CHILD")
    found = facts_of(family)
    assert found["account_segment"] is None  # two accounts of one case say different things
    assert found["account_region"] == "US-TX"  # the country alone says nothing else
    assert found["account_employees"] == 1200


def test_an_unknown_amount_is_only_unknown_where_it_matters() -> None:
    made = rivals(amount=None).registration("R-3", "ALPHA", 4, amount=600_000, account="ACME")
    assert facts_of(made)["amount"] == Decimal(600_000)
    assert facts_of(world().registration("R-1", "ALPHA", amount=None))["amount"] is None
    big = with_rules(BIG)
    assert asked(made, big).rule_id == "OWN-1"  # enough is known
    other = rivals(amount=None, currency="EUR")
    said = asked(other, big)
    assert said.rule_id == "R-08"
    assert next(step for step in said.trace if step.rule_id == "OWN-1").state == "unknown"
    assert "The amount of R-1 in USD is unknown." in said.missing


def test_counts_and_moments() -> None:
    made = rivals().partner("OMEGA").registration("R-3", "OMEGA", 30).territory("T", "ALPHA BETA", exclusive=True)
    found = facts_of(made.activity("R-2", "meeting", 3))
    assert (found["claimants"], found["eligible_claimants"], found["blocked_registrations"]) == (3, 2, 1)
    assert found["first_claim"] == 30  # the earliest of all, eligible or not
    assert (found["best_proof"], found["lesser_proof"], found["last_activity"]) == (10, 0, None)
    assert facts_of(made.activity("R-1", "proposal", 9))["last_activity"] == 9


def test_an_owner_that_may_or_may_not_work_is_unknown() -> None:
    assert facts_of(rivals())["owner_working"] is False
    assert facts_of(rivals().ownership("BETA", last_activity_at=ago(1)))["owner_working"] is True
    assert facts_of(rivals().ownership("BETA", last_activity_at=ago(90)))["owner_working"] is False
    idle = rivals().ownership("BETA")
    assert facts_of(idle)["owner_working"] is None
    assert facts_of(idle.ownership("ALPHA", valid_from=on(3)))["owner_working"] is True


def test_points_are_unknown_without_two_to_compare() -> None:
    found = facts_of(world().registration("R-1", "ALPHA").territory("T", "ALPHA", countries="GB"))
    assert (found["lead"], found["lesser_proof"], found["direct_leads"], found["best_proof"]) == (None, None, None, 0)


# --- rules of one's own ---


def test_a_rule_of_ones_own_decides_at_its_priority() -> None:
    big = with_rules(BIG)
    made = rivals(amount=500_000)
    said = asked(made, big)
    assert (said.rule_id, said.action, said.abstained) == ("OWN-1", "mediate", True)
    assert said.sentence.startswith("The largest amount among the claims is USD 500,000. ")
    assert made.outcome() == ("R-08", "award ALPHA")
    assert asked(rivals(amount=499_999), big).rule_id == "R-08"
    alone = world().registration("R-1", "ALPHA", amount=900_000).territory("T", "ALPHA", countries="GB")
    assert asked(alone, big).rule_id == "R-07"  # a lower number comes first
    award = next(item for item in said.options if item.action == "award" and item.owner == key("ALPHA"))
    assert award.why_not.endswith("Own (OWN-1) decides first.")
    split = next(item for item in said.options if item.action == "split")
    assert split.would_change == (
        "That would take more: R-11 needs “The lesser proof of work of the two leading claimants” at least 10."
    )
    rejected = next(item for item in said.options if item.action == "reject_all")
    assert rejected.would_change == (
        "That would take more: R-01 needs “Claimants with an eligible claim” exactly 0 (now 2)."
    )
    assert said.reasons[1].sentence == "Because we say so."


def test_a_rule_that_names_nobody_does_not_hold() -> None:
    own = rule("OWN-2", 5, {"all": []}, {"action": "award", "owner": "protection_holder"})
    said = asked(rivals(), with_rules(own))
    first = said.trace[0]
    assert (said.rule_id, first.state, first.condition.state) == ("R-08", "does_not_hold", "true")
    assert "It names the partner whose deal is protected, and there is none." in first.sentence
    held = asked(rivals(status="approved").activity("R-1", "meeting"), with_rules(own))
    assert (held.rule_id, held.owner) == ("OWN-2", key("ALPHA"))


def test_nobody_supports_or_shares_with_oneself() -> None:
    own = rule("OWN-3", 5, {"all": []}, {"action": "co_sell", "owner": "top_claimant", "support": "top_two"})
    said = asked(rivals(), with_rules(own))
    assert (said.owner, said.support) == (key("ALPHA"), (key("BETA"),))
    alone = world().registration("R-1", "ALPHA").territory("T", "ALPHA", countries="GB")
    assert asked(alone, with_rules(own)).rule_id == "R-07"
    shared = rule("OWN-4", 5, {"all": []}, {"action": "split", "between": "top_two"})
    assert asked(rivals(), with_rules(shared)).shares == {key("ALPHA"): 50, key("BETA"): 50}


def test_a_number_instead_of_the_margin() -> None:
    bold = rule("R-08", 80, {"fact": "lead", "op": ">=", "value": 30}, {"action": "award", "owner": "top_claimant"})
    said = asked(rivals(), with_rules(bold))
    assert (said.rule_id, said.confidence) == ("R-08", 0.70)
    assert said.sentence == "Alpha leads Beta by 30 points (30 to 0); the rule asks for at least 30 points."
    bold["when"] = {"fact": "lead", "op": ">=", "value": 31}
    said = asked(rivals(), with_rules(bold))
    assert said.rule_id == "R-09"
    alpha = next(item for item in said.options if item.owner == key("ALPHA"))
    assert alpha.why_not == "Alpha leads by 30 points only; at least 31 points would be needed."


def test_without_any_rule_for_an_action_it_says_so() -> None:
    document = copy.deepcopy(STANDARD)
    document["rules"] = [item for item in document["rules"] if item["then"]["action"] != "split"]
    said = asked(rivals(), Policy.from_document(document))
    split = next(item for item in said.options if item.action == "split")
    assert (split.why_not, split.would_change) == (
        "No rule of the policy leads there.",
        "That would take another rule in the policy.",
    )


def test_confidence_follows_what_the_rule_asks_for() -> None:
    always = rule("OWN-5", 75, {"all": []}, {"action": "award", "owner": "top_claimant"})
    assert asked(rivals(), with_rules(always)).confidence == 0.55  # it weighs claimants, without asking for a lead
    never_weighs = rule(
        "OWN-5", 75, {"fact": "account_segment", "op": "=", "value": "standard"}, {"action": "reject_all"}
    )
    assert asked(rivals(), with_rules(never_weighs)).confidence == 0.95


def test_an_own_finding_rule_is_also_asked_without_that_finding() -> None:
    own = rule("OWN-6", 75, {"fact": "finding_direct_engagement", "op": "=", "value": True}, {"action": "mediate"})
    said = asked(rivals().opportunity("O-1"), with_rules(own))
    assert said.rule_id == "OWN-6"
    assert any(line.startswith('If an exception lifted "The direct team is engaged"') for line in said.would_change)


def test_only_what_is_needed_is_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """The outcome alone, asked for thousands of times, pays for no score where an earlier rule decides."""
    made = rivals(status="approved").activity("R-1", "meeting")
    monkeypatch.setattr("conflicts.recommend.weigh.score", lambda *_: pytest.fail("nobody asked for points"))
    assert decide(case_of(made)).outcome.owner == key("ALPHA")
    assert decide(case_of(rivals().opportunity("O-1", co_sell="BETA"))).outcome.support == (DIRECT,)
