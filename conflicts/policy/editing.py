"""The policy document as forms: which fields a section has, and the document that typed values make. Nothing is checked here:
what cannot be read stays as it was typed, and reading the document names the field (conflicts.policy.reading)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from conflicts.policy.catalogue import ACTIONS, KINDS
from conflicts.policy.parts import BESIDE, RANKS, REASONS_FOR_FIRST
from conflicts.policy.readable import (
    ACTION_TITLES,
    BLOCKS_TITLES,
    FIRST_TITLES,
    NUMBER_TITLES,
    PROOF_TITLES,
    ROLE_TITLES,
    SIGNAL_TITLES,
    as_read,
    finding_titles,
)
from conflicts.policy.standard import STANDARD

WHOLE, NUMBER, TEXT, SWITCH, CHOICE, MANY, WORDS, WHOLES = (
    "whole", "number", "text", "switch", "choice", "many", "words", "wholes",
)  # fmt: skip
Choices = tuple[tuple[str, str], ...]
_STEP = re.compile(r"([a-z_]+)(?:\[(\d+)\])?")


@dataclass(frozen=True, slots=True)
class Input:
    """One field of a form: `path` is its name in the document, as messages of the reader give it."""

    path: str
    label: str
    kind: str
    choices: Choices = ()
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Grid:
    """Inputs as a group (`columns` empty), or row by row; `list_path` where rows can be added and taken out."""

    title: str
    rows: tuple[tuple[Input, ...], ...]
    columns: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()  # what each row is about, where no field says it
    list_path: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """One page of the editor."""

    slug: str
    title: str
    intro: str


SECTIONS = (
    Section("rules", "Rules", "The first rule that holds decides. An unknown fact counts as not holding."),
    Section("findings", "Findings", "What may stand against a registration: does it block, does a person look at it."),
    Section("numbers", "Numbers", "The clock, protection, and the numbers that rules and findings rest on."),
    Section("weights", "Weights", "Points for each kind of evidence; rules compare the sums of the claimants."),
    Section("routing", "Who decides", "From the top: the first row that applies names who decides, in order."),
    Section("automation", "Automation", "What is approved without a person, and how much of it is looked at afterwards."),
    Section("signals", "Early warning", "How far from the usual a signal is given, and never for less than the least."),
)  # fmt: skip
_MANY_WORDS = {"parameters.reserved_segments": WORDS, "protection.reminder_days": WHOLES}


def grids_of(slug: str, document: Mapping[str, Any]) -> tuple[Grid, ...]:
    """The fields of a section, for a document (rows that can be added or taken out follow it)."""
    return {"findings": _findings, "numbers": _numbers, "weights": _weights, "routing": _routing,
            "automation": _automation, "signals": _signals}[slug](document)  # fmt: skip


def as_edited(slug: str, document: Mapping[str, Any]) -> dict[str, Any]:
    """The document as a section shows it: a document may leave out what the standard has."""
    if slug == "automation":
        return as_read(document)
    if slug == "signals":
        return {**document, "signals": {**STANDARD["signals"], **document.get("signals", {})}}
    return dict(document)


def _input(path: str, kinds: Choices = ()) -> Input:
    title, unit = NUMBER_TITLES[path]
    if path in _MANY_WORDS:
        return Input(path, title, _MANY_WORDS[path], unit=unit)
    if path == "parameters.proof_needed":
        return Input(path, title, CHOICE, tuple(PROOF_TITLES.items()))
    if path == "automation.cases.kinds":
        return Input(path, title, MANY, kinds)
    value = _find(STANDARD, path)
    kind = SWITCH if isinstance(value, bool) else WHOLE if isinstance(value, int) else TEXT
    return Input(path, title, kind, unit=unit)


def _numbers(document: Mapping[str, Any]) -> tuple[Grid, ...]:
    groups = {
        "parameters": "Claims, findings and the score",
        "clock": "The clock",
        "protection": "Protection on approval",
    }
    named = Grid("The policy", ((Input("title", "What it is called", TEXT),),))
    return named, *(Grid(title, _inputs(document, f"{name}.")) for name, title in groups.items())


def _automation(document: Mapping[str, Any]) -> tuple[Grid, ...]:
    plain = ("automation.approve_without_finding", "automation.rule", "automation.reason")
    return (
        Grid("Nothing stands against a registration", tuple((_input(path),) for path in plain)),
        Grid("A case of low risk", _inputs(document, "automation.cases."),
             note="One claimant gets it, one role would decide it, and nothing is missing, unknown, on hold or in hands. "
                  "Everything below holds too, else people decide."),
        Grid("Spot checks", _inputs(document, "automation.checks."),
             note="Drawn each week from what was approved without a person; nobody can choose what is drawn."),
    )  # fmt: skip


def _inputs(document: Mapping[str, Any], part: str) -> tuple[tuple[Input, ...], ...]:
    return tuple((_input(path, _kinds(document)),) for path in NUMBER_TITLES if path.startswith(part))


def _findings(document: Mapping[str, Any]) -> tuple[Grid, ...]:
    blocks = tuple(BLOCKS_TITLES.items())
    rows = tuple(
        (Input(f"findings[{n}].title", "What it is called", TEXT),
         Input(f"findings[{n}].blocks", "Blocks the registration", CHOICE, blocks),
         Input(f"findings[{n}].makes_case", "Makes a case", SWITCH))
        for n in range(1, len(document["findings"]) + 1)
    )  # fmt: skip
    labels = tuple(str(item["kind"]).replace("_", " ") for item in document["findings"])
    return (Grid("Findings", rows, ("What it is called", "Blocks the registration", "Makes a case"), labels),)


def _weights(document: Mapping[str, Any]) -> tuple[Grid, ...]:
    plain = tuple((_input(path),) for path in NUMBER_TITLES if path.startswith("scoring."))
    proof = tuple((Input(f"scoring.proof.{k}", title, WHOLE, unit="points"),) for k, title in PROOF_TITLES.items())
    recent = _rows_of(document, "scoring.last_activity", lambda path: (
        Input(f"{path}.days", "Within days", WHOLE), Input(f"{path}.points", "Points", WHOLE)))  # fmt: skip
    return (
        Grid("Claims", plain), Grid("Proof of work", proof),
        Grid("Last activity", recent, ("Within days", "Points"), list_path="scoring.last_activity",
             note="Rising numbers of days; the first row that fits counts."),
    )  # fmt: skip


def _routing(document: Mapping[str, Any]) -> tuple[Grid, ...]:
    kinds = _kinds(document)
    actions = tuple((action, ACTION_TITLES[action]) for action in ACTIONS)
    roles = tuple((role, ROLE_TITLES[role]) for role in (*RANKS, *BESIDE))
    table = _rows_of(document, "routing.table", lambda path: (
        Input(f"{path}.amount_at_least", "Amount from", WHOLE), Input(f"{path}.findings", "or a finding", MANY, kinds),
        Input(f"{path}.actions", "or an outcome", MANY, actions), Input(f"{path}.roles", "Decided by", MANY, roles)))  # fmt: skip
    beside = tuple((role, ROLE_TITLES[role]) for role in BESIDE)
    first = (Input("routing.first.role", "Comes first", CHOICE, beside),
             Input("routing.first.when", "when", MANY, tuple((why, FIRST_TITLES[why]) for why in REASONS_FOR_FIRST)))  # fmt: skip
    last = (Input("routing.before_last.role", "Joins before the last", CHOICE, beside),
            Input("routing.before_last.findings", "when there is", MANY, kinds))  # fmt: skip
    head = ("Amount from", "or a finding", "or an outcome", "Decided by")
    return (
        Grid("Who decides", table, head, list_path="routing.table",
             note="The last row is for every amount: 0. Roles decide in the order of rank, sales operations and legal last."),
        Grid("Who comes first", (first,)), Grid("Who joins", (last,)),
    )  # fmt: skip


def _signals(document: Mapping[str, Any]) -> tuple[Grid, ...]:
    rows = tuple(
        (Input(f"signals.{kind}.score", "Spreads", NUMBER), Input(f"signals.{kind}.least", "At least", WHOLE))
        for kind in SIGNAL_TITLES
    )
    return (Grid("Signals", rows, ("Spreads", "At least"), tuple(SIGNAL_TITLES.values())),)


def _kinds(document: Mapping[str, Any]) -> Choices:
    titles = finding_titles(document)
    return tuple((kind, titles.get(kind, kind)) for kind in KINDS)


def _rows_of(document: Mapping[str, Any], path: str, inputs: Any) -> tuple[tuple[Input, ...], ...]:
    return tuple(inputs(f"{path}[{n}]") for n in range(1, len(_find(document, path) or ()) + 1))


# --- what was typed ---


def filled(slug: str, document: Mapping[str, Any], posted: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """The document with the section's fields as typed. How many rows a list has comes with the form (`rows:PATH`)."""
    made = deepcopy(as_edited(slug, document))
    for grid in grids_of(slug, made):
        if grid.list_path:
            _resize(made, grid, _count(posted, grid.list_path))
    for grid in grids_of(slug, made):
        for field in (field for row in grid.rows for field in row):
            _put(made, field.path, read(field, posted.get(field.path, ())))
    return made


