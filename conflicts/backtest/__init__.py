"""A policy tried on past cases, beside the one that holds: who would win, who would lose, and by which rule. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from conflicts.backtest.judging import Sides, judge, said_of
from conflicts.backtest.past import NO_CASE, NOBODY_LEFT, Given, Judged, PastCase, Said
from conflicts.backtest.tally import Change, Row, Trial
from conflicts.memo import MemoError

__all__ = [
    "NOBODY_LEFT",
    "NO_CASE",
    "Change",
    "Given",
    "Judged",
    "PastCase",
    "Row",
    "Said",
    "Sides",
    "Trial",
    "judge",
    "replay",
    "said_of",
]


def replay(cases: Iterable[PastCase], sides: Sides) -> Trial:
    """Every case under both policies, counted. A memo that cannot be read any more is counted as that."""
    trial = Trial()
    for past in cases:
        try:
            judged = judge(past, sides)
        except MemoError:
            trial.unreadable += 1
            continue
        trial.count(judged)
    return trial
