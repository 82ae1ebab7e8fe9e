"""Candidate lookup and scoring at a scale: time and recall for rare, mid and common names, with 1 and with 4 clients."""

import multiprocessing
import random
import time
import uuid
from collections.abc import Sequence
from typing import Any

import django
from django.db import connection, connections
from django.utils import timezone
from uuid_utils.compat import uuid7

from benchmarks.identity.names import KINDS, companies, typed
from channelconflict.database.creation import OWNER_ALIAS
from channelconflict.scope import staff_of
from conflicts.identity.candidates import candidates
from conflicts.identity.party import Party
from conflicts.identity.resolve import rank
from conflicts.identity.scratch import load_accounts
from conflicts.identity.stock import LiveStock
from partners.models import Program

ACCOUNTS = {"small": 20_000, "medium": 100_000, "large": 1_000_000}
SEED, QUERIES, CLIENTS, BATCH = 90125, 150, (1, 4), 50_000
_TABLES = (
    "partners_accountkey",
    "partners_accountmark",
    "partners_nametoken",
    "partners_accountname",
    "partners_account",
)


def run(scale: str, say: Any) -> dict[str, Any]:
    """Load accounts of a program of its own, ask, and remove them again."""
    count = ACCOUNTS[scale]
    program: Any = Program(
        id=uuid7(), code=f"bench-{uuid.uuid4().hex[:12]}", name="Benchmark", created_at=timezone.now()
    )
    try:
        with staff_of(program.pk):
            program.save_without_historical_record(force_insert=True)
        started = time.perf_counter()
        refs = _load(program, count, say)
        loaded = time.perf_counter() - started
        report: dict[str, Any] = {"accounts": count, "load_seconds": round(loaded, 1), "lookup": {}}
        queries = _queries(count)
        for clients in CLIENTS:
            say(f"{len(queries)} lookups with {clients} client{'s' if clients > 1 else ''}")
            report["lookup"][str(clients)] = _ask(program.pk, queries, refs, clients)
        report["resolve"] = _resolve(program.pk, queries)
        return report
    finally:
        _remove(program)


def _load(program: Program, count: int, say: Any) -> dict[str, str]:
    refs: dict[str, str] = {}
    rows = companies(count, SEED)
    for start in range(0, count, BATCH):
        with staff_of(program.pk):
            size = min(BATCH, count - start)
            loaded = load_accounts(program, (row for row, _ in zip(rows, range(size), strict=False)))
        refs |= {ref: str(pk) for pk, ref in loaded.items()}
        say(f"{start + size:,} of {count:,} accounts loaded")
    with connections[OWNER_ALIAS].cursor() as cursor:
        for table in _TABLES:
            cursor.execute(f'analyze "{table}"')
    return refs


def _queries(count: int) -> list[tuple[str, str, str, str, str]]:
    """(kind, account, name as typed, country, city), QUERIES of each kind."""
    rng, left = random.Random(SEED + 1), dict.fromkeys(KINDS, QUERIES)
    chance, found = min(1.0, 20 * QUERIES / count), []
    for row in companies(count, SEED):
        if left[row["kind"]] and rng.random() < chance:
            left[row["kind"]] -= 1
            found.append((row["kind"], row["id"], typed(row["name"], rng), row["country"], row["city"]))
    return found


def _ask(program_id: uuid.UUID, queries: Sequence[Any], refs: dict[str, str], clients: int) -> dict[str, Any]:
    work = [(str(program_id), queries[i::clients]) for i in range(clients)]
    context = multiprocessing.get_context("spawn")
    started = time.perf_counter()
    # Set up before a task is read: reading it imports the models.
    with context.Pool(clients, initializer=django.setup) as pool:
        answers = [answer for part in pool.map(client, work) for answer in part]
    report: dict[str, Any] = {"seconds": round(time.perf_counter() - started, 2)}
    for kind in KINDS:
        mine = [(seconds, refs[ref] in found) for k, ref, seconds, found in answers if k == kind]
        times = sorted(seconds for seconds, _ in mine)
        report[kind] = {
            "p50_ms": round(times[len(times) // 2] * 1000, 2),
            "p95_ms": round(times[int(len(times) * 0.95)] * 1000, 2),
            "recall": round(sum(hit for _, hit in mine) / len(mine), 4),
            "queries": len(mine),
        }
    return report


def client(work: tuple[str, Sequence[Any]]) -> list[tuple[str, str, float, list[str]]]:
    """One client's questions in a process and connection of its own."""
    program_id, answers = uuid.UUID(work[0]), []
    for number, (kind, ref, name, country, city) in enumerate([*work[1][:10], *work[1]]):
        started = time.perf_counter()
        with staff_of(program_id):
            found = candidates(program_id, Party.of(name, country=country, city=city))
        if number >= 10:  # the first ten warm the connection
            answers.append((kind, ref, time.perf_counter() - started, [str(key) for key in found]))
    connection.close()
    return answers


def _resolve(program_id: uuid.UUID, queries: Sequence[Any]) -> dict[str, Any]:
    """The whole way from typed name to scored candidates, one client."""
    times, pairs = [], 0
    with staff_of(program_id):
        stock = LiveStock(program_id)
        for _, _, name, country, city in queries:
            started = time.perf_counter()
            pairs += len(rank(program_id, Party.of(name, country=country, city=city), stock))
            times.append(time.perf_counter() - started)
    times.sort()
    return {
        "p50_ms": round(times[len(times) // 2] * 1000, 2), "p95_ms": round(times[int(len(times) * 0.95)] * 1000, 2),
        "queries_per_second": round(len(times) / sum(times)), "pairs_per_second": round(pairs / sum(times)),
    }  # fmt: skip


def _remove(program: Program) -> None:
    with connections[OWNER_ALIAS].cursor() as cursor:
        for table in _TABLES:
            cursor.execute(f'delete from "{table}" where program_id = %s', [program.pk])
        cursor.execute("delete from partners_program where id = %s", [program.pk])