def read(field: Input, typed: Sequence[str]) -> Any:
    """The value of a field as typed; what is no number stays a text, so that reading the document can show it."""
    text = typed[-1].strip() if typed else ""
    if field.kind == SWITCH:
        return bool(text)
    if field.kind == MANY:
        offered = [key for key, _ in field.choices]
        return [key for key in offered if key in typed] + [key for key in typed if key not in offered]
    if field.kind == WORDS:
        return [word.strip() for word in text.split(",") if word.strip()]
    if field.kind == WHOLES:
        return [whole(word) for word in text.split(",") if word.strip()]
    if field.kind in (WHOLE, NUMBER):
        return whole(text) if field.kind == WHOLE else _number(text)
    return text


def whole(text: str) -> Any:
    """A whole number, thousands marked or not; else the text itself, None where there is none."""
    plain = re.sub(r"(?<=\d)[, _](?=\d{3}\b)", "", text.strip())
    return int(plain) if re.fullmatch(r"-?[0-9]{1,15}", plain) else text.strip() or None


def _number(text: str) -> Any:
    if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,6})?", text):
        value = float(text)
        return int(value) if value.is_integer() else value
    return text or None


def shown_in(field: Input, document: Mapping[str, Any]) -> Any:
    """What stands in a field: a text, a list of ticked codes, or True and False."""
    value = _find(document, field.path)
    if field.kind in (SWITCH, MANY):
        return value
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def pressed(document: Mapping[str, Any], slug: str, button: str) -> dict[str, Any]:
    """The document after a button for rows: `add:PATH` at its end, `remove:PATH[n]`, `up:PATH[n]`."""
    act, _, path = button.partition(":")
    made = deepcopy(dict(document))
    grid = next((g for g in grids_of(slug, made) if g.list_path and path.startswith(g.list_path)), None)
    number = re.fullmatch(r".*\[(\d+)\]", path)
    if grid is None or not (number or act == "add"):
        return made
    rows = _find(made, grid.list_path)
    if act == "add":
        rows.insert(0 if grid.list_path == "routing.table" else len(rows), _empty(grid.list_path))
    elif number and 1 <= (n := int(number.group(1))) <= len(rows):
        if act == "remove" and len(rows) > 1:
            del rows[n - 1]
        elif act == "up" and n > 1:
            rows[n - 2], rows[n - 1] = rows[n - 1], rows[n - 2]
    return made


