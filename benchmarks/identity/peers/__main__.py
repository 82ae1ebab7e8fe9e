"""python -m benchmarks.identity.peers MODULE[:VARIANT] FOLDER: a peer in a process of its own, timed.

It reads what is in the folder and leaves pairs.csv (left, right, score) and cost.json there.
"""

import csv
import json
import sys
import time
from importlib import import_module
from pathlib import Path

from benchmarks.identity.peers.given import Given
from benchmarks.identity.peers.memory import peak_mb


def main(name: str, folder: Path) -> None:
    """Run one peer on one set."""
    module, _, variant = name.partition(":")
    peer, given = import_module(f"benchmarks.identity.peers.{module}"), Given(folder, variant)
    began = time.perf_counter()
    prepared = peer.prepare(given)
    ready = time.perf_counter()
    pairs = list(peer.score(given, prepared))
    done = time.perf_counter()
    peak = peak_mb() + getattr(peer, "elsewhere_mb", float)()
    with (folder / "pairs.csv").open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows(pairs)
    cost = {"prepare_seconds": ready - began, "seconds": done - ready, "peak_mb": peak, "pairs": len(pairs)}
    (folder / "cost.json").write_text(json.dumps(cost))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
