"""bench policy: how fast rules are evaluated with their trace, beside zen-engine on the same rules; how long the static
checks and the differences of two versions take; how fast past cases are tried (policy_backtest; only this part has rows in
the database, and removes them). A part is a function of the scale and `say`, and one of its figures to lines: see RUNS."""

import copy
import json
import random
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import policy_backtest
from benchmarks.identity.quality import ROOT, peers_python
from benchmarks.policy_table import as_table
from conflicts.policy import STANDARD, Policy
from conflicts.policy.background import against, ordinary
from conflicts.policy.checks import check, differences
from conflicts.policy.conditions import TRUE, Node, Value, evaluate
from conflicts.policy.rules import Rule

Say = Callable[[str], Any]
Values = dict[str, Value | None]
CASES = {"small": 2_000, "medium": 20_000, "large": 100_000}
REPEATS = {"small": 3, "medium": 10, "large": 30}
MORE_RULES = {"small": (24,), "medium": (24, 48), "large": (24, 48)}  # beside the twelve of the standard
LIMIT = 1_800  # seconds that the peer may take


# --- evaluate ---


def evaluate_part(scale: str, say: Say) -> dict[str, Any]:
    """Evaluations a second with trace, of ours and of zen-engine, and whether both decide every case alike."""
    policy, cases = Policy.from_document(STANDARD), random_cases(CASES[scale], seed=7)
    say(f"{len(cases)} random cases")
    began = time.perf_counter(), time.process_time()
    traces = [traced(policy, case) for case in cases]
    seconds = time.perf_counter() - began[0], time.process_time() - began[1]
    answers = [rule.id for rule, _ in traces]
    tests = sum(len(node.tests) for _, nodes in traces for node in nodes)
    return {
        "cases": len(cases),
        "rules": len(policy.rules),
        "deciding": dict(sorted(Counter(answers).items())),
        "tests_told_a_case": round(tests / len(cases), 1),
        "ours": {"a_second": round(len(cases) / seconds[0]), "a_cpu_second": round(len(cases) / seconds[1])},
        "zen": _zen(policy, cases, answers, say),
    }


def traced(policy: Policy, values: Values) -> tuple[Rule, list[Node]]:
    """The rule that decides, and how each rule up to it came out, test by test."""
    nodes = []
    for rule in policy.rules:
        nodes.append(evaluate(rule.when, values, policy.numbers))
        if nodes[-1].state == TRUE:
            return rule, nodes
    raise ValueError("No rule decides.")


def random_cases(count: int, seed: int) -> list[Values]:
    """Cases that can be, any rule of the standard deciding some of them; an eighth of what may be unknown is."""
    policy, rng, found = Policy.from_document(STANDARD), random.Random(seed), list[Values]()
    usual = ordinary(policy)
    while len(found) < count:
        case = usual | _drawn(rng)
        if not against(case, policy):
            found.append(case)
    return found


def _drawn(rng: random.Random) -> Values:
    eligible = rng.choice((0, 1, 2, 2, 2, 2, 3, 3))
    seldom: Callable[[], bool] = lambda: rng.random() < 0.12  # noqa: E731
    lesser, best = sorted(rng.choice((0, 0, 5, 10, 15, 20, 25)) for _ in range(2))
    reserved, two = eligible > 0 and seldom(), eligible > 1
    co_sell = eligible > 0 and seldom()
    return {
        "eligible_claimants": eligible,
        "claimants": max(1, eligible + rng.choice((0, 0, 1))),
        "blocked_registrations": rng.choice((1, 2)) if eligible == 0 else rng.choice((0, 0, 1)),
        "amount": None if seldom() else Decimal(rng.randrange(1_000, 400_000)),
        "reserved_account": reserved,
        "finding_reserved_account": reserved,
        "account_segment": "house" if reserved else "enterprise",
        "reserved_workers": rng.choice((0, 1)) if reserved and best >= 10 else 0,
        "co_sell_named": co_sell,
        "finding_co_sell": co_sell,
        "protection_active": eligible > 0 and seldom(),
        "owner_working": (None if seldom() else seldom()) if eligible else False,
        "lead": rng.choice((0, 5, 10, 15, 30, 45)) if two else None,
        "best_proof": best if eligible else None,
        "lesser_proof": lesser if two else None,
        "direct_leads": rng.random() < 0.3 if two else None,
        "partner_leads": eligible > 0,
        "top_tier": None,
        "last_activity": None,
    }


