"""What a draft would change, before anything is published: leads, findings, overlaps, gaps. Writes nothing."""

import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from conflicts.drafting.claims import Effects, effects
from conflicts.drafting.rules import Rules, Wish, rules_of
from conflicts.drafting.where import Cells
from conflicts.facts import DIRECT
from conflicts.policy import Policy
from conflicts.territories import HELD, NOBODY, TIE, Lead, Shift, TerritoryOverlap, shift, territory_overlaps
from partners.models import Partner, Program
from partners.places import place_name

PAGE = 10  # accounts a page
SHOWN = 50  # rows of the other tables
COVERED = {HELD: "covered", TIE: "contested", NOBODY: "uncovered"}
DIMENSIONS = {"country": "Country", "state": "US state", "industry": "Industry", "line": "Product line"}


@dataclass(frozen=True)
class Flow:
    """So many accounts go from one hand to another, for these product lines."""

    before: str
    after: str
    lines: str
    accounts: int


@dataclass(frozen=True)
class Row:
    """One value of a dimension: accounts times product lines that are covered, contested, uncovered: before and after."""

    label: str
    cells: tuple[tuple[str, int, int], ...]

    @property
    def changed(self) -> bool:
        """Whether any number changes."""
        return any(before != after for _, before, after in self.cells)


@dataclass(frozen=True)
class Account:
    """An account that changes hands: for which lines, from whom to whom."""

    id: Any
    name: str
    ref: str
    place: str
    moves: tuple[Flow, ...]


@dataclass(frozen=True)
class Party:
    """What a party gains and loses: accounts that it leads, findings on its live registrations."""

    name: str
    gained: int
    lost: int
    appear: int
    go: int


@dataclass(frozen=True)
class Preview:
    """All of it; `seconds` is what it took."""

    rules: Rules
    shift: Shift
    flows: list[Flow]
    parties: list[Party]
    effects: Effects
    made: list[TerritoryOverlap]
    mended: list[TerritoryOverlap]
    matrix: dict[str, list[Row]]
    accounts: list[Account]
    page: int
    names: dict[str, str]
    seconds: float

    @property
    def on(self) -> date:
        """The day that it is computed for."""
        return self.rules.on

    @property
    def tables(self) -> list[tuple[str, list[Row]]]:
        """The matrix by the names of its dimensions."""
        return [(DIMENSIONS[name], rows) for name, rows in self.matrix.items()]

    @property
    def pages(self) -> int:
        """Pages of accounts."""
        return max(1, -(-self.shift.moved // PAGE))


def preview(
    *, program: Program, wishes: Iterable[Wish], policy: Policy, at: datetime, on: date, page: int = 1
) -> Preview:
    """Compare the program's rules with the rules as wished, on a day. A fixed number of queries, whatever the accounts."""
    started = time.perf_counter()
    rules = rules_of(program, wishes, at, on)
    cells = Cells(program.pk, rules.change.changed(), rules.change.concerned())
    found = shift(rules.change, cells.read() if cells.changed else [])
    page = min(max(1, page), max(1, -(-found.moved // PAGE)))
    keys = {move.key for move in found.moves}
    rows = cells.accounts(keys, limit=PAGE, offset=(page - 1) * PAGE) if keys else []
    told = effects(rules, policy, at)
    before, after = (
        {_pair(o): o for o in territory_overlaps(one, rules.at, rules.keys)}
        for one in (rules.change.before, rules.change.after)
    )
    names = _names(program, found, told)
    return Preview(
        rules=rules, shift=found, flows=_flows(found, names), parties=_parties(found, told, names), effects=told,
        made=[after[pair] for pair in after.keys() - before.keys()],
        mended=[before[pair] for pair in before.keys() - after.keys()],
        matrix={name: _matrix(found, name) for name in DIMENSIONS}, accounts=[_account(row, found, names) for row in rows],
        page=page, names=names, seconds=time.perf_counter() - started,
    )  # fmt: skip


def worded(lead: Lead, names: dict[str, str]) -> str:
    """Whose lead it is, for people."""
    if lead.kind == TIE:
        return "Sales operations (a tie)"
    if lead.kind == NOBODY:
        return "nobody"
    return ", ".join(sorted(names.get(owner, "a partner") for owner in lead.owners))


def _names(program: Program, found: Shift, told: Effects) -> dict[str, str]:
    ids = {owner for before, after, _ in found.flows for lead in (before, after) for owner in lead.owners}
    ids |= {effect.claimant for effect in (*told.appear, *told.go)}
    rows = Partner.objects.filter(program=program, pk__in=ids - {DIRECT}).values_list("pk", "name")
    return {str(pk): name for pk, name in rows} | {DIRECT: "Direct team"}


def _flows(found: Shift, names: dict[str, str]) -> list[Flow]:
    flows = [Flow(worded(b, names), worded(a, names), ", ".join(lines), n) for (b, a, lines), n in found.flows.items()]
    return sorted(flows, key=lambda flow: (-flow.accounts, flow.before, flow.after, flow.lines))


def _parties(found: Shift, told: Effects, names: dict[str, str]) -> list[Party]:
    findings = told.by_party()
    parties = found.gained.keys() | found.lost.keys() | findings.keys()
    rows = [Party(names.get(p, "a partner"), found.gained[p], found.lost[p], *findings.get(p, (0, 0))) for p in parties]
    return sorted(rows, key=lambda row: (-row.gained - row.lost, row.name))


def _matrix(found: Shift, dimension: str) -> list[Row]:
    rows = []
    for (name, value), pairs in sorted(found.places.items()):
        if name == dimension:
            before, after = Counter[str](), Counter[str]()
            for (kind_before, kind_after), number in pairs.items():
                before[kind_before] += number
                after[kind_after] += number
            rows.append(Row(_label(dimension, value), tuple((COVERED[k], before[k], after[k]) for k in COVERED)))
    return rows


def _label(dimension: str, value: str) -> str:
    if not value:
        return "unknown"
    if dimension == "country":
        return place_name(value, "")
    return place_name("", value) if dimension == "state" else f"{value}…" if dimension == "industry" else value


def _account(row: tuple[Any, ...], found: Shift, names: dict[str, str]) -> Account:
    key, name, ref, country, state, cell = row
    by_hands: dict[tuple[str, str], list[str]] = defaultdict(list)
    for move in (move for move in found.moves if move.key == cell):
        by_hands[worded(move.before, names), worded(move.after, names)] += move.lines
    moves = tuple(Flow(*hands, ", ".join(sorted(lines)), 1) for hands, lines in by_hands.items())
    return Account(key, name, ref, place_name(country, state), moves)


def _pair(overlap: TerritoryOverlap) -> tuple[str, str]:
    first, second = sorted((overlap.first_id, overlap.second_id))
    return first, second
