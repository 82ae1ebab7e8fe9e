"""bench detection: how soon a submitted registration has its verdict, how long looking at everything again takes and how
much memory, and the same as somebody would write it as a query over all pairs of registrations; one made-up vendor."""

import multiprocessing
import resource
import time
import uuid
from collections.abc import Collection, Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

import django
from django.db import OperationalError, connection, connections
from django.utils import timezone

from benchmarks import territories
from benchmarks.identity.names import typed
from benchmarks.identity.peers.memory import peak_mb
from benchmarks.vendor import SEED, SIZES, Say, vendor
from channelconflict.database.creation import OWNER_ALIAS
from channelconflict.scope import staff_of
from conflicts.models import Claim
from partners.models import Account, Partner, Program, Registration, Territory
from partners.services import submit_registration
from reviews import pipeline
from reviews.everything import PROCESSES, look_at_everything
from reviews.models import Case

PARTS = ("everything", "verdict", "naive", "territories")
SUBMISSIONS, WARM = 200, 5
PATIENCE = 60  # seconds that the query over all pairs is given
SAMPLE = 1000  # registrations whose pairs are always compared in full, for the time that all would take
VERDICT_GOAL, EVERYTHING_GOAL, MEMORY_GOAL = 2.0, 300, 512  # seconds, seconds, MB a process
SIMILAR = 0.5  # of trigrams, as one would choose for company names
Report = dict[str, Any]


def run(scale: str, say: Say, only: Collection[str] = (), data: Path | None = None) -> Report:
    """Load the vendor, measure the parts that are asked for (all), and remove it; no files are read."""
    parts, at, started = [part for part in PARTS if not only or part in only], timezone.now(), time.perf_counter()
    with vendor(SIZES[scale], at, say) as program:
        report = {"scale": scale, "load_seconds": round(time.perf_counter() - started)} | measure(program, parts, say)
    if "territories" in parts:
        say("the preview of territories")
        report["territories"] = territories.measure(scale, say)
    return report


def measure(program: Program, parts: Collection[str], say: Say) -> Report:
    """The parts, on a program that is there; the first look at everything opens its cases."""
    report: Report = {"counts": _counts(program, timezone.now())}
    say("first look: cases are opened")
    report["first_look"] = _look(program)
    if "everything" in parts:
        say("looking at everything again")
        report["everything"] = _look(program)
    if "verdict" in parts:
        say(f"{SUBMISSIONS} submissions")
        report["verdict"] = verdicts(program)
    if "naive" in parts:
        say("the query over all pairs")
        report["naive"] = naive(program)
    return report | {"ratios": _ratios(report)}


def _counts(program: Program, at: datetime) -> Report:
    rows: dict[str, Any] = {
        "accounts": Account,
        "partners": Partner,
        "registrations": Registration,
        "territories": Territory,
        "claims": Claim,
    }
    with staff_of(program.pk):
        found = {name: model.objects.filter(program=program).count() for name, model in rows.items()}
        return found | {"live registrations": Registration.objects.live_at(at).filter(program=program).count()}


# --- everything ---


def _look(program: Program) -> Report:
    """In a process of its own, as the command runs; its memory is told, and the largest of those that it starts."""
    spawn = multiprocessing.get_context("spawn")
    # Set up before the task is read: reading it imports the models.
    with ProcessPoolExecutor(1, mp_context=spawn, initializer=django.setup) as pool:
        return pool.submit(_looking, connection.settings_dict["NAME"], program.pk).result()


def _looking(database: str, program_id: uuid.UUID) -> Report:
    connection.settings_dict["NAME"] = database
    program, started, peaks = Program.objects.get(pk=program_id), time.perf_counter(), list[float]()

    def progress(_done: int, _of: int) -> None:
        peaks.extend(peak_mb(child.pid or 0) for child in multiprocessing.active_children())

    done = look_at_everything(program, timezone.now(), progress=progress)
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return {
        "seconds": round(time.perf_counter() - started, 2), "claim_sets": done.claim_sets, "cases": len(done.cases),
        "approved": len(done.approved), "processes": PROCESSES if peaks else 1, "peak_mb": round(max(peak_mb(), *peaks, 0)),
        "cpu_seconds": round(sum(one.ru_utime + one.ru_stime for one in used)),
    }  # fmt: skip


