"""From the confidence of the rules to how often deciders agreed: monotone, honest about how many, measured on the unseen."""

import random
from itertools import pairwise

import pytest

from conflicts.recommend.confidence import (
    Bin,
    Example,
    bin_of,
    calibrated,
    calibration_error,
    fit,
    unseen_error,
)


def drawn(count: int, truth, seed: int = 1) -> list[Example]:
    dice = random.Random(seed)
    raws = [dice.choice((0.35, 0.55, 0.65, 0.75, 0.85, 0.95)) for _ in range(count)]
    return [Example(raw, dice.random() < truth(raw)) for raw in raws]


def test_the_shares_never_fall_and_every_bin_has_enough():
    bins = fit(drawn(600, lambda raw: raw**2))
    shares = [item.share for item in bins]
    assert shares == sorted(shares)
    assert all(item.n >= 25 for item in bins)
    assert sum(item.n for item in bins) == 600
    assert all(left.highest < right.lowest for left, right in pairwise(bins))


def test_what_goes_up_and_down_is_pooled():
    falling = fit([*drawn(300, lambda raw: 1 - raw)])
    assert len(falling) == 1
    assert fit([]) == ()
    few = fit([Example(0.5, True)] * 10 + [Example(0.9, False)] * 10)
    assert [(item.n, item.agreed) for item in few] == [(20, 10)]


def test_between_two_bins_the_lower_one_counts():
    bins = (Bin(0.5, 0.6, 40, 20), Bin(0.9, 0.95, 60, 57))
    assert [calibrated(bins, raw) for raw in (0.1, 0.5, 0.6, 0.8, 0.9, 1.0)] == [0.5, 0.5, 0.5, 0.5, 0.95, 0.95]
    assert bin_of((), 0.5) is None
    assert calibrated((), 0.7) == 0.7


def test_the_interval_holds_the_share_and_narrows():
    few, many = Bin(0.9, 0.9, 30, 27), Bin(0.9, 0.9, 3000, 2700)
    for item in (few, many):
        low, high = item.interval
        assert 0 <= low < item.share < high <= 1
    assert few.interval[1] - few.interval[0] > 5 * (many.interval[1] - many.interval[0])


def test_the_error_is_what_was_said_against_what_came():
    assert calibration_error([(0.8, True)] * 8 + [(0.8, False)] * 2) == pytest.approx(0)
    assert calibration_error([(0.9, False)] * 10) == pytest.approx(0.9)
    assert calibration_error([]) == 0.0


def test_a_map_mends_overconfidence_on_decisions_it_has_not_seen():
    examples = drawn(2500, lambda raw: raw / 2)
    before = calibration_error((item.raw, item.agreed) for item in examples)
    assert before > 0.25
    assert unseen_error(examples) <= 0.05
