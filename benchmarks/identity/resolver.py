"""python -m benchmarks.identity.resolver DATA TITLE COUNT SHARED FOLDER: this resolver on a labelled set, in its own process.

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


def link(given: LabelledSet, shared: LabelledSet) -> tuple[dict[str, object], Pairs]:
    """Queries against accounts: the figures of the queries that everybody is asked and of all, each also of those that no
    weight was fitted on; and the candidates of the shared ones."""
    began = time.perf_counter()
    families = {row["id"]: row["family_id"] for row in given.right}
    stock = Stock({row["id"]: evaluate.party(row) for row in given.right}, families)
    ready = time.perf_counter()
    found = [(row["id"], key) for row in shared.left for key in stock.candidates(evaluate.party(row))]
    searched = time.perf_counter()
    figures = {
        **evaluate.measure_g(stock, shared.left), "prepare_seconds": ready - began, "search_seconds": searched - ready,
        "unseen": _unseen(stock, shared),
    }  # fmt: skip
    if shared is not given:
        whole = {**evaluate.measure_g(stock, given.left), "queries": len(given.left)}
        figures["whole"] = [whole, {**_unseen(stock, given), "queries": len(given.unseen())}]
    return figures, found


def _unseen(stock: Stock, given: LabelledSet) -> dict[str, float]:
    unseen = given.unseen()
    return evaluate.measure_g(stock, [row for row in given.left if row["id"] in unseen])


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


def main(data: Path, title: str, count: int, shared: int, folder: Path) -> None:
    """Measure one set; `shared` of its queries are asked of everybody."""
    if title == "G":
        given = read_set(data, title, count)
        figures, found = link(given, given.sampled(shared))
    else:
        figures, found = pair(data, title)
    with (folder / "candidates.csv").open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows(found)
    (folder / "figures.json").write_text(json.dumps({**figures, "peak_mb": peak_mb()}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), Path(sys.argv[5]))
