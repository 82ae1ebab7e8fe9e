"""Streams of decisions, each watched by its own sum: all of a program, those of a rule, those of a kind of case. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from conflicts.learning.cusum import USUAL, Design, Watched, design, follow
from conflicts.learning.playbooks import KIND, PROGRAM, RULE

PATH = 120  # of the latest decisions the sum is kept, to be drawn
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision on a recommended outcome: when, by which rule it was recommended, of what kind the case is."""

    at: datetime
    overridden: bool
    rule: str
    kind: str


@dataclass(frozen=True, slots=True)
class Begun:
    """Since when a stream is watched, and which share of overrides is usual in it."""

    after: datetime
    usual: float


@dataclass(frozen=True, slots=True)
class Measured:
    """How a stream stands."""

    stream: str
    subject: str
    plan: Design
    watched: Watched
    since: datetime | None
    crossed_at: datetime | None
    path: tuple[tuple[str, int, int], ...]  # (day, 1 = overridden, the sum after it)

    @property
    def key(self) -> Key:
        """What tells streams apart."""
        return self.stream, self.subject

    @property
    def alarms(self) -> bool:
        """Whether the sum has reached the threshold."""
        return self.watched.crossed is not None

    def sentence(self, title: str) -> str:
        """In words: what is seen, and what is usual."""
        seen = self.watched
        many = "decision was" if seen.cases == 1 else "decisions were"
        return (
            f"{title}: {seen.overridden} of the latest {seen.cases} {many} otherwise than recommended;"
            f" {self.plan.usual:.0%} is usual."
        )


def look(decided: Iterable[Decided], begun: Mapping[Key, Begun]) -> list[Measured]:
    """Every stream of decisions (the earlier first) since it was begun; the program's first, then rules, then kinds."""
    streams: dict[Key, list[Decided]] = {}
    for one in decided:
        for key in ((PROGRAM, ""), (RULE, one.rule), (KIND, one.kind)):
            if key not in begun or one.at > begun[key].after:
                streams.setdefault(key, []).append(one)
    order = (PROGRAM, RULE, KIND)
    return [
        _measured(key, streams[key], begun.get(key)) for key in sorted(streams, key=lambda k: (order.index(k[0]), k))
    ]


def _measured(key: Key, decided: Sequence[Decided], begun: Begun | None) -> Measured:
    plan = design(begun.usual if begun else USUAL)
    seen = follow((one.overridden for one in decided), plan)
    pairs = list(zip(decided, seen.path, strict=True))[-PATH:]
    return Measured(
        *key,
        plan=plan,
        watched=seen,
        since=decided[seen.since].at if seen.since < len(decided) else None,
        crossed_at=decided[seen.crossed].at if seen.crossed is not None else None,
        path=tuple((one.at.date().isoformat(), int(one.overridden), score) for one, score in pairs),
    )
