"""Looking through the stock for duplicates. Each step is one transaction with its progress, so a kill loses one at most."""

import uuid
from collections.abc import Callable, Iterable
from dataclasses import asdict
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from channelconflict.audit import record
from channelconflict.scope import staff_of
from channelconflict.tasks import nudge
from conflicts.identity.bulk.apart import Pair, apart, in_order
from conflicts.identity.bulk.clusters import Cluster, gather_clusters
from conflicts.identity.bulk.judging import vetoed
from conflicts.identity.bulk.search import Step, parties_of, search_of
from conflicts.identity.party import Party
from conflicts.identity.score import Match
from conflicts.models import ClusterStatus, DuplicateCluster, DuplicatePair, DuplicateScan
from partners.models import Account, Partner, Program

LEASE = timedelta(minutes=15)
CHUNK = 5000


def work(
    program: Program,
    scan_id: uuid.UUID,
    *,
    seconds: float = float("inf"),
    tell: Callable[[DuplicateScan], None] | None = None,
) -> DuplicateScan | None:
    """Go on with a scan, for some seconds at most. None: it is over, or somebody else is at it."""
    scan = _take(program, scan_id)
    if scan is None:
        return None
    search, until = search_of(scan), monotonic() + seconds
    try:
        while scan.finished_at is None and monotonic() < until:
            _step(program, scan, search)
            if tell:
                tell(scan)
    except BaseException as error:  # also a worker's time limit, and Ctrl-C: the next one goes on from here
        _let_go(program, scan, "" if isinstance(error, KeyboardInterrupt | SystemExit) else type(error).__name__)
        raise
    finally:
        search.close()
    if scan.finished_at is None:
        _let_go(program, scan, "")
    return scan


def resume_scans(program: Program) -> None:
    """Put scans that nobody works on to work again."""
    with staff_of(program.pk):
        for scan in _idle(timezone.now()).filter(program=program):
            nudge("reviews.tasks.look_for_duplicates", program.pk, scan.pk)


def _idle(at: datetime) -> QuerySet[DuplicateScan]:
    return DuplicateScan.objects.filter(Q(lease_until=None) | Q(lease_until__lt=at), finished_at=None)


def _take(program: Program, scan_id: uuid.UUID) -> DuplicateScan | None:
    at = timezone.now()
    with staff_of(program.pk):
        mine = _idle(at).filter(pk=scan_id).update(lease_until=at + LEASE)
        return DuplicateScan.objects.get(pk=scan_id) if mine else None


def _let_go(program: Program, scan: DuplicateScan, failed: str) -> None:
    """Others may go on with it; what failed once would fail again, so that ends it."""
    over = {"finished_at": timezone.now(), "error": f"It failed ({failed}). The log of the worker says more."}
    with staff_of(program.pk):
        DuplicateScan.objects.filter(pk=scan.pk).update(lease_until=None, **(over if failed else {}))


def _step(program: Program, scan: DuplicateScan, search: Any) -> None:
    with staff_of(program.pk):
        at = timezone.now()
        scan.cancelled_at = DuplicateScan.objects.values_list("cancelled_at", flat=True).get(pk=scan.pk)
        if scan.cancelled_at:
            close(scan, at)
            return
        step: Step = search.step(scan.resume_at)
        _keep(scan, step.pairs)
        scan.done = min(scan.total, scan.done + step.looked_at)
        scan.resume_at, scan.lease_until = step.resume_at, timezone.now() + LEASE
        if not step.resume_at:
            propose(scan)
            close(scan, timezone.now())
        scan.save()


def close(scan: DuplicateScan, at: datetime) -> None:
    """End a scan. Of a cancelled one nothing is left: what was proposed before stays."""
    if scan.cancelled_at:
        scan.pairs.all().delete()
    else:
        scan.done = scan.total
    scan.finished_at, scan.lease_until = at, None
    scan.save()
    facts = {"partners": scan.of_partners, "clusters": scan.clusters.count(), "cancelled": bool(scan.cancelled_at)}
    record(action="duplicates.searched", by=None, at=at, subject=scan, program_id=scan.program_id, facts=facts)


