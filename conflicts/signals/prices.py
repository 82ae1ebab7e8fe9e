"""Discounts of a partner on a product line against its own year, apart from what all its peers did at the same time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from statistics import median

from conflicts.signals.facts import Quotes
from conflicts.signals.robust import mad, moderated

LATELY, YEAR = 4, 52  # weeks
LEAST_BEFORE, PEERS, BORROWED = 4, 5, 8
FLOOR = 1.0  # points: prices that never moved are no proof that a point is much


@dataclass(frozen=True, slots=True)
class Swing:
    """The median discount of the last weeks, what it should be, and by how many spreads they differ (either way)."""

    observed: float
    expected: float
    spread: float
    score: float
    quotes: int


@dataclass(frozen=True, slots=True)
class _Book:
    now: float
    before: float
    spread: float
    weeks: int
    earlier: int
    quotes: int


def swings(quotes: Mapping[tuple[str, str], Quotes]) -> dict[tuple[str, str], Swing]:
    """By partner and product line, where there are quotes of the last four weeks and of four weeks before."""
    books = {key: book for key, found in quotes.items() if (book := _book(found))}
    peers: dict[str, list[_Book]] = {}
    for (_, line), book in books.items():
        peers.setdefault(line, []).append(book)
    return {key: _judge(book, peers[key[1]]) for key, book in books.items()}


def _book(quotes: Quotes) -> _Book | None:
    now = {week: found for week, found in quotes.items() if week < LATELY}
    before = [discount for week, (discount, _) in quotes.items() if LATELY <= week < YEAR + LATELY]
    if not now or len(before) < LEAST_BEFORE:
        return None
    centre = median(before)
    found = sum(count for _, count in now.values())
    return _Book(median([d for d, _ in now.values()]), centre, mad(before, centre), len(now), len(before), found)


def _judge(book: _Book, peers: list[_Book]) -> Swing:
    shift = median([peer.now - peer.before for peer in peers]) if len(peers) >= PEERS else 0.0
    usual = median([peer.spread for peer in peers])
    spread = max(moderated(book.spread, book.earlier, usual, BORROWED), FLOOR)
    unsure = spread * sqrt(1 / book.weeks + 1 / book.earlier)
    expected = book.before + shift
    return Swing(book.now, expected, unsure, abs(book.now - expected) / unsure, book.quotes)


def drifts(quotes: Mapping[tuple[str, str], Quotes]) -> dict[str, list[float]]:
    """By partner, for each of thirteen blocks of four weeks, the oldest first: how far its discounts lay from its own
    year and from what its peers did meanwhile, in spreads (the mean of its product lines; 0 where it quoted nothing).
    """
    off = {key: _off(found) for key, found in quotes.items()}
    shared: dict[tuple[str, int], list[float]] = {}
    for (_, line), blocks in off.items():
        for ago, value in blocks.items():
            shared.setdefault((line, ago), []).append(value)
    shifts = {key: median(values) for key, values in shared.items() if len(values) >= PEERS}
    found: dict[str, list[list[float]]] = {}
    for (partner, line), blocks in off.items():
        lone = {ago: value - shifts.get((line, ago), 0.0) for ago, value in blocks.items()}
        found.setdefault(partner, []).append([lone.get(ago, 0.0) for ago in reversed(range(YEAR // LATELY))])
    return {key: [sum(column) / len(rows) for column in zip(*rows, strict=True)] for key, rows in found.items()}


def _off(quotes: Quotes) -> dict[int, float]:
    """Blocks ago -> the block's median discount less the year's, in spreads."""
    book = _book(quotes)
    if book is None:
        return {}
    blocks: dict[int, list[float]] = {}
    for week, (discount, _) in quotes.items():
        blocks.setdefault(week // LATELY, []).append(discount)
    spread = max(book.spread, FLOOR)
    return {ago: (median(values) - book.before) / spread for ago, values in blocks.items()}
