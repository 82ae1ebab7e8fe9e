"""python -m benchmarks.policy_zen FOLDER: zen-engine on the table and the cases that are there, trace on, timed.

It runs in the peers' environment, knows nothing of this project, and leaves told.json in the folder."""

import json
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

WARM = 200


def timed(work: Callable[[], list[Any]]) -> tuple[list[Any], dict[str, int]]:
    """What came out, and how many of them a second."""
    began = time.perf_counter(), time.process_time()
    found = work()
    seconds = time.perf_counter() - began[0], time.process_time() - began[1]
    return found, {"a_second": round(len(found) / seconds[0]), "a_cpu_second": round(len(found) / seconds[1])}


def main(folder: Path) -> None:
    """Every case by itself, and all of them in one call: whichever way its users take."""
    import zen

    cases = json.loads((folder / "cases.json").read_text())
    content = zen.ZenDecisionContent((folder / "table.json").read_text())  # compiled once
    engine = zen.ZenEngine({"loader": lambda _: content})
    decision = engine.create_decision(content)
    for case in cases[:WARM]:
        decision.evaluate(case, {"trace": True})
    said, alone = timed(lambda: [decision.evaluate(case, {"trace": True}) for case in cases])
    requests: list[Any] = [{"key": "table", "context": case} for case in cases]
    batch, together = timed(lambda: engine.evaluate_batch(requests, {"trace": True}))
    answers = [answer["result"]["rule"] for answer in said]
    if answers != [answer["data"]["result"]["rule"] for answer in batch]:
        raise ValueError("one by one and all in one call differ")
    if not all(answer["trace"]["rules"]["traceData"] for answer in said):
        raise ValueError("no trace")
    told = {
        "version": version("zen-engine"),
        "one_by_one": alone,
        "batch": together,
        "answers": answers,
    }
    (folder / "told.json").write_text(json.dumps(told))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
