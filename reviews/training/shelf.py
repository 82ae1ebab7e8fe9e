"""The library of exercises that comes with the product: what each trains, and how hard it is."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from conflicts.policy import KINDS
from reviews.exercise_file import Exercise, read_file

FOLDER = Path(__file__).parent / "exercises"
NO_CONFLICT, OVERLAP = "no_conflict", "territory_overlap"
TRAINED = (*KINDS, OVERLAP, NO_CONFLICT)
LEVELS = ("easy", "medium", "hard")


@dataclass(frozen=True)
class Entry:
    """One exercise of the library: the kinds of findings that are to be found in it, and the recommended actions."""

    name: str
    title: str
    kinds: tuple[str, ...]
    actions: tuple[str, ...]
    registrations: int
    level: str

    @property
    def number(self) -> str:
        """How it is called for short."""
        return self.name.split("-")[0]


@cache
def library() -> dict[str, Entry]:
    """Every exercise that comes with the product, by its name, in their order; read once a process."""
    found = (entry_of(read_file(path)) for path in FOLDER.glob("*.json"))
    return {entry.name: entry for entry in sorted(found, key=lambda entry: (len(entry.number), entry.name))}


@cache
def exercise(name: str) -> Exercise:
    """An exercise of the library; KeyError for a name that is not in it."""
    return read_file(FOLDER / f"{library()[name].name}.json")


def entry_of(exercise: Exercise) -> Entry:
    """What an exercise trains, by its own account (`expect`)."""
    expect, cases = exercise.expect, exercise.expect.get("cases") or []
    findings = [finding for case in cases for finding in case.get("findings") or []]
    kinds = {finding["kind"] for finding in findings}
    kinds |= {OVERLAP} if expect.get("territory_overlaps") else set()
    kinds |= {NO_CONFLICT} if expect.get("approved") else set()
    return Entry(
        name=exercise.name,
        title=exercise.title,
        kinds=tuple(kind for kind in TRAINED if kind in kinds),
        actions=tuple(dict.fromkeys(str(case.get("action") or "") for case in cases)),
        registrations=len(exercise.records.get("registrations", ())),
        level=LEVELS[_steps(cases, kinds, findings)],
    )


def _steps(cases: list[Any], kinds: set[str], findings: list[Any]) -> int:
    """0 to 2: more claim sets, more kinds of findings at once and more findings make it harder."""
    weight = len(cases) + 2 * len(kinds) + len(findings) / 2
    return (weight > 5) + (weight > 9)
