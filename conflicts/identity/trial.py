"""Weights learned from what people said, and on trial: reviewed queries are judged again under two versions. Pure.

A quarter of them, for ever the same ones, is never learned from: what they say decides whether a version may be used.
"""

import math
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from conflicts.identity.evidence import Evidence
from conflicts.identity.fit import Reviewed, fit
from conflicts.identity.likeness import NOTHING
from conflicts.identity.score import (
    DIFFERENT,
    FAMILY,
    POSSIBLE,
    SAME,
    Decision,
    Match,
    Thresholds,
    Verdict,
    bits_of,
    decide,
    probability,
)
from conflicts.identity.weights import Weights

ENOUGH = 100  # reviewed queries; fewer say less than what the shipped weights were learned from
HELD_OUT = 4  # one of so many
# How strongly the shipped weights hold (they stand for 6,000 queries). Tried on G with and without columns: at 200
# reviewed queries 16 to 64 do as well as each other; less follows chance.
RIDGE = 32.0
CAREFUL = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)  # of the way from the threshold to certainty


@dataclass(frozen=True)
class Seen:
    """A candidate as the machine saw it when a person spoke: its facts, and what the verdict needs besides."""

    facts: dict[str, float]
    related: bool = False
    grounded: bool = True


@dataclass(frozen=True)
class Query:
    """A reviewed query: who asked, its candidates, and the place of the right one (-1: none of them)."""

    key: str
    candidates: Sequence[Seen]
    right: int

    @property
    def held_out(self) -> bool:
        """Whether it judges (and is never learned from); by its key alone, so for ever."""
        return zlib.crc32(self.key.encode()) % HELD_OUT == 0


@dataclass(frozen=True)
class Version:
    """What decides: weights, and where the verdicts lie."""

    weights: Weights
    thresholds: Thresholds


@dataclass(frozen=True)
class Figures:
    """How a version does on queries. Shares are of all of them, `missed` is of those whose account was there."""

    queries: int
    same: int
    same_right: int
    possible: int
    known: int
    missed: int
    log_loss: float  # nats a query, of the truth among its candidates and "none of them"

    @property
    def precision(self) -> float:
        """Of what it calls the same; a version that calls nothing so makes no mistake."""
        return self.same_right / self.same if self.same else 1.0


@dataclass(frozen=True)
class Change:
    """A reviewed query that a version judges otherwise: both verdicts, and whether each had the right account first."""

    key: str
    held_out: bool
    before: Verdict
    after: Verdict
    known: bool
    right_before: bool
    right_after: bool

    @property
    def better(self) -> bool:
        """Whether it is nearer to what people said than before."""
        return self._merit(self.after, self.right_after) > self._merit(self.before, self.right_before)

    def _merit(self, verdict: Verdict, right: bool) -> int:
        order = (SAME, POSSIBLE, FAMILY, DIFFERENT)
        if not self.known:
            return order.index(verdict)
        return -4 if verdict == SAME and not right else -order.index(verdict)


@dataclass(frozen=True)
class Trial:
    """Two versions on the held out queries, and what changes on all of them."""

    before: Figures
    after: Figures
    changes: tuple[Change, ...]

    @property
    def holds(self) -> bool:
        """Whether the new one may be used: what it calls the same is right at least as often as before."""
        return self.after.precision >= self.before.precision

    def as_json(self) -> dict[str, Any]:
        """Plain values, to be kept with the version."""
        return {
            "before": asdict(self.before) | {"precision": round(self.before.precision, 5)},
            "after": asdict(self.after) | {"precision": round(self.after.precision, 5)},
            "holds": self.holds,
            "changes": [asdict(change) | {"better": change.better} for change in self.changes],
        }


def learn(queries: Iterable[Query], *, prior: Version, name: str) -> Version:
    """A version drawn from `prior` towards what people said; the held out queries are left out.

    People are asked about unclear pairs: what is learned there may say "same" too easily of others, so its threshold
    rises until it is right as often as the prior on what was learned from.
    """
    told = [query for query in queries if not query.held_out]
    reviewed = [Reviewed([seen.facts for seen in query.candidates], query.right) for query in told]
    weights = fit(reviewed, version=name, kept={}, prior=prior.weights, ridge=RIDGE)
    wanted = figures(told, prior).precision
    lowest = prior.thresholds.same
    tried = (replace(prior.thresholds, same=round(lowest + part * (1 - lowest), 4)) for part in CAREFUL)
    versions = [Version(weights, thresholds) for thresholds in tried]
    return next((v for v in versions if figures(told, v).precision >= wanted), versions[-1])


def compare(queries: Sequence[Query], before: Version, after: Version) -> Trial:
    """Judge the queries under both versions."""
    kept = [query for query in queries if query.held_out]
    changes = []
    for query in queries:
        was, now = (judged(query, version) for version in (before, after))
        if was.verdict != now.verdict or (now.verdict in (SAME, POSSIBLE) and was.best != now.best):
            known = query.right >= 0
            changes.append(Change(query.key, query.held_out, was.verdict, now.verdict, known,
                                  was.best == query.right, now.best == query.right))  # fmt: skip
    return Trial(figures(kept, before), figures(kept, after), tuple(changes))


def side_by_side(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Two versions' figures (of Trial.as_json) as lines for people: what is counted, before, after."""

    def line(title: str, part: str, of: str) -> tuple[str, str, str]:
        was, now = (f"{f[part] / f[of]:.1%} ({f[part]} of {f[of]})" if f[of] else "–" for f in (before, after))
        return title, was, now

    return [
        line("“Same” is right", "same_right", "same"),
        line("Called the same", "same", "queries"),
        line("Left to a person", "possible", "queries"),
        line("Known, but called different", "missed", "known"),
        ("Surprise (log loss, less is better)", f"{before['log_loss']:.3f}", f"{after['log_loss']:.3f}"),
    ]


def figures(queries: Sequence[Query], version: Version) -> Figures:
    """How a version does on these queries."""
    found = [(query, judged(query, version)) for query in queries]
    same = [query.right == decision.best for query, decision in found if decision.verdict == SAME]
    loss = sum(_loss(query, version.weights) for query in queries) / max(1, len(queries))
    return Figures(
        queries=len(queries),
        same=len(same),
        same_right=sum(same),
        possible=sum(decision.verdict == POSSIBLE for _, decision in found),
        known=sum(query.right >= 0 for query in queries),
        missed=sum(query.right >= 0 and decision.verdict == DIFFERENT for query, decision in found),
        log_loss=round(loss, 5),
    )


def judged(query: Query, version: Version) -> Decision[int]:
    """What a version makes of a query; `best` is the place of the candidate."""
    ranked = [(place, _match(seen, version.weights)) for place, seen in enumerate(query.candidates)]
    return decide(ranked, version.thresholds)


def _match(seen: Seen, weights: Weights) -> Match:
    bits = round(bits_of(Evidence(seen.facts, NOTHING, 1), weights), 3)
    return Match(bits, probability(bits), POSSIBLE, (), seen.related, seen.grounded, weights.version)


def _loss(query: Query, weights: Weights) -> float:
    odds = [2 ** max(-500.0, min(500.0, _match(seen, weights).bits)) for seen in query.candidates]
    true = odds[query.right] if query.right >= 0 else 1.0
    return -math.log(max(1e-12, true / (1 + sum(odds))))
