"""Early warning on simulated histories with planted events: recall by kind and strength, false alarms, and a plain
fixed limit (mean and three standard deviations) beside it, in one run. No database: `look` is what production calls."""

import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean, median
from typing import Any

from benchmarks.histories import KINDS, STRENGTHS, Event, World
from benchmarks.plain_limits import plain_alarms
from conflicts.policy import STANDARD, SignalLimit
from conflicts.signals.look import look
from conflicts.signals.measure import PATTERN

PARTS = ("robust", "mean_and_three_sigma")
SEEDS = {"small": (31,), "medium": (31, 32, 33), "large": tuple(range(31, 39))}
PARTNERS, WEEKS, WARM = 200, 104, 52
AFTER = 8  # weeks after an event in which an alarm about it is no false one
AGAIN = 4  # weeks without it after which a plain alarm counts as a new one: it has no other end
LIMITS = {kind: SignalLimit(**numbers) for kind, numbers in STANDARD["signals"].items()}


@dataclass
class Tally:
    """What one method found: the planted events with the weeks it took, and the alarms about nothing."""

    found: dict[int, int] = field(default_factory=dict)
    named: set[int] = field(default_factory=set)
    false: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    standing: set[tuple[str, str]] = field(default_factory=set)


def run(scale: str, say: Any, only: Sequence[str] = (), data: Path | None = None) -> dict[str, Any]:
    """Simulate so many seeds (200 partners, 104 weeks each) and say what held; `only` names methods, no files are read."""
    ours, plain, weeks, seconds = Tally(), Tally(), 0, 0.0
    events: list[Event] = []
    quiet: dict[tuple[str, str], int] = {}
    for seed in SEEDS[scale]:
        world = World(PARTNERS, WEEKS, WARM, seed)
        first = len(events)
        events += world.events
        ours.standing, plain.standing, quiet = set(), set(), {}
        for week in range(WARM, WEEKS):
            histories = world.histories(week)
            started = time.perf_counter()
            found = look(histories, LIMITS)
            seconds += time.perf_counter() - started
            alarms = {(m.kind, m.key): m.partner for m in found if m.alarms}
            stays = {(m.kind, m.key) for m in found}
            _note(ours, alarms, stays, world, week, first)
            flat = plain_alarms(histories)
            quiet = {key: times + 1 for key, times in quiet.items() if times < AGAIN} | dict.fromkeys(flat, 0)
            _note(plain, flat, set(quiet), world, week, first)
            weeks += len(histories.sellers)
        say(f"seed {seed}: {len(world.events)} events planted")
    return {
        "partner_weeks": weeks,
        "planted": len(events),
        "seconds_a_look": round(seconds / len(SEEDS[scale]) / (WEEKS - WARM), 3),
        **{
            name: _told(found, events, weeks)
            for name, found in zip(PARTS, (ours, plain), strict=True)
            if name in (only or PARTS)
        },
    }


def lines(found: dict[str, Any]) -> Iterator[str]:
    """The report as tables: recall by strength, and false alarms per 1,000 partner-weeks."""
    yield f"{found['planted']} events planted in {found['partner_weeks']:,} partner-weeks; {found['seconds_a_look']} s a look"
    for name in PARTS:
        if name in found:
            yield from _table(name.replace("_", " "), found[name])


def _table(name: str, told: dict[str, Any]) -> Iterator[str]:
    both, pattern = told["clear_and_strong"], told["recall"][PATTERN]
    yield from ("", f"| {name} | all | mild | clear | strong | false alarms per 1,000 |", "|---|---|---|---|---|---|")
    for kind in KINDS:
        recall = " | ".join(f"{told['recall'][kind][key]:.2f}" for key in ("all", *STRENGTHS))
        yield f"| {kind.replace('_', ' ')} | {recall} | {told['by_kind'][kind]:.2f} |"
    false = told["false_alarms_per_1000_partner_weeks"]
    yield f"| clear and strong of the first six | **{both['recall']:.3f}** | | | | **{false:.2f}** |"
    yield f"Clear and strong noticed as any kind: {both['by_any_kind']:.3f}, after {both['weeks_until_noticed']} weeks (median);"
    yield f"unusual patterns noticed as any kind: {pattern['noticed as any kind']:.2f}."


def _note(
    tally: Tally, alarms: dict[tuple[str, str], str], stays: set[tuple[str, str]], world: World, week: int, first: int
) -> None:
    tally.standing &= stays
    for (kind, key), partner in alarms.items():
        if (kind, key) in tally.standing:
            continue
        tally.standing.add((kind, key))
        about = [i for i, event in enumerate(world.events) if event.explains(key, partner, week, AFTER)]
        for i in about:
            event = world.events[i]
            tally.named.add(first + i)
            if event.kind == kind and (event.key in ("", key)) and first + i not in tally.found:
                tally.found[first + i] = week - event.begin
        if not about:
            tally.false[kind] += 1


def _told(tally: Tally, events: list[Event], weeks: int) -> dict[str, Any]:
    recall = {kind: dict(_recall(tally, events, kind)) for kind in KINDS}
    clear = [i for i, event in enumerate(events) if event.strength != "mild" and event.kind != PATTERN]
    delays = [tally.found[i] for i in clear if i in tally.found]
    return {
        "recall": recall,
        "clear_and_strong": {
            "recall": round(fmean(i in tally.found for i in clear), 3),
            "by_any_kind": round(fmean(i in tally.named for i in clear), 3),
            "weeks_until_noticed": median(delays) if delays else None,
        },
        "false_alarms_per_1000_partner_weeks": round(1000 * sum(tally.false.values()) / weeks, 2),
        "by_kind": {kind: round(1000 * tally.false[kind] / weeks, 2) for kind in KINDS},
    }


def _recall(tally: Tally, events: list[Event], kind: str) -> Iterator[tuple[str, Any]]:
    mine = [i for i, event in enumerate(events) if event.kind == kind]
    yield "all", round(fmean(i in tally.found for i in mine), 2)
    for strength in STRENGTHS:
        here = [i for i in mine if events[i].strength == strength]
        yield strength, round(fmean(i in tally.found for i in here), 2)
    yield "planted", len(mine)
    if kind == PATTERN:
        yield "noticed as any kind", round(fmean(i in tally.named for i in mine), 2)
