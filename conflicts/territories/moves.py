"""What a change of rules does to leads: cells of accounts judged before and after, for each group of product lines."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from conflicts.facts import ALL, Account, Lines, Territory, overlap
from conflicts.territories.covering import live
from conflicts.territories.ground import Ground
from conflicts.territories.leads import NOBODY, Lead, lead_among
from conflicts.territories.overlaps import collide


class Cell(Protocol):
    """Accounts that no rule at hand tells apart (conflicts.drafting.where.Cell)."""

    @property
    def key(self) -> str:
        """Its own."""

    @property
    def count(self) -> int:
        """How many accounts."""

    @property
    def sector(self) -> str:
        """The beginning of their industry code."""

    @property
    def account(self) -> Account:
        """One that stands for all."""


@dataclass(frozen=True, slots=True)
class Move:
    """Accounts of one cell that change hands for these product lines (none: the program has no lines)."""

    key: str
    count: int
    lines: tuple[str, ...]
    before: Lead
    after: Lead


@dataclass(frozen=True)
class Change:
    """Two sets of rules of one day; rules that did not change are the same objects in both."""

    before: Sequence[Territory]
    after: Sequence[Territory]
    on: date
    catalogue: tuple[str, ...] = ()  # all product lines of the program

    def differing(self) -> list[Territory]:
        """Versions of rules that only one of the two sets has."""
        kept = {id(rule) for rule in self.before} & {id(rule) for rule in self.after}
        return [rule for rule in (*self.before, *self.after) if id(rule) not in kept]

    def changed(self) -> list[Territory]:
        """Those of them that are live on the day."""
        return [rule for rule in self.differing() if live(rule, self.on)]

    def concerned(self) -> list[Territory]:
        """The rules of both sets that may cover an account that a changed one covers."""
        changed = self.changed()
        both = {id(rule): rule for rule in (*self.before, *self.after) if live(rule, self.on)}
        return [rule for rule in both.values() if any(rule is one or collide(rule, one) for one in changed)]

    def line_groups(self) -> list[tuple[str, ...]]:
        """Product lines that a changed rule is about, together where no rule concerned tells them apart."""
        scopes = [rule.product_lines for rule in self.changed()]
        lines = [line for line in self.catalogue if any(not scope or line in scope for scope in scopes)]
        groups: dict[tuple[bool, ...], list[str]] = defaultdict(list)
        rules = [rule for rule in self.concerned() if rule.product_lines]
        for line in lines:
            groups[tuple(line in rule.product_lines for rule in rules)].append(line)
        return [tuple(group) for group in groups.values()] or ([()] if not self.catalogue else [])


@dataclass
class Shift:
    """What changes hands. Counts of `moved` and `gaps` are accounts; those of `places` accounts times product lines."""

    touched: int = 0
    moved: int = 0
    gaps: int = 0  # accounts that somebody had for some line before, and nobody after
    moves: list[Move] = field(default_factory=list)
    flows: Counter[tuple[Lead, Lead, tuple[str, ...]]] = field(default_factory=Counter)
    gained: Counter[str] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)
    places: dict[tuple[str, str], Counter[tuple[str, str]]] = field(default_factory=lambda: defaultdict(Counter))


def shift(change: Change, cells: Iterable[Cell]) -> Shift:
    """Judge each cell before and after; leads by lead_among, coverage by covers."""
    judge, found = _Judge(change), Shift()
    for cell in cells:
        found.touched += cell.count
        moves = []
        for lines, before, after in judge.leads(cell.account):
            _place(found, cell, lines, before, after)
            if not before.same_as(after):
                moves.append(Move(cell.key, cell.count, lines, before, after))
        _note(found, cell, moves)
    return found


class _Judge:
    """Leads before and after. Each account, and each set of covering rules, is judged once: cells share both."""

    def __init__(self, change: Change) -> None:
        self.on, self.groups = change.on, change.line_groups()
        self.ground = Ground.of(change.concerned())
        self.sets = [{id(rule) for rule in rules} for rules in (change.before, change.after)]
        self.covering: dict[Account, tuple[Territory, ...]] = {}
        self.judged: dict[tuple[int, ...], list[tuple[tuple[str, ...], Lead, Lead]]] = {}

    def leads(self, account: Account) -> list[tuple[tuple[str, ...], Lead, Lead]]:
        """(product lines, lead before, lead after) for each group of lines."""
        covering = self.covering.get(account)
        if covering is None:
            covering = self.covering[account] = tuple(self.ground.covering(account))
        key = tuple(id(rule) for rule in covering)
        if key not in self.judged:
            self.judged[key] = [self._judged(covering, lines) for lines in self.groups]
        return self.judged[key]

    def _judged(self, covering: Sequence[Territory], lines: tuple[str, ...]) -> tuple[tuple[str, ...], Lead, Lead]:
        scope: Lines = frozenset(lines[:1]) if lines else ALL
        fits = [rule for rule in covering if overlap(rule.product_lines, scope)]
        before, after = (lead_among([rule for rule in fits if id(rule) in one], self.on) for one in self.sets)
        return lines, before, after


def _note(found: Shift, cell: Cell, moves: list[Move]) -> None:
    if not moves:
        return
    found.moved += cell.count
    found.moves += moves
    found.gaps += cell.count * any(move.after.kind == NOBODY for move in moves)
    for move in moves:
        plain = [Lead(lead.kind, lead.owners) for lead in (move.before, move.after)]
        found.flows[plain[0], plain[1], move.lines] += cell.count
    for tally, parties in (
        (found.gained, {party for move in moves for party in move.after.owners - move.before.owners}),
        (found.lost, {party for move in moves for party in move.before.owners - move.after.owners}),
    ):
        for party in parties:
            tally[party] += cell.count


def _place(found: Shift, cell: Cell, lines: tuple[str, ...], before: Lead, after: Lead) -> None:
    """Into the tables by country, state, industry and product line: (kind before, kind after) -> how many."""
    pair, number = (before.kind, after.kind), cell.count * max(1, len(lines))
    found.places["country", cell.account.country][pair] += number
    if cell.account.country == "US":
        found.places["state", cell.account.subdivision][pair] += number
    found.places["industry", cell.sector][pair] += number
    for line in lines:
        found.places["line", line][pair] += cell.count
