"""bench desk: how long the queue and a case page take with many cases and many people, beside Django's own change list
on the same rows, and how long 500 cases take that are approved in bulk. Through the whole application, no network."""

import time
from collections.abc import Callable, Iterator, Sequence
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import Any

import django
from django.db import connection
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone

from benchmarks.desk_stock import Say, Size, desk
from benchmarks.pages import STORAGES, line, milliseconds
from channelconflict.models import User
from channelconflict.scope import staff_of
from partners.models import Program
from partners.permissions import Role
from reviews.models import BulkApproval, BulkState, Case
from reviews.services.bulk import MOST, preview_bulk, send_bulk
from reviews.tasks import approve_bulk, help_with_bulk

WORKERS = (approve_bulk, help_with_bulk)
PARTS = ("queue", "case", "changelist", "bulk")
SIZES = {"small": Size(10_000, 50), "medium": Size(100_000, 200), "large": Size(1_000_000, 1_000)}
READS = {"small": 60, "medium": 100, "large": 100}  # of each address
READERS, SEED = 8, 2026
GOAL_MS, BULK_GOAL = 150, 10.0  # p95 of a page; seconds of 500 cases
QUEUES = {
    "queue": "", "its last page": "?page=last", "mine": "?view=mine", "by clock": "?sort=due",
    "a search": "?q=Customer 77 ", "due in 8 h": "?due=8h",
}  # fmt: skip
PLAIN = {"open cases": "?status__exact=open", "all cases": "", "a search": "?q=Customer+77+"}
Report = dict[str, Any]


def run(scale: str, say: Say, only: Sequence[str] = (), data: Path | None = None) -> Report:
    """Make the program, measure the parts that are asked for (all), and remove it; no files are read."""
    return measure(SIZES[scale], READS[scale], say, only)


def measure(size: Size, reads: int, say: Say, only: Sequence[str] = ()) -> Report:
    """The parts on a program of a size, `reads` of each address by some of its people in turn."""
    parts = [part for part in PARTS if not only or part in only]
    started = time.perf_counter()
    found: Report = {"cases": size.cases, "open": size.open, "staff": size.staff, "reads": reads, "pages": {}}
    outside = override_settings(ROOT_URLCONF="benchmarks.desk_urls", ALLOWED_HOSTS=["testserver"], STORAGES=STORAGES)
    with desk(size, timezone.now(), say) as program, outside:
        found["load_seconds"] = round(time.perf_counter() - started)
        readers = _readers(program)
        if "queue" in parts:
            say("the queue")
            for name, query in QUEUES.items():
                found["pages"][name] = _times(readers, [reverse("review:queue") + query], reads)
        if "case" in parts:
            say("case pages")
            found["pages"]["a case"] = _times(readers, _open_cases(program, reads), reads)
        if "changelist" in parts:
            say("Django's change list")
            plain = reverse("plain:reviews_case_changelist")
            found["django"] = {name: _times(readers, [plain + query], reads) for name, query in PLAIN.items()}
        if "bulk" in parts:
            say("approving in bulk")
            found["bulk"] = bulk(program, min(MOST, size.open // 2))
    return found


def _readers(program: Program) -> list[Client]:
    """Signed-in partner managers."""
    with staff_of(program.pk):
        people = list(_managers(program)[:READERS])
    found = []
    for person in people:
        client = Client()
        client.force_login(person)
        found.append(client)
    return found


def _managers(program: Program) -> Any:
    return User.objects.filter(groups__name=f"{program.code}: {Role.PARTNER_MANAGER.label}").order_by("username")


def _open_cases(program: Program, most: int) -> list[str]:
    """The addresses of some open cases."""
    with staff_of(program.pk):
        keys = list(Case.objects.filter(program=program, status="open").order_by("number").values_list("pk", flat=True))
    return [reverse("review:case", args=[key]) for key in Random(SEED).sample(keys, min(most, len(keys)))]


def _times(readers: list[Client], addresses: Sequence[str], reads: int) -> Report:
    """Milliseconds of `reads` answers, readers and addresses in turn."""

    def prepare(number: int) -> Callable[[], Any]:
        url, client = addresses[number % len(addresses)], readers[number % len(readers)]
        return lambda: client.get(url, secure=True)

    return milliseconds(prepare, reads)


def bulk(program: Program, count: int) -> Report:
    """Seconds from the preview of so many cases to the last one's approval, as the two workers of an installation do it."""
    with staff_of(program.pk):
        by = _managers(program).first()
        rows = Case.objects.filter(program=program, status="open").order_by("due_at", "number")
        keys = list(rows.values_list("pk", flat=True)[:count])
        started, at = time.perf_counter(), timezone.now()
        made = preview_bulk(program=program, case_ids=keys, by=by, at=at)
    previewed = time.perf_counter()
    with get_context("spawn").Pool(len(WORKERS), initializer=django.setup) as workers:
        workers.map(time.sleep, [0.5] * 2 * len(WORKERS), chunksize=1)  # they are there before anybody sends anything
        sent = time.perf_counter()
        with staff_of(program.pk):
            send_bulk(bulk=made, chosen=list(made.items.values_list("pk", flat=True)), by=by, at=at)
        database = connection.settings_dict["NAME"]  # under test another one than the settings say
        asked = [workers.apply_async(_work, (database, work, str(program.pk), str(made.pk))) for work in WORKERS]
        for one in asked:
            one.get()
        ended = time.perf_counter()
    with staff_of(program.pk):
        approved = BulkApproval.objects.get(pk=made.pk).items.filter(state=BulkState.DONE).count()
    return {
        "cases": count, "approved": approved, "preview_seconds": round(previewed - started, 2),
        "seconds": round(ended - sent, 2),
    }  # fmt: skip


def _work(database: str, task: Callable[[str, str], None], *ids: str) -> None:
    connection.settings_dict["NAME"] = database
    task(*ids)


# --- the report ---


def lines(found: Report) -> Iterator[str]:
    """The report for people, with the goals."""
    counts = f"{found['cases']:,} cases, {found['open']:,} of them open, {found['staff']:,} people"
    yield f"{counts}; loaded in {found['load_seconds']} s"
    yield f"  {found['reads']} reads of each, milliseconds {'p50':>12}{'p95':>10}   goal p95 < {GOAL_MS}"
    for name, times in found["pages"].items():
        yield line(name, times, "met" if times["p95"] < GOAL_MS else "NOT MET")
    for name, times in found.get("django", {}).items():
        yield line(f"Django's change list, {name}", times, "")
    if done := found.get("bulk"):
        met = "met" if done["approved"] == done["cases"] and done["seconds"] < BULK_GOAL else "NOT MET"
        yield f"  {done['approved']} of {done['cases']} approved in bulk in {done['seconds']} s (goal < {BULK_GOAL:g} s: {met});"
        yield f"  the preview took {done['preview_seconds']} s"
