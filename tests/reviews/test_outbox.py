"""Writes leave once in effect: over kill -9 of the worker, torn lines, failures and slow workers."""

import json
import os
import random
import signal
import time
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone

from reviews import pipeline
from reviews.models import Attempt, Outbox, OutboxStatus, Target
from reviews.writeback import outbox, queue
from reviews.writeback.errors import DeliveryError
from reviews.writeback.targets import file
from tests import factories

KILLS = int(os.environ.get("KILLS", "200"))


def _fill(cast, objects, versions):
    """`versions` writes to each of `objects` registrations."""
    with cast.scope():
        for number in range(objects):
            registration = factories.draft(cast, cast.alpha, external_id=f"R-{number}", status="withdrawn")
            registration.save()
            for version in range(versions):
                outbox.enqueue(
                    registration=registration, before={}, case=None, decision=None, version=str(version), share="",
                    at=timezone.now(),
                )  # fmt: skip


def _lines(cast):
    with cast.scope():
        target = Target.objects.get(program=cast.program)
    path = file.path_of(target.name)
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def _worker(program):
    """A worker process that delivers until it is killed; returns its process number."""
    connections.close_all()
    pid = os.fork()
    if pid:
        return pid
    try:
        while outbox.deliver_due(program):
            pass
    finally:
        os._exit(0)


def _cut_short(cast):
    with cast.scope():
        return Attempt.objects.filter(ended_at__isnull=True).exists()


@pytest.mark.slow
def test_200_kills_of_the_worker_lose_and_double_nothing(committed_cast, monkeypatch):
    monkeypatch.setattr(queue, "LEASE", timedelta(milliseconds=150))
    _fill(committed_cast, objects=60, versions=10)
    chance, kills, longest = random.Random(20261121), 0, 0.06
    while kills < KILLS:
        pid = _worker(committed_cast.program)
        time.sleep(chance.uniform(0.005, longest))  # connecting takes a few milliseconds: most kills hit a delivery
        os.kill(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
        kills += os.WIFSIGNALED(status)
        if not os.WIFSIGNALED(status):  # drained before the kill: more work, the killing goes on
            _fill_more(committed_cast, kills)
        if kills % 50 == 0 and not _cut_short(committed_cast):  # on a busy machine connecting takes longer
            longest *= 2
    time.sleep(0.2)
    while outbox.deliver_due(committed_cast.program):
        pass
    with committed_cast.scope():
        rows = list(Outbox.objects.order_by("id"))
    lines = _lines(committed_cast)
    assert {row.status for row in rows} == {OutboxStatus.DELIVERED}
    assert sorted(line["key"] for line in lines) == sorted(row.key for row in rows)  # none lost, none doubled
    assert _cut_short(committed_cast)  # some kills did hit in the middle of a try
    _assert_in_order(rows, lines)


def _fill_more(cast, seed):
    with cast.scope():
        registration = factories.draft(
            cast, cast.alpha, external_id=f"MORE-{seed}-{time.monotonic_ns()}", status="withdrawn"
        )
        registration.save()
        for version in range(200):
            outbox.enqueue(registration=registration, before={}, case=None, decision=None, version=str(version),
                           share="", at=timezone.now())  # fmt: skip


def _assert_in_order(rows, lines):
    """Writes to one object arrive in the order in which they were decided."""
    wanted, found = {}, {}
    for row in rows:
        wanted.setdefault(row.object_ref, []).append(row.key)
    for line in lines:
        found.setdefault(line["object"], []).append(line["key"])
    assert found == wanted


def test_a_torn_line_is_cut_off_and_written_again():
    file.apply(name="x", key="a" * 64, write={"object": "R-1"})
    with file.path_of("x").open("ab") as out:
        out.write(b'{"key":"' + b"b" * 64 + b'","object":"R-')
    assert file.apply(name="x", key="b" * 64, write={"object": "R-2"}) == "written"
    assert file.apply(name="x", key="b" * 64, write={"object": "R-2"}) == "already there"
    assert [json.loads(line)["object"] for line in file.path_of("x").read_text().splitlines()] == ["R-1", "R-2"]


def test_a_failure_is_tried_again_later_and_then_needs_a_person(cast, monkeypatch):
    _fill(cast, objects=1, versions=1)

    def fails(**_):
        raise DeliveryError("The target is away.")

    monkeypatch.setattr(file, "apply", fails)
    assert outbox.deliver_due(cast.program) == 0
    with cast.scope():
        row = Outbox.objects.get()
        assert row.status == OutboxStatus.WAITING
        assert row.due_at > timezone.now() + timedelta(seconds=4)
        for _ in range(len(queue.SCHEDULE)):
            Outbox.objects.update(due_at=timezone.now())
            outbox.deliver_due(cast.program)
        row.refresh_from_db()
        assert row.status == OutboxStatus.DEAD
        assert set(row.attempts.values_list("detail", flat=True)) == {"The target is away."}


def test_a_permanent_failure_is_not_tried_again(cast, monkeypatch):
    _fill(cast, objects=1, versions=1)

    def refuses(**_):
        raise DeliveryError("No such object.", permanent=True)

    monkeypatch.setattr(file, "apply", refuses)
    outbox.deliver_due(cast.program)
    with cast.scope():
        assert Outbox.objects.get().status == OutboxStatus.DEAD


def test_a_worker_that_lost_its_lease_does_not_undo_its_successor(cast, monkeypatch):
    _fill(cast, objects=1, versions=1)
    first = queue.claim(outbox.QUEUE, cast.program)
    with cast.scope():
        Outbox.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert outbox.deliver_due(cast.program) == 1
    assert queue.deliver(outbox.QUEUE, cast.program, *first) == 0
    with cast.scope():
        assert Outbox.objects.get().status == OutboxStatus.DELIVERED
    assert len(_lines(cast)) == 1


def test_a_decision_is_written_out_with_its_preview(cast):
    factories.submitted(cast, cast.alpha, external_id="R-77")
    pipeline.detect(cast.program, factories.AT)
    assert outbox.deliver_due(cast.program) == 1
    (line,) = _lines(cast)
    assert line["object"] == "R-77"
    assert line["fields"]["status"] == {"before": "submitted", "after": "approved"}
    assert line["fields"]["registered_partner"] == {"before": "", "after": "P-ALPHA"}


@pytest.mark.parametrize("name", ["status", "registered_partner", "protected_until"])
def test_the_preview_names_every_field_that_is_sent(cast, name):
    registration = factories.submitted(cast, cast.alpha)
    with cast.scope():
        assert name in outbox.fields_of(registration)


@pytest.mark.parametrize("name", ["../etc/cron", "a/b", "", "A", "x" * 200])
def test_no_target_chooses_its_own_folder(name):
    with pytest.raises(DeliveryError, match="no name for a file target"):
        file.apply(name=name, key="k", write={})
