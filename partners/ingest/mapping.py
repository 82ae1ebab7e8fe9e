"""--map: how somebody else's file becomes one of our kinds: renames, joins, replaced values, filters, merged rows.

A map is checked against the kind and the file before any row is read; what it gets wrong, it hears in a sentence.
"""

import json
import string
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from partners.ingest.columns import Kind
from partners.ingest.parsing import SourceRow
from partners.ingest.problems import UnreadableFileError, quoted
from partners.ingest.reading import BAD_COLUMNS, Table, open_table
from partners.ingest.values import ListOf, is_empty

KEYS = (
    "about", "kind", "columns", "values", "constants", "multiply", "delimiter", "sheet", "date_format", "lookup",
    "only_when", "skip_when", "group_by", "ignore",
)  # fmt: skip
Conditions = Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class Lookup:
    """A join: `table` found by its column `theirs`, which equals our column `ours`; brings `columns` (new: theirs)."""

    name: str
    ours: str
    theirs: str
    columns: Mapping[str, str]
    optional: bool
    rows: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class FileMap:
    """A map, understood. The empty one takes a file whose columns are ours already."""

    columns: Mapping[str, str] = field(default_factory=dict)  # ours: theirs, or a template
    values: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    constants: Mapping[str, Any] = field(default_factory=dict)
    multiply: Mapping[str, Decimal] = field(default_factory=dict)
    delimiter: str = ""
    sheet: str = ""
    date_formats: tuple[str, ...] = ()
    lookups: tuple[Lookup, ...] = ()
    only_when: Conditions = field(default_factory=dict)
    skip_when: Conditions = field(default_factory=dict)
    group_by: tuple[str, ...] = ()
    ignore: frozenset[str] = frozenset()
    ignore_rest: bool = False


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
    text = _read_map(map_path, kind) if map_path else {}
    table = open_table(
        path,
        delimiter=_one_character(text),
        sheet=_text(text, "sheet"),
        kind=kind.name,
        max_rows=max_rows,
    )
    found = _understood(text, kind, path, map_path)
    _check_columns(table, found, kind)
    return MappedTable(table, found, kind)


def _read_map(path: Path, kind: Kind) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise UnreadableFileError(f"The map {path} cannot be read ({error.strerror}).") from error
    except (ValueError, RecursionError) as error:
        raise UnreadableFileError(f"The map {path.name} is not JSON ({error}).") from error
    if not isinstance(found, dict):
        raise UnreadableFileError(f"The map {path.name} is not a JSON object.")
    unknown = [key for key in found if key not in KEYS]
    if unknown:
        raise _wrong(f"{quoted(unknown[0])} is not a part of a map; the parts are {', '.join(KEYS)}")
    if found.get("kind", kind.name) != kind.name:
        raise _wrong(f"it is for {quoted(found['kind'])}, not for {kind.name}")
    return found


def _wrong(sentence: str) -> UnreadableFileError:
    return UnreadableFileError(f"The map is wrong: {sentence}.")


def _text(text: Mapping[str, Any], key: str) -> str:
    value = text.get(key) or ""
    if not isinstance(value, str):
        raise _wrong(f"{key} is a text")
    return value


def _one_character(text: Mapping[str, Any]) -> str:
    delimiter = _text(text, "delimiter").replace("\\t", "\t")
    if len(delimiter) > 1:
        raise _wrong(f"delimiter is one character, not {quoted(delimiter)}")
    return delimiter


def _object(text: Mapping[str, Any], key: str) -> dict[str, Any]:
    value = text.get(key) or {}
    if not isinstance(value, dict):
        raise _wrong(f"{key} is an object")
    return value


def _texts(value: Any, key: str) -> tuple[str, ...]:
    found = [value] if isinstance(value, str) else value or []
    if not isinstance(found, list) or not all(isinstance(entry, str) for entry in found):
        raise _wrong(f"{key} is a text or a list of texts")
    return tuple(found)


def _understood(text: Mapping[str, Any], kind: Kind, path: Path, map_path: Path | None) -> FileMap:
    ignore = _texts(text.get("ignore"), "ignore")
    lookups = text.get("lookup") or []
    lookups = lookups if isinstance(lookups, list) else [lookups]
    values = _object(text, "values")
    if not all(isinstance(table, dict) for table in values.values()):
        raise _wrong("values is an object of columns, each with an object of old: new")
    found = FileMap(
        columns=_columns(_object(text, "columns"), kind),
        values=values,
        constants=_object(text, "constants"),
        multiply={name: _factor(name, value) for name, value in _object(text, "multiply").items()},
        date_formats=_texts(text.get("date_format"), "date_format"),
        lookups=tuple(_lookup(entry, path, map_path) for entry in lookups),
        only_when=_conditions(text, "only_when"),
        skip_when=_conditions(text, "skip_when"),
        group_by=_texts(text.get("group_by"), "group_by"),
        ignore=frozenset(ignore),
        ignore_rest="*" in ignore,
    )
    for part in ("constants", "multiply", "group_by"):
        for name in getattr(found, part):
            if name not in kind.by_name:
                raise _wrong(f"{part} names {quoted(name)}; the columns of {kind.name} are {', '.join(kind.by_name)}")
    return found


