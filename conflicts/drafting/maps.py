"""Who covers what on a map of the world or of the US states: drawn on the server, before and after a draft.

A place is judged as an account of which only country and state are known, so narrower rules do not hold for it: where
there are only such, it is covered in part.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from conflicts.drafting.preview import worded
from conflicts.drafting.rules import Rules
from conflicts.facts import ALL, DIRECT, Account, Territory, overlap
from conflicts.territories import HELD, NOBODY, TIE, Ground, Lead, fold, folded, lead_among, live
from partners.models import Partner
from partners.places import COUNTRIES, SUBDIVISIONS

MAPS = {"world": "World", "us": "US states"}
PART = "part"
OWNERS = 8  # that get a pattern of their own; the others share one
PLAIN = {TIE: ("!", "Contested: sales operations"), PART: ("·", "Covered in part"), NOBODY: ("", "Nobody")}


@dataclass(frozen=True)
class State:
    """Who covers a place: what the table says, and which pattern and letter the map has."""

    kind: str
    label: str
    style: str
    letter: str


@dataclass(frozen=True)
class Place:
    """A country or state, before and after."""

    code: str
    name: str
    path: str
    x: int
    y: int
    roomy: bool
    before: State
    after: State

    @property
    def moved(self) -> bool:
        """Whether the draft changes who covers it."""
        return self.before.label != self.after.label


@dataclass(frozen=True)
class Map:
    """Both maps with their legend and table."""

    which: str
    line: str
    lines: tuple[str, ...]
    height: int
    places: list[Place]
    legend: list[tuple[State, int, int]]

    @property
    def rows(self) -> list[Place]:
        """For the table: what moves first, then whatever somebody covers."""
        told = [p for p in self.places if p.moved or p.before.kind != NOBODY]
        return sorted(told, key=lambda place: (not place.moved, place.name))


def drawn(rules: Rules, which: str, line: str) -> Map:
    """The map of one kind for one product line (the first that the draft is about, unless one is asked for)."""
    change = rules.change
    concerned = [one for group in change.line_groups() for one in group] or list(change.catalogue)
    line = line if line in change.catalogue else (concerned or [""])[0]
    of_kind = shapes()[which]
    codes = [code for code in of_kind["paths"] if code]
    before, after = (dict(_judged(one, codes, line, rules)) for one in (change.before, change.after))
    names = _names(rules, [lead for lead, _ in (*before.values(), *after.values())])
    styles = _styles([lead for lead, _ in (*before.values(), *after.values())], names)
    places = [
        Place(code, _name(code), path, *_middle(path), *(_state(one[code], names, styles) for one in (before, after)))
        for code, path in sorted(of_kind["paths"].items())
        if code
    ]
    return Map(which, line, change.catalogue, of_kind["height"], places, _legend(places))


def unnamed(which: str) -> str:
    """Land that belongs to no code of ISO 3166."""
    return str(shapes()[which]["paths"].get("", ""))


@cache
def shapes() -> Any:
    """Every shape of every map, by map and code, as convert_maps wrote them; read once a process."""
    return json.loads(Path(__file__).with_name("shapes.json").read_text(encoding="utf-8"))


def _judged(
    rules: Sequence[Territory], codes: Iterable[str], line: str, whole: Rules
) -> Iterable[tuple[str, tuple[Lead, bool]]]:
    """Each place with its lead, and whether narrower rules hold within it."""
    scope = frozenset({line}) if line else ALL
    fitting = [rule for rule in rules if live(rule, whole.on) and overlap(rule.product_lines, scope)]
    ground, narrower = Ground.of(fitting), _listed(fitting)
    for code in codes:
        country, _, _ = code.partition("-")
        state = code if "-" in code else ""
        covering = ground.covering(Account(id="anybody", ref="", name="", country=country, subdivision=state))
        here = narrower[code] + (narrower[f"{country}+"] if state else 0)
        yield code, (lead_among(covering, whole.on), here > 0)


def _listed(rules: Iterable[Territory]) -> Counter[str]:
    """How many rules name each country or state, or hold in all of a country (its code and +)."""
    found = Counter[str]()
    for rule in rules:
        states = folded(rule.subdivisions)
        found.update(states | {state[:2] for state in states})
        if not states:
            found.update({code + plus for code in folded(rule.countries) for plus in ("", "+")})
    return found


def _state(judged: tuple[Lead, bool], names: dict[str, str], styles: dict[str, tuple[str, str]]) -> State:
    lead, narrower = judged
    if lead.kind == HELD:
        label = worded(lead, names)
        return State(HELD, label, *styles[label])
    kind = PART if lead.kind == NOBODY and narrower else lead.kind
    letter, label = PLAIN[kind]
    return State(kind, label, f"p-{kind}", letter)


def _styles(leads: Iterable[Lead], names: dict[str, str]) -> dict[str, tuple[str, str]]:
    """Owner -> pattern and letter; whoever covers most comes first."""
    counted = Counter(worded(lead, names) for lead in leads if lead.kind == HELD)
    ranked = sorted(counted, key=lambda label: (-counted[label], label))
    return {label: (f"p-{n}", chr(ord("A") + n)) if n < OWNERS else ("p-more", "+") for n, label in enumerate(ranked)}


def _legend(places: list[Place]) -> list[tuple[State, int, int]]:
    """Each state with the number of places before and after."""
    before, after = Counter(p.before for p in places), Counter(p.after for p in places)
    found = sorted(before | after, key=lambda s: ((HELD, TIE, PART, NOBODY).index(s.kind), s.style, s.label))
    return [(state, before[state], after[state]) for state in found]


def _names(rules: Rules, leads: Iterable[Lead]) -> dict[str, str]:
    ids = {owner for lead in leads for owner in lead.owners} - {DIRECT}
    rows = Partner.objects.filter(program=rules.program, pk__in=ids).values_list("pk", "name")
    return {str(pk): name for pk, name in rows} | {DIRECT: "Direct team"}


def _name(code: str) -> str:
    return SUBDIVISIONS.get(code) or COUNTRIES.get(fold(code), "Kosovo" if code == "XK" else code)


@cache
def _middle(path: str) -> tuple[int, int, bool]:
    """The middle of the largest ring of a path, and whether a letter has room there."""
    boxes = []
    for ring in path.split("z"):
        found = re.match(r"M(\d+) (\d+)(.*)", ring)
        if found is None:
            continue
        x, y = int(found[1]), int(found[2])
        xs, ys = [x], [y]
        steps = [int(n) for n in re.findall(r"-?\d+", found[3])] if "h" not in found[3] else []
        for dx, dy in zip(steps[::2], steps[1::2], strict=False):
            x, y = x + dx, y + dy
            xs.append(x)
            ys.append(y)
        boxes.append((max(xs) - min(xs), max(ys) - min(ys), (max(xs) + min(xs)) // 2, (max(ys) + min(ys)) // 2))
    wide, high, x, y = max(boxes, key=lambda box: box[0] * box[1])
    return x, y, wide > 22 and high > 16