def _zen(policy: Policy, cases: Sequence[Values], answers: list[str], say: Say) -> dict[str, Any]:
    """The peer in a process of its own, handed the table and the cases as JSON."""
    python = peers_python()
    if not python:
        return {"failed": "the peers' environment is not there: `make peers` makes it"}
    facts = sorted({name for rule in policy.rules for name in rule.facts})
    with tempfile.TemporaryDirectory(prefix="bench-") as temporary:
        folder = Path(temporary)
        (folder / "table.json").write_text(json.dumps(as_table(policy)))
        (folder / "cases.json").write_text(json.dumps([{name: case[name] for name in facts} for case in cases]))
        say("zen-engine")
        command = [python, "-m", "benchmarks.policy_zen", str(folder)]
        try:
            ended = subprocess.run(command, cwd=ROOT, timeout=LIMIT, capture_output=True, text=True)
        except (OSError, subprocess.TimeoutExpired) as error:
            return {"failed": str(error)}
        if ended.returncode:
            return {"failed": (ended.stderr.strip().splitlines() or ["it ended without a word"])[-1]}
        told: dict[str, Any] = json.loads((folder / "told.json").read_text())
    theirs = told.pop("answers")
    return told | {"same": sum(ours == other for ours, other in zip(answers, theirs, strict=True))}


def evaluate_lines(found: dict[str, Any]) -> Iterator[str]:
    """The table, and what could not be measured."""
    yield f"{found['rules']} rules of the standard, {found['cases']:,} random cases, every test of the rules asked in the trace"
    yield f"({found['tests_told_a_case']} a case); decided by {found['deciding']}"
    yield from ("", "| with trace | evaluations/s | by CPU second | same answer |", "|---|---|---|---|")
    yield f"| ours | {_speeds(found['ours'])} | |"
    zen = found["zen"]
    if "failed" in zen:
        yield from ("", f"NOT MEASURED: zen-engine: {zen['failed']}")
        return
    name, same = f"zen-engine {zen['version']}", f"{zen['same']:,} of {found['cases']:,}"
    yield f"| {name}, one by one | {_speeds(zen['one_by_one'])} | {same} |"
    yield f"| {name}, all in one call | {_speeds(zen['batch'])} | {same} |"
    if zen["same"] != found["cases"]:
        yield "NOT THE SAME ANSWERS"


def _speeds(row: dict[str, int]) -> str:
    return f"{row['a_second']:,} | {row['a_cpu_second']:,}"


# --- z3 ---


def z3_part(scale: str, say: Say) -> dict[str, Any]:
    """How long the checks of a policy take, and the differences of two."""
    standard, repeats = Policy.from_document(STANDARD), REPEATS[scale]
    began = time.perf_counter()
    import z3

    report: dict[str, Any] = {"version": z3.get_version_string(), "load_seconds": round(time.perf_counter() - began, 2)}
    check(standard)
    rows = {}
    for name, old, new in (*_changes(standard), *_larger(standard, MORE_RULES[scale])):
        say(name)
        problems, checking = _timed(check, (new,), repeats)
        shown, differing = _timed(differences, (old, new), repeats)
        rows[name] = {
            "rules": len(new.rules), "problems": len(problems), "check_seconds": checking,
            "differences": len(shown), "differences_seconds": differing,
        }  # fmt: skip
    return report | {"rows": rows}


