"""Territory rules as SQL over accounts: the one place where coverage is written a second time.

A rule becomes a condition (`condition`), equal to conflicts.territories.covers without its products. For whose lead an
account is, SQL only sorts accounts into cells (`Cells`): accounts that no rule at hand tells apart. The pure code
judges one account of each cell, so nobody loops over accounts, and precedence is written once.
"""

# ruff: noqa: S608 - names of columns and conditions made here; whatever anybody typed is a parameter
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from conflicts.facts import Account, Territory
from conflicts.territories import SPACES, folded
from partners.models import PENDING

Sql = tuple[str, list[Any]]
_BLANKS = "U&'" + "".join(f"\\{ord(space):04X}" for space in SPACES) + "'"
PARTS = ("country", "subdivision", "postal", "industry", "sector", "size", "account")  # of a cell
BETWEEN = "\x1f"  # parts of a key; no code has it
OTHER = "\x1e"  # a code that is known and begins like no rule asks; no code has it
ANYBODY = "anybody"  # the id of an account that no rule names


def fold(column: str) -> str:
    """SQL for conflicts.territories.fold: capitals A to Z, no spaces, whatever the locale of the database."""
    return f"""translate(upper({column} collate "C"), {_BLANKS}, '')"""


def condition(rule: Territory) -> Sql:
    """The accounts `a` that a rule covers, whatever the product."""
    parts: list[Sql] = []
    if rule.named_account_ids:
        parts.append(("a.id = any(%s::uuid[])", [_known(rule.named_account_ids)]))
    if rule.excluded_account_ids:
        parts.append(("a.id <> all(%s::uuid[])", [_known(rule.excluded_account_ids)]))
    for column, values in (("a.country", rule.countries), ("a.subdivision", rule.subdivisions)):
        if values:
            parts.append(_listed(column, sorted(folded(values) - {""})))
    for column, values in (("a.postal_code", rule.postal_prefixes), ("a.industry", rule.industries)):
        if values:
            parts.append(_begins(fold(column), folded(values)))
    if rule.employees_min is not None:
        parts.append(("a.employees >= %s", [rule.employees_min]))
    if rule.employees_max is not None:
        parts.append(("a.employees <= %s", [rule.employees_max]))
    return _all(parts)


def touched(rules: Iterable[Territory]) -> Sql:
    """The accounts that any of these rules covers; the same ground is asked for once."""
    asked = {(text, repr(values)): (text, values) for text, values in map(condition, rules)}
    texts = [f"({text})" for text, _ in asked.values()]
    return f"({' or '.join(texts) or 'false'})", [value for _, values in asked.values() for value in values]


def covered(program_id: uuid.UUID, rule: Territory) -> list[uuid.UUID]:
    """The ids of the standing accounts of a program that a rule covers, whatever the product."""
    text, values = condition(rule)
    rows = _rows(f"select a.id from partners_account a where {_STANDING} and {text}", [program_id, *values])
    return [row[0] for row in rows]


def live_claims(
    program_id: uuid.UUID, rules: Iterable[Territory], partners: Collection[str], at: datetime, most: int
) -> tuple[int, list[tuple[uuid.UUID, uuid.UUID]]]:
    """How many live registrations of partners these rules may concern, and (registration, account) of the newest.

    They are on accounts that one of the rules covers, or of these partners, or of whoever buys through them.
    """
    where, values = touched(rules)
    sql = f"""select r.id, c.account_id, count(*) over ()
        from conflicts_claim c join partners_registration r on r.id = c.registration_id
        join partners_partner p on p.id = r.partner_id
        where c.program_id = %s and (r.status = any(%s)
              or r.status = 'approved' and r.protected_from <= %s and r.protected_until > %s)
          and (p.id = any(%s::uuid[]) or p.distributor_id = any(%s::uuid[])
               or exists (select 1 from partners_account a where {where}
                             and a.id in (c.account_id, c.possible_account_id)))
        order by r.submitted_at desc, r.id limit %s"""
    ids = _known(partners)
    rows = _rows(sql, [program_id, list(PENDING), at, at, ids, ids, *values, most])
    return (rows[0][2] if rows else 0), [(row[0], row[1]) for row in rows]


@dataclass(frozen=True, slots=True)
class Cell:
    """Accounts that no rule at hand tells apart: how many, where, and one account that stands for all of them.

    `sector` is the first two characters of their industry code; "" = unknown.
    """

    key: str
    count: int
    sector: str
    account: Account


