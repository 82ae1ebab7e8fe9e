"""What people do about duplicates: look for them, accept or reject what was proposed, take that back."""

import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from itertools import combinations, product
from typing import Any

from django.db import transaction
from django.db.models import Count

from channelconflict.audit import record
from channelconflict.models import User
from channelconflict.tasks import nudge
from conflicts import scanning
from conflicts.identity.bulk import installed
from conflicts.identity.bulk.apart import in_order
from conflicts.models import Claim, ClusterStatus, DuplicateCluster, DuplicateScan, Engine, KeptApart
from partners.identity import merge_accounts, merge_partners, standing_partners, undo_change
from partners.models import Account, IdentityChange, Partner, Program, Registration
from partners.services import NotPossibleError

SPLINK_FROM = 50_000  # accounts from which Splink is faster than asking the index
AUTO = "auto"
STANDARD_THRESHOLD = 0.5
CHANGED = "One of them counts as another one meanwhile: look for duplicates again."


@transaction.atomic
def start_scan(
    *,
    program: Program,
    by: User | None,
    at: datetime,
    of_partners: bool = False,
    engine: str = AUTO,
    threshold: float = STANDARD_THRESHOLD,
    in_background: bool = True,
) -> DuplicateScan:
    """Begin a look through the stock; a worker goes on with it."""
    if not 0 < threshold <= 1:
        raise NotPossibleError(f"The threshold is a probability above 0 and at most 1, not {threshold:g}.")
    running = DuplicateScan.objects.filter(program=program, of_partners=of_partners, finished_at=None).first()
    if running:
        raise NotPossibleError(f"A look through the {running} is under way: wait for it, or cancel it.")
    rows: Any = Partner.objects if of_partners else Account.objects.filter(merged_into=None)
    total = rows.filter(program=program).count()
    scan = DuplicateScan(
        program=program, of_partners=of_partners, engine=_engine(engine, 0 if of_partners else total),
        threshold=threshold, started_by_id=by.pk if by else None, started_at=at, total=total,
    )  # fmt: skip
    scan.save(force_insert=True)
    facts = {"partners": of_partners, "engine": scan.engine, "threshold": threshold, "total": total}
    record(action="duplicates.search_started", by=by, at=at, subject=scan, program_id=program.pk, facts=facts)
    if in_background:
        nudge("reviews.tasks.look_for_duplicates", program.pk, scan.pk)
    return scan


def _engine(wanted: str, accounts: int) -> Engine:
    if wanted == Engine.SPLINK and not installed():
        raise NotPossibleError(
            "Splink is not installed: `pip install -r requirements-bulk.txt` adds it; the index does without."
        )
    if wanted == AUTO:
        return Engine.SPLINK if accounts >= SPLINK_FROM and installed() else Engine.INDEX
    return Engine(wanted)


@transaction.atomic
def cancel_scan(*, scan: DuplicateScan, by: User | None, at: datetime) -> DuplicateScan:
    """Stop a look through the stock; what was proposed before it stays."""
    scan = DuplicateScan.objects.select_for_update(no_key=True).get(pk=scan.pk)
    if scan.finished_at:
        raise NotPossibleError("It has ended already.")
    scan.cancelled_at = at
    scan.save()
    record(action="duplicates.search_cancelled", by=by, at=at, subject=scan, program_id=scan.program_id)
    if scan.lease_until is None or scan.lease_until < at:  # nobody works on it who would notice
        scanning.close(scan, at)
    return scan


def members_of(clusters: Sequence[DuplicateCluster]) -> dict[uuid.UUID, list[Any]]:
    """The accounts or partners of clusters (all of one kind), each with `claims_held`; first the one that should survive.

    That is one with a reference, of these the one with most claims, of these the oldest.
    """
    pairs = [(c.pk, key) for c in clusters for p in c.pairs.all() for key in (p.left_id, p.right_id)]
    ids = {key for _, key in pairs}
    of_partners = bool(clusters) and clusters[0].of_partners
    model: Any = Partner if of_partners else Account
    rows = {row.pk: row for row in model.objects.filter(pk__in=ids)}
    source: Any = Registration.objects if of_partners else Claim.objects
    column = "partner_id" if of_partners else "account_id"
    counted = source.filter(**{f"{column}__in": ids}).order_by().values_list(column).annotate(number=Count("pk"))
    claims = dict(counted)
    for key, row in rows.items():
        row.claims_held = claims.get(key, 0)
    found: dict[uuid.UUID, list[Any]] = {cluster.pk: [] for cluster in clusters}
    for cluster, key in dict.fromkeys(pairs):
        if key in rows:
            found[cluster].append(rows[key])
    for several in found.values():
        several.sort(key=lambda row: (not row.external_id, -row.claims_held, row.pk))
    return found


def seen_now(cluster: DuplicateCluster, members: Iterable[Any]) -> str:
    """What somebody sees of a cluster, as a digest: another one tells that it changed meanwhile."""
    shown = [
        (str(row.pk), row.name, row.domain, row.country, str(getattr(row, "merged_into_id", "")), row.external_id)
        for row in members
    ]
    return sha256(repr((cluster.status, shown)).encode()).hexdigest()[:16]