def _changes(standard: Policy) -> Iterator[tuple[str, Policy, Policy]]:
    yield "the standard, unchanged", standard, standard
    numbers = STANDARD["parameters"] | {"margin": 20}
    yield "margin 15 to 20", standard, Policy.from_document(STANDARD | {"parameters": numbers})
    rules = copy.deepcopy(STANDARD["rules"])
    rules[3]["priority"], rules[4]["priority"] = rules[4]["priority"], rules[3]["priority"]
    yield "two rules swapped", standard, Policy.from_document(STANDARD | {"rules": rules})
    yield "a rule added", standard, Policy.from_document(STANDARD | {"rules": [*STANDARD["rules"], _rule(55, 0)]})


def _larger(standard: Policy, sizes: Sequence[int]) -> Iterator[tuple[str, Policy, Policy]]:
    for size in sizes:
        rules = [*STANDARD["rules"], *(_rule(41 + at, at) for at in range(size - len(standard.rules)))]
        rules[-1] = rules[-1] | {"priority": 119}
        yield f"{size} rules", standard, Policy.from_document(STANDARD | {"rules": _spread(rules)})


def _spread(rules: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same order with a priority of its own for each."""
    ordered = sorted(rules, key=lambda rule: (rule["priority"], rule["id"]))
    return [rule | {"priority": at} for at, rule in enumerate(ordered, start=1)]


def _rule(priority: int, number: int) -> dict[str, Any]:
    """A rule as people add them: some amounts in some places."""
    where = ("DE", "FR", "US", "US-CA", "JP", "BR")[number % 6]
    parts = [
        {"fact": "amount", "op": ">=", "value": 100_000 + 25_000 * (number % 9)},
        {"fact": "account_region", "op": "covers_region", "value": [where]},
        {"fact": "account_employees", "op": "<", "value": 10_000 - 100 * number},
    ]
    action = ("mediate", "request_information")[number % 2]
    told = {
        "id": f"X-{number:02}",
        "priority": priority,
        "title": f"Large in {where}",
        "reason": "Large deals need care.",
    }
    return told | {"when": {"all": parts}, "then": {"action": action}}


def _timed(work: Callable[..., list[Any]], given: tuple[Policy, ...], repeats: int) -> tuple[list[Any], float]:
    """What it found, and its median CPU time: the solver runs in this thread and waits for nothing."""
    found, seconds = list[Any](), []
    for _ in range(repeats):
        began = time.process_time()
        found = work(*given)
        seconds.append(time.process_time() - began)
    return found, round(median(seconds), 3)


def z3_lines(found: dict[str, Any]) -> Iterator[str]:
    """A row a change."""
    yield f"z3 {found['version']}, loaded in {found['load_seconds']} s; median CPU seconds"
    yield from (
        "",
        "| new version | rules | check | problems told | differences to the standard | with an example each |",
    )
    yield "|---|---|---|---|---|---|"
    for name, row in found["rows"].items():
        yield (
            f"| {name} | {row['rules']} | {row['check_seconds']} | {row['problems']} | "
            f"{row['differences_seconds']} | {row['differences']} |"
        )


# --- all parts ---

RUNS: dict[str, tuple[Callable[[str, Say], dict[str, Any]], Callable[[dict[str, Any]], Iterator[str]]]] = {
    "evaluate": (evaluate_part, evaluate_lines),
    "z3": (z3_part, z3_lines),
    "backtest": (policy_backtest.run, policy_backtest.lines),
}
PARTS = tuple(RUNS)


def run(scale: str, say: Say, only: Sequence[str] = (), data: Path | None = None) -> dict[str, Any]:
    """The figures by part; `only` names parts, no files are read."""
    return {part: RUNS[part][0](scale, say) for part in (only or PARTS)}


def lines(found: dict[str, Any]) -> Iterator[str]:
    """The report, part by part."""
    for part, figures in found.items():
        yield from ("", part, "")
        yield from RUNS[part][1](figures)
