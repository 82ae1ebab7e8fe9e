"""Weights learned from reviewed queries: each has candidates, of which one or none is right. Pure, no dependency.

Logistic regression over the pairs (Fellegi and Sunter's log odds, 1969): Newton steps, each solved by coordinate descent
under the signs that keep the score monotone. Candidates that compete for a query are weighed in `score.decide`.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from conflicts.identity.evidence import SIGNS
from conflicts.identity.weights import Weights

LOG2E = math.log2(math.e)
FURTHEST = 1.5


@dataclass(frozen=True)
class Reviewed:
    """The facts of a query's candidates, and the place of the right one (-1: none of them)."""

    candidates: Sequence[Mapping[str, float]]
    right: int


def fit(
    queries: Sequence[Reviewed],
    *,
    version: str,
    kept: Mapping[str, float],
    prior: Weights | None = None,
    rounds: int = 40,
    ridge: float = 1.0,
    most_bits: float = 10.0,
) -> Weights:
    """Learn weights; `kept` are bits that stay as they are (what the reviewed queries cannot tell).

    With a `prior` they are drawn towards it by `ridge`, start included, instead of towards nothing: few reviewed
    queries move it a little, and what none of them tells of stays as it was.
    """
    names = [name for name in SIGNS if name not in kept]
    place = {name: i + 1 for i, name in enumerate(names)}
    rows = [([_vector(c, place) for c in q.candidates], q.right) for q in queries if q.candidates]
    size, most = len(names) + 1, most_bits / LOG2E
    bounds = [(-math.inf, math.inf)] + [(0.0, most) if SIGNS[n] > 0 else (-most, 0.0) for n in names]
    drawn_to = (
        [0.0] * size if prior is None else [b / LOG2E for b in (prior.start, *map(prior.bits.__getitem__, names))]
    )
    pull = [1e-6 if prior is None else ridge, *[ridge] * len(names)]
    beta = [-3.0, *drawn_to[1:]] if prior is None else list(drawn_to)
    for _ in range(rounds):
        gradient, curvature = _slopes(rows, beta, size)
        for i in range(size):
            gradient[i] -= pull[i] * (beta[i] - drawn_to[i])
            curvature[i][i] += pull[i]
        step = _solve(curvature, gradient, beta, bounds)
        beta = [b + s for b, s in zip(beta, step, strict=True)]
        if max(abs(s) for s in step) < 1e-3:
            break
    bits = {name: round(beta[place[name]] * LOG2E, 3) for name in names}
    return Weights(version, round(beta[0] * LOG2E, 3), {n: kept.get(n, bits.get(n, 0.0)) for n in SIGNS})


def _vector(facts: Mapping[str, float], place: Mapping[str, int]) -> list[tuple[int, float]]:
    return [(0, 1.0)] + [(place[name], value) for name, value in facts.items() if name in place and value]


Rows = list[tuple[list[list[tuple[int, float]]], int]]


def _slopes(rows: Rows, beta: list[float], size: int) -> tuple[list[float], list[list[float]]]:
    gradient = [0.0] * size
    curvature = [[0.0] * size for _ in range(size)]
    for vectors, right in rows:
        for k, vector in enumerate(vectors):
            p = 1 / (1 + math.exp(-max(-60.0, min(60.0, sum(beta[i] * x for i, x in vector)))))
            miss = (k == right) - p
            slope = max(p * (1 - p), 1e-5)
            for i, x in vector:
                gradient[i] += miss * x
                px, row = slope * x, curvature[i]
                for j, y in vector:
                    row[j] += px * y
    return gradient, curvature


def _solve(
    curvature: list[list[float]], gradient: list[float], beta: list[float], bounds: list[tuple[float, float]]
) -> list[float]:
    """The step that gains most within the bounds, by coordinate descent."""
    size = len(beta)
    step = [0.0] * size
    residue = list(gradient)
    for _ in range(200):
        largest = 0.0
        for i in range(size):
            low, high = bounds[i]
            wanted = step[i] + residue[i] / curvature[i][i] if curvature[i][i] else step[i]
            # A step is kept short: far from the answer the curvature promises too much.
            wanted = min(max(wanted, low - beta[i], -FURTHEST), high - beta[i], FURTHEST)
            if change := wanted - step[i]:
                step[i] = wanted
                row = curvature[i]
                for j in range(size):
                    residue[j] -= row[j] * change
                largest = max(largest, abs(change))
        if largest < 1e-5:
            break
    return step
