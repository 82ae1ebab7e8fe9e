"""A territory rule as plain values, as drafts keep it: its fields and who works it. Comparing, merging, wording."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from conflicts import facts as f
from partners.models import Territory

Values = dict[str, Any]
LISTS = (
    "countries",
    "subdivisions",
    "postal_prefixes",
    "industries",
    "product_lines",
    "named_accounts",
    "excluded_accounts",
)
DATES = ("valid_from", "valid_until")
LABELS = {
    "external_id": "Reference", "name": "Name", "countries": "Countries", "subdivisions": "States and provinces",
    "postal_prefixes": "Postal codes beginning with", "industries": "Industries beginning with",
    "employees_min": "Employees, from", "employees_max": "Employees, to", "product_lines": "Product lines",
    "named_accounts": "Only these accounts", "excluded_accounts": "Never these accounts", "exclusive": "Exclusive",
    "priority": "Priority", "valid_from": "First day", "valid_until": "Last day", "assignments": "Who works it",
}  # fmt: skip
FIELDS = tuple(name for name in LABELS if name != "assignments")


def values_of(territory: Territory, assignments: list[Any]) -> Values:
    """The rule and its assignments as values."""
    return {name: _plain(getattr(territory, name)) for name in FIELDS} | {"assignments": assigned(assignments)}


def assigned(rows: list[Any]) -> list[Values]:
    """Assignments (rows or anything with partner_id, direct and role) as values, in one order."""
    found = [{"partner": str(r.partner_id or "") or None, "direct": bool(r.direct), "role": str(r.role)} for r in rows]
    return sorted(found, key=lambda one: (one["role"], one["direct"], one["partner"] or ""))


def typed(values: Mapping[str, Any]) -> Values:
    """The rule's fields as a model wants them."""
    return {name: _day(values.get(name)) if name in DATES else values.get(name) for name in FIELDS if name in values}


def as_rule(key: str, values: Mapping[str, Any], ids: Mapping[str, str]) -> f.Territory:
    """The rule as reasoning knows it; `ids` of the accounts that it names by their references."""
    named, excluded = (
        frozenset(ids.get(ref, f"unknown:{ref}") for ref in values[name])
        for name in ("named_accounts", "excluded_accounts")
    )
    return f.Territory(
        id=key, ref=values["external_id"], name=values["name"], countries=frozenset(values["countries"]),
        subdivisions=frozenset(values["subdivisions"]), postal_prefixes=frozenset(values["postal_prefixes"]),
        industries=frozenset(values["industries"]), employees_min=values["employees_min"],
        employees_max=values["employees_max"], product_lines=frozenset(values["product_lines"]),
        named_account_ids=named, excluded_account_ids=excluded, exclusive=values["exclusive"], priority=values["priority"],
        valid_from=_day(values["valid_from"]), valid_until=_day(values["valid_until"]),
        assignments=tuple(
            f.Assignment(f"{key}:{n}", values["external_id"], f.DIRECT if one["direct"] else one["partner"] or "", one["role"])
            for n, one in enumerate(values["assignments"])
        ),
    )  # fmt: skip


def differences(
    before: Mapping[str, Any], after: Mapping[str, Any], names: Mapping[str, str]
) -> list[tuple[str, str, str]]:
    """(label, before, after) of what differs, in words; `names` of partners by id."""
    return [
        (LABELS[name], worded(name, before.get(name), names), worded(name, after.get(name), names))
        for name in (*FIELDS, "assignments")
        if before.get(name) != after.get(name)
    ]


def worded(name: str, value: Any, names: Mapping[str, str]) -> str:
    """A value for people."""
    if name == "assignments":
        return ", ".join(_who(one, names) for one in value or ()) or "nobody"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "all"
    return "–" if value in (None, "") else str(value)


def merged(before: Values, mine: Values, theirs: Values) -> tuple[Values, list[str]]:
    """What I changed put upon what is stored now, and the names of fields that both changed differently (mine counts)."""
    clashes = [n for n in LABELS if mine.get(n) != before.get(n) != theirs.get(n) != mine.get(n)]
    return {n: theirs.get(n) if mine.get(n) == before.get(n) else mine.get(n) for n in LABELS}, clashes


def _who(one: Mapping[str, Any], names: Mapping[str, str]) -> str:
    who = "Direct team" if one["direct"] else names.get(one["partner"] or "", "a partner")
    return who if one["role"] == "owner" else f"{who} ({one['role']})"


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else list(value) if isinstance(value, (list, tuple)) else value


def _day(value: Any) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) and value else value or None
