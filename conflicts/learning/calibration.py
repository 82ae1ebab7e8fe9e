"""How far the confidence can be trusted: of recommendations that said .8, were eight of ten followed? Pure.

Expected calibration error over bins of equal mass (Nixon et al. 2019), which thin data cannot hide in, and Brier's score
(1950). Whether people followed it is what is judged: nobody knows who was right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from conflicts.learning.shares import Share

BINS = 10
LEAST = 20  # recommendations in a bin; fewer bins when there are fewer
MEANINGFUL = 100  # decisions; below that chance alone moves the figures by more than they say


@dataclass(frozen=True, slots=True)
class Judged:
    """A recommendation on which people decided: how sure it was, and whether they did as it said."""

    confidence: float
    followed: bool
    rule: str = ""
    engine: str = ""
    month: str = ""  # 2026-03


@dataclass(frozen=True, slots=True)
class Bin:
    """Recommendations of like confidence."""

    low: float
    high: float
    said: float  # the mean confidence
    followed: Share

    @property
    def gap(self) -> float:
        """How far what was said lies above (+) or below (-) what was done."""
        return self.said - self.followed.value


@dataclass(frozen=True, slots=True)
class Figures:
    """How a group of recommendations did."""

    name: str
    said: float
    followed: Share
    error: float  # expected calibration error
    brier: float


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that the report says; `whole` is of all of them."""

    whole: Figures
    bins: tuple[Bin, ...]
    by_rule: tuple[Figures, ...]
    by_engine: tuple[Figures, ...]
    by_month: tuple[Figures, ...]
    abstained: int

    @property
    def meaningful(self) -> bool:
        """Whether there are enough decisions for the figures to say something."""
        return self.whole.followed.of >= MEANINGFUL


def report(judged: Sequence[Judged], abstained: int = 0) -> Report:
    """The figures of all, and by rule, engine and month. `abstained` recommendations named no outcome to follow."""
    return Report(
        whole=figures("all", judged),
        bins=bins_of(judged),
        by_rule=_by(judged, lambda one: one.rule),
        by_engine=_by(judged, lambda one: one.engine),
        by_month=_by(judged, lambda one: one.month),
        abstained=abstained,
    )


def figures(name: str, judged: Sequence[Judged]) -> Figures:
    """One group's figures."""
    many = max(1, len(judged))
    return Figures(
        name=name,
        said=sum(one.confidence for one in judged) / many,
        followed=Share(sum(one.followed for one in judged), len(judged)),
        error=sum(abs(found.gap) * found.followed.of for found in bins_of(judged)) / many,
        brier=sum((one.confidence - one.followed) ** 2 for one in judged) / many,
    )


def bins_of(judged: Iterable[Judged]) -> tuple[Bin, ...]:
    """Bins of about equal mass; recommendations of the same confidence are never parted, so their order cannot matter."""
    ordered = sorted(judged, key=lambda one: one.confidence)
    if not ordered:
        return ()
    count = max(1, min(BINS, len(ordered) // LEAST))
    found, begun = [], 0
    for number in range(1, count + 1):
        end = round(len(ordered) * number / count)
        while begun < end < len(ordered) and ordered[end].confidence == ordered[end - 1].confidence:
            end += 1
        if end > begun:
            found.append(_bin(ordered[begun:end]))
            begun = end
    return tuple(found)


def _bin(judged: Sequence[Judged]) -> Bin:
    mean = sum(one.confidence for one in judged) / len(judged)
    return Bin(
        judged[0].confidence, judged[-1].confidence, mean, Share(sum(one.followed for one in judged), len(judged))
    )


def _by(judged: Sequence[Judged], key: Callable[[Judged], str]) -> tuple[Figures, ...]:
    groups: dict[str, list[Judged]] = {}
    for one in judged:
        groups.setdefault(key(one), []).append(one)
    return tuple(figures(name, groups[name]) for name in sorted(groups))
