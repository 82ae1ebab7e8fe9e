"""What the benchmarks of pages share: how long answers take, and a line of their reports."""

import gc
import time
from collections.abc import Callable
from typing import Any

WARM = 3  # answers before those that count
# None of the static files need be collected.
STORAGES = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}


def milliseconds(prepare: Callable[[int], Callable[[], Any]], reads: int, status: int = 200) -> dict[str, float]:
    """p50 and p95 of `reads` answers. `prepare` makes the n-th request, untimed; each must be answered with `status`."""
    times = []
    for number in range(reads + WARM):
        if number == WARM:  # as channelconflict/wsgi.py does
            gc.collect()
            gc.freeze()
        ask = prepare(number)
        started = time.perf_counter()
        response = ask()
        took = time.perf_counter() - started
        if response.status_code != status:
            raise RuntimeError(f"{response.request['PATH_INFO']} answered {response.status_code}")
        if number >= WARM:
            times.append(took * 1000)
    gc.unfreeze()
    ordered = sorted(times)
    return {"p50": round(ordered[len(ordered) // 2], 1), "p95": round(ordered[len(ordered) * 95 // 100], 1)}


def line(name: str, times: dict[str, float], says: str) -> str:
    """One address in a report."""
    return f"  {name:38}{times['p50']:>12,.1f}{times['p95']:>10,.1f}   {says}".rstrip()
