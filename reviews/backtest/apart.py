"""Judging pages of past cases in processes of their own, which import nothing but the pure rooms: they start at once.

They are no `multiprocessing` children, since workers are daemons, which may have none. `python -m` runs one.
"""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from typing import IO, Any

import msgspec

from conflicts.backtest import PastCase, Sides, Trial, replay
from conflicts.backtest.supposing import supposed_of
from conflicts.policy import Policy
from conflicts.recommend.confidence import Bin
from reviews.routing import route

ROOT = Path(__file__).resolve().parent.parent.parent
ENDED = "A process that judges past cases ended before its work."
AHEAD = 2  # pages that wait for each process, so that none waits for the database


class Setup(msgspec.Struct):
    """Which policies are held against each other, as documents, and what is supposed."""

    before: dict[str, Any]
    after: dict[str, Any]
    changes: list[dict[str, Any]] = []
    bins: list[dict[str, Any]] = []  # the calibration in force (conflicts.recommend.confidence.Bin)

    def sides(self) -> Sides:
        """As the engine takes them; the authority matrix is this room's."""
        before, after = Policy.from_document(self.before), Policy.from_document(self.after)
        return Sides(before, after, route, supposed_of(self.changes), [Bin(**item) for item in self.bins])


class ApartError(RuntimeError):
    """A process that judges ended before its work."""


def judged(setup: Setup, pages: Iterable[list[PastCase]], processes: int) -> Iterator[Trial]:
    """What each page comes to, in their order; with one process, here."""
    if processes < 2:
        sides = setup.sides()
        for page in pages:
            yield replay(page, sides)
        return
    with _Judges(setup, processes) as judges:
        waiting: deque[Future[Trial]] = deque()
        for page in pages:
            waiting.append(judges.submit(page))
            if len(waiting) > processes * AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


class _Judges:
    """Some processes; each page goes to one that is free."""

    def __init__(self, setup: Setup, processes: int) -> None:
        self._threads = ThreadPoolExecutor(processes)  # each only waits for its process
        self._free: SimpleQueue[subprocess.Popen[bytes]] = SimpleQueue()
        self._setup = msgspec.msgpack.encode(setup)
        self._all = [_started() for _ in range(processes)]

    def __enter__(self) -> _Judges:
        try:
            for process in self._all:
                _send(process.stdin, self._setup)
                self._free.put(process)
        except OSError:
            self.__exit__()
            raise ApartError(ENDED) from None
        return self

    def __exit__(self, *error: object) -> None:
        for process in self._all:
            process.kill()  # they hold nothing; what is under way is not wanted any more
        self._threads.shutdown(cancel_futures=True)
        for process in self._all:
            for pipe in (process.stdin, process.stdout):
                with suppress(OSError):  # what was not sent is not wanted any more
                    pipe.close()  # type: ignore[union-attr]
            process.wait()

    def submit(self, page: list[PastCase]) -> Future[Trial]:
        """Have a page judged."""
        return self._threads.submit(self._judge, msgspec.msgpack.encode(page))

    def _judge(self, page: bytes) -> Trial:
        process = self._free.get()
        try:
            _send(process.stdin, page)
            answer = _receive(process.stdout)
        except (OSError, ValueError):
            answer = None
        finally:
            self._free.put(process)  # a dead one too: whoever gets it next learns so at once, and nobody waits for ever
        if answer is None:
            raise ApartError(ENDED)
        return msgspec.msgpack.decode(answer, type=Trial)


def _started() -> subprocess.Popen[bytes]:
    places = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    return subprocess.Popen(
        [sys.executable, "-m", "reviews.backtest.apart"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": places},
    )  # fmt: skip


def _send(pipe: IO[bytes] | None, content: bytes) -> None:
    assert pipe is not None
    pipe.write(len(content).to_bytes(8, "big") + content)
    pipe.flush()


def _receive(pipe: IO[bytes] | None) -> bytes | None:
    """The next message; None at the end."""
    assert pipe is not None
    size = pipe.read(8)
    return pipe.read(int.from_bytes(size, "big")) if len(size) == 8 else None


def main() -> None:
    """Judge what comes in until nothing comes any more."""
    gc.disable()  # facts and findings hold no rings; looking for some costs a fifth of the time
    come, go = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # nothing else may be written between the messages
    setup = _receive(come)
    sides = msgspec.msgpack.decode(setup, type=Setup).sides() if setup else None
    pages = msgspec.msgpack.Decoder(list[PastCase])
    while sides is not None and (page := _receive(come)) is not None:
        _send(go, msgspec.msgpack.encode(replay(pages.decode(page), sides)))
        gc.collect(0)


if __name__ == "__main__":
    main()
