"""Exercises: the records of a small program, a moment, and what the standard policy must make of them.

Each runs through the real engine (import, identity, detection, recommendation, routing) in a scratch program, inside one
transaction that is rolled back.
"""

import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction

from channelconflict.scope import staff_of
from conflicts.models import TerritoryOverlap
from partners.ingest import KINDS, load_rows
from partners.models import Partner, Program, Registration
from reviews import pipeline
from reviews.models import Case
from reviews.programs import create_program
from reviews.services import current_recommendation


class BadExerciseError(ValueError):
    """The file is not an exercise; the text says what is missing."""


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


def run(exercise: Mapping[str, Any]) -> Report:
    """Run one exercise and compare; raises BadExerciseError or partners.ingest.BadRowsError. Leaves no trace."""
    for key in ("name", "as_of", "program", "records", "expect"):
        if key not in exercise:
            raise BadExerciseError(f"An exercise needs '{key}'.")
    with transaction.atomic():
        actual = _play(exercise, datetime.fromisoformat(exercise["as_of"]))
        transaction.set_rollback(True)
    differences = list(_compare(exercise["expect"], actual))
    return Report(exercise["name"], not differences, actual, differences)


def _play(exercise: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    program = load(exercise, f"scratch-{uuid.uuid4().hex[:12]}", at)
    done = pipeline.detect(program, at, everything=True)
    with staff_of(program.pk):
        return _actual(program, done)


def load(exercise: Mapping[str, Any], code: str, at: datetime) -> Program:
    """Make a program of its own and load the exercise's records into it."""
    given = exercise["program"]
    program = create_program(
        code=code, name=given.get("name") or code, at=at, currency=given.get("currency") or "USD",
        timezone=given.get("timezone") or "UTC", open_weekdays=given.get("open_weekdays"),
        holidays=[date.fromisoformat(day) for day in given.get("holidays") or []],
    )  # fmt: skip
    unknown = sorted(set(exercise["records"]) - set(KINDS))
    if unknown:
        raise BadExerciseError(f"'records' knows no {', '.join(unknown)}; its kinds are {', '.join(KINDS)}.")
    with staff_of(program.pk):
        for kind in KINDS:
            rows = exercise["records"].get(kind) or []
            load_rows(kind=kind, rows=rows, program=program, by=None, at=at, source_name=exercise["name"])
    return program


def _actual(program: Program, done: pipeline.Outcome) -> dict[str, Any]:
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


def _compare(expected: Mapping[str, Any], actual: Mapping[str, Any]) -> Any:
    for key in ("approved", "territory_overlaps"):
        wanted = sorted(sorted(item) if isinstance(item, list) else item for item in expected.get(key, []))
        if wanted != actual[key]:
            yield f"{key}: expected {wanted}, found {actual[key]}"
    found = {tuple(case["registrations"]): case for case in actual["cases"]}
    for case in expected.get("cases", []):
        name = tuple(sorted(case["registrations"]))
        if name not in found:
            yield f"case {', '.join(name)}: expected, not found"
            continue
        yield from _compare_case(", ".join(name), case, found.pop(name))
    for name in found:
        yield f"case {', '.join(name)}: found, not expected"


def _compare_case(name: str, expected: Mapping[str, Any], actual: Mapping[str, Any]) -> Any:
    def finding(item: Mapping[str, Any]) -> tuple[str, str, str]:
        return item["kind"], item["registration"], item.get("against") or ""

    wanted, found = sorted(map(finding, expected["findings"])), sorted(map(finding, actual["findings"]))
    for item in wanted:
        if item not in found:
            yield f"case {name}: finding {item[0]} of {item[1]} against {item[2] or 'nothing'} expected, not found"
    for item in found:
        if item not in wanted:
            yield f"case {name}: finding {item[0]} of {item[1]} against {item[2] or 'nothing'} found, not expected"
    for key in ("action", "owner", "support", "shares", "route"):
        left, right = expected.get(key), actual[key]
        if key == "support":
            left, right = sorted(left or []), sorted(right)
        if key == "shares":
            left, right = {k: float(v) for k, v in (left or {}).items()}, {k: float(v) for k, v in right.items()}
        if left != right:
            yield f"case {name}: {key} expected {left}, found {right}"