class Cells:
    """Accounts that `changed` rules cover, sorted by what `rules` (those and all that meet them) ask for."""

    def __init__(self, program_id: uuid.UUID, changed: Iterable[Territory], rules: Iterable[Territory]) -> None:
        self.program_id, self.changed, rules = program_id, list(changed), list(rules)
        self._ids = _known(*(r.named_account_ids for r in rules), *(r.excluded_account_ids for r in rules))
        asked = {
            "postal": {prefix for r in rules for prefix in folded(r.postal_prefixes)},
            "industry": {prefix for r in rules for prefix in folded(r.industries)},
        }
        self._prefixes = [one for column, prefixes in asked.items() for one in _by_length(column, prefixes)]
        self._known = {column for column, prefixes in asked.items() if "" in prefixes}  # whatever is known will do
        least = {r.employees_min for r in rules if r.employees_min is not None}
        self._steps = sorted(least | {r.employees_max + 1 for r in rules if r.employees_max is not None})

    def read(self) -> list[Cell]:
        """One query: the cells with their numbers of accounts."""
        inner, values = self._sorted()
        names = ", ".join(PARTS)
        rows = _rows(f"select {names}, count(*) from ({inner}) s group by {names}", values)
        return [Cell(BETWEEN.join(map(str, row[:-1])), row[-1], row[4], self._stand_in(row[:-1])) for row in rows]

    def accounts(self, keys: Collection[str], *, limit: int, offset: int = 0) -> list[tuple[Any, ...]]:
        """(id, name, reference, country, subdivision, key) of accounts in the cells with these keys, by name; one query."""
        inner, values = self._sorted()
        key = f"concat_ws('{BETWEEN}', {', '.join(f's.{name}' for name in PARTS)})"
        return _rows(
            f"select id, name, external_id, place, state, key from (select s.*, {key} as key from ({inner}) s) k"
            " join unnest(%s::text[]) wanted(key) using (key) order by name, id limit %s offset %s",
            [*values, list(keys), limit, offset],
        )

    def _sorted(self) -> Sql:
        """Each touched account with the parts of its cell. Codes are folded once, behind a fence (offset 0)."""
        where, values = touched(self.changed)
        inner = f"""select a.id, a.name, a.external_id, a.country as place, a.subdivision as state, a.employees,
            {fold("a.country")} as country, {fold("a.subdivision")} as subdivision, {fold("a.postal_code")} as postal,
            {fold("a.industry")} as industry from partners_account a where {_STANDING} and {where} offset 0"""
        size = "width_bucket(f.employees, %s::int[])" if self._steps else "0"
        # Joins, not lists in a CASE: those are read from the beginning for each row.
        joins = "".join(
            f" left join unnest(%s::text[]) {p.alias}(code) on {p.alias}.code = left(f.{p.column}, {p.length})"
            for p in self._prefixes
        )
        text = f"""select f.id, f.name, f.external_id, f.place, f.state, f.country, f.subdivision,
            {self._longest("postal")} as postal, {self._longest("industry")} as industry, left(f.industry, 2) as sector,
            case when f.employees is null then -1 else {size} end as size, coalesce(named.id::text, '') as account
            from ({inner}) f left join unnest(%s::uuid[]) named(id) on named.id = f.id{joins}"""
        steps = [self._steps] if self._steps else []
        return text, [*steps, self.program_id, *values, self._ids, *(p.codes for p in self._prefixes)]

    def _longest(self, column: str) -> str:
        """The longest of the prefixes that it begins with, "" for none: whatever else it begins with is in that one."""
        found = [f"{p.alias}.code" for p in reversed(self._prefixes) if p.column == column]
        rest = f"case when f.{column} = '' then '' else '{OTHER}' end" if column in self._known else "''"
        return f"coalesce({', '.join([*found, rest])})"

    def _stand_in(self, parts: tuple[Any, ...]) -> Account:
        country, subdivision, postal, industry, _, size, account = parts
        below = self._steps[0] - 1 if self._steps else 0
        employees = None if size < 0 else self._steps[size - 1] if size else below
        return Account(
            id=account or ANYBODY, ref="", name="", country=country, subdivision=subdivision, postal_code=postal,
            industry=industry, employees=employees,
        )  # fmt: skip


_STANDING = "a.program_id = %s and a.merged_into_id is null"


def _listed(column: str, codes: list[str]) -> Sql:
    """It is one of these. Codes of two letters are asked for in every spelling first, which an index can answer."""
    exact = f"{fold(column)} = any(%s)"
    if column != "a.country" or not all(len(code) == 2 for code in codes):
        return exact, [codes]
    spelled = sorted({first + last for code in codes for first in _cases(code[0]) for last in _cases(code[1])})
    return f"a.country = any(%s) and {exact}", [spelled, codes]


def _cases(letter: str) -> set[str]:
    return {letter, letter.lower()} if letter.isascii() else {letter}


@dataclass(frozen=True, slots=True)
class Prefixes:
    """Beginnings of one length that rules ask for in one column."""

    column: str
    length: int
    codes: list[str]

    @property
    def alias(self) -> str:
        """What SQL calls them."""
        return f"{self.column}{self.length}"


def _by_length(column: str, prefixes: Iterable[str]) -> list[Prefixes]:
    found: dict[int, set[str]] = defaultdict(set)
    for prefix in prefixes:
        found[len(prefix)].add(prefix)
    return [Prefixes(column, length, sorted(codes)) for length, codes in sorted(found.items()) if length]


def _begins(folded_column: str, prefixes: frozenset[str]) -> Sql:
    """It begins with one of these; an empty beginning holds for whatever is known."""
    by_length = _by_length("", prefixes)
    either = [f"left({folded_column}, {p.length}) = any(%s)" for p in by_length] + ["true"] * ("" in prefixes)
    return f"{folded_column} <> '' and ({' or '.join(either)})", [p.codes for p in by_length]


def _rows(sql: str, values: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


def _all(parts: list[Sql]) -> Sql:
    return " and ".join(f"({text})" for text, _ in parts) or "true", [value for _, values in parts for value in values]


def _known(*groups: Iterable[str]) -> list[str]:
    """The ids among these: a reference that no account has is no id."""
    return sorted({one for group in groups for one in group if _is_id(one)})


def _is_id(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True