def _columns(text: Mapping[str, Any], kind: Kind) -> dict[str, str]:
    """ours: theirs. The other direction is understood too, when no key is a column of ours."""
    ours = kind.by_name
    if all(name in ours for name in text):
        if not all(isinstance(source, str) for source in text.values()):
            raise _wrong("columns is an object of texts: our column: the file's column, or a template like {A}-{B}")
        return dict(text)
    turned = {target: source for source, targets in text.items() for target in _texts(targets, "columns")}
    unknown = [name for name in turned if name not in ours]
    if unknown:
        name = next(name for name in text if name not in ours)
        raise _wrong(
            f"columns is an object of our column: the file's column; {quoted(name)} is no column of {kind.name},"
            f" which are {', '.join(ours)}"
        )
    return turned


def _factor(name: str, value: Any) -> Decimal:
    try:
        factor = Decimal(str(value))
    except InvalidOperation:
        factor = Decimal("NaN")
    if isinstance(value, bool) or not factor.is_finite():
        raise _wrong(f"multiply {name} is a number, not {quoted(value)}")
    return factor


def _conditions(text: Mapping[str, Any], key: str) -> Conditions:
    found = {}
    for name, wanted in _object(text, key).items():
        entries = wanted if isinstance(wanted, list) else [wanted]
        if any(isinstance(entry, dict | list) for entry in entries):
            raise _wrong(f"{key} {name} is one value or a list of values")
        found[name] = frozenset(_as_key(entry) for entry in entries)
    return found


def _as_key(value: Any) -> str:
    if is_empty(value):
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip()


def _lookup(text: Any, path: Path, map_path: Path | None) -> Lookup:
    if not isinstance(text, dict) or not set(text) <= {"file", "key", "columns", "delimiter", "optional"}:
        raise _wrong("a lookup is an object with file, key and columns (and delimiter and optional, if need be)")
    name, key, wanted = _text(text, "file"), text.get("key"), text.get("columns")
    pair = key if isinstance(key, dict) and len(key) == 1 else {key: key}
    if not name or not all(isinstance(part, str) and part for part in (*pair, *pair.values())):
        raise _wrong("a lookup needs file, and key: a column that both files have, or {our column: its column}")
    columns = wanted if isinstance(wanted, dict) else {name: name for name in _texts(wanted, "lookup columns")}
    if not columns or not all(isinstance(source, str) for source in columns.values()):
        raise _wrong(f"the lookup of {name} needs columns: a list, or {{new name: its column}}")
    ((ours, theirs),) = pair.items()
    beside = [folder / name for folder in (path.parent, map_path.parent if map_path else path.parent)]
    table = open_table(next((place for place in beside if place.exists()), beside[0]), delimiter=_one_character(text))
    for column in (theirs, *columns.values()):
        if table.columns and column not in table.columns:
            raise _wrong(f"{name} has no column {quoted(column)}, only {', '.join(table.columns)}")
    return Lookup(name, ours, theirs, columns, bool(text.get("optional")), _indexed(table, theirs, columns))


def _indexed(table: Table, key: str, columns: Mapping[str, str]) -> dict[str, Mapping[str, Any]]:
    found: dict[str, Mapping[str, Any]] = {}
    for row in table:
        name = _as_key(row.values.get(key))
        entry = {new: row.values.get(old) for new, old in columns.items()}
        if name and found.setdefault(name, entry) != entry:
            raise _wrong(f"{table.path.name} has {quoted(name)} twice in column {key}, and they differ (row {row.line})")
    return found


def _fields(template: str) -> list[str]:
    """The columns that the right side of `columns` reads: one, or those in braces of a template."""
    if "{" not in template:
        return [template]
    try:
        return [name for _, name, _, _ in string.Formatter().parse(template) if name is not None]
    except ValueError as error:
        raise _wrong(f"the template {quoted(template)} is not closed ({error})") from None


def _check_columns(table: Table, found: FileMap, kind: Kind) -> None:
    """Every column that the map names is there, and every column that is there is used, ours or ignored."""
    if not table.columns:  # JSON: each row says its own
        return
    there = [name for name in table.columns if name not in BAD_COLUMNS]
    used: set[str] = set(found.ignore)
    for lookup in found.lookups:
        _need(lookup.ours, there, f"the lookup of {lookup.name}")
        used.add(lookup.ours)
        there += [name for name in lookup.columns if name not in there]
        used |= set(lookup.columns)
    for part in ("only_when", "skip_when"):
        for name in getattr(found, part):
            _need(name, there, part)
            used.add(name)
    for template in found.columns.values():
        for name in _fields(template):
            _need(name, there, "columns")
            used.add(name)
    for name in found.values:
        if name not in kind.by_name:
            _need(name, there, "values")
    left = [name for name in there if name not in used and name not in kind.by_name]
    if left and not found.ignore_rest:
        more = f" (nor {', '.join(quoted(name) for name in left[1:6])})" if left[1:] else ""
        raise UnreadableFileError(
            f"{table.path.name} has a column {quoted(left[0])} that {kind.name} do not have{more}. Columns of {kind.name}:"
            f" {', '.join(kind.by_name)}. Name it in the map's columns or ignore."
        )


