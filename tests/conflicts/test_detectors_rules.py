"""Claim against rule: territories, agreements, tiers, prices, and the exceptions that lift findings."""

from __future__ import annotations

from datetime import timedelta

import pytest

from conflicts.facts import DIRECT
from tests.conflicts.build import World, ago, chain_world, money, on, world

SUBMITTED = on(5)


def two(**more: object) -> World:
    return world().registration("R-1", "ALPHA", 5, **more)


def before(days: int):
    return SUBMITTED - timedelta(days=days)


# -- out_of_territory ------------------------------------------------------------------------------------------


def test_a_partner_without_any_assignment_is_unrestricted() -> None:
    assert two().territory("T", "BETA", subdivisions="US-TX").kinds("R-1") == []


def test_outside_all_own_territories_it_is_out_and_blocked_only_where_others_are_assigned() -> None:
    made = two().territory("T", "ALPHA", subdivisions="US-CA")
    assert made.kinds("R-1") == [("out_of_territory", "")]
    assert made.blocked() == set()
    assert made.territory("T-2", "BETA", subdivisions="US-TX").blocked() == {"out_of_territory"}


@pytest.mark.parametrize(
    ("owners", "support", "lines", "blocks"),
    [
        ("BETA", "", "", True),
        ("direct", "", "", True),
        ("", "BETA", "", False),
        ("", "", "", False),
        ("BETA", "", "valves", False),
    ],
)
def test_only_owner_assignments_of_others_that_cover_it_block(owners, support, lines, blocks) -> None:
    made = two().territory("T", "ALPHA", subdivisions="US-CA").territory("T-2", owners, support, lines=lines)
    assert bool(made.blocked()) is blocks


@pytest.mark.parametrize("other", ["GAMMA", "DELTA"])
def test_assignments_of_the_chain_never_block(other: str) -> None:
    """A reseller is inside its distributor's territory; a distributor is not, but its reseller is never against it."""
    made = chain_world().registration("R-1", "DELTA" if other == "GAMMA" else "GAMMA", 5)
    made.territory("T", "DELTA" if other == "GAMMA" else "GAMMA", subdivisions="US-CA").territory("T-2", other)
    assert made.blocked() == set()


def test_a_distributors_assignments_count_as_own_in_both_ways() -> None:
    made = chain_world().registration("R-1", "DELTA", 5).territory("T", "GAMMA", subdivisions="US-CA")
    assert made.kinds("R-1") == [("out_of_territory", "")]
    assert made.territory("T-2", "", "GAMMA", subdivisions="US-TX").kinds("R-1") == []


def test_a_resellers_assignments_are_not_the_distributors_own() -> None:
    made = chain_world().registration("R-1", "GAMMA", 5).territory("T", "DELTA", subdivisions="US-CA")
    assert made.kinds("R-1") == []


@pytest.mark.parametrize(
    ("dates", "restricts"),
    [
        ({"valid_from": SUBMITTED}, True),
        ({"valid_until": SUBMITTED}, True),
        ({"valid_from": before(-1)}, False),
        ({"valid_until": before(1)}, False),
    ],
)
def test_territories_are_judged_on_the_day_of_submission(dates: dict, restricts: bool) -> None:
    made = two().territory("T", "ALPHA", subdivisions="US-CA", **dates)
    assert bool(made.kinds("R-1")) is restricts


