"""A condition as rows of a form: groups of all, any or none, tests of a fact below them; and back from what was typed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count, takewhile
from typing import Any

from conflicts.policy.catalogue import BOOL, DAYS_AGO, FACTS, INTEGER, MONEY, OPS, PARAMETERS, REGION
from conflicts.policy.editing import whole

HOW = (("all", "All of these hold"), ("any", "Any of these holds"), ("none", "None of these holds"))
_OP_WORDS = {
    "=": "is", "!=": "is not", "<": "is less than", "<=": "is at most", ">": "is more than", ">=": "is at least",
    "in": "is one of", "between": "is between", "is_known": "is known", "within_days": "is within the last (days)",
    "covers_region": "is in",
}  # fmt: skip
_EXPECTED = {"in": "several, with commas", "between": "two numbers, as in 10, 20", "covers_region": "codes, as in DE, US-TX",
             "within_days": "a number of days"}  # fmt: skip
PARAMETER_TITLES = {
    "margin": "the margin", "proof_points_needed": "the points of the proof needed", "lookback_days": "the look-back",
    "direct_freshness_days": "how long a direct opportunity counts", "follow_up_days": "the days of follow-up",
}  # fmt: skip
ROOT = "when"
MOST = 60  # rows up to which buttons add more; whatever was sent is read
DEEPEST = 60  # groups in groups: more than buttons make and a document may hold, so that only forged ones end here


@dataclass(frozen=True, slots=True)
class Row:
    """A group (`how`) with its parts, or a test. `key` names its fields, `path` is where the document has it."""

    key: str
    how: str = ""
    fact: str = ""
    op: str = ""
    value: str = ""
    parameter: str = ""
    parts: tuple[Row, ...] = ()
    path: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)  # how, fact, op, value -> a sentence

    @property
    def is_group(self) -> bool:
        """A group of rows."""
        return bool(self.how)

    @property
    def ops(self) -> list[tuple[str, str]]:
        """What may be asked of the fact."""
        kind = FACTS.get(self.fact)
        return [(op, _OP_WORDS[op]) for op in (OPS[kind.type] if kind else OPS[INTEGER])]

    @property
    def offered(self) -> list[tuple[str, str]]:
        """The values to choose from; empty where one types."""
        kind = FACTS.get(self.fact)
        if kind is None:
            return []
        if kind.type == BOOL or self.op == "is_known":
            return [("yes", "yes"), ("no", "no")]
        return [(choice, choice.replace("_", " ")) for choice in kind.choices] if self.op in ("=", "!=") else []

    @property
    def parameters(self) -> list[tuple[str, str]]:
        """The parameters that may stand in place of a number."""
        kind = FACTS.get(self.fact)
        fits = kind is not None and kind.type in (INTEGER, DAYS_AGO) and self.op not in ("in", "between", "is_known")
        return [(name, PARAMETER_TITLES.get(name, name)) for name in PARAMETERS] if fits else []

    @property
    def expected(self) -> str:
        """What should be typed."""
        kind = FACTS.get(self.fact)
        return _EXPECTED.get(self.op) or (kind.unit if kind else "")


def facts_offered() -> list[tuple[str, list[tuple[str, str]]]]:
    """The catalogue for a choice, in groups."""
    plain = [(fact.name, fact.title) for fact in FACTS.values() if not fact.name.startswith("finding_")]
    found = [(fact.name, fact.title) for fact in FACTS.values() if fact.name.startswith("finding_")]
    return [("Facts", plain), ("Findings", found)]


# --- from the document ---


def rows_of(when: Any) -> Row:
    """The rows of a condition; one test alone stands in a group of its own."""
    made = _row(when if isinstance(when, Mapping) else {"all": []}, ROOT)
    return made if made.is_group else Row(ROOT, how="all", parts=(_row(when, f"{ROOT}-1"),))


def _row(node: Any, key: str) -> Row:
    node = node if isinstance(node, Mapping) else {}
    if "not" in node:
        inner = node["not"]
        parts = inner["any"] if isinstance(inner, Mapping) and isinstance(inner.get("any"), list) else [inner]
        return Row(key, how="none", parts=_parts(parts, key))
    for how in ("all", "any"):
        if how in node:
            return Row(key, how=how, parts=_parts(node[how], key))
    value = node.get("value")
    parameter = str(value["parameter"]) if isinstance(value, Mapping) and "parameter" in value else ""
    return Row(key, fact=str(node.get("fact", "")), op=str(node.get("op", "")), parameter=parameter,
               value="" if parameter else _as_typed(value))  # fmt: skip


def _parts(parts: Any, key: str) -> tuple[Row, ...]:
    return tuple(_row(part, f"{key}-{n}") for n, part in enumerate(parts if isinstance(parts, list) else [], start=1))


def _as_typed(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(map(_as_typed, value))
    return "" if value is None else str(value)


# --- from what was typed ---


def typed_rows(posted: Mapping[str, Sequence[str]]) -> Row:
    """The rows as a form sent them: `KEY.how` makes a group, `KEY.fact` a test; parts are numbered below their group."""
    return _typed(posted, ROOT) or Row(ROOT, how="all")


def _typed(posted: Mapping[str, Sequence[str]], key: str, depth: int = 0) -> Row | None:
    def of(name: str) -> str:
        found = posted.get(f"{key}.{name}", ())
        return found[-1].strip() if found else ""

    if f"{key}.how" in posted:
        how = of("how") if of("how") in dict(HOW) else "all"
        below = (_typed(posted, f"{key}-{n}", depth + 1) for n in count(1)) if depth < DEEPEST else iter(())
        return Row(key, how=how, parts=tuple(takewhile(lambda part: part is not None, below)))  # type: ignore[arg-type]
    if f"{key}.fact" in posted:
        return Row(key, fact=of("fact"), op=of("op"), value=of("value"), parameter=of("parameter"))
    return None


def pressed(row: Row, button: str) -> Row:
    """The rows after a button: `test:KEY` or `group:KEY` adds to a group, `remove:KEY` takes out. Keys are numbered anew."""
    act, _, key = button.partition(":")
    return _numbered(_changed(row, act, key), ROOT)


def _changed(row: Row, act: str, key: str) -> Row:
    parts = tuple(_changed(part, act, key) for part in row.parts if not (act == "remove" and part.key == key))
    if row.key == key and row.is_group and act in ("test", "group") and sum(1 for _ in walk(row)) < MOST:
        new = (
            Row("", fact="amount", op=">=")
            if act == "test"
            else Row("", how="any", parts=(Row("", fact="amount", op=">="),))
        )
        parts = (*parts, new)
    return replace(row, parts=parts)


def _numbered(row: Row, key: str) -> Row:
    parts = tuple(_numbered(part, f"{key}-{n}") for n, part in enumerate(row.parts, start=1))
    return replace(row, key=key, parts=parts)


def walk(row: Row) -> Iterator[Row]:
    """The row and all below it."""
    yield row
    for part in row.parts:
        yield from walk(part)


# --- to the document ---


def document_of(row: Row) -> dict[str, Any]:
    """The condition as the document writes it; a group of one test alone is that test."""
    if row.how == "all" and len(row.parts) == 1:
        return _node(row.parts[0])
    return _node(row)


def _node(row: Row) -> dict[str, Any]:
    if not row.is_group:
        return {"fact": row.fact, "op": row.op, "value": _value(row)}
    parts = [_node(part) for part in row.parts]
    if row.how == "none":
        return {"not": parts[0] if len(parts) == 1 else {"any": parts}}
    return {row.how: parts}


def _value(row: Row) -> Any:
    kind = FACTS.get(row.fact)
    if row.parameter and row.parameters:
        return {"parameter": row.parameter}
    if kind is None:
        return row.value
    if kind.type == BOOL or row.op == "is_known":
        return {"yes": True, "no": False, "": True}.get(row.value.lower(), row.value)
    number = kind.type in (INTEGER, MONEY, DAYS_AGO)
    if row.op in ("in", "between", "covers_region"):
        words = [word.strip() for word in re.split(r"[,;]", row.value) if word.strip()]
        if kind.type == REGION:
            return [word.upper() for word in words]
        return [whole(word) for word in words] if number else words
    return whole(row.value) if number else row.value


def with_errors(row: Row, problems: Mapping[str, str]) -> Row:
    """The rows with each sentence of the reader (by its path below the rule) at the field that it is about."""
    single = row.how == "all" and len(row.parts) == 1
    if single:
        return replace(row, parts=(_placed(row.parts[0], ROOT, problems),))
    return _placed(row, ROOT, problems)


def _placed(row: Row, path: str, problems: Mapping[str, str]) -> Row:
    if not row.is_group:
        names = ("fact", "op", "value")
        errors = {name: problems[f"{path}.{name}"] for name in names if f"{path}.{name}" in problems}
        if path in problems:
            errors.setdefault("fact", problems[path])
        return replace(row, path=path, errors=errors)
    inner = {"all": f"{path}.all", "any": f"{path}.any"}.get(row.how, f"{path}.not")
    if row.how == "none" and len(row.parts) != 1:
        inner += ".any"
    alone = row.how == "none" and len(row.parts) == 1
    parts = tuple(
        _placed(part, inner if alone else f"{inner}[{n}]", problems) for n, part in enumerate(row.parts, start=1)
    )
    wrong = problems.get(inner) or problems.get(path)
    return replace(row, path=path, parts=parts, errors={"how": wrong} if wrong else {})
