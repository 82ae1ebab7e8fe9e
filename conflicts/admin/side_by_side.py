"""A possible duplicate as people see it: its members side by side, where they differ, and why they look like one company."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from conflicts.duplicates import merged_already
from conflicts.identity.waterfall import Bits, waterfall
from conflicts.models import DuplicateCluster, DuplicatePair
from partners.places import place_name

MOST_PAIRS = 10
_OF_ACCOUNTS = (
    ("Name", "name"), ("Reference", "external_id"), ("Domain", "domain"), ("Country", "country"), ("City", "city"),
    ("Postal code", "postal_code"), ("Phone", "phone"), ("LEI", "lei"), ("VAT number", "vat_id"), ("D-U-N-S", "duns"),
)  # fmt: skip
_OF_PARTNERS = (
    ("Name", "name"), ("Reference", "external_id"), ("Domain", "domain"), ("Country", "country"), ("Type", "type"),
    ("Status", "status"),
)  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One field of all members; `differs` when two of them say different things (saying nothing is no difference)."""

    label: str
    values: tuple[str, ...]
    differs: bool


@dataclass(frozen=True)
class Why:
    """Two members, how probable it is that they are one company, and the bars."""

    left: str
    right: str
    likely: str
    bars: tuple[Bits, ...]


@dataclass(frozen=True)
class Table:
    """The members, first the one that should stay, and the lines below them."""

    members: Sequence[Any]
    lines: tuple[Line, ...]
    merged: dict[uuid.UUID, bool]


def table_of(cluster: DuplicateCluster, members: Sequence[Any]) -> Table:
    """Members side by side; a field that nobody has is left out."""
    fields = _OF_PARTNERS if cluster.of_partners else _OF_ACCOUNTS
    lines = [_line(label, [_shown(row, name) for row in members]) for label, name in fields]
    held = "Registrations" if cluster.of_partners else "Claims"
    lines.append(Line(held, tuple(str(row.claims_held) for row in members), differs=False))
    return Table(members, tuple(line for line in lines if any(line.values)), merged_already(cluster, members))


def differing(cluster: DuplicateCluster, members: Sequence[Any]) -> list[str]:
    """The labels of the fields that differ, without name and reference, which nearly always do."""
    fields = (_OF_PARTNERS if cluster.of_partners else _OF_ACCOUNTS)[2:]
    lines = (_line(label, [_shown(row, name) for row in members]) for label, name in fields)
    return [line.label for line in lines if line.differs]


def whys_of(pairs: Sequence[DuplicatePair], members: Sequence[Any]) -> list[Why]:
    """The surest pairs with their bars."""
    names = {row.pk: row.name for row in members}
    surest = sorted(pairs, key=lambda pair: -pair.bits)[:MOST_PAIRS]
    return [Why(names.get(p.left_id, ""), names.get(p.right_id, ""), p.likely, waterfall(p.reasons)) for p in surest]


def _line(label: str, values: list[str]) -> Line:
    told = {value.casefold() for value in values if value}
    return Line(label, tuple(values), len(told) > 1)


def _shown(row: Any, name: str) -> str:
    if name == "country":
        return place_name(row.country, getattr(row, "subdivision", ""))
    display = getattr(row, f"get_{name}_display", None)
    return str(display() if display else getattr(row, name))
