"""A map says how somebody else's file becomes one of our kinds: renames, joins, replaced values, filters, merged rows.

It is checked against the kind and the file before any row is read; what it gets wrong, it hears in a sentence.
"""

import json
import string
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from pathlib import Path
from typing import Any

from partners.ingest.columns import Kind
from partners.ingest.problems import UnreadableFileError, quoted
from partners.ingest.reading import BAD_COLUMNS, Table, open_table
from partners.ingest.values import is_empty

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


def read_map(path: Path, kind: Kind) -> dict[str, Any]:
    """The map as JSON, with known parts only."""
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


def text_of(text: Mapping[str, Any], key: str) -> str:
    """A part of the map that is a text ("" if absent)."""
    value = text.get(key) or ""
    if not isinstance(value, str):
        raise _wrong(f"{key} is a text")
    return value


def one_character(text: Mapping[str, Any]) -> str:
    """The map's (or a lookup's) delimiter."""
    delimiter = text_of(text, "delimiter").replace("\\t", "\t")
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


def understood(text: Mapping[str, Any], kind: Kind, path: Path, map_path: Path | None) -> FileMap:
    """The map with every part checked, its lookup files read."""
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
        found[name] = frozenset(as_key(entry) for entry in entries)
    return found


def as_key(value: Any) -> str:
    """A cell as the text that values, conditions, keys and templates compare."""
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
    name, key, wanted = text_of(text, "file"), text.get("key"), text.get("columns")
    pair: dict[Any, Any] = key if isinstance(key, dict) and len(key) == 1 else {str(key or ""): key}
    if not name or not all(isinstance(part, str) and part for part in (*pair, *pair.values())):
        raise _wrong("a lookup needs file, and key: a column that both files have, or {our column: its column}")
    columns = wanted if isinstance(wanted, dict) else {name: name for name in _texts(wanted, "lookup columns")}
    if not columns or not all(isinstance(source, str) for source in columns.values()):
        raise _wrong(f"the lookup of {name} needs columns: a list, or {{new name: its column}}")
    ((ours, theirs),) = pair.items()
    beside = [folder / name for folder in (path.parent, map_path.parent if map_path else path.parent)]
    table = open_table(next((place for place in beside if place.exists()), beside[0]), delimiter=one_character(text))
    for column in (theirs, *columns.values()):
        if table.columns and column not in table.columns:
            raise _wrong(f"{name} has no column {quoted(column)}, only {', '.join(table.columns)}")
    return Lookup(name, ours, theirs, columns, bool(text.get("optional")), _indexed(table, theirs, columns))


def _indexed(table: Table, key: str, columns: Mapping[str, str]) -> dict[str, Mapping[str, Any]]:
    found: dict[str, Mapping[str, Any]] = {}
    for row in table:
        name = as_key(row.values.get(key))
        entry = {new: row.values.get(old) for new, old in columns.items()}
        if name and found.setdefault(name, entry) != entry:
            raise _wrong(
                f"{table.path.name} has {quoted(name)} twice in column {key}, and they differ (row {row.line})"
            )
    return found


@lru_cache(maxsize=1000)
def fields_of(template: str) -> list[str]:
    """The columns that the right side of `columns` reads: one, or those in braces of a template."""
    if "{" not in template:
        return [template]
    try:
        return [name for _, name, _, _ in string.Formatter().parse(template) if name is not None]
    except ValueError as error:
        raise _wrong(f"the template {quoted(template)} is not closed ({error})") from None


def check_columns(table: Table, found: FileMap, kind: Kind) -> None:
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
        for name in fields_of(template):
            _need(name, there, "columns")
            used.add(name)
    for name in found.values:
        if name not in kind.by_name:
            _need(name, there, "values")
    left = [name for name in there if name not in used and name not in kind.by_name]
    if left and not found.ignore_rest:
        more = f" (nor {', '.join(quoted(name) for name in left[1:6])})" if left[1:] else ""
        raise UnreadableFileError(
            f"{table.path.name} has a column {quoted(left[0])} that {kind.name} do not have{more}. Columns of"
            f" {kind.name}: {', '.join(kind.by_name)}. Name it in the map's columns or ignore."
        )


def _need(name: str, there: Iterable[str], part: str) -> None:
    if name not in there:
        raise _wrong(f"{part} names {quoted(name)}; the file's columns are {', '.join(there)}")
