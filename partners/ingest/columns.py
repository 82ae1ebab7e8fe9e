"""What a kind of record is made of: its columns, and the key by which a record is found again."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from partners.ingest.values import Party, Reference, ValueType


@dataclass(frozen=True)
class Column:
    """One column: what it takes, and whether a new record needs it."""

    name: str
    type: ValueType
    required: bool = False
    default: Any = None  # of an empty cell, where the type's own empty value is not it

    @property
    def attribute(self) -> str:
        """The model's attribute that holds it (a party's is its partner's id, with `direct` beside)."""
        if isinstance(self.type, Party):
            return "partner_id"
        linked = isinstance(self.type, Reference) and self.type.kind != "product_lines"  # those are kept as codes
        return f"{self.name}_id" if linked else self.name

    @property
    def empty(self) -> Any:
        """What an empty cell means."""
        return self.type.empty if self.default is None else self.default


@dataclass(frozen=True)
class Kind:
    """One kind of record: its model, its columns, the columns it is found again by, and what links to its own kind."""

    name: str
    model: Any  # a model class: mypy knows no manager or field of one that it cannot name
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ("external_id",)
    parent: str = ""  # the column that names another record of this kind
    extra: tuple[Column, ...] = field(default=())  # columns that no field of the model holds

    @cached_property
    def by_name(self) -> dict[str, Column]:
        """All columns by their name."""
        return {column.name: column for column in (*self.columns, *self.extra)}

    @cached_property
    def key_attributes(self) -> tuple[str, ...]:
        """The model's attributes that the key columns fill."""
        columns = self.by_name
        names = [columns[name].attribute for name in self.key]
        return (*names, "direct") if any(isinstance(columns[name].type, Party) for name in self.key) else tuple(names)


def columns_as_markdown(kind: Kind) -> str:
    """The reference table of a kind's columns (docs/import.md; `import_records KIND --columns`)."""
    lines = ["| column | takes | |", "|---|---|---|"]
    for column in kind.by_name.values():
        words = ["key"] if column.name in kind.key else ["required"] if column.required else []
        if column.empty not in ("", None, []) and column.empty is not False:
            words.append(f"default {column.empty}")
        lines.append(f"| {column.name} | {column.type.about} | {', '.join(words)} |")
    return "\n".join(lines)
