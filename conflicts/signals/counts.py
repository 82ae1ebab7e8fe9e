"""Counts by week against what season, growth and the peers let expect.

Blocks of four weeks on the square-root scale, level by midmean with a rising trend by the slope of medians; season and
common growth are the peers' (each counted no more than about double, so that one burst is no season). The last week and
the last four weeks are looked at, as Farrington et al. (1996) do for outbreaks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import median

from conflicts.signals.facts import Weekly
from conflicts.signals.robust import beyond, counted, mad, midmean, moderated, slope, stable

BLOCK, BLOCKS, LEAST_BLOCKS = 4, 12, 3
PEERS, BORROWED = (
    20,
    12,
)  # a region with fewer sellers takes the program's season; the peers' spread counts as 12 blocks
TELLING = 4.0  # events a block from which on a series says how peers scatter
STEADY = 20.0  # events added to both sides of a season's ratio, so that a handful of events makes none


@dataclass(frozen=True, slots=True)
class Surge:
    """The more telling of the last week and the last four; `blocks` are the earlier blocks and the last, in spreads."""

    weeks: int
    observed: int
    expected: float
    spread: float
    score: float
    blocks: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class _Cut:
    """A series in blocks: the earlier ones, the last four weeks, the last week."""

    earlier: tuple[int, ...]
    last: int
    week: int
    usual: float


def surges(
    series: Mapping[str, Weekly],
    groups: Mapping[str, str] | None = None,
    *,
    like: Mapping[str, Weekly] | None = None,
) -> dict[str, Surge]:
    """What each series did lately; those with less than three earlier blocks are too young to say.

    `groups` names the peers (a region) whose season a series shares; `like` are other series with the same season,
    where these are too few to tell it.
    """
    cuts = _cuts(series)
    season = _Seasons(cuts if like is None else _cuts(like), groups or {})
    fits = {key: _fit(cut, season.of(key)) for key, cut in cuts.items()}
    scatter = _scatter([fit for key, fit in fits.items() if len(cuts[key].earlier) >= BLOCKS // 2])
    return {key: _judge(cut, fits[key], season.of(key), scatter) for key, cut in cuts.items()}


def _cuts(series: Mapping[str, Weekly]) -> dict[str, _Cut]:
    return {key: _cut(values) for key, values in series.items() if len(values) >= BLOCK * (LEAST_BLOCKS + 1)}


def _cut(values: Weekly) -> _Cut:
    end = len(values) - BLOCK
    count = min(BLOCKS, end // BLOCK)
    earlier = tuple(sum(values[end - BLOCK * i : end - BLOCK * (i - 1)]) for i in range(count, 0, -1))
    return _Cut(earlier, sum(values[end:]), values[-1], midmean(earlier))


class _Seasons:
    """By group: how many times the usual each block, the last four weeks and the last week were."""

    def __init__(self, cuts: Mapping[str, _Cut], groups: Mapping[str, str]) -> None:
        self.groups = groups
        members: dict[str, list[_Cut]] = {"": []}
        for key, cut in cuts.items():
            if len(cut.earlier) == BLOCKS:
                members[""].append(cut)
                if groups.get(key):
                    members.setdefault(groups[key], []).append(cut)
        self.known = {group: _season(found) for group, found in members.items() if len(found) >= PEERS}

    def of(self, key: str) -> Sequence[float]:
        """Fourteen factors: twelve earlier blocks, the last one, the last week."""
        return self.known.get(self.groups.get(key, "")) or self.known.get("") or [1.0] * (BLOCKS + 2)


def _season(cuts: Sequence[_Cut]) -> list[float]:
    usual = sum(cut.usual for cut in cuts) + STEADY
    blocks = [sum(min(cut.earlier[i], _cap(cut.usual)) for cut in cuts) for i in range(BLOCKS)]
    blocks.append(sum(min(cut.last, _cap(cut.usual)) for cut in cuts))
    week = BLOCK * sum(min(cut.week, _cap(cut.usual / BLOCK)) for cut in cuts)
    return [(block + STEADY) / usual for block in (*blocks, week)]


def _cap(usual: float) -> float:
    return 2 * usual + 3


@dataclass(frozen=True, slots=True)
class _Fit:
    """On the square-root scale and without season: what the last block should be, and how far the earlier ones lay off."""

    level: float
    spread: float
    residuals: tuple[float, ...]


def _fit(cut: _Cut, season: Sequence[float]) -> _Fit:
    count = len(cut.earlier)
    values = [stable(n / f) for n, f in zip(cut.earlier, season[BLOCKS - count : BLOCKS], strict=True)]
    centre, middle = midmean(values), (count - 1) / 2
    rise = max(slope(values), 0.0) * count / (count + BORROWED)  # a fall is not carried on: it may end any day
    off = tuple(value - centre - rise * (i - middle) for i, value in enumerate(values))
    # Of few values the MAD comes out too small (Croux and Rousseeuw 1992), and two of them went into level and trend.
    few = count / (count - 0.8) * sqrt(count / (count - 2))
    return _Fit(centre + rise * (count - middle), few * mad(off, 0.0), off)


def _scatter(fits: Sequence[_Fit]) -> float:
    """How much more than chance the peers scatter, for each event expected (as Anders and Huber 2010 share it)."""
    found = [(fit.spread**2 - 1) / counted(fit.level) for fit in fits if counted(fit.level) >= TELLING]
    return max(median(found), 0.0) if found else 0.0


def _judge(cut: _Cut, fit: _Fit, season: Sequence[float], scatter: float) -> Surge:
    count = len(cut.earlier)
    usual = counted(fit.level)
    peers = sqrt(1 + scatter * usual)
    spread = max(moderated(fit.spread, count, peers, BORROWED), 1.0)
    unsure = spread * sqrt(1 + 2 / count)
    looks = ((BLOCK, cut.last, usual * season[BLOCKS]), (1, cut.week, usual * season[BLOCKS + 1] / BLOCK))
    scored = [(beyond(seen, due) / unsure, weeks, seen, due) for weeks, seen, due in looks]
    score, weeks, seen, due = max(scored)
    last = (stable(cut.last / season[BLOCKS]) - fit.level) / unsure
    young = [0.0] * (BLOCKS - count)
    return Surge(weeks, seen, due, unsure, score, (*young, *(value / spread for value in fit.residuals), last))