COVERS = [
    ({"countries": "US"}, {}, True),
    ({"countries": "GB US"}, {}, True),
    ({"countries": "GB"}, {}, False),
    ({"countries": "US"}, {"country": ""}, False),
    ({"subdivisions": "US-TX"}, {"subdivision": ""}, False),
    ({"postal_prefixes": "77"}, {}, True),
    ({"postal_prefixes": "770021"}, {}, False),
    ({"postal_prefixes": "EC1A"}, {"postal_code": "ec1a 1bb"}, True),
    ({"postal_prefixes": "77"}, {"postal_code": ""}, False),
    ({"industries": "32"}, {}, True),
    ({"industries": "3251"}, {}, False),
    ({"industries": "325"}, {"industry": ""}, False),
    ({"employees_min": 1200, "employees_max": 1200}, {}, True),
    ({"employees_min": 1201}, {}, False),
    ({"employees_max": 1199}, {}, False),
    ({"employees_max": 5000}, {"employees": None}, False),
    ({"named": "BIG"}, {}, True),
    ({"named": "ACME"}, {}, False),
    ({"named": "BIG", "countries": "GB"}, {}, False),
    ({"excluded": "BIG"}, {}, False),
    ({"lines": "pumps valves"}, {}, True),
    ({"lines": "valves"}, {}, False),
    ({}, {"country": "", "industry": ""}, True),
]


@pytest.mark.parametrize(("rule", "account", "covers"), COVERS)
def test_a_territory_covers_when_every_dimension_that_it_sets_holds(rule: dict, account: dict, covers: bool) -> None:
    made = world().account("BIG", **account).registration("R-1", "ALPHA", 5, account="BIG")
    made.territory("T", "ALPHA", **rule)
    assert made.kinds("R-1") == ([] if covers else [("out_of_territory", "")])


# -- exclusive_territory ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("owners", "support", "more", "holds"),
    [
        ("BETA", "", {}, True),
        ("direct", "", {}, True),
        ("BETA", "", {"exclusive": False}, False),
        ("BETA ALPHA", "", {}, False),
        ("BETA", "ALPHA", {}, False),
        ("", "BETA", {}, False),
        ("", "", {}, False),
        ("BETA", "", {"subdivisions": "US-CA"}, False),
        ("BETA", "", {"lines": "valves"}, False),
        ("BETA", "", {"valid_until": SUBMITTED}, True),
        ("BETA", "", {"valid_until": before(1)}, False),
        ("BETA", "", {"valid_from": SUBMITTED}, True),
        ("BETA", "", {"valid_from": before(-1)}, False),
    ],
)
def test_anothers_exclusive_territory_blocks(owners: str, support: str, more: dict, holds: bool) -> None:
    made = two().territory("T", owners, support, **({"exclusive": True} | more))
    assert made.kinds("R-1") == ([("exclusive_territory", "T")] if holds else [])
    assert bool(made.blocked()) is holds


@pytest.mark.parametrize(("registrant", "owner"), [("DELTA", "GAMMA"), ("GAMMA", "DELTA")])
def test_an_exclusive_territory_of_the_chain_is_not_against_it(registrant: str, owner: str) -> None:
    made = chain_world().registration("R-1", registrant, 5).territory("T", owner, exclusive=True)
    assert made.kinds("R-1") == []


# -- agreement_inactive, product_not_entitled ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("agreement", "active"),
    [
        (None, False),
        ({}, True),
        ({"valid_from": SUBMITTED, "valid_until": SUBMITTED}, True),
        ({"valid_from": before(-1)}, False),
        ({"valid_until": before(1)}, False),
        ({"status": "suspended"}, False),
        ({"status": "expired"}, False),
    ],
)
def test_an_agreement_must_be_active_at_submission(agreement: dict | None, active: bool) -> None:
    made = world().partner("OMEGA", agreement=False, certifications=()).registration("R-1", "OMEGA", 5, "controls")
    if agreement is not None:
        made.agreement("OMEGA", **agreement)
    # Without an active agreement the missing certification is not reported as well.
    assert made.kinds("R-1") == [("product_not_entitled" if active else "agreement_inactive", "")]
    assert made.blocked()


@pytest.mark.parametrize(
    ("lines", "scopes", "certified", "entitled"),
    [
        ("pumps valves", ["pumps", "valves"], False, True),
        ("pumps valves", ["pumps"], False, False),
        ("pumps", [""], False, True),
        ("controls", ["controls"], False, False),
        ("controls", ["controls"], True, True),
    ],
)
def test_every_line_needs_an_agreement_and_its_certification(lines, scopes, certified, entitled) -> None:
    made = world().partner("OMEGA", agreement=False, certifications=("controls-pro",) if certified else ())
    for item in scopes:
        made.agreement("OMEGA", item)
    made.agreement("OMEGA", valid_until=before(1)).registration("R-1", "OMEGA", 5, lines)
    assert made.kinds("R-1") == ([] if entitled else [("product_not_entitled", "")])


