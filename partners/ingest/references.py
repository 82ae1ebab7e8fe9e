"""Names of other records -> their ids: one query a kind and chunk of rows, never one a row."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from partners.ingest.columns import Column, Kind
from partners.ingest.kinds import BY_NAME
from partners.ingest.values import DIRECT, ListOf, Party, Reference
from partners.models import Program

_NOUNS = {"product_lines": "product line", "crm_opportunities": "CRM opportunity"}


def noun(kind: str) -> str:
    """A kind in the singular, as people say it."""
    return _NOUNS.get(kind) or kind.removesuffix("s").replace("_", " ").replace("territorie", "territory")


@dataclass(frozen=True)
class Found:
    """A record that was named: its id, and the partner that it belongs to (registrations only)."""

    id: uuid.UUID
    partner_id: uuid.UUID | None = None


def target_of(column: Column) -> str:
    """The kind of record that a column names ("" = none)."""
    inner = column.type.inner if isinstance(column.type, ListOf) else column.type
    if isinstance(inner, Party):
        return "partners"
    return inner.kind if isinstance(inner, Reference) else ""


def names_in(column: Column, value: Any) -> list[str]:
    """The records that a cell names."""
    if value is None or (value == DIRECT and isinstance(column.type, Party)):
        return []
    return value if isinstance(value, list) else [value]


def find(program: Program, wanted: dict[str, set[str]]) -> dict[str, dict[str, Found]]:
    """The records of the program with these names, by kind and name."""
    found: dict[str, dict[str, Found]] = {}
    for kind, names in wanted.items():
        spec = BY_NAME[kind]
        key = spec.key[0]
        columns = [key, "pk", "partner_id"] if kind == "registrations" else [key, "pk"]
        rows = spec.model._default_manager.filter(program=program, **{f"{key}__in": names}).values_list(*columns)
        found[kind] = {name: Found(*rest) for name, *rest in rows}
    return found


def known_names(program: Program, kind: str) -> str:
    """For a sentence: what there is instead, where that is a short list."""
    if kind not in ("product_lines", "tiers"):
        return ""
    codes = BY_NAME[kind].model._default_manager.filter(program=program).order_by("code").values_list("code", flat=True)
    return f" (there are: {', '.join(codes[:12]) or 'none yet'})"


@dataclass
class Promises:
    """Ids of parents that are named before (or in) the rows that bring them; foreign keys are checked at commit."""

    ids: dict[str, uuid.UUID] = field(default_factory=dict)
    lines: dict[str, list[int]] = field(default_factory=dict)

    def make(self, name: str, line: int, new_id: uuid.UUID) -> uuid.UUID:
        """The id that the record `name` will have."""
        self.lines.setdefault(name, []).append(line)
        return self.ids.setdefault(name, new_id)


def circular(kind: Kind, ids: Iterable[uuid.UUID]) -> set[uuid.UUID]:
    """Those of the records that are their own ancestor."""
    table, link = kind.model._meta.db_table, f"{kind.parent}_id"
    # UNION (not ALL) drops repeated pairs, so a circle ends; names come from the model, not from the file.
    sql = f"""
        WITH RECURSIVE up (start, above) AS (
            SELECT id, {link} FROM {table} WHERE id = ANY (%s) AND {link} IS NOT NULL
            UNION
            SELECT up.start, t.{link} FROM up JOIN {table} t ON t.id = up.above WHERE t.{link} IS NOT NULL
        ) SELECT start FROM up WHERE start = above"""  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, [list(ids)])
        return {row[0] for row in cursor.fetchall()}
