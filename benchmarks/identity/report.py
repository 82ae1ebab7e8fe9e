"""bench identity: quality beside the peers, lookup at scale and bulk linkage in one run, and the report as aligned lines."""

from collections.abc import Callable, Collection, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks.identity import quality
from benchmarks.identity.goals import Goal, goals_of
from benchmarks.identity.labelled import TITLES
from benchmarks.identity.peers import PEERS

PARTS = (*TITLES, "lookup", "bulk")
DATA = quality.ROOT.parent / "shared" / "data" / "identity"
Report = dict[str, Any]
Say = Callable[[str], None]
_COLUMNS = (
    ("precision", "precision", ".4f"), ("recall", "recall", ".4f"), ("F1", "f1", ".4f"),
    ("R at P>=.98", "recall_at_p98", ".4f"), ("pairs/s", "pairs_per_second", ",.0f"),
    ("{asked}/s", "records_per_second", ",.0f"), ("ready s", "prepare_seconds", ".1f"), ("memory MB", "peak_mb", ",.0f"),
)  # fmt: skip
_WIDTH = max(len(name) for name in (quality.OURS, *(peer.name for peer in PEERS)))


def run(scale: str, say: Say, only: Collection[str] = (), data: Path | None = None) -> Report:
    """Measure the parts that are asked for (all); what cannot be measured is said in `told`, and the rest goes on."""
    parts = [part for part in PARTS if not only or part in only]
    titles, folder = [part for part in parts if part in TITLES], data or DATA
    report: Report = {"told": []}
    if titles and not folder.exists():
        report["told"].append(
            f"QUALITY WAS NOT MEASURED: there are no labelled files in {folder.name}/ (--data FOLDER says where they are)."
        )
        titles = []
    if titles:
        report["quality"] = quality.run(folder, scale, say, titles)
        report["told"] += _missing(report["quality"])
    for part in ("lookup", "bulk"):
        if part in parts:
            report[part] = _at_scale(part, scale, say)
            report["told"] += [f"NOT MEASURED: {part}: {report[part]['failed']}."] if "failed" in report[part] else []
    return report | {"goals": goals_of(report)}


def _at_scale(part: str, scale: str, say: Say) -> Report:
    """One that measures on made-up names; what stops it is its result, so that the other parts are not lost."""
    say(part)
    try:
        found: Report = import_module(f"benchmarks.identity.{part}").run(scale, say)
    except Exception as error:
        return {"failed": f"{type(error).__name__}: {error}".splitlines()[0].rstrip(".")}
    return {"failed": found["missing"]} if "missing" in found else found


def _missing(sets: Report) -> Iterator[str]:
    """Each peer that some set lacks, with the sets and the reason."""
    reasons: dict[tuple[str, str], list[str]] = {}
    for title, found in sets.items():
        for row in found["rows"]:
            if "failed" in row:
                reasons.setdefault((row["who"], row["failed"]), []).append(title)
    return (f"NOT MEASURED: {who} on {', '.join(titles)}: {why}." for (who, why), titles in reasons.items())


def lines(report: Report) -> Iterator[str]:
    """The report for people: a table a set, how everybody was set, lookup and bulk, the goals, what is missing."""
    for title, found in report.get("quality", {}).items():
        yield from _set(title, found)
    if "quality" in report:
        yield "How the peers were set"
        yield from (f"  {peer.name:{_WIDTH}}  {peer.setting}" for peer in PEERS)
        yield ""
    for part in ("lookup", "bulk"):
        if "failed" not in report.get(part, {"failed": ""}):
            yield from (part, *_nested(report[part], "  "), "")
    if report["goals"]:
        yield "Goals"
        yield from map(_goal, report["goals"])
    yield from report["told"]


def _set(title: str, found: Report) -> Iterator[str]:
    if found["accounts"]:
        yield f"{title}: {found['records']:,} queries against {found['accounts']:,} accounts, {found['known']:,} of them known"
    else:
        yield f"{title}: {found['records']:,} records, {found['known']:,} pairs of them belong together"
    yield from _table(found["rows"], "queries" if found["accounts"] else "records")
    yield ""
    if found["unseen"]:
        yield f"{title}, only the queries that no weight of ours was fitted on"
        yield from _table(found["unseen"], "")
        yield ""
    for row, what in zip(
        found.get("whole", ()), ("", ", only those that no weight of ours was fitted on"), strict=False
    ):
        yield f"{title}, {row['queries']:,} queries{what}: this resolver alone, as some peers would take hours"
        yield from _table([row], "queries")
        yield ""


def _table(rows: list[Report], asked: str) -> Iterator[str]:
    """Aligned; without `asked` only the columns of quality."""
    columns = _COLUMNS if asked else _COLUMNS[:4]
    yield f"  {'':{_WIDTH}}" + "".join(f"{head.format(asked=asked):>12}" for head, _, _ in columns)
    for row in rows:
        cells = (f"{format(row[key], form) if key in row else '-':>12}" for _, key, form in columns)
        yield f"  {row['who']:{_WIDTH}}" + ("  not measured" if "failed" in row else "".join(cells))


def _goal(goal: Goal) -> str:
    says = {True: "met", False: "NOT MET", None: "not measured"}[goal["met"]]
    measured = "-" if goal["measured"] is None else f"{goal['measured']:.4g}"
    return f"  {goal['goal']:72}{goal['wanted']:>10}{measured:>10}  {says}"


def _nested(found: Report, indent: str) -> Iterator[str]:
    for key, value in found.items():
        if isinstance(value, dict) and any(isinstance(item, dict) for item in value.values()):
            yield f"{indent}{key}"
            yield from _nested(value, indent + "  ")
        else:
            plain = ", ".join(f"{k} {v}" for k, v in value.items()) if isinstance(value, dict) else value
            yield f"{indent}{key}: {plain}"