# -- tier_insufficient, capacity_reached -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "holds"),
    [
        ({"amount": 100000}, False),
        ({"amount": "100000.01"}, True),
        ({"amount": None, "amount_band_max": 250000}, True),
        ({"amount": 50000, "amount_band_max": 250000}, False),
        ({"amount": None}, False),
        ({"amount": 500000, "currency": "EUR"}, False),
        ({"amount": 500000, "tier": "gold"}, False),
        ({"amount": 500000, "tier": ""}, False),
    ],
)
def test_a_deal_above_the_tier_blocks(more: dict, holds: bool) -> None:
    made = world().partner("OMEGA", tier=more.pop("tier", "silver")).registration("R-1", "OMEGA", 5, **more)
    assert made.kinds("R-1") == ([("tier_insufficient", "")] if holds else [])
    assert bool(made.blocked()) is holds


@pytest.mark.parametrize(
    ("others", "holds"),
    [
        ([(9, "submitted"), (8, "in_review")], True),
        ([(9, "submitted")], False),
        ([(9, "submitted"), (5, "submitted")], False),
        ([(9, "submitted"), (3, "submitted")], False),
        ([(9, "submitted"), (8, "rejected")], False),
        ([(9, "submitted"), (8, "approved")], False),
        ([(9, "submitted"), (8, "action_required"), (7, "submitted")], True),
    ],
)
def test_capacity_counts_other_live_registrations_submitted_before(others: list, holds: bool) -> None:
    made = world().partner("OMEGA", tier="silver").registration("R-1", "OMEGA", 5)
    for number, (days, status) in enumerate(others):
        made.elsewhere(f"R-X{number}", "OMEGA", days, status).elsewhere(f"R-Y{number}", "ALPHA", days, status)
    assert made.kinds("R-1") == ([("capacity_reached", "")] if holds else [])


def test_capacity_counts_each_once_here_and_elsewhere() -> None:
    made = world().partner("OMEGA", tier="silver").account("OTHER").registration("R-1", "OMEGA", 5)
    made.registration("R-0", "OMEGA", 9, account="OTHER").elsewhere("R-0", "OMEGA", 9)
    assert made.kinds("R-1") == []
    made.registration("R-00", "OMEGA", 8, status="approved", lines="valves", account="OTHER")
    assert made.kinds("R-1") == [("capacity_reached", "")]


# -- price_overlap, discount_outside_policy --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("price", "more", "holds"),
    [
        (105, {}, False),
        (105.01, {}, True),
        (95, {}, True),
        ("95.24", {}, False),
        (200, {"line": "valves"}, False),
        (200, {"account": "OTHER"}, False),
        (200, {"currency": "EUR"}, False),
        (200, {"valid_from": on(-1)}, False),
        (200, {"valid_from": on(0)}, True),
        (None, {}, False),
    ],
)
def test_two_sellers_prices_more_than_five_percent_apart(price, more: dict, holds: bool) -> None:
    made = two().account("OTHER").quote("Q-9", "ALPHA", money(100), valid_until=on(0))
    made.quote("Q-10", "BETA", money(price), **more)
    assert made.kinds("R-1") == ([("price_overlap", "Q-10/Q-9")] if holds else [])


def test_price_overlap_needs_a_quote_of_the_partner_and_a_stranger() -> None:
    made = chain_world().registration("R-1", "DELTA", 5).quote("Q-1", "ALPHA", 100).quote("Q-2", "BETA", 200)
    assert made.kinds("R-1") == []
    assert made.quote("Q-3", "GAMMA", 300).quote("Q-4", "DELTA", 500).kinds("R-1") == [
        ("price_overlap", "Q-1/Q-4"),
        ("price_overlap", "Q-2/Q-4"),
    ]
    assert ("price_overlap", "Q-4/Q-5") in made.quote("Q-5", DIRECT, 100).kinds("R-1")


