"""python -m benchmarks.identity.resolver DATA TITLE COUNT FOLDER: this resolver on a labelled set, in its own process.

Leaves candidates.csv for the peers that have no search of their own, and figures.json, in the folder.
"""

import csv
import json
import sys
import time
from pathlib import Path

from benchmarks.identity import evaluate
from benchmarks.identity.labelled import CHILDHOOD, LabelledSet, read_set
from benchmarks.identity.peers.memory import peak_mb
from benchmarks.identity.stock import Stock

Pairs = list[tuple[str, str]]


def link(given: LabelledSet) -> tuple[dict[str, object], Pairs]:
    """Queries against accounts: the figures (of all queries, and of those no weight was fitted on) and the candidates."""
    began = time.perf_counter()
    families = {row["id"]: row["family_id"] for row in given.right}
    stock = Stock({row["id"]: evaluate.party(row) for row in given.right}, families)
    ready = time.perf_counter()
    found = [(row["id"], key) for row in given.left for key in stock.candidates(evaluate.party(row))]
    searched = time.perf_counter()
    figures = evaluate.measure_g(stock, given.left)
    unseen = given.unseen()
    return {
        **figures,
        "prepare_seconds": ready - began,
        "search_seconds": searched - ready,
        "unseen": evaluate.measure_g(stock, [row for row in given.left if row["id"] in unseen]),
    }, found


def pair(data: Path, title: str) -> tuple[dict[str, object], Pairs]:
    """One list: the figures of its pairs, and the pairs."""
    made = evaluate.read_childhood(data) if title == CHILDHOOD else evaluate.read_names(data, title)
    began = time.perf_counter()
    found = evaluate.blocks(made.parties)
    searched = time.perf_counter() - began
    figures = evaluate.measure_pairs(made)
    scored = len(found) / figures["pairs_per_second"] if figures["pairs_per_second"] else 0.0
    speed = {"records_per_second": len(made.parties) / (searched + scored)}
    return {**figures, **speed, "prepare_seconds": 0.0, "search_seconds": searched}, found


def main(data: Path, title: str, count: int, folder: Path) -> None:
    """Measure one set."""
    figures, found = link(read_set(data, title, count)) if title == "G" else pair(data, title)
    with (folder / "candidates.csv").open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows(found)
    (folder / "figures.json").write_text(json.dumps({**figures, "peak_mb": peak_mb()}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), Path(sys.argv[4]))
