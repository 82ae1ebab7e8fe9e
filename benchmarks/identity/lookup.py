"""Candidate lookup and scoring at a scale: time and recall for rare, mid and common names, with 1 and with 4 clients;
and of a name, a domain and a phone that all accounts of a program share.
"""

import multiprocessing
import random
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any

import django
from django.db import connection, connections
from django.utils import timezone
from uuid_utils.compat import uuid7

from benchmarks.identity.names import KINDS, asked, companies
from benchmarks.identity.peers.memory import peak_mb
from channelconflict.database.creation import OWNER_ALIAS
from channelconflict.scope import staff_of
from conflicts.identity.candidates import MOST, candidates
from conflicts.identity.party import Party
from conflicts.identity.resolve import rank
from conflicts.identity.scratch import load_accounts
from conflicts.identity.stock import LiveStock
from partners.models import Account, AccountName, Program
from partners.naming import name_key

ACCOUNTS = {"small": 20_000, "medium": 100_000, "large": 1_000_000}
SEED, QUERIES, CLIENTS, BATCH, WARM = 90125, 300, (1, 4), 25_000, 20
_TABLES = (
    "nametoken",
    "accountmark",
    "accountkey",
    "accountname",
    "account",
    "touch",
)  # what is removed is a touch, too


@dataclass(frozen=True)
class Question:
    """What somebody typed, and the account that is meant (its reference, then its id)."""

    kind: str
    meant: str
    typed: dict[str, str]
    tellable: bool = True  # fewer accounts fit what was typed than candidates are wanted

    def party(self) -> Party:
        """As the search wants it."""
        rest: dict[str, Any] = {field: text for field, text in self.typed.items() if field != "name"}
        return Party.of(self.typed["name"], **rest)


def run(scale: str, say: Callable[[str], None], seed: int = SEED) -> dict[str, Any]:
    """Load accounts into programs of their own, ask, and remove them again."""
    count = ACCOUNTS[scale]
    return {"accounts": count} | _register(count, say, seed) | {"equal_names": _equal_names(count, say)}


def _register(count: int, say: Callable[[str], None], seed: int) -> dict[str, Any]:
    with _program(say) as (program, removal):
        chosen, started = _Chosen(count, seed), time.perf_counter()
        _load(program, chosen.of(companies(count, seed)), count, say)
        report: dict[str, Any] = {"load_seconds": round(time.perf_counter() - started, 1), "lookup": {}}
        questions = _with_ids(program, chosen.questions)
        for clients in CLIENTS:
            say(f"{len(questions)} lookups with {clients} client{'s' if clients > 1 else ''}")
            report["lookup"][str(clients)] = _ask(program.pk, questions, clients)
        report["resolve"] = _resolve(program.pk, questions)
        report["peak_mb"] = round(peak_mb())
    return report | removal


class _Chosen:
    """Questions about QUERIES companies of each kind, chosen in passing."""

    def __init__(self, count: int, seed: int) -> None:
        self.rng = random.Random(seed + 1)
        self.left, self.chance = dict.fromkeys(KINDS, QUERIES), min(1.0, 12 * QUERIES / count)
        self.questions: list[Question] = []

    def of(self, rows: Iterable[dict[str, str]]) -> Iterator[dict[str, str]]:
        """The same rows."""
        for row in rows:
            if self.left[row["kind"]] and self.rng.random() < self.chance:
                self.left[row["kind"]] -= 1
                self.questions.append(Question(row["kind"], row["id"], asked(row, self.rng)))
            yield row


@contextmanager
def _program(say: Callable[[str], None]) -> Iterator[tuple[Program, dict[str, float]]]:
    """A program that is removed at the end; how long that took stands in the dictionary then."""
    code, removal = f"bench-{uuid.uuid4().hex[:12]}", dict[str, float]()
    program: Any = Program(id=uuid7(), code=code, name="Benchmark", created_at=timezone.now())
    try:
        with staff_of(program.pk):
            program.save_without_historical_record(force_insert=True)
        yield program, removal
    finally:
        say("removing them")
        started = time.perf_counter()
        _remove(program)
        removal["removal_seconds"] = round(time.perf_counter() - started, 1)


def _load(program: Program, rows: Iterator[dict[str, str]], count: int, say: Callable[[str], None]) -> None:
    for start in range(0, count, BATCH):
        with staff_of(program.pk):
            load_accounts(program, islice(rows, BATCH))
        say(f"{min(start + BATCH, count):,} of {count:,} accounts loaded")
    with connections[OWNER_ALIAS].cursor() as cursor:
        for table in _TABLES:
            cursor.execute(f"analyze partners_{table}")


def _with_ids(program: Program, questions: Sequence[Question]) -> list[Question]:
    with staff_of(program.pk):
        found = Account.objects.filter(program=program, external_id__in=[question.meant for question in questions])
        ids = dict(found.values_list("external_id", "pk"))
        return [
            Question(asked.kind, str(ids[asked.meant]), asked.typed, _tellable(program, ids[asked.meant], asked))
            for asked in questions
        ]


