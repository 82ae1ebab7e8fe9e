"""The draw of spot checks: reproducible, never too many, every stratum in reach, and chosen by nobody."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviews.sampling import Item, draw, seed_of, size_of

SEEDS = st.text("0123456789abcdef", min_size=1, max_size=8)
STRATA = st.tuples(st.integers(0, 5), st.integers(0, 2), st.integers(0, 3)).map(
    lambda n: (("partner", str(n[0])), ("tier", str(n[1])), ("region", str(n[2])))
)
ITEMS = st.lists(STRATA, max_size=60).map(lambda rows: [Item(f"k{n:02}", strata) for n, strata in enumerate(rows)])


@pytest.mark.parametrize(
    ("count", "share", "least", "size"),
    [(0, 5, 5, 0), (3, 5, 5, 3), (5, 5, 5, 5), (6, 5, 5, 5), (100, 5, 5, 5), (101, 5, 5, 6), (1000, 5, 5, 50),
     (7, 100, 1, 7)],
)  # fmt: skip
def test_how_many_are_drawn(count, share, least, size):
    assert size_of(count, share, least) == size


@given(ITEMS, st.integers(0, 70), SEEDS, st.randoms())
@settings(max_examples=150, deadline=None)
def test_a_draw_is_the_same_again_whatever_the_order_of_the_rows(items, size, seed, random):
    drawn = draw(items, size, seed)
    shuffled = list(items)
    random.shuffle(shuffled)
    assert draw(shuffled, size, seed) == drawn
    assert len(drawn) == len(set(drawn)) == min(size, len(items))
    assert set(drawn) <= {item.key for item in items}


@given(ITEMS, st.integers(0, 70), SEEDS)
@settings(max_examples=150, deadline=None)
def test_every_partner_tier_and_region_is_drawn_where_the_draw_is_large_enough(items, size, seed):
    strata = {item.key: item.strata for item in items}
    drawn = draw(items, size, seed)
    every = {one for item in items for one in item.strata}
    if size >= len(every):
        assert {one for key in drawn for one in strata[key]} == every


@given(ITEMS.filter(bool), st.integers(1, 5), SEEDS)
@settings(max_examples=100, deadline=None)
def test_a_larger_draw_holds_the_smaller_one(items, size, seed):
    assert draw(items, size + 3, seed)[: min(size, len(items))] == draw(items, size, seed)


def test_in_a_small_draw_each_has_its_chance():
    """A partner with one approval among a hundred of another's is drawn in about half of the draws of one."""
    items = [Item(f"a{n}", (("partner", "a"),)) for n in range(20)] + [Item("b", (("partner", "b"),))]
    first = Counter(draw(items, 1, str(n))[0] for n in range(600))
    assert 10 < first["b"] < 60  # 1 in 21: as likely as any other item
    assert all("b" in draw(items, 2, str(n)) for n in range(50))  # and with two places it always has one


def test_the_seed_hangs_on_everything_that_can_be_drawn_and_on_no_order():
    assert seed_of("week", ["b", "a"]) == seed_of("week", ["a", "b"])
    assert len({seed_of("week", ["a", "b"]), seed_of("week", ["a"]), seed_of("other", ["a", "b"])}) == 3
