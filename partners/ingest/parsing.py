"""Rows -> attributes of a model: each cell is read by its column's type, each name of another record looked up."""

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from uuid_utils.compat import uuid7

from partners.ingest.columns import Column, Kind
from partners.ingest.problems import RowError, quoted
from partners.ingest.references import Found, Promises, find, known_names, names_in, noun, target_of
from partners.ingest.values import DIRECT, BadValueError, ListOf, Party, Reading, is_empty
from partners.models import Program


@dataclass(frozen=True)
class SourceRow:
    """One row as it came: its line in the file, its cells by the kind's columns, and as they stood (`raw`)."""

    line: int
    values: Mapping[str, Any]
    raw: Any = None
    problem: str = ""  # what is wrong with the row before any cell is looked at

    @property
    def source(self) -> Any:
        """What the lineage keeps."""
        return self.values if self.raw is None else self.raw


@dataclass
class Parsed:
    """One row on its way: the cells that it has, read; later the model's attributes."""

    source: SourceRow
    cells: dict[str, Any] = field(default_factory=dict)
    attributes: dict[str, Any] = field(default_factory=dict)
    bad: bool = False

    @property
    def line(self) -> int:
        return self.source.line


@dataclass
class Parser:
    """Reads the rows of one kind into one program and keeps what was wrong."""

    kind: Kind
    program: Program
    reading: Reading
    errors: list[RowError] = field(default_factory=list)
    promises: Promises = field(default_factory=Promises)
    _hints: dict[str, str] = field(default_factory=dict)

    def parse(self, rows: Sequence[SourceRow]) -> list[Parsed]:
        """The good rows of a chunk."""
        parsed = [self._read(row) for row in rows]
        self._resolve(parsed)  # of bad rows too: all that is wrong is told at once
        return [row for row in parsed if not row.bad]

    def complain(self, row: Parsed, column: str, problem: str, value: Any = "") -> None:
        """This row is bad."""
        row.bad = True
        self.errors.append(RowError(row.line, column, problem, plain(value)))

    def _read(self, source: SourceRow) -> Parsed:
        row = Parsed(source)
        if source.problem:
            self.complain(row, "", source.problem)
            return row
        refused = dict(unstorable(source.source))
        for where, problem in refused.items():
            self.complain(row, where, problem)
        columns = self.kind.by_name
        unknown = [str(name) for name in source.values if name not in columns]
        if unknown:
            self.complain(row, plain(unknown[0]), f"{self.kind.name} have no such column, only {', '.join(columns)}")
        for name, value in source.values.items():
            if name in columns and name not in refused:
                self._cell(row, columns[name], value)
        return row

    def _cell(self, row: Parsed, column: Column, value: Any) -> None:
        if is_empty(value):
            if column.required:
                self.complain(row, column.name, f"is empty; expected is {column.type.about}")
            row.cells[column.name] = column.empty
            return
        try:
            row.cells[column.name] = column.type.read(value, self.reading)
        except BadValueError as error:
            self.complain(row, column.name, f"{quoted(value)} {error}", value)
            return
        if column.required and row.cells[column.name] == []:
            self.complain(row, column.name, f"is empty; expected is {column.type.about}", value)

    def _resolve(self, rows: list[Parsed]) -> None:
        wanted: dict[str, set[str]] = defaultdict(set)
        linking = [(column, target) for column in self.kind.by_name.values() if (target := target_of(column))]
        for row in rows:
            for column, target in linking:
                wanted[target].update(names_in(column, row.cells.get(column.name)))
        found = find(self.program, {kind: names for kind, names in wanted.items() if names})
        targets = {column.name: target for column, target in linking}
        for row in rows:
            for name, cell in row.cells.items():
                column = self.kind.by_name[name]
                if column not in self.kind.extra:
                    self._set(row, column, cell, found.get(targets.get(name, ""), {}), targets.get(name, ""))

    def _set(self, row: Parsed, column: Column, cell: Any, found: dict[str, Found], target: str) -> None:
        """Put a cell into the row's attributes, a name of another record as its id."""
        attributes = row.attributes
        names = names_in(column, cell) if target else []
        missing = [name for name in names if name not in found]
        if missing and column.name == self.kind.parent:
            attributes[column.attribute] = self.promises.make(missing[0], row.line, uuid7())
            return
        if missing:
            self.complain(row, column.name, self._unknown(target, missing[0]), missing[0])
        elif isinstance(column.type, Party):
            attributes["direct"] = cell == DIRECT
            attributes["partner_id"] = found[cell].id if names else None
        elif not target or isinstance(column.type, ListOf) or target == "product_lines":
            attributes[column.attribute] = cell
        else:
            attributes[column.attribute] = found[cell].id if names else None
            if target == "registrations":
                attributes["partner_id"] = found[cell].partner_id

    def _unknown(self, target: str, name: str) -> str:
        if target not in self._hints:
            self._hints[target] = known_names(self.program, target)
        return f"{quoted(name)} is no {noun(target)} of this program{self._hints[target]}"

    def broken_promises(self, seen: Mapping[tuple[Any, ...], int]) -> Iterator[RowError]:
        """The rows whose parent neither was there nor came with the file."""
        for name, lines in self.promises.lines.items():
            if (name,) not in seen:
                for line in lines:
                    yield RowError(line, self.kind.parent, self._unknown(self.kind.name, name), name)


