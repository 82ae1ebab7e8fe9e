"""Abstention is the policy's: below its threshold no outcome is recommended, and it is said what the rules gave."""

import copy

import pytest

from conflicts.policy import STANDARD, Policy, PolicyError
from conflicts.recommend import recommend
from reviews.routing import route
from tests.conflicts.build import POLICY, key, world


def policy(below):
    document = copy.deepcopy(STANDARD)
    document["parameters"]["abstain_below"] = below
    return Policy.from_document(document)


def close_call(**more):
    """Both worked it, points apart: the rules split at confidence 0.55."""
    made = world().registration("R-1", "ALPHA", 9, **more).registration("R-2", "BETA", 3, **more)
    return made.activity("R-1", "meeting", 40).activity("R-2", "sow_signed", 2)


def said(made, below):
    return recommend(made.facts(), made.findings(), policy(below))


def test_by_the_standard_policy_nothing_changes():
    made = close_call()
    assert POLICY.parameters.abstain_below == 0
    assert made.recommend().action == "split"
    assert not made.recommend().abstained
    document = copy.deepcopy(STANDARD)
    del document["parameters"]["abstain_below"]  # as policies were kept before there was one
    assert recommend(made.facts(), made.findings(), Policy.from_document(document)) == made.recommend()


def test_below_the_threshold_a_person_mediates_and_it_is_said_why():
    answer = said(close_call(), 60)
    assert (answer.action, answer.owner, answer.shares, answer.abstained) == ("mediate", "", {}, True)
    assert "gives: split between Alpha and Beta. Its confidence is 55%" in answer.sentence
    assert "recommends an outcome from 60% on: a person mediates" in answer.sentence
    assert answer.confidence == 0.55
    assert [step.rule_id for step in answer.trace if step.applied] == [answer.rule_id]
    chosen, *rest = answer.options
    assert (chosen.action, chosen.chosen) == ("mediate", True)
    split = next(item for item in rest if item.action == "split")
    assert split.why_not == answer.sentence
    assert "surer" in split.would_change
    assert [item.action for item in answer.options].count("mediate") == 1


def test_what_is_missing_is_asked_for_where_it_would_change_the_result():
    made = close_call().letter("R-2", verified=False)
    assert made.recommend().action == "split"
    answer = said(made, 60)
    assert answer.action == "request_information"
    assert any("letter" in line for line in answer.would_change)


@pytest.mark.parametrize(("below", "abstains"), [(0, False), (55, False), (56, True), (100, True)])
def test_from_the_threshold_on_an_outcome_is_recommended(below, abstains):
    assert said(close_call(), below).abstained is abstains


def test_a_sure_case_does_not_abstain_at_a_usual_threshold():
    made = world().registration("R-1", "ALPHA", 20, status="approved").activity("R-1", "meeting")
    made.registration("R-2", "BETA", 10)
    assert said(made, 80).action == "award"
    assert said(made, 80).owner == key("ALPHA")


def test_an_abstention_goes_where_mediation_goes():
    made = close_call()
    answer = said(made, 60)
    assert route(made.facts(), made.findings(), answer, policy(60)) == ("channel_lead",)


@pytest.mark.parametrize("below", [-1, 101, 0.5, "60", True])
def test_what_is_no_percentage_is_refused(below):
    with pytest.raises(PolicyError, match="abstain_below"):
        policy(below)
