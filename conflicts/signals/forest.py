"""Isolation forest (Liu, Ting and Zhou 2008): what few random cuts set apart is unlike the rest. Pure Python, seeded.

The library that has it brings 200 MB of others along for these lines (docs/signals.md has the comparison).
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, log
from random import Random
from typing import TypeAlias

TREES, SAMPLE, SEED = 100, 256, 90125
EULER = 0.5772156649
Row: TypeAlias = Sequence[float]
# A leaf is the cuts that its rows would still take; a node is (feature, cut, below, above).
Node: TypeAlias = "float | tuple[int, float, Node, Node]"


class Forest:
    """Learns what rows are usual; `score` is near 1 for what is unlike them and below .5 for the usual."""

    def __init__(self, rows: Sequence[Row], seed: int = SEED) -> None:
        dice = Random(seed)  # noqa: S311 (cuts, not secrets)
        size = min(SAMPLE, len(rows))
        depth = ceil(log(max(size, 2), 2))
        self.usual = cuts(size)
        self.trees = [_grow(dice.sample(list(rows), size), depth, dice) for _ in range(TREES)] if rows else []

    def score(self, row: Row) -> float:
        """Between 0 and 1; .5 where nothing was learned."""
        if not self.trees or not self.usual:
            return 0.5
        mean = sum(_path(tree, row) for tree in self.trees) / len(self.trees)
        return float(2 ** (-mean / self.usual))


def cuts(size: int) -> float:
    """The mean number of cuts that set one of `size` rows apart (an unsuccessful search in a binary tree)."""
    if size < 2:
        return 0.0
    return 2 * (log(size - 1) + EULER) - 2 * (size - 1) / size if size > 2 else 1.0


def _grow(rows: list[Row], depth: int, dice: Random) -> Node:
    differing = [i for i in range(len(rows[0])) if any(row[i] != rows[0][i] for row in rows)] if len(rows) > 1 else []
    if not depth or not differing:
        return cuts(len(rows))
    feature = dice.choice(differing)
    values = [row[feature] for row in rows]
    cut = dice.uniform(min(values), max(values))
    below, above = [row for row in rows if row[feature] < cut], [row for row in rows if row[feature] >= cut]
    if not below or not above:
        return cuts(len(rows))
    return feature, cut, _grow(below, depth - 1, dice), _grow(above, depth - 1, dice)


def _path(node: Node, row: Row) -> float:
    steps = 0
    while isinstance(node, tuple):
        feature, cut, below, above = node
        node = below if row[feature] < cut else above
        steps += 1
    return steps + node
