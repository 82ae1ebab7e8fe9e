"""How like two cases are, which are shown, and when a recommendation departs from them."""

from dataclasses import replace
from decimal import Decimal

import pytest

from conflicts.facts import DIRECT
from conflicts.precedents import (
    ALIKE,
    FIRST,
    LATER,
    MOST,
    UNKNOWN_BAND,
    Given,
    Likeness,
    Traits,
    band_of,
    departs,
    given,
    leaning,
    likeness,
    most_alike,
    traits,
)
from tests.conflicts.build import POLICY, key, world

HERE = Traits(
    "competing_registration", frozenset({"competing_registration"}), "US", "US-TX", "standard", frozenset({"pumps"}), 1,
    frozenset({"gold", "silver"}),
)  # fmt: skip


def test_a_case_is_entirely_like_itself():
    alike = likeness(HERE, HERE)
    assert alike.score == sum(MOST.values()) == 100
    assert not alike.other
    assert "same region: US-TX" in alike.same
    assert "same size of deal" in alike.same


@pytest.mark.parametrize(
    ("change", "points", "says"),
    [
        ({"subdivision": "US-CA"}, 90, "same country: US"),
        ({"country": "DE", "subdivision": "DE-BY"}, 80, "another country"),
        ({"segment": "house"}, 85, "another segment"),
        ({"segment": ""}, 85, "segment: unknown"),
        ({"product_lines": frozenset({"pumps", "valves"})}, 93, "products in common: pumps"),
        ({"product_lines": frozenset({"valves"})}, 85, "other products"),
        ({"product_lines": frozenset()}, 92, "some products of all"),
        ({"band": 2}, 92, "a nearby size of deal"),
        ({"band": 4}, 85, "another size of deal"),
        ({"band": UNKNOWN_BAND}, 85, "amount: unknown"),
        ({"tiers": frozenset({"gold"})}, 95, "tiers of the partners in common: gold"),
        ({"findings": frozenset({"competing_registration", "price_overlap"})}, 87, "findings in common"),
    ],
)
def test_each_part_counts_and_is_said(change, points, says):
    there = replace(HERE, **change)
    alike = likeness(HERE, there)
    assert alike.score == points
    assert any(says in line for line in (*alike.same, *alike.other))
    assert likeness(there, HERE).score == points  # whichever way one looks


def test_bands_begin_where_they_say():
    assert [band_of(x) for x in (None, Decimal(0), Decimal(24_999), Decimal(25_000), Decimal(2_000_000))] == [
        -1,
        0,
        0,
        1,
        5,
    ]


def test_the_most_alike_come_first_and_of_equals_the_latest():
    found = [(Likeness(score, ()), when) for score, when in ((60, 1), (90, 1), (60, 5), (ALIKE - 1, 9), (60, 2))]
    assert most_alike(iter(found), most=3) == [1, 2, 4]


def test_traits_come_from_the_facts_of_the_claim_set():
    made = world().registration("R-1", "ALPHA", amount=60_000).registration("R-2", "BETA", 3, "pumps valves")
    like = traits(
        made.facts(), POLICY, kind="competing_registration", findings=["competing_registration"], account_id=key("ACME")
    )
    assert like.product_lines == {"pumps", "valves"}
    assert (like.country, like.subdivision, like.segment, like.band) == ("US", "US-TX", "standard", 2)
    assert like.tiers == {"gold"}


def test_an_outcome_is_told_without_names():
    facts = world().registration("R-1", "ALPHA", 9).registration("R-2", "BETA", 3).facts()
    assert given(facts, POLICY, "award", key("ALPHA")) == Given("award", FIRST)
    assert given(facts, POLICY, "award", key("BETA")) == Given("award", LATER)
    assert given(facts, POLICY, "co_sell", DIRECT).words == "co-sold, with the direct team as owner"
    assert given(facts, POLICY, "split", "").words == "split"


def test_a_departure_needs_enough_that_agree_on_something_else():
    first, later, split = Given("award", FIRST), Given("award", LATER), Given("split")
    said = departs(later, [first, first, first, split])
    assert "3 of the 4 most similar decided cases were awarded to the partner that came first" in said
    assert "it is awarded to a partner that came later" in said
    assert departs(later, [first, first]) == ""  # too few
    assert departs(later, [first, first, later, split, split]) == ""  # they do not agree
    assert departs(first, [first, first, first]) == ""
    assert departs(Given("mediate"), [first] * 5) == ""  # nothing is recommended
    assert (
        leaning([first] * 4 + [split])
        == "4 of the 5 most similar decided cases were awarded to the partner that came first."
    )
    assert leaning([first, split, later]) == leaning([first]) == ""
