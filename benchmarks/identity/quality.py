"""Precision, recall, speed and memory of this resolver and of the peers: each alone in a process, all by one metric."""

import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.identity.labelled import TITLES, LabelledSet, read_set
from benchmarks.identity.peers import PEERS, Peer

ROOT = Path(__file__).resolve().parents[2]
QUERIES = {"small": 2_000, "medium": 8_000, "large": 24_000}
SHARED = 2_000  # queries of G that everybody is asked at every scale: slow peers take an hour for all of them
OURS = "this resolver"
LIMIT = 1200  # seconds that one may take for one set
Say = Callable[[str], None]
Row = dict[str, Any]


def run(data: Path, scale: str, say: Say, titles: Sequence[str] = TITLES) -> dict[str, Any]:
    """A table a labelled set: {title: {about it, "rows": [a row each], "unseen": [rows of G alone]}}."""
    return {title: _measure(data, title, QUERIES[scale], say) for title in titles}


def peers_python() -> str:
    """The interpreter of the peers' environment: PEERS_PYTHON, or what `make peers` made; "" if there is none."""
    made = ROOT / "var" / "peers" / "bin" / "python"
    return os.environ.get("PEERS_PYTHON") or (str(made) if made.exists() else "")


def _measure(data: Path, title: str, count: int, say: Say) -> dict[str, Any]:
    given = read_set(data, title, count).sampled(SHARED)
    asked = {row["id"] for row in given.left}
    report: dict[str, Any] = {
        "records": len(given.left), "accounts": len(given.right), "known": given.known(asked),
        "rows": [], "unseen": [], "whole": [],
    }  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="bench-") as temporary:
        folder = Path(temporary)
        given.hand_out(folder)
        for rows in _all(given, data, count, folder, say):
            report["whole"] += rows.pop("whole", [])
            for part, row in rows.items():
                report[part].append(row)
    return report


def _all(given: LabelledSet, data: Path, count: int, folder: Path, say: Say) -> Iterator[dict[str, Any]]:
    ours = _told(f"{given.title}: {OURS}", say, partial(_ours, given, data, count, folder))
    yield ours
    search_seconds = ours["rows"].get("search_seconds", 0.0)
    for peer in PEERS:
        yield _told(f"{given.title}: {peer.name}", say, partial(_peer, given, peer, folder, search_seconds))


def _told(what: str, say: Say, measured: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Measure one, telling the progress."""
    say(what)
    began = time.perf_counter()
    found = measured()
    failed = found["rows"].get("failed")
    say(f"  not measured: {failed}" if failed else f"  {time.perf_counter() - began:.0f} s")
    return found


def _ours(given: LabelledSet, data: Path, count: int, folder: Path) -> dict[str, Any]:
    """This resolver: on the queries that everybody is asked, and on `count` of them where that is more."""
    asked = [str(data), given.title, str(count), str(SHARED), str(folder)]
    command = [sys.executable, "-m", "benchmarks.identity.resolver", *asked]
    if failed := _failure(command):
        (folder / "candidates.csv").touch()
        return {"rows": {"who": OURS, "failed": failed}}
    figures = json.loads((folder / "figures.json").read_text())
    unseen, whole = figures.pop("unseen", None), figures.pop("whole", [])
    speed = figures.pop("queries_per_second", None) or figures.pop("records_per_second")
    found = {"rows": {"who": OURS, **figures, "records_per_second": speed}}
    found |= {"unseen": {"who": OURS, **unseen}} if unseen else {}
    return found | {"whole": [{"who": OURS, **row, "records_per_second": row["queries_per_second"]} for row in whole]}


def _peer(given: LabelledSet, peer: Peer, folder: Path, search_seconds: float) -> dict[str, Any]:
    """One peer in its process; who is handed candidates is charged the time of finding them, as we are."""
    python = peers_python() if peer.extra else sys.executable
    if not python:
        return {"rows": {"who": peer.name, "failed": "the peers' environment is not there: `make peers` makes it"}}
    if failed := _failure([python, "-W", "ignore", "-m", "benchmarks.identity.peers", peer.module, str(folder)]):
        return {"rows": {"who": peer.name, "failed": failed}}
    cost = json.loads((folder / "cost.json").read_text())
    with (folder / "pairs.csv").open(encoding="utf-8", newline="") as lines:
        pairs = [(a, b, float(score)) for a, b, score in csv.reader(lines)]
    whole = cost["seconds"] + (search_seconds if peer.handed else 0.0)
    speed = {"pairs_per_second": len(pairs) / cost["seconds"], "records_per_second": len(given.left) / whole}
    found = {"rows": {"who": peer.name, **given.measure(pairs), **cost, **speed}}
    return found | ({"unseen": {"who": peer.name, **given.measure(pairs, given.unseen())}} if given.linking else {})


def _failure(command: list[str]) -> str:
    """Run a program in the project's folder; "" if it went well, else a sentence."""
    try:
        # Equal runs give equal figures: sets of texts are walked in one order.
        ended = subprocess.run(
            command, cwd=ROOT, timeout=LIMIT, capture_output=True, text=True, env={**os.environ, "PYTHONHASHSEED": "0"}
        )
    except subprocess.TimeoutExpired:
        return f"took longer than {LIMIT} s"
    except OSError as error:
        return f"{command[0]} could not be started: {error.strerror}"
    lines = ended.stderr.strip().splitlines() or [f"ended with status {ended.returncode}"]
    return lines[-1] if ended.returncode else ""
