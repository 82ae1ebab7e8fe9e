"""A program that decides by a rule of its own: from registrations to the case page, through the database."""

import copy
import re

import pytest
from django.urls import reverse

from conflicts import memo
from conflicts.facts import from_memo
from conflicts.policy import STANDARD, Policy
from conflicts.recommend import Recommendation as Answer
from conflicts.recommend import recommend
from conflicts.recommend.rules import decide
from conflicts.recommend.weigh import Case as Weighed
from conflicts.services import assess
from partners import services
from reviews import pipeline
from reviews.models import Case
from reviews.services import current_recommendation
from tests import factories
from tests.conflicts.policy_life import put_in_force
from tests.factories import AT
from tests.reviews.at_the_desk import opened, text_of

BIG = {
    "id": "OWN-1",
    "priority": 75,
    "title": "Large and contested",
    "reason": "Large deals that two partners want are settled between people.",
    "when": {
        "all": [
            {"fact": "amount", "op": ">=", "value": 500_000},
            {"fact": "finding_competing_registration", "op": "=", "value": True},
        ]
    },
    "then": {"action": "mediate"},
}


@pytest.fixture
def own(cast):
    """Version 2 of the policy, live: the standard with a rule more."""
    document = copy.deepcopy(STANDARD) | {"version": 2}
    document["rules"].append(BIG)
    with cast.scope():
        return put_in_force(cast, document)


def contested(cast, amount):
    first = factories.submitted(cast, cast.alpha, days_ago=4, amount=amount)
    factories.submitted(cast, cast.beta, days_ago=1, amount=30_000)
    with cast.scope():
        services.add_activity(registration=first, kind="proposal", occurred_on=AT.date(), by=None, at=AT)
    pipeline.detect(cast.program, AT)
    with cast.scope():
        return Case.objects.get(program=cast.program)


@pytest.mark.parametrize(("amount", "rule", "action"), [(500_000, "OWN-1", "mediate"), (499_999, "R-08", "award")])
def test_the_rule_decides_from_registration_to_recommendation(cast, own, amount, rule, action):
    case = contested(cast, amount)
    with cast.scope():
        row = current_recommendation(case)
        answer, facts, policy = memo.load(Answer, row.result), from_memo(row.facts), Policy.from_document(own.document)
        assert (row.policy_id, row.action, answer.rule_id) == (own.pk, action, rule)
        assert memo.dump(answer) == row.result  # the kept tree of conditions too, to the last bit
        findings = assess(facts=facts, policy=policy)[0].findings
        assert memo.dump(recommend(facts, findings, policy)) == row.result
        assert decide(Weighed(facts, tuple(findings), policy)).rule.id == rule


def test_the_case_page_shows_what_each_rule_asked(client, cast, own):
    case = contested(cast, 500_000)
    page = opened(client, cast.bob, case)
    text = text_of(page)
    for shown in (
        "OWN-1 Large and contested", "What OWN-1 asked", "All of these", "Largest amount among the claims: 500,000",
        "asked for: at least 500,000", "What R-07 asked", "Claimants with an eligible claim: 2 asked for: exactly 1",
        "The largest amount among the claims is USD 500,000",
    ):  # fmt: skip
        assert shown in text, shown
    assert not re.search(r"<details[^>]*open[^>]*><summary>What ", page.content.decode())  # folded until asked for
    assert "What R-08 asked" not in text  # it was not reached


def test_the_policy_page_shows_rules_with_their_conditions(client, cast, own):
    client.force_login(cast.carl)
    page = client.get(reverse("admin:conflicts_policyversion_change", args=[own.pk]))
    text = text_of(page).replace("&gt;", ">").replace("&lt;", "<")
    for shown in (
        "lead >= margin (15)", "best_proof < proof_points_needed (10)", "“Points between the two leading claimants” at least 15",
        "amount >= 500,000 and finding_competing_registration = yes", "A person mediates",
    ):  # fmt: skip
        assert shown in text, shown