def _tellable(program: Program, meant: uuid.UUID, question: Question) -> bool:
    """Not when more accounts of that name, or of the name as typed, fit all that was typed than a search brings."""
    keys = {name_key(question.typed["name"]), *AccountName.objects.filter(account=meant).values_list("key", flat=True)}
    alike = {field: text for field, text in question.typed.items() if text and field != "name"}
    rows = AccountName.objects.filter(program=program, key__in=keys, **{f"account__{k}": v for k, v in alike.items()})
    return rows[: MOST + 1].count() <= MOST


def _ask(program_id: uuid.UUID, questions: Sequence[Question], clients: int) -> dict[str, Any]:
    work = [(str(program_id), questions[i::clients]) for i in range(clients)]
    started = time.perf_counter()
    # Set up before a task is read: reading it imports the models.
    with multiprocessing.get_context("spawn").Pool(clients, initializer=django.setup) as pool:
        answers = [answer for part in pool.map(client, work) for answer in part]
    report: dict[str, Any] = {"seconds": round(time.perf_counter() - started, 2)}
    for kind in KINDS:
        mine = [answer for answer in answers if answer.kind == kind]
        told = [answer.hit for answer in mine if answer.tellable]
        report[kind] = _times([answer.seconds for answer in mine]) | {
            "recall": round(sum(told) / len(told), 4), "recall_with_untellable": round(sum(a.hit for a in mine) / len(mine), 4),
            "queries": len(mine), "untellable": len(mine) - len(told),
        }  # fmt: skip
    return report


@dataclass(frozen=True)
class Answer:
    """How long a question took, and whether the account that was meant came out."""

    kind: str
    tellable: bool
    seconds: float
    hit: bool


def client(work: tuple[str, Sequence[Question]]) -> list[Answer]:
    """One client's questions in a process and connection of its own."""
    program_id, answers = uuid.UUID(work[0]), []
    for number, question in enumerate([*work[1][:WARM], *work[1]]):
        started = time.perf_counter()
        with staff_of(program_id):
            found = candidates(program_id, question.party())
        taken = time.perf_counter() - started
        if number >= WARM:  # the first ones warm the connection
            hit = question.meant in {str(key) for key in found}
            answers.append(Answer(question.kind, question.tellable, taken, hit))
    connection.close()
    return answers


def _times(seconds: Sequence[float]) -> dict[str, float]:
    ordered = sorted(seconds)
    return {
        f"p{share}_ms": round(ordered[min(len(ordered) - 1, len(ordered) * share // 100)] * 1000, 2)
        for share in (50, 95)
    }


def _resolve(program_id: uuid.UUID, questions: Sequence[Question]) -> dict[str, Any]:
    """The whole way from typed name to scored candidates, one client."""
    times, pairs = [], 0
    with staff_of(program_id):
        stock = LiveStock(program_id)
        for question in questions:
            started = time.perf_counter()
            pairs += len(rank(program_id, question.party(), stock))
            times.append(time.perf_counter() - started)
    seconds = sum(times)
    return _times(times) | {
        "queries_per_second": round(len(times) / seconds), "pairs_per_second": round(pairs / seconds)
    }  # fmt: skip


def _equal_names(count: int, say: Callable[[str], None]) -> dict[str, Any]:
    """`count` times the same name, every tenth with one domain, every tenth with one phone."""
    with _program(say) as (program, removal):
        started = time.perf_counter()
        _load(program, map(_equal, range(count)), count, say)
        report: dict[str, Any] = {"accounts": count, "load_seconds": round(time.perf_counter() - started, 1)}
        for what, typed in {
            "name": {"name": "Global Solutions"}, "slip": {"name": "Globl Solutions GmbH"},
            "domain": {"name": "Global Solutions", "domain": "global.example"},
            "phone": {"name": "Anything else", "phone": "+49 30 1234567"},
            "town": {"name": "Global Solutions", "city": "Town 77"},
        }.items():  # fmt: skip
            report[what] = _times([_seconds(program, Question("", "", typed)) for _ in range(40)][5:])
        report["one_more"] = _times([_write(program, count + number) for number in range(105)][5:])
    return report | removal


def _equal(number: int) -> dict[str, str]:
    shared = number % 10
    return {
        "id": str(number), "name": "Global Solutions", "country": "DE", "city": f"Town {number % 5000}",
        "domain": "global.example" if shared == 0 else f"global-{number}.example",
        "phone": "+49 30 1234567" if shared == 1 else f"+49 40 {number:07d}",
    }  # fmt: skip


def _seconds(program: Program, question: Question) -> float:
    started = time.perf_counter()
    with staff_of(program.pk):
        rank(program.pk, question.party(), LiveStock(program.pk))
    return time.perf_counter() - started


def _write(program: Program, number: int) -> float:
    started = time.perf_counter()
    with staff_of(program.pk):
        load_accounts(program, [_equal(number)])
    return time.perf_counter() - started


def _remove(program: Program) -> None:
    with connections[OWNER_ALIAS].cursor() as cursor:
        for table in _TABLES:
            cursor.execute(f"delete from partners_{table} where program_id = %s", [program.pk])
        cursor.execute("delete from partners_program where id = %s", [program.pk])
