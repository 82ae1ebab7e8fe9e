"""First opinions, the pure part: who is drawn, how claimants are called, what the answers mean, what came of them."""

import uuid
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviews.choices import DIRECT, Choice
from reviews.first_opinion import (
    CANNOT_TELL,
    NO_OUTCOME,
    OTHER,
    SAME,
    Count,
    Said,
    View,
    high_impact,
    letters,
    offered,
    read,
    sampled,
    tally,
    view_of,
)

AT = datetime(2026, 3, 2, 10, tzinfo=UTC)
PROGRAM = uuid.UUID(int=7)
AWARD, DIRECTS, SPLIT, UNSURE = View("award", "p1"), View("award", DIRECT), View("split"), View("unsure")


def test_a_share_of_cases_is_drawn_always_the_same_and_more_with_a_larger_share():
    cases = [uuid.UUID(int=number) for number in range(20_000)]
    drawn = {share: {case for case in cases if sampled(PROGRAM, case, share)} for share in (0, 5, 50, 100)}
    assert (len(drawn[0]), len(drawn[100])) == (0, 20_000)
    assert 900 < len(drawn[5]) < 1_100
    assert drawn[5] < drawn[50]
    assert drawn[5] != {case for case in cases if sampled(uuid.UUID(int=8), case, 5)}


@pytest.mark.parametrize(
    ("route", "high"),
    [
        ([], False),
        (["partner_manager"], False),
        (["channel_lead"], False),
        (["channel_lead", "revenue_lead"], True),
        (["legal", "partner_manager"], True),
        (["sales_ops", "channel_lead"], True),
    ],
)
def test_high_impact_is_what_more_than_one_role_decides(route, high):
    assert high_impact(route) is high


@given(st.uuids(), st.lists(st.sampled_from([f"p{n}" for n in range(40)]), unique=True, min_size=1), st.integers(1, 40))
def test_letters_are_one_each_and_stay_when_somebody_joins(case, claimants, first):
    early, late = claimants[:first], claimants[first:]
    before = letters(case, [(one, AT) for one in early])
    after = letters(case, [*((one, AT + timedelta(hours=1)) for one in late), *((one, AT) for one in early)])
    assert {one: after[one] for one in early} == before
    assert len(set(after.values())) == len(claimants)
    assert sorted(before.values(), key=lambda word: (len(word), word))[0] == "A"


def test_a_is_the_earlier_one_as_often_as_not():
    firsts = Counter(letters(uuid.UUID(int=n), [("p1", AT), ("p2", AT)])["p1"] for n in range(2_000))
    assert 900 < firsts["A"] < 1_100
    assert firsts["A"] + firsts["B"] == 2_000


@pytest.mark.parametrize(
    ("choice", "view"),
    [
        (Choice("award", "p1"), AWARD),
        (Choice("award", "p1", ("p2",)), AWARD),
        (Choice("award", DIRECT), DIRECTS),
        (Choice("direct_retained"), DIRECTS),
        (Choice("split", shares={"p1": 50, "p2": 50}), SPLIT),
        (Choice("co_sell", "p1", (DIRECT,)), View("co_sell")),
        (Choice("reject_all"), View("reject_all")),
    ],
)
def test_an_outcome_as_a_first_opinion_says_it(choice, view):
    assert view_of(choice) == view


def test_every_answer_that_is_offered_is_read_and_no_other():
    called = {"p1": "B", DIRECT: "A"}
    views = {value: read(value, called) for value, _ in offered(called)}
    assert views == {
        "A": DIRECTS, "B": AWARD, "split": SPLIT, "co_sell": View("co_sell"), "ours": DIRECTS, "nobody": View("reject_all"),
        "unsure": UNSURE,
    }  # fmt: skip
    assert read("C", called) is read("p1", called) is read("", called) is None
    without = [value for value, _ in offered({"p1": "A", "p2": "B"})]
    assert without == list(views), "whether our own team claims shows nowhere"


def test_what_came_of_them():
    said = [
        Said(AWARD, True, AWARD, AWARD),
        Said(AWARD, True, SPLIT, AWARD),
        Said(AWARD, True),
        Said(SPLIT, False, AWARD, AWARD),
        Said(SPLIT, False, SPLIT, AWARD),
        Said(SPLIT, False, DIRECTS, AWARD),
        Said(UNSURE, None, AWARD, AWARD),
        Said(UNSURE, None, SPLIT, None),
        Said(AWARD, None, AWARD, None),
    ]
    assert tally(said) == {
        SAME: Count(said=3, decided=2, as_both=1, otherwise=1),
        OTHER: Count(said=3, decided=3, as_recommended=1, as_said=1, otherwise=1),
        CANNOT_TELL: Count(said=2, decided=2, as_recommended=1, otherwise=1),
        NO_OUTCOME: Count(said=1, decided=1, as_said=1),
    }
    assert tally([]) == {sort: Count() for sort in (SAME, OTHER, CANNOT_TELL, NO_OUTCOME)}
