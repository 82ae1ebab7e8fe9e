"""The records of an exercise as tables, one a kind; what happened in time stands in its order. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

TIMES = ("submitted_at", "occurred_on", "opened_at", "created_at")


@dataclass(frozen=True)
class Table:
    """The rows of one kind; columns that are empty everywhere are left out."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def tables(records: Mapping[str, list[Any]]) -> list[Table]:
    """One table for each kind that has rows."""
    return [_table(kind, [row for row in rows if isinstance(row, dict)]) for kind, rows in records.items() if rows]


def _table(kind: str, rows: list[dict[str, Any]]) -> Table:
    keys = dict.fromkeys(key for row in rows for key, value in row.items() if value not in (None, "", []))
    when = next((name for name in TIMES if name in keys), "")
    rows = sorted(rows, key=lambda row: str(row.get(when) or "")) if when else rows
    return Table(
        title=_title(kind),
        columns=tuple(_title(str(key)) for key in keys),
        rows=tuple(tuple(_shown(row.get(key)) for key in keys) for row in rows),
    )


def _title(word: str) -> str:
    text = word.replace("_", " ").replace("external id", "id").replace(" pct", " %")
    return text[:1].upper() + text[1:]


def _shown(value: Any) -> str:
    if value in (None, "", []):
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    return str(value).replace("T00:00:00Z", "").replace(":00Z", "").replace("T", " ") if _is_time(value) else str(value)


def _is_time(value: Any) -> bool:
    return (
        isinstance(value, str)
        and len(value) == len("2026-03-02T09:00:00Z")
        and value[10] == "T"
        and value.endswith("Z")
    )