def _keep(scan: DuplicateScan, pairs: dict[Pair, Match]) -> None:
    rows = [
        DuplicatePair(
            program_id=scan.program_id, scan=scan, left_id=left, right_id=right, bits=found.bits,
            probability=round(found.probability, 6), reasons=[asdict(reason) for reason in found.reasons],
        )
        for (left, right), found in pairs.items()
    ]  # fmt: skip
    # A pair is met from both of its ends, and again when a step is repeated.
    DuplicatePair.objects.bulk_create(rows, batch_size=1000, ignore_conflicts=True)
    if rows:
        scan.weights = next(iter(pairs.values())).weights


@transaction.atomic
def propose(scan: DuplicateScan) -> None:
    """Make clusters of the pairs of a scan, in place of those that were proposed before and that nobody decided."""
    pairs = list(scan.pairs.values_list("left_id", "right_id", "probability"))
    clusters = gather_clusters(pairs, _apart_of(scan, {key for pair in pairs for key in pair[:2]}))
    _replace_earlier(scan)
    for start in range(0, len(clusters), CHUNK):
        _write(scan, clusters[start : start + CHUNK])
    scan.pairs.filter(cluster=None).delete()


def _apart_of(scan: DuplicateScan, ids: set[uuid.UUID]) -> Callable[[uuid.UUID, uuid.UUID], bool]:
    parties: dict[uuid.UUID, Party] = {}
    known: set[Pair] = set()
    for chunk in _chunks(ids):
        parties |= parties_of(scan, chunk)
        known |= apart(scan.program_id, chunk, of_partners=scan.of_partners)

    def check(one: uuid.UUID, other: uuid.UUID) -> bool:
        return in_order(one, other) in known or vetoed(parties[one], parties[other])

    return check


def _chunks(ids: set[uuid.UUID]) -> Iterable[list[uuid.UUID]]:
    listed = sorted(ids)
    return (listed[start : start + CHUNK] for start in range(0, len(listed), CHUNK))


def _replace_earlier(scan: DuplicateScan) -> None:
    earlier = DuplicateCluster.objects.filter(program_id=scan.program_id, of_partners=scan.of_partners)
    earlier.filter(status=ClusterStatus.OUTDATED).delete()
    note = "A later look through the stock took its place."
    earlier.filter(status=ClusterStatus.PROPOSED).update(status=ClusterStatus.OUTDATED, note=note)


def _write(scan: DuplicateScan, clusters: list[Cluster[uuid.UUID]]) -> None:
    model = Partner if scan.of_partners else Account
    firsts = [cluster.members[0] for cluster in clusters]
    names = dict(model._default_manager.filter(pk__in=firsts).values_list("pk", "name"))
    rows = [
        DuplicateCluster(
            program_id=scan.program_id, scan=scan, of_partners=scan.of_partners, size=len(cluster.members),
            probability=cluster.probability, title=names[cluster.members[0]],
        )
        for cluster in clusters
    ]  # fmt: skip
    DuplicateCluster.objects.bulk_create(rows, batch_size=1000)
    homes = [(key, row.pk) for row, cluster in zip(rows, clusters, strict=True) for key in cluster.members]
    with connection.cursor() as cursor:
        cursor.execute(_AT_HOME, [[key for key, _ in homes], [home for _, home in homes], scan.pk])


_AT_HOME = """
with home as (select * from unnest(%s::uuid[], %s::uuid[]) as home (member, cluster))
update conflicts_duplicatepair p set cluster_id = l.cluster from home l, home r
 where p.scan_id = %s and l.member = p.left_id and r.member = p.right_id and l.cluster = r.cluster
"""