@pytest.mark.parametrize(
    ("agreements", "discount", "holds"),
    [
        ([], 10, False),
        ([], "10.1", True),
        ([("", 15)], 15, False),
        ([("", 15)], "15.1", True),
        ([("", 5)], 6, True),
        ([("pumps", 12), ("", 15)], 14, False),
        ([("valves", 20)], 11, True),
        ([("", None)], 11, True),
        ([("", None)], 10, False),
    ],
)
def test_a_discount_above_the_limit_of_the_agreement_else_of_the_tier(agreements, discount, holds) -> None:
    made = world().partner("OMEGA", tier="silver").registration("R-1", "OMEGA", 5)
    for lines, limit in agreements:
        made.agreement("OMEGA", lines, max_discount_pct=limit)
    made.agreement("OMEGA", max_discount_pct=90, status="expired")
    made.quote("Q-1", "OMEGA", 90, discount_pct=discount).quote("Q-2", "OMEGA", 90, "valves", discount_pct=99)
    assert made.kinds("R-1") == ([("discount_outside_policy", "Q-1")] if holds else [])


def test_an_unlimited_tier_allows_any_discount_and_an_unknown_discount_holds_nothing() -> None:
    assert two().quote("Q-1", "ALPHA", 1, discount_pct=99).kinds("R-1") == []
    made = world().partner("OMEGA", tier="silver").registration("R-1", "OMEGA", 5)
    assert made.quote("Q-1", "OMEGA", 50).kinds("R-1") == []
    assert made.quote("Q-2", "OMEGA", 50, list_price=100).kinds("R-1") == [("discount_outside_policy", "Q-2")]


# -- exceptions ------------------------------------------------------------------------------------------------


def excepted() -> World:
    made = two().account("CHILD", parent="ACME").account("OTHER")
    return made.ownership("BETA").territory("T", "BETA", exclusive=True)


@pytest.mark.parametrize(
    ("more", "lifted"),
    [
        ({}, True),
        ({"party": "ALPHA"}, True),
        ({"party": "BETA"}, False),
        ({"party": "direct"}, False),
        ({"lines": "pumps valves"}, True),
        ({"lines": "valves"}, False),
        ({"account": "OTHER"}, False),
        ({"account": "CHILD"}, False),
        ({"account": "CHILD", "family": True}, True),
        ({"account": "OTHER", "family": True}, False),
        ({"valid_from": SUBMITTED, "valid_until": SUBMITTED}, True),
        ({"valid_from": before(-1)}, False),
        ({"valid_until": before(1)}, False),
    ],
)
def test_an_exception_in_force_at_submission_lifts_what_it_names(more: dict, lifted: bool) -> None:
    made = excepted().exception("exclusive_territory", **more)
    rest = [("account_owned", "ACME:BETA")]
    assert made.kinds("R-1") == (rest if lifted else [*rest, ("exclusive_territory", "T")])
    assert bool(made.blocked()) is not lifted


def test_an_exception_may_lift_several_kinds_and_every_finding_of_a_kind() -> None:
    made = excepted().ownership("GAMMA").partner("GAMMA").exception("exclusive_territory account_owned")
    assert made.findings() == []


def test_an_exception_for_one_partner_leaves_the_others_finding() -> None:
    made = two().registration("R-2", "BETA", 3).exception("competing_registration", party="ALPHA")
    assert made.kinds("R-1") == []
    assert made.kinds("R-2") == [("competing_registration", "R-1")]


def test_rules_are_judged_at_submission_and_claims_at_the_evaluation() -> None:
    made = world().registration("R-1", "ALPHA", 300).territory("T", "BETA", exclusive=True, valid_from=on(299))
    made.opportunity("O-1", created_at=ago(3))
    assert made.kinds("R-1") == [("direct_engagement", "O-1")]
