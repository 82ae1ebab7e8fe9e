"""The calibration report: figures by hand, bins of equal mass, and a confidence that is right or too sure by so much."""

import random
from itertools import pairwise

import pytest

from conflicts.learning.calibration import LEAST, MEANINGFUL, Judged, bins_of, figures, report
from conflicts.learning.shares import Share


def test_the_figures_of_few_by_hand() -> None:
    some = [Judged(0.9, True), Judged(0.9, False), Judged(0.5, True), Judged(0.5, True)]
    found = figures("all", some)
    assert found.said == pytest.approx(0.7)
    assert found.followed == Share(3, 4)
    assert found.brier == pytest.approx((0.01 + 0.81 + 0.25 + 0.25) / 4)
    assert found.error == pytest.approx(abs(0.7 - 0.75))  # one bin: too few for two


def test_nothing_decided_is_no_error() -> None:
    found = report([])
    assert found.bins == ()
    assert (found.whole.error, found.whole.brier, found.whole.followed.of) == (0.0, 0.0, 0)
    assert not found.meaningful


def test_bins_have_about_equal_mass_and_never_part_equal_confidences() -> None:
    dice = random.Random(2)
    some = [Judged(dice.choice([0.55, 0.7, 0.7, 0.7, 0.95, dice.random()]), True) for _ in range(600)]
    bins = bins_of(some)
    assert sum(one.followed.of for one in bins) == 600
    assert all(one.low <= one.said <= one.high for one in bins)
    assert all(a.high < b.low for a, b in pairwise(bins))
    assert len(bins) <= 10
    dice.shuffle(some)
    assert bins_of(some) == bins, "the order in which they were decided cannot matter"
    assert len(bins_of(some[: 3 * LEAST])) <= 3


@pytest.mark.parametrize(("too_sure", "least", "most"), [(0.0, 0.0, 0.04), (0.15, 0.11, 0.19)])
def test_the_error_is_as_large_as_the_confidence_is_wrong(too_sure: float, least: float, most: float) -> None:
    dice = random.Random(4)
    some = []
    for _ in range(3000):
        true = dice.uniform(0.5, 0.84)
        some.append(Judged(true + too_sure, dice.random() < true))
    found = report(some)
    assert least <= found.whole.error <= most
    assert found.meaningful
    if too_sure:
        assert all(one.gap > 0 for one in found.bins)


def test_groups_by_rule_engine_and_month() -> None:
    some = [
        Judged(0.9, True, "R-07", "rules", "2026-02"), Judged(0.6, False, "R-06", "rules", "2026-03"),
        Judged(0.8, True, "R-07", "model", "2026-03"),
    ]  # fmt: skip
    found = report(some, abstained=2)
    assert [(f.name, f.followed) for f in found.by_rule] == [("R-06", Share(0, 1)), ("R-07", Share(2, 2))]
    assert [f.name for f in found.by_engine] == ["model", "rules"]
    assert [f.name for f in found.by_month] == ["2026-02", "2026-03"]
    assert found.abstained == 2
    assert MEANINGFUL > 3
