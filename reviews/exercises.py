"""Exercises: the records of a small program, a moment, and what the standard policy must make of them.

Each runs through the real engine (import, identity, detection, recommendation, routing) in a scratch program, inside one
transaction that is rolled back.
"""

import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import transaction

from channelconflict.scope import staff_of
from conflicts.models import TerritoryOverlap
from partners.ingest import BadRowsError, load_rows
from partners.models import Partner, Program, Registration
from reviews import pipeline
from reviews.exercise_file import BadExerciseError, Exercise
from reviews.models import Case
from reviews.programs import create_program
from reviews.services import current_recommendation

T = TypeVar("T")


@dataclass(frozen=True)
class Report:
    """How one exercise went: `actual` has the shape of its `expect`, `differences` are readable lines."""

    name: str
    passed: bool
    actual: dict[str, Any]
    differences: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The report as plain JSON."""
        return asdict(self)


def run(exercise: Exercise) -> Report:
    """Run one exercise and compare; raises BadExerciseError where its records cannot be loaded. Leaves no trace."""
    actual = play(exercise, outcome)
    differences = list(compare(exercise.expect, actual))
    return Report(exercise.name, not differences, actual, differences)


def play(exercise: Exercise, see: Callable[[Program, pipeline.Outcome], T]) -> T:
    """Load and examine an exercise in a scratch program, let `see` read what came of it, and undo everything.

    `see` runs as staff of the scratch program alone: no other program's row is visible, whoever asks.
    """
    with transaction.atomic():
        program = load(exercise, f"scratch-{uuid.uuid4().hex[:12]}")
        done = pipeline.detect(program, exercise.at, everything=True)
        with staff_of(program.pk):
            seen = see(program, done)
        transaction.set_rollback(True)
    return seen


def load(exercise: Exercise, code: str) -> Program:
    """Make a program of its own and load the exercise's records into it."""
    try:
        program = create_program(code=code, at=exercise.at, **exercise.program)
    except ValidationError as error:
        raise BadExerciseError(f"'program': {' '.join(error.messages)}") from None
    with staff_of(program.pk):
        for kind, rows in exercise.records.items():
            if rows:
                _load_kind(program, exercise, kind, rows)
    return program


def _load_kind(program: Program, exercise: Exercise, kind: str, rows: list[Any]) -> None:
    try:
        load_rows(kind=kind, rows=rows, program=program, by=None, at=exercise.at, source_name=exercise.name)
    except BadRowsError as error:
        raise BadExerciseError("\n".join(f"{kind}, {line}" for line in str(error).splitlines())) from None


def outcome(program: Program, done: pipeline.Outcome) -> dict[str, Any]:
    """What detection came to, in the shape of an exercise's `expect` (as staff of the program)."""
    partners = {str(pk): ref for pk, ref in Partner.objects.filter(program=program).values_list("pk", "external_id")}
    partners["direct"] = "direct"
    cases = Case.objects.filter(pk__in=done.cases).select_related("conflict").order_by("number")
    approved = Registration.objects.filter(pk__in=done.approved)
    overlaps = TerritoryOverlap.objects.filter(program=program, gone_at__isnull=True).select_related("first", "second")
    return {
        "cases": [_case(case, partners) for case in cases],
        "approved": sorted(registration.ref for registration in approved),
        "territory_overlaps": sorted(sorted((o.first.external_id, o.second.external_id)) for o in overlaps),
    }


def _case(case: Case, partners: Mapping[str, str]) -> dict[str, Any]:
    result = current_recommendation(case).result
    findings = case.conflict.findings.filter(gone_at__isnull=True).select_related("registration")
    registrations = case.conflict.claims.filter(registration__isnull=False).select_related("registration")
    return {
        "registrations": sorted(claim.registration.ref for claim in registrations),
        "findings": [
            {"kind": f.kind, "registration": f.registration.ref, "against": f.against_ref or None}
            for f in sorted(findings, key=lambda f: (f.kind, f.registration.ref, f.against_ref))
        ],
        "action": result["action"],
        "owner": partners.get(result["owner"]),
        "support": sorted(partners[claimant] for claimant in result["support"]),
        "shares": {partners[claimant]: share for claimant, share in sorted(result["shares"].items())},
        "route": case.route,
    }


def compare(expected: Mapping[str, Any], actual: Mapping[str, Any]) -> Iterator[str]:
    """The differences as sentences; order within lists does not matter, except of the route."""
    for key in ("approved", "territory_overlaps"):
        wanted = sorted(sorted(item) if isinstance(item, list) else item for item in expected.get(key) or [])
        if wanted != actual[key]:
            yield f"{key}: expected {wanted}, found {actual[key]}"
    found = {tuple(case["registrations"]): case for case in actual["cases"]}
    for case in expected.get("cases") or []:
        name = tuple(sorted(case.get("registrations") or []))
        if name not in found:
            yield f"case {', '.join(name)}: expected, not found"
            continue
        yield from _compare_case(", ".join(name), case, found.pop(name))
    for name in found:
        yield f"case {', '.join(name)}: found, not expected"


def _compare_case(name: str, expected: Mapping[str, Any], actual: Mapping[str, Any]) -> Iterator[str]:
    def finding(item: Mapping[str, Any]) -> tuple[str, str, str]:
        return item["kind"], item["registration"], item.get("against") or ""

    wanted, found = (sorted(map(finding, case.get("findings") or [])) for case in (expected, actual))
    for item in wanted:
        if item not in found:
            yield f"case {name}: finding {item[0]} of {item[1]} against {item[2] or 'nothing'} expected, not found"
    for item in found:
        if item not in wanted:
            yield f"case {name}: finding {item[0]} of {item[1]} against {item[2] or 'nothing'} found, not expected"
    empty: dict[str, Any] = {"support": [], "shares": {}, "route": []}
    for key in ("action", "owner", "support", "shares", "route"):
        left, right = expected.get(key) or empty.get(key), actual[key]
        if key == "support":
            left, right = sorted(left), sorted(right)
        if left != right:
            yield f"case {name}: {key} expected {left}, found {right}"
