"""The back-test says how many past cases a draft would let the product approve, and in how many people did otherwise."""

import copy
from dataclasses import replace

from conflicts.backtest import Given, Sides, judge, replay, said_of
from conflicts.facts import from_memo_text
from conflicts.policy import KINDS, STANDARD, Policy
from conflicts.recommend.confidence import Bin
from reviews.routing import route
from tests.conflicts.test_backtest import crowd


def test_cases_of_low_risk_are_counted_and_those_that_people_decided_otherwise() -> None:
    document = copy.deepcopy(STANDARD)
    document["automation"]["cases"] |= {
        "approve": True, "kinds": list(KINDS), "confidence_at_least": 50, "amount_at_most": 10**9, "fresh_days": 36_500,
    }  # fmt: skip
    cases, bins = crowd(), (Bin(0.0, 1.0, 100, 99),)
    before, after = Policy.from_document(STANDARD), Policy.from_document(document)
    found = replay(cases, Sides(before, after, route, bins=bins))
    assert 0 < found.by_rule < found.total
    assert found.by_rule_otherwise <= found.by_rule_decided <= found.by_rule
    assert replay(cases, Sides(before, after, route)).by_rule == 0  # agreement is not measured
    assert replay(cases, Sides(before, before, route, bins=bins)).by_rule == 0  # the standard lets people decide
    one = next(case for case in cases if judge(case, Sides(before, after, route, bins=bins)).by_rule)
    for decided, otherwise in ((Given("reject_all"), 1), (said_of(from_memo_text(one.facts), after).given, 0)):
        told = replay([replace(one, decided=decided)], Sides(before, after, route, bins=bins))
        assert (told.by_rule, told.by_rule_decided, told.by_rule_otherwise) == (1, 1, otherwise)