def _need(name: str, there: Iterable[str], part: str) -> None:
    if name not in there:
        raise _wrong(f"{part} names {quoted(name)}; the file's columns are {', '.join(there)}")


def _mapped(row: SourceRow, found: FileMap, kind: Kind) -> SourceRow | None:
    """One row in our columns; None if the map leaves it out."""
    if row.problem:
        return row
    record = {name: _replaced(value, found.values.get(name)) if name not in kind.by_name else value
              for name, value in row.values.items()}  # fmt: skip
    for lookup in found.lookups:
        key = _as_key(record.get(lookup.ours))
        if key and key not in lookup.rows and not lookup.optional:
            problem = f"column {lookup.ours}: {quoted(key)} is not in {lookup.name} (column {lookup.theirs})"
            return SourceRow(row.line, {}, row.source, problem)
        record |= lookup.rows.get(key) or dict.fromkeys(lookup.columns)
    if not _chosen(record, found):
        return None
    sources = {name for template in found.columns.values() for name in _fields(template)}
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
    """Whether a column of the file goes through under its own name (an unknown one does too, to be complained about)."""
    if name in kind.by_name:
        return name not in found.ignore and name not in sources
    used = name in sources or name in found.only_when or name in found.skip_when
    looked = any(name == lookup.ours or name in lookup.columns for lookup in found.lookups)
    return not (used or looked or name in found.ignore or found.ignore_rest)


def _chosen(record: Mapping[str, Any], found: FileMap) -> bool:
    only = all(_as_key(record.get(name)) in wanted for name, wanted in found.only_when.items())
    return only and not any(_as_key(record.get(name)) in unwanted for name, unwanted in found.skip_when.items())


def _filled(template: str, record: Mapping[str, Any]) -> Any:
    """The file's cell, or the template with its cells; a template with an empty cell is empty."""
    names = _fields(template)
    if "{" not in template:
        return record.get(template)
    cells = {name: _as_key(record.get(name)) for name in names}
    if not all(cells.values()):
        return None
    return "".join(text + (cells[name] if name is not None else "") for text, name, _, _ in string.Formatter().parse(template))


def _replaced(value: Any, replacements: Mapping[str, Any] | None) -> Any:
    if not replacements or isinstance(value, dict | list):
        return value
    return replacements.get(_as_key(value), value)


def _replaced_in_list(value: Any, replacements: Mapping[str, Any], is_list: bool) -> Any:
    if not is_list or (not isinstance(value, list) and _as_key(value) in replacements):
        return _replaced(value, replacements)
    cells = value if isinstance(value, list) else _as_key(value).split(";")
    return [_replaced(cell, replacements) for cell in cells]


def _multiplied(value: Any, factor: Decimal) -> Any:
    try:
        return str(Decimal(_as_key(value)) * factor) if not is_empty(value) else value
    except InvalidOperation:
        return value  # the column's type says what is wrong with it


def _merged(rows: Iterable[SourceRow], group_by: tuple[str, ...], kind: Kind) -> Iterator[SourceRow]:
    """Rows with the same key as one: lists united, other columns from the first row that has them, never two of them."""
    groups: dict[tuple[str, ...], list[SourceRow]] = {}
    for row in rows:
        if row.problem:
            yield row
        else:
            groups.setdefault(tuple(_as_key(row.values.get(name)) for name in group_by), []).append(row)
    for members in groups.values():
        yield _merge(members, kind)


def _merge(members: list[SourceRow], kind: Kind) -> SourceRow:
    merged: dict[str, Any] = {}
    for row in members:
        for name, value in row.values.items():
            column = kind.by_name.get(name)
            if column and isinstance(column.type, ListOf):
                cells = value if isinstance(value, list) else _as_key(value).split(";")
                merged.setdefault(name, []).extend(cell for cell in cells if cell not in merged.get(name, []))
            elif is_empty(merged.get(name)):
                merged[name] = value
            elif not is_empty(value) and value != merged[name]:
                problem = f"column {name}: {quoted(value)} differs from {quoted(merged[name])} in row {members[0].line} of its group"
                return SourceRow(members[0].line, {}, {"rows": [row.source for row in members]}, problem)
    lines = [row.line for row in members]
    return SourceRow(lines[0], merged, {"lines": lines, "rows": [row.source for row in members]})
