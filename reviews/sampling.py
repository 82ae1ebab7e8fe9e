"""The draw of a week's spot checks: reproducible from the rows alone, chosen by nobody, with every stratum in reach. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Item:
    """Something that can be drawn, and the strata that it belongs to (its partner, tier and region)."""

    key: str
    strata: tuple[tuple[str, str], ...] = ()


def size_of(count: int, share_pct: int, least: int) -> int:
    """How many of `count` are drawn: the share, rounded up, but at least so many, and never more than there are."""
    return min(count, max(least, -(-count * share_pct // 100)))


def seed_of(scope: str, keys: Iterable[str]) -> str:
    """The seed of a draw: it hangs on everything that can be drawn, so nobody knows it before the week is over."""
    return hashlib.sha256("\n".join((scope, *sorted(keys))).encode()).hexdigest()


def draw(items: Collection[Item], size: int, seed: str) -> list[str]:
    """The keys of `size` items (all, where there are fewer), in the order of the draw.

    Items are put in the order of a seeded hash. First come those that bring a stratum which none before them has, then
    the rest: so every partner, tier and region is in the sample where it is at least as large as they are many, and in
    a smaller one each has its chance.
    """
    order = sorted(items, key=lambda item: (_rank(seed, item.key), item.key))
    first, rest = _by_strata(order)
    return [item.key for item in (*first, *rest)[: max(size, 0)]]


def _rank(seed: str, key: str) -> str:
    return hashlib.sha256(f"{seed}:{key}".encode()).hexdigest()


def _by_strata(order: Sequence[Item]) -> tuple[list[Item], list[Item]]:
    """Those that bring a new stratum, and the others, each in the order given."""
    covered: set[tuple[str, str]] = set()
    first: list[Item] = []
    rest: list[Item] = []
    for item in order:
        (rest if covered.issuperset(item.strata) else first).append(item)
        covered.update(item.strata)
    return first, rest