def _empty(path: str) -> dict[str, Any]:
    if path == "routing.table":
        return {"amount_at_least": None, "findings": [], "actions": [], "roles": []}
    return {"days": None, "points": None}


def _count(posted: Mapping[str, Sequence[str]], path: str) -> int | None:
    typed = posted.get(f"rows:{path}", ())
    return int(typed[-1]) if typed and typed[-1].isascii() and typed[-1].isdigit() and len(typed[-1]) < 3 else None


def _resize(made: dict[str, Any], grid: Grid, count: int | None) -> None:
    rows = _find(made, grid.list_path)
    if count is not None:
        del rows[count:]
        rows += [_empty(grid.list_path) for _ in range(count - len(rows))]


def _find(document: Any, path: str) -> Any:
    """The value at a path as the reader names it, as in `routing.table[2].roles`."""
    found = document
    for name, number in _STEP.findall(path):
        found = found.get(name) if isinstance(found, Mapping) else None
        if number:
            found = found[int(number) - 1] if isinstance(found, list) and 1 <= int(number) <= len(found) else None
    return found


def _put(document: dict[str, Any], path: str, value: Any) -> None:
    parent, _, last = path.rpartition(".")
    holder = _find(document, parent) if parent else document
    if isinstance(holder, dict):
        holder[last] = value


def merged(slug: str, seen: Mapping[str, Any], mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> dict[str, Any]:
    """What I typed put upon what is stored now: a field (or a list of rows) that I left as I saw it takes what others made."""
    made = deepcopy(dict(theirs))
    for grid in grids_of(slug, mine):
        paths = [grid.list_path] if grid.list_path else [field.path for row in grid.rows for field in row]
        for path in paths:
            if _find(mine, path) != _find(seen, path):
                _put(made, path, deepcopy(_find(mine, path)))
    return made


def by_path(problems: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """(path -> sentence, sentences without a path) of what the reader found wrong."""
    placed: dict[str, str] = {}
    loose = []
    for problem in problems:
        path, colon, rest = problem.partition(": ")
        if colon and re.fullmatch(r"[a-z_]+(\[\d+\])?(\.[a-z_]+(\[\d+\])?)*", path):
            placed.setdefault(path, rest[:1].upper() + rest[1:])
        else:
            loose.append(problem)
    return placed, loose