def unstorable(raw: Any, where: str = "") -> Iterator[tuple[str, str]]:
    """Text that no database keeps: NUL, and halves of characters (a JSON escape can name one)."""
    if isinstance(raw, str):
        if "\0" in raw:
            yield where, "contains a NUL character, which is not text"
        elif not raw.isascii() and any("\ud800" <= letter <= "\udfff" for letter in raw):
            yield where, "contains half a character (a lone surrogate), which is not text"
    elif isinstance(raw, float) and not math.isfinite(raw):
        yield where, "is no finite number"
    elif isinstance(raw, Mapping):
        for name, value in raw.items():
            yield from unstorable(value, where or plain(name))
            yield from unstorable(name, where)
    elif isinstance(raw, list):
        for value in raw:
            yield from unstorable(value, where)


def as_json(raw: Any) -> Any:
    """The row as it came, in what JSON can say: dates as their text."""
    if isinstance(raw, Mapping):
        return {str(name): as_json(value) for name, value in raw.items()}
    if isinstance(raw, list):
        return [as_json(value) for value in raw]
    if isinstance(raw, date):
        return raw.isoformat()
    return raw if raw is None or isinstance(raw, str | int | float | bool) else str(raw)


def plain(value: Any) -> str:
    """A value for an error's `value`: short, printable text."""
    return quoted(value)[1:-1] if value != "" else ""


def keys_of(kind: Kind, row: Parsed) -> tuple[Any, ...]:
    """What the row is found again by; a key column that it lacks has its empty value."""
    columns = kind.by_name
    for name in kind.key:
        attribute = columns[name].attribute
        if attribute not in row.attributes and not columns[name].required:
            row.attributes[attribute] = columns[name].empty
    return tuple(row.attributes.get(attribute) for attribute in kind.key_attributes)


def missing_columns(kind: Kind, row: Parsed) -> list[str]:
    """The columns that a new record needs and this row does not have."""
    return [column.name for column in kind.columns if column.required and column.name not in row.cells]


def attributes_of_new(kind: Kind, row: Parsed) -> dict[str, Any]:
    """All attributes of a new record: the row's, else what an empty cell would mean."""
    empty: dict[str, Any] = {}
    for column in kind.columns:
        empty[column.attribute] = column.empty
        if isinstance(column.type, Party):
            empty["direct"] = False
    return {**empty, **row.attributes}
