"""How long the preview of a change of territory rules takes, by what changes, beside asking each rule about each account."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

from django.utils import timezone

from benchmarks.territory_stock import stocked
from channelconflict.scope import staff_of
from conflicts import facts as f
from conflicts.drafting.preview import preview
from conflicts.drafting.rules import NEW, Wish
from conflicts.drafting.values import Values, values_of
from conflicts.load import load_territories
from conflicts.policy import STANDARD, Policy
from conflicts.territories import covers, lead_among, live
from partners.models import Account, Partner, Program, Territory

PARTS = ("country", "postal", "named", "priority", "retired")
SIZES = {"small": (1_000, 100), "medium": (100_000, 300), "large": (1_000_000, 1_000)}  # accounts, rules
TITLES = {
    "country": "a country goes to another partner", "postal": "a new exclusive rule on postal codes",
    "named": "a new rule on named accounts", "priority": "the US rule's priority rises above the states'",
    "retired": "a state's rule is retired",
}  # fmt: skip
RUNS, SAMPLE, GOAL_SECONDS = 3, 500, 5.0


@dataclass(frozen=True)
class Case:
    """One typical change of the rules."""

    name: str
    wish: Wish


def run(scale: str, say: Callable[[str], None], only: Sequence[str] = (), data: Path | None = None) -> dict[str, Any]:
    """Make a program of that size, preview each change, remove the program. No files are read."""
    return measure(scale, say, only)


def measure(scale: str, say: Callable[[str], None], only: Sequence[str] = ()) -> dict[str, Any]:
    """Seconds of the preview of each change (median of RUNS), accounts touched and moved, and the naive way extrapolated."""
    accounts, rules = SIZES[scale]
    report: dict[str, Any] = {"accounts": accounts, "rules": rules, "goal_seconds": GOAL_SECONDS, "previews": {}}
    with stocked(accounts, rules, say) as program:
        for case in _cases(program):
            if case.name in (only or PARTS):
                say(TITLES[case.name])
                report["previews"][case.name] = _times(program, case)
        report["naive"] = _naive(program, accounts)
    report["slowest_seconds"] = max((one["seconds"] for one in report["previews"].values()), default=None)
    return report


def lines(found: dict[str, Any]) -> Iterator[str]:
    """The report as a table."""
    naive = found["naive"]
    yield f"{found['accounts']:,} accounts, {found['rules']:,} rules; goal: under {found['goal_seconds']:g} s"
    yield from ("", "| change | accounts looked at | change hands | preview s |", "|---|---|---|---|")
    for name, one in found["previews"].items():
        yield f"| {TITLES[name]} | {one['touched']:,} | {one['moved']:,} | {one['seconds']:.2f} |"
    told = f"the naive way, whatever changes (extrapolated from {naive['sample']:,} accounts)"
    yield f"| {told} | {found['accounts']:,} | | {naive['seconds']:,.0f} |"


def _cases(program: Program) -> list[Case]:
    with staff_of(program.pk):
        rules = list(Territory.objects.filter(program=program).prefetch_related("assignments").order_by("pk"))
        by_ref = {rule.external_id: rule for rule in rules}
        other = str(Partner.objects.filter(program=program).order_by("-pk")[0].pk)
    own = [{"partner": other, "direct": False, "role": "owner"}]
    germany, us = by_ref["T-1"], by_ref["T-0"]
    state = next(rule for rule in rules if rule.subdivisions and not rule.industries and not rule.product_lines)
    blank = _values(germany) | {"external_id": "T-NEW", "name": "New", "countries": [], "assignments": own}
    yesterday = timezone.now().date().replace(day=1).isoformat()
    return [
        Case("country", Wish(str(germany.pk), _values(germany) | {"assignments": own})),
        Case(
            "postal",
            Wish(f"{NEW}1", blank | {"countries": ["US"], "postal_prefixes": ["1", "20", "55"], "exclusive": True}),
        ),
        Case("named", Wish(f"{NEW}1", blank | {"named_accounts": [f"B-{n}" for n in range(1, 500)]})),
        Case("priority", Wish(str(us.pk), _values(us) | {"priority": 25})),
        Case("retired", Wish(str(state.pk), _values(state) | {"valid_until": yesterday})),
    ]


def _values(rule: Any) -> Values:
    return values_of(rule, list(rule.assignments.all()))


def _times(program: Program, case: Case) -> dict[str, Any]:
    policy, seconds = Policy.from_document(STANDARD), []
    for _ in range(RUNS):
        at = timezone.now()
        with staff_of(program.pk):
            found = preview(program=program, wishes=[case.wish], policy=policy, at=at, on=at.date())
        seconds.append(found.seconds)
    return {"seconds": round(median(seconds), 3), "touched": found.shift.touched, "moved": found.shift.moved}


def _naive(program: Program, accounts: int) -> dict[str, Any]:
    """Every rule asked about every account and product line, before and after: a sample, extrapolated."""
    on = timezone.now().date()
    with staff_of(program.pk):
        rules = [rule for rule in load_territories(program) if live(rule, on)]
        rows = list(Account.objects.filter(program=program).order_by("pk")[:SAMPLE])
    changed = [replace(rules[0], priority=99), *rules[1:]]
    started = time.perf_counter()
    for row in rows:
        account = f.Account(
            id=str(row.pk), ref="", name="", country=row.country, subdivision=row.subdivision, postal_code=row.postal_code,
            industry=row.industry, employees=row.employees,
        )  # fmt: skip
        for line in ("pumps", "valves", "controls"):
            for one in (rules, changed):
                lead_among([rule for rule in one if covers(rule, account, frozenset({line}))], on)
    seconds = time.perf_counter() - started
    return {
        "sample": len(rows),
        "sample_seconds": round(seconds, 2),
        "seconds": round(seconds / len(rows) * accounts, 1),
    }