@transaction.atomic
def accept_cluster(
    *,
    cluster: DuplicateCluster,
    by: User | None,
    at: datetime,
    survivor: uuid.UUID | None = None,
    members: Collection[uuid.UUID] | None = None,
    seen: str = "",
) -> DuplicateCluster:
    """Merge what belongs together into the one that survives; members that were left out are kept apart from it."""
    cluster, rows = _locked(cluster, seen)
    chosen = [row for row in rows if members is None or row.pk in members]
    if len(chosen) < 2:
        raise NotPossibleError("Choose two at least, or say that they are not the same.")
    target = next((row for row in chosen if row.pk == survivor), chosen[0] if survivor is None else None)
    if target is None:
        raise NotPossibleError("The one that stays must be one of those that are merged.")
    merge = merge_partners if cluster.of_partners else merge_accounts
    reason = f"possible duplicate, {cluster.probability:.2f}"
    merged = [merge(subject=row, target=target, by=by, at=at, reason=reason) for row in chosen if row is not target]  # type: ignore[operator]
    cluster.changes = [str(change.pk) for change in merged]
    kept = {row.pk for row in chosen}
    _keep_apart(cluster, product(kept, [row.pk for row in rows if row.pk not in kept]), by, at)
    return _decide(cluster, ClusterStatus.ACCEPTED, by, at)


@transaction.atomic
def reject_cluster(*, cluster: DuplicateCluster, by: User | None, at: datetime, seen: str = "") -> DuplicateCluster:
    """None of them are one company: no two of them are proposed again."""
    cluster, rows = _locked(cluster, seen, standing=False)
    _keep_apart(cluster, combinations([row.pk for row in rows], 2), by, at)
    return _decide(cluster, ClusterStatus.REJECTED, by, at)


@transaction.atomic
def undo_cluster(*, cluster: DuplicateCluster, by: User | None, at: datetime) -> DuplicateCluster:
    """Take a decision back: merges are undone, and the cluster waits again."""
    cluster = DuplicateCluster.objects.select_for_update(no_key=True).get(pk=cluster.pk)
    if cluster.status not in (ClusterStatus.ACCEPTED, ClusterStatus.REJECTED):
        raise NotPossibleError("Nobody has decided this yet.")
    for change in IdentityChange.objects.filter(pk__in=cluster.changes, undone_at=None).order_by("-pk"):
        undo_change(change=change, by=by, at=at)
    cluster.kept_apart.all().delete()
    cluster.changes = []
    cluster.status, cluster.decided_by_id, cluster.decided_at = ClusterStatus.PROPOSED, None, None
    cluster.save()
    record(action="duplicates.undone", by=by, at=at, subject=cluster, program_id=cluster.program_id)
    return cluster


@dataclass(frozen=True)
class Result:
    """What became of one cluster of many: "" or the sentence why not."""

    cluster: DuplicateCluster
    refused: str = ""


@transaction.atomic
def accept_clusters(*, clusters: Iterable[tuple[DuplicateCluster, str]], by: User | None, at: datetime) -> list[Result]:
    """Accept each as it was seen; one that changed since is refused, the others go through."""
    results = []
    for cluster, seen in clusters:
        try:
            results.append(Result(accept_cluster(cluster=cluster, seen=seen, by=by, at=at)))
        except NotPossibleError as error:
            results.append(Result(cluster, str(error)))
    return results


def _locked(cluster: DuplicateCluster, seen: str, *, standing: bool = True) -> tuple[DuplicateCluster, list[Any]]:
    """The cluster and its members as they are now, if it still waits and is as it was seen."""
    cluster = DuplicateCluster.objects.select_for_update(no_key=True).get(pk=cluster.pk)
    if cluster.status != ClusterStatus.PROPOSED:
        raise NotPossibleError(f"This was {cluster.get_status_display().lower()} meanwhile. {cluster.note}".strip())
    rows = members_of([cluster])[cluster.pk]
    if seen and seen != seen_now(cluster, rows):
        raise NotPossibleError("It changed since you looked at it: load the page again.")
    if standing and any(merged_already(cluster, rows).values()):
        raise NotPossibleError(CHANGED)
    return cluster, rows


def merged_already(cluster: DuplicateCluster, rows: Iterable[Any]) -> dict[uuid.UUID, bool]:
    """Which members count as another one meanwhile."""
    merged = standing_partners(cluster.program_id) if cluster.of_partners else {}
    return {row.pk: row.pk in merged or bool(getattr(row, "merged_into_id", None)) for row in rows}


def _keep_apart(cluster: DuplicateCluster, pairs: Iterable[Any], by: User | None, at: datetime) -> None:
    rows = [
        KeptApart(
            program_id=cluster.program_id, cluster=cluster, left_id=left, right_id=right,
            said_by_id=by.pk if by else None, said_at=at,
        )
        for left, right in (in_order(*pair) for pair in pairs)
    ]  # fmt: skip
    KeptApart.objects.bulk_create(rows, ignore_conflicts=True)


def _decide(cluster: DuplicateCluster, status: ClusterStatus, by: User | None, at: datetime) -> DuplicateCluster:
    cluster.status, cluster.decided_by_id, cluster.decided_at = status, by.pk if by else None, at
    cluster.save()
    facts = {"size": cluster.size, "probability": cluster.probability, "changes": cluster.changes}
    record(action=f"duplicates.{status}", by=by, at=at, subject=cluster, program_id=cluster.program_id, facts=facts)
    return cluster
