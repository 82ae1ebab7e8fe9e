"""How a prompt does on cases whose right outcome is known: what of the answers could be used, and how often it agreed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median
from typing import Any

from conflicts.recommend.llm.asking import ABSTAINED, FELL_BACK, OK, Opinion


@dataclass(frozen=True, slots=True)
class Tried:
    """One case: what came of asking, whether it is what is expected, and how long it took."""

    opinion: Opinion
    expected: bool
    seconds: float


def tally(tried: Iterable[Tried]) -> dict[str, Any]:
    """The figures that a version of the prompt keeps."""
    cases = list(tried)
    statuses = Counter(item.opinion.status for item in cases)
    fell = Counter(item.opinion.why for item in cases if item.opinion.status == FELL_BACK)
    problems = Counter(problem for item in cases for problem in item.opinion.problems)
    return {
        "cases": len(cases),
        "usable": statuses[OK],
        "agreed": sum(item.expected for item in cases if item.opinion.status == OK),
        "abstained": statuses[ABSTAINED],
        "fell_back": dict(sorted(fell.items())),
        "problems": dict(problems.most_common(8)),
        "seconds_median": float(median(item.seconds for item in cases)) if cases else 0.0,
    }
