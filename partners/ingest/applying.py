"""Rows through a map: joined, chosen, renamed, replaced, merged. What cannot be done to a row is its problem."""

import string
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from partners.ingest.columns import Kind
from partners.ingest.mapping import (
    FileMap,
    as_key,
    check_columns,
    fields_of,
    one_character,
    read_map,
    text_of,
    understood,
)
from partners.ingest.parsing import SourceRow
from partners.ingest.problems import quoted
from partners.ingest.reading import Table, open_table
from partners.ingest.values import ListOf, is_empty


@dataclass(frozen=True)
class MappedTable:
    """A table read through a map; iterating reads the file anew."""

    table: Table
    map: FileMap
    kind: Kind

    def __iter__(self) -> Iterator[SourceRow]:
        rows = (mapped for row in self.table if (mapped := _mapped(row, self.map, self.kind)) is not None)
        return _merged(rows, self.map.group_by, self.kind) if self.map.group_by else rows


def mapped_table(path: Path, kind: Kind, map_path: Path | None, *, max_rows: int) -> MappedTable:
    """Open a file through its map, and check that the two and the kind fit together."""
    text = read_map(map_path, kind) if map_path else {}
    table = open_table(
        path,
        delimiter=one_character(text),
        sheet=text_of(text, "sheet"),
        kind=kind.name,
        max_rows=max_rows,
    )
    found = understood(text, kind, path, map_path)
    check_columns(table, found, kind)
    return MappedTable(table, found, kind)


def _mapped(row: SourceRow, found: FileMap, kind: Kind) -> SourceRow | None:
    """One row in our columns; None if the map leaves it out."""
    if row.problem:
        return row
    record = {name: _replaced(value, found.values.get(name)) if name not in kind.by_name else value
              for name, value in row.values.items()}  # fmt: skip
    for lookup in found.lookups:
        key = as_key(record.get(lookup.ours))
        if key and key not in lookup.rows and not lookup.optional:
            problem = f"column {lookup.ours}: {quoted(key)} is not in {lookup.name} (column {lookup.theirs})"
            return SourceRow(row.line, {}, row.source, problem)
        record |= lookup.rows.get(key) or dict.fromkeys(lookup.columns)
    if not _chosen(record, found):
        return None
    sources = {name for template in found.columns.values() for name in fields_of(template)}
    mine = {name: value for name, value in record.items() if _stays(name, sources, found, kind)}
    mine |= {target: _filled(template, record) for target, template in found.columns.items()}
    mine |= found.constants
    for name, replacements in found.values.items():
        if name in mine and name in kind.by_name:
            mine[name] = _replaced_in_list(mine[name], replacements, isinstance(kind.by_name[name].type, ListOf))
    for name, factor in found.multiply.items():
        mine[name] = _multiplied(mine.get(name), factor)
    return SourceRow(row.line, mine, row.source)


def _stays(name: str, sources: set[str], found: FileMap, kind: Kind) -> bool:
    """Whether a column of the file goes through under its own name (an unknown one too, to be complained about)."""
    if name in kind.by_name:
        return name not in found.ignore and name not in sources
    used = name in sources or name in found.only_when or name in found.skip_when
    looked = any(name == lookup.ours or name in lookup.columns for lookup in found.lookups)
    return not (used or looked or name in found.ignore or found.ignore_rest)


def _chosen(record: Mapping[str, Any], found: FileMap) -> bool:
    only = all(as_key(record.get(name)) in wanted for name, wanted in found.only_when.items())
    return only and not any(as_key(record.get(name)) in unwanted for name, unwanted in found.skip_when.items())


def _filled(template: str, record: Mapping[str, Any]) -> Any:
    """The file's cell, or the template with its cells; a template with an empty cell is empty."""
    names = fields_of(template)
    if "{" not in template:
        return record.get(template)
    cells = {name: as_key(record.get(name)) for name in names}
    if not all(cells.values()):
        return None
    parts = string.Formatter().parse(template)
    return "".join(text + (cells[name] if name is not None else "") for text, name, _, _ in parts)


def _replaced(value: Any, replacements: Mapping[str, Any] | None) -> Any:
    if not replacements or isinstance(value, dict | list):
        return value
    return replacements.get(as_key(value), value)


def _replaced_in_list(value: Any, replacements: Mapping[str, Any], is_list: bool) -> Any:
    if not is_list or (not isinstance(value, list) and as_key(value) in replacements):
        return _replaced(value, replacements)
    cells = value if isinstance(value, list) else as_key(value).split(";")
    return [_replaced(cell, replacements) for cell in cells]


def _multiplied(value: Any, factor: Decimal) -> Any:
    try:
        return str(Decimal(as_key(value)) * factor) if not is_empty(value) else value
    except InvalidOperation:
        return value  # the column's type says what is wrong with it


def _merged(rows: Iterable[SourceRow], group_by: tuple[str, ...], kind: Kind) -> Iterator[SourceRow]:
    """Rows with the same key as one: lists united, other columns from the first row that has them."""
    groups: dict[tuple[str, ...], list[SourceRow]] = {}
    for row in rows:
        if row.problem:
            yield row
        else:
            groups.setdefault(tuple(as_key(row.values.get(name)) for name in group_by), []).append(row)
    for members in groups.values():
        yield _merge(members, kind)


def _merge(members: list[SourceRow], kind: Kind) -> SourceRow:
    merged: dict[str, Any] = {}
    for row in members:
        for name, value in row.values.items():
            column = kind.by_name.get(name)
            if column and isinstance(column.type, ListOf):
                cells = value if isinstance(value, list) else as_key(value).split(";")
                merged.setdefault(name, []).extend(cell for cell in cells if cell not in merged.get(name, []))
            elif is_empty(merged.get(name)):
                merged[name] = value
            elif not is_empty(value) and value != merged[name]:
                first = f"{quoted(merged[name])} in row {members[0].line}"
                problem = f"column {name}: {quoted(value)} in row {row.line} of the group differs from {first}"
                return SourceRow(members[0].line, {}, {"rows": [row.source for row in members]}, problem)
    lines = [row.line for row in members]
    return SourceRow(lines[0], merged, {"lines": lines, "rows": [row.source for row in members]})
