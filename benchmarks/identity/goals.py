"""The goals that the resolver was given, and whether what was measured meets them. Pure."""

from collections.abc import Iterator
from typing import Any

Report = dict[str, Any]
Goal = dict[str, Any]
_RESOLVER = (
    ("G: recall at precision >= .98", "recall_at_p98", ">=", 0.96),
    ("G: best F1", "f1", ">=", 0.965),
    ("G: precision of the verdict 'same'", "same_precision", ">=", 0.998),
    ("G: share of queries with the verdict 'same'", "same_share", ">=", 0.65),
    ("G: known accounts called different", "missed_known", "<=", 0.01),
)


def goals_of(report: Report) -> list[Goal]:
    """Each goal with what is wanted, what was measured (None: not in this run) and whether it is met."""
    return [*_quality(report.get("quality", {})), *_lookup(report.get("lookup", {})), *_bulk(report.get("bulk", {}))]


def _goal(what: str, sign: str, wanted: float, measured: float | None) -> Goal:
    met = None
    if measured is not None:
        met = {">=": measured >= wanted, "<=": measured <= wanted, ">": measured > wanted, "<": measured < wanted}[sign]
    return {"goal": what, "wanted": f"{sign} {wanted:g}", "measured": measured, "met": met}


def _quality(sets: Report) -> Iterator[Goal]:
    """G by all asked queries that no weight was fitted on; the lists by the best peer."""
    if "G" in sets:
        ours = [*sets["G"].get("whole", []), *sets["G"]["unseen"], {}][1 if sets["G"].get("whole") else 0]
        for what, figure, sign, wanted in _RESOLVER:
            yield _goal(what, sign, wanted, ours.get(figure))
    for title in ("NBER", "AIR"):
        if title in sets:
            ours, *peers = sets[title]["rows"]
            best = max((row["f1"] for row in peers if "f1" in row), default=0.0)
            yield _goal(f"{title}: best F1 above the best peer measured", ">", round(best, 4), ours.get("f1"))


def _lookup(found: Report) -> Iterator[Goal]:
    """The slowest and the least found kind of names, with one client."""
    kinds = [kind for kind in found.get("lookup", {}).get("1", {}).values() if isinstance(kind, dict)]
    if kinds:
        place = f"candidates among {found['accounts']:,} accounts, worst kind of names"
        yield _goal(f"{place}: p95 in ms", "<", 10, max(kind["p95_ms"] for kind in kinds))
        yield _goal(f"{place}: recall", ">=", 0.985, min(kind["recall"] for kind in kinds))


def _bulk(found: Report) -> Iterator[Goal]:
    """Made-up companies alone: their number is the goal's."""
    for title, linked in found.items():
        if title.startswith("made_up"):
            size = f"bulk, {linked['accounts']:,} x {linked['queries']:,}"
            yield _goal(f"{size}: seconds", "<", 90, linked["seconds"])
            yield _goal(f"{size}: memory in MB", "<", 4096, linked["peak_mb"])
            yield _goal(f"{size}: best F1", ">=", 0.95, linked["f1"])