# --- the verdict on one ---


def verdicts(program: Program) -> Report:
    """Partners register deals that others hold; from the form's call to the case with its recommendation, seconds.

    The queue between the two is not in it: a worker that is free starts at once.
    """
    rng, times, cases = Random(SEED), list[float](), 0
    for number, (name, values) in enumerate(_rivals(program, rng)):
        at, started = timezone.now(), time.perf_counter()
        with staff_of(program.pk):
            row = Registration(program=program, account_name=typed(name, rng), created_at=at, currency="USD", **values)
            row = submit_registration(registration=row, by=None, at=at)
        done = pipeline.process_registration(program, row.pk, at)
        if number >= WARM:  # the first ones warm the connection
            times.append(time.perf_counter() - started)
            cases += _has_case(program, row, done.cases)
    ordered = sorted(times)
    return {
        "submissions": len(times), "with_a_case": cases,
        **{f"p{share}": round(ordered[len(ordered) * share // 100], 3) for share in (50, 95)},
        "most": round(ordered[-1], 3),
    }  # fmt: skip


def _has_case(program: Program, registration: Registration, cases: Collection[uuid.UUID]) -> bool:
    with staff_of(program.pk):
        mine = Case.objects.filter(pk__in=cases, conflict__claims__registration=registration)
        return mine.filter(conflict__recommendations__superseded_at__isnull=True).exists()


def _rivals(program: Program, rng: Random) -> list[tuple[str, Report]]:
    """Live deals of others as another partner types them: the names with slips, the rest as known."""
    with staff_of(program.pk):
        held = list(Registration.objects.live_at(timezone.now()).filter(program=program).order_by("number")[:20_000])
        partners = list(Partner.objects.filter(program=program).order_by("external_id")[:1000])
    chosen = rng.sample(held, min(len(held), SUBMISSIONS + WARM))
    return [
        (deal.account_name, {
            "partner": rng.choice([p for p in rng.sample(partners, 2) if p.pk != deal.partner_id]),
            "account_domain": deal.account_domain, "account_country": deal.account_country,
            "account_city": deal.account_city, "account_postal_code": deal.account_postal_code,
            "product_lines": deal.product_lines, "amount": 40_000,
        })
        for deal in chosen
    ]  # fmt: skip


# --- as one would write it ---

_PAIRS = """
with live as materialized (
    select id, account_name, account_country, product_lines from partners_registration
     where program_id = %(program)s and (status in ('submitted', 'in_review', 'action_required')
           or status = 'approved' and protected_from <= %(at)s and protected_until > %(at)s)
     order by id limit %(most)s)
select count(*) from live one join live other on one.id < other.id and one.product_lines && other.product_lines
   and similarity(one.account_name, other.account_name) > %(similar)s
"""
_ONE = """
select count(*) from partners_registration other
 where program_id = %(program)s and (status in ('submitted', 'in_review', 'action_required')
       or status = 'approved' and protected_from <= %(at)s and protected_until > %(at)s)
   and product_lines && %(lines)s::varchar[] and similarity(account_name, %(name)s) > %(similar)s
"""


def naive(program: Program) -> Report:
    """Names compared with names by trigrams where products overlap: all pairs (given up after PATIENCE seconds), a
    sample of them, and one registration against all. It finds pairs of names: no rule, no recommendation, no case."""
    with staff_of(program.pk):
        live = Registration.objects.live_at(timezone.now()).filter(program=program).count()
    with connections[OWNER_ALIAS].cursor() as cursor:
        cursor.execute("create extension if not exists pg_trgm")
        cursor.execute("set statement_timeout = %s", [f"{PATIENCE}s"])
        try:
            return _compared(cursor, program, live)
        finally:
            cursor.execute("reset statement_timeout")


def _compared(cursor: Any, program: Program, live: int) -> Report:
    some = min(live, SAMPLE)
    values = {
        "program": program.pk,
        "at": timezone.now(),
        "similar": SIMILAR,
        "lines": ["pumps"],
        "name": "Global Pumps",
    }
    sampled = _seconds(cursor, _PAIRS, values | {"most": some})
    everything = sampled if some == live else _seconds(cursor, _PAIRS, values | {"most": live})
    return {
        "patience": PATIENCE, "seconds": everything, "sample": some, "sample_seconds": sampled,
        "seconds_by_the_sample": None if sampled is None else round(sampled * (live / some) ** 2, 1),
        "one_against_all": _seconds(cursor, _ONE, values),
    }  # fmt: skip


def _seconds(cursor: Any, statement: str, values: Report) -> float | None:
    """How long it took; None when it was given up."""
    started = time.perf_counter()
    try:
        cursor.execute(statement, values)
    except OperationalError:
        return None
    return round(time.perf_counter() - started, 6)


def _ratios(report: Report) -> Report:
    """How many times as long the query takes; where it was given up, by its sample."""
    pairs, found = report.get("naive"), {}
    if pairs and "everything" in report:
        taken = pairs["seconds"] or pairs["seconds_by_the_sample"]
        found["all_pairs_to_everything"] = taken and round(taken / report["everything"]["seconds"], 1)
    if pairs and "verdict" in report and pairs["one_against_all"]:
        found["one_against_all_to_verdict_p50"] = round(pairs["one_against_all"] / report["verdict"]["p50"], 2)
    return found


# --- the report ---


def lines(report: Report) -> Iterator[str]:
    """The report for people, with the goals."""
    counts = report["counts"]
    yield ", ".join(f"{count:,} {what}" for what, count in counts.items())
    first = report["first_look"]
    yield f"loaded in {report['load_seconds']} s; first look {first['seconds']} s, {first['cases']:,} cases"
    yield f"  {'':44}{'goal':>10}{'measured':>10}"
    if verdict := report.get("verdict"):
        yield _line("verdict p50, s", None, verdict["p50"])
        yield _line("verdict p95, s", VERDICT_GOAL, verdict["p95"])
        yield f"    {verdict['submissions']} submissions, {verdict['with_a_case']} came to a case with a recommendation"
    if again := report.get("everything"):
        yield _line("everything again, s", EVERYTHING_GOAL, again["seconds"])
        if "cpu_seconds" in again:
            yield _line("  processor seconds of its processes, the database's not", None, again["cpu_seconds"])
        yield _line(f"memory of each of {again['processes']} processes, MB", MEMORY_GOAL, again["peak_mb"])
    if pairs := report.get("naive"):
        yield from _naive(pairs)
    for what, ratio in report["ratios"].items():
        yield _line(what.replace("_", " "), None, ratio)
    if "territories" in report:
        yield from territories.lines(report["territories"])


def _naive(pairs: Report) -> Iterator[str]:
    if pairs["seconds"] is None:
        yield f"  all pairs as a query: given up after {pairs['patience']} s"
        yield _line(f"  by {pairs['sample']} registrations, all would take, s", None, pairs["seconds_by_the_sample"])
    else:
        yield _line("all pairs as a query, s", None, pairs["seconds"])
    yield _line("one name against all as a query, s", None, pairs["one_against_all"])


def _line(what: str, goal: float | None, measured: float | None) -> str:
    says = "" if goal is None or measured is None else "  met" if measured < goal else "  NOT MET"
    return f"  {what:44}{'' if goal is None else f'< {goal:g}':>10}{'-' if measured is None else f'{measured:,g}':>10}{says}"
