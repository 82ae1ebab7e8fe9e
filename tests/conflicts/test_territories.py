"""Rule against rule: where two territories collide, and whose lead an account is."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conflicts.facts import Account, Assignment, Territory
from conflicts.territories import collide, covers, lead_territory, territory_overlaps
from tests.conflicts.build import NOW, World, key, on, scope, world


def overlaps(made: World) -> list[tuple[str, str]]:
    return [item.refs for item in territory_overlaps(made.facts().territories, NOW)]


PAIRS = [
    ({}, {}, True),
    ({"exclusive": True}, {"exclusive": True}, True),
    ({"exclusive": True}, {"exclusive": True, "priority": 3}, True),
    ({"exclusive": True}, {}, False),
    ({}, {"priority": 3}, False),
    ({"countries": "US"}, {"countries": "GB"}, False),
    ({"countries": "US"}, {"countries": "GB US"}, True),
    ({"countries": "US"}, {"subdivisions": "GB-LND"}, True),  # an empty dimension means all
    ({"subdivisions": "US-TX"}, {"subdivisions": "US-CA"}, False),
    ({"postal_prefixes": "77"}, {"postal_prefixes": "7700"}, True),
    ({"postal_prefixes": "7700"}, {"postal_prefixes": "77"}, True),
    ({"postal_prefixes": "77"}, {"postal_prefixes": "78"}, False),
    ({"industries": "325"}, {"industries": "32"}, True),
    ({"industries": "325"}, {"industries": "326"}, False),
    ({"employees_max": 100}, {"employees_min": 100}, True),
    ({"employees_max": 99}, {"employees_min": 100}, False),
    ({"employees_min": 5}, {"employees_min": 100}, True),
    ({"lines": "pumps"}, {"lines": "valves"}, False),
    ({"lines": "pumps"}, {"lines": "valves pumps"}, True),
    ({"named": "A B"}, {"named": "B"}, True),
    ({"named": "A"}, {"named": "B"}, False),
    ({"named": "A"}, {"excluded": "A"}, False),
    ({"named": "A B"}, {"excluded": "A"}, True),
    ({"excluded": "A"}, {"excluded": "A"}, True),
    ({"valid_until": on(0)}, {}, True),
    ({"valid_until": on(1)}, {}, False),
    ({"valid_from": on(-9)}, {"valid_until": on(-9)}, True),
    ({"valid_from": on(-9)}, {"valid_until": on(-8)}, False),
    ({"valid_from": on(-9)}, {"valid_from": on(-90)}, True),
]


@pytest.mark.parametrize(("left", "right", "expected"), PAIRS)
def test_two_territories_overlap_in_every_dimension_and_on_a_common_day(left, right, expected) -> None:
    for one, other in ((left, right), (right, left)):
        made = world().territory("T-A", "ALPHA", **one).territory("T-B", "BETA", **other)
        assert overlaps(made) == ([("T-A", "T-B")] if expected else [])


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (("ALPHA", ""), ("ALPHA", ""), False),
        (("ALPHA", ""), ("ALPHA BETA", ""), True),
        (("ALPHA", ""), ("direct", ""), True),
        (("ALPHA", ""), ("", "BETA"), False),
        (("ALPHA", ""), ("", ""), False),
        (("ALPHA", "BETA"), ("ALPHA", ""), False),
    ],
)
def test_both_need_owners_and_not_the_same_ones(first: tuple, second: tuple, expected: bool) -> None:
    made = world().territory("T-A", *first).territory("T-B", *second)
    assert bool(overlaps(made)) is expected


@pytest.mark.parametrize(
    ("rules", "lead"),
    [
        ([{"named": "ACME"}, {"exclusive": True}], "T-0"),
        ([{"exclusive": True}, {"priority": 99}], "T-0"),
        ([{"priority": 11}, {"countries": "US", "subdivisions": "US-TX"}], "T-0"),
        ([{"countries": "US", "industries": "32"}, {"countries": "US"}], "T-0"),
        ([{"countries": "US"}, {"industries": "32"}], None),
        ([{"countries": "GB"}], None),
        ([{"exclusive": True}, {"priority": 99, "exclusive": True, "valid_until": on(1)}], "T-0"),
    ],
)
def test_whose_lead_an_account_is(rules: list[dict], lead: str | None) -> None:
    made = world()
    for number, rule in enumerate(rules):
        made.territory(f"T-{number}", "ALPHA", **rule)
    found = lead_territory(made.facts(), key("ACME"), frozenset({"pumps"}), NOW)
    assert (found.ref if found else None) == lead


def few(words: str) -> st.SearchStrategy[frozenset[str]]:
    return st.frozensets(st.sampled_from(sorted(scope(words))), max_size=2)


SIZES = st.none() | st.integers(1, 5)
TERRITORIES = st.builds(
    Territory,
    id=st.sampled_from(["t1", "t2"]),
    ref=st.sampled_from(["T-1", "T-2"]),
    name=st.just("T"),
    countries=few("US GB"),
    postal_prefixes=few("7 77 78 8"),
    industries=few("3 32 33"),
    employees_min=SIZES,
    employees_max=SIZES,
    product_lines=few("pumps valves"),
    named_account_ids=few("a b"),
    excluded_account_ids=few("a b"),
    exclusive=st.booleans(),
    priority=st.integers(1, 2),
    valid_from=st.none() | st.sampled_from([on(3), on(-3)]),
    valid_until=st.none() | st.sampled_from([on(1), on(-5)]),
    assignments=st.lists(st.sampled_from(["x", "y"]), max_size=2).map(
        lambda who: tuple(Assignment(item, item, item) for item in who)
    ),
)
ACCOUNTS = st.builds(
    Account,
    id=st.sampled_from(["a", "b"]),
    ref=st.just("A"),
    name=st.just("A"),
    country=st.sampled_from(["US", "GB", ""]),
    postal_code=st.sampled_from(["77", "781", "8", ""]),
    industry=st.sampled_from(["32", "331", ""]),
    employees=st.none() | st.integers(1, 5),
)


@settings(deadline=None)
@given(TERRITORIES, TERRITORIES)
def test_overlap_is_symmetric(left: Territory, right: Territory) -> None:
    assert collide(left, right) == collide(right, left)
    one, other = territory_overlaps([left, right], NOW), territory_overlaps([right, left], NOW)
    assert bool(one) == bool(other)
    assert territory_overlaps([left, left], NOW) == []


@settings(deadline=None)
@given(TERRITORIES, TERRITORIES, ACCOUNTS, few("pumps valves").filter(lambda lines: len(lines) == 1))
def test_two_territories_that_cover_one_deal_collide(left, right, account, lines) -> None:
    if covers(left, account, lines) and covers(right, account, lines):
        assert collide(left, right)
