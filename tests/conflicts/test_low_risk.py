"""Low risk: the product approves nothing that a condition of the policy forbids, whatever the facts are."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conflicts.low_risk import Situation, why_not
from conflicts.policy.catalogue import ACTIONS, KINDS
from conflicts.policy.document import LowRisk

RULE = LowRisk(
    approve=True, rule="low-risk", kinds=("competing_registration", "price_overlap"), confidence_at_least=90,
    amount_at_most=10_000, fresh_days=30, a_day=5,
)  # fmt: skip
GOOD = Situation(
    kinds=frozenset({"competing_registration"}), action="award", owner="P-1", route=("partner_manager",),
    amount=Decimal(9_000), confidence=0.93, oldest_sign=3,
)  # fmt: skip
RULES = st.builds(
    LowRisk, approve=st.booleans(), rule=st.just("low-risk"), kinds=st.lists(st.sampled_from(KINDS), unique=True).map(tuple),
    confidence_at_least=st.integers(50, 100), amount_at_most=st.integers(0, 50_000), fresh_days=st.integers(1, 60),
    a_day=st.integers(0, 9),
)  # fmt: skip
SITUATIONS = st.builds(
    Situation,
    kinds=st.frozensets(st.sampled_from(KINDS), max_size=3),
    action=st.sampled_from(ACTIONS),
    owner=st.sampled_from(["", "P-1", "direct"]),
    route=st.lists(st.sampled_from(["partner_manager", "channel_lead", "legal"]), min_size=1, max_size=3).map(tuple),
    amount=st.none() | st.decimals(0, 60_000, places=2),
    confidence=st.none() | st.floats(0, 1),
    missing=st.just(()) | st.just(("The amount is unknown.",)),
    identity_unsure=st.booleans(),
    oldest_sign=st.none() | st.integers(-2, 90),
    hindered_by=st.just(()) | st.just(("Its claims are on hold.",)),
)


def test_a_case_that_fits_everything_is_approved():
    assert why_not(RULE, GOOD) == ()


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"kinds": frozenset({"competing_registration", "account_owned"})}, "leaves to people"),
        ({"kinds": frozenset()}, "nothing to weigh"),
        ({"action": "split"}, "awarded to one"),
        ({"action": "award", "owner": ""}, "awarded to one"),
        ({"route": ("partner_manager", "channel_lead")}, "More than one role"),
        ({"amount": Decimal("10000.01")}, "above the limit"),
        ({"amount": None}, "unknown"),
        ({"confidence": 0.89}, "not measured"),
        ({"confidence": None}, "not measured"),
        ({"missing": ("Who it is.",)}, "unknown"),
        ({"identity_unsure": True}, "confirmed"),
        ({"oldest_sign": 31}, "not fresh"),
        ({"oldest_sign": None}, "not fresh"),
        ({"oldest_sign": -1}, "not fresh"),
        ({"hindered_by": ("A concern about it is open.",)}, "concern"),
    ],
)
def test_one_condition_that_does_not_hold_is_enough_for_people(change, why):
    (said,) = why_not(RULE, replace(GOOD, **change))
    assert why in said


def test_the_switch_of_the_policy_stops_it_at_once():
    assert why_not(replace(RULE, approve=False), GOOD) == ("The policy lets people decide every case.",)


@given(RULES, SITUATIONS)
@settings(max_examples=400, deadline=None)
def test_nothing_forbidden_is_ever_approved(rule, now):
    if why_not(rule, now):
        return
    assert rule.approve
    assert now.kinds
    assert now.kinds <= set(rule.kinds)
    assert now.action == "award"
    assert now.owner
    assert len(now.route) == 1
    assert now.amount is not None
    assert now.amount <= rule.amount_at_most
    assert now.confidence is not None
    assert now.confidence * 100 > rule.confidence_at_least - 1
    assert (now.missing, now.identity_unsure, now.hindered_by) == ((), False, ())
    assert now.oldest_sign is not None
    assert 0 <= now.oldest_sign <= rule.fresh_days


@given(SITUATIONS, st.integers(0, 50_000), st.integers(0, 40))
@settings(max_examples=200, deadline=None)
def test_a_stricter_rule_approves_nothing_more(now, amount, percent):
    strict = replace(RULE, amount_at_most=min(amount, RULE.amount_at_most), kinds=RULE.kinds[:1],
                     confidence_at_least=min(100, RULE.confidence_at_least + percent))  # fmt: skip
    if not why_not(strict, now):
        assert not why_not(RULE, now)
