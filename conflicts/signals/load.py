"""Database -> Histories: a fixed number of queries that count, whatever the number of rows; read as staff of the program."""

import uuid
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection

from conflicts.signals import facts as f
from conflicts.signals.sql import CLAIMS, COUNTS, GAPS, PLACES, PROBING, QUOTES, SELLERS
from partners.identity import standing_partners
from partners.models import ProductLine, Program

SERIES = ("registrations", "tickets", "escalated", "activities", "refused")
PROBED_FROM, PROBED_UNTIL = 182, 28  # days ago: half a year, and old enough to have been worked
RECENT = 28  # days within which a claim woke


def last_day(at: datetime) -> date:
    """The last whole day (UTC) at `at`."""
    return (at + timedelta(seconds=1)).date() - timedelta(days=1)


def load_histories(program: Program, at: datetime, *, idle: int = 30, gap: int = 30) -> f.Histories:
    """The facts as they stood on the last whole day before `at`.

    Claims are only read where nothing happened for `idle` days, or where something did after `gap` days of nothing:
    the others cannot be worth a signal.
    """
    day = last_day(at)
    values = {
        "program": program.pk, "day": day, "begin": day - timedelta(days=7 * f.WEEKS - 1), "idle": idle, "gap": gap,
        "recent": RECENT, "probed_from": day - timedelta(days=PROBED_FROM), "at": at,
        "probed_until": day - timedelta(days=PROBED_UNTIL),
    }  # fmt: skip
    names = dict(ProductLine.objects.filter(program=program).values_list("code", "name"))
    merged = standing_partners(program.pk)
    counts = _counts(_rows(COUNTS, values), merged)
    places = _counts(_rows(PLACES, values), {})
    return f.Histories(
        day=day,
        sellers={
            str(pk): f.Seller(str(pk), name, region, float(stake)) for pk, name, region, stake in _rows(SELLERS, values)
        },
        **{name: counts.get(name, {}) for name in SERIES},
        lines=places.get("line", {}),
        regions=places.get("region", {}),
        names=names,
        quotes=_quotes(_rows(QUOTES, values), merged),
        gaps={(p or "", line or "", region or ""): f.Gaps(n, *q) for p, line, region, n, q in _rows(GAPS, values)},
        claims=[_claim(row) for row in _rows(CLAIMS, values)],
        probing=_probing(_rows(PROBING, values), merged),
    )


def _rows(sql: str, values: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        yield from cursor.fetchall()


def _counts(rows: Iterator[tuple[Any, ...]], merged: Mapping[uuid.UUID, uuid.UUID]) -> dict[str, dict[str, list[int]]]:
    """Series -> key -> events a week, the oldest first; a merged partner's count for the one that it counts as."""
    found: dict[str, dict[str, list[int]]] = {}
    for series, key, weeks, numbers in rows:
        values = found.setdefault(series, {}).setdefault(_standing(key, merged), [0] * f.WEEKS)
        for ago, number in zip(weeks, numbers, strict=True):
            values[f.WEEKS - 1 - ago] += number
    return found


def _standing(key: Any, merged: Mapping[uuid.UUID, uuid.UUID]) -> str:
    return str(merged.get(key, key))


def _quotes(
    rows: Iterator[tuple[Any, ...]], merged: Mapping[uuid.UUID, uuid.UUID]
) -> dict[tuple[str, str], dict[int, tuple[float, int]]]:
    found: dict[tuple[str, str], dict[int, tuple[float, int]]] = {}
    for partner, line, weeks, discounts, numbers in rows:
        mine = found.setdefault((_standing(partner, merged), line), {})
        mine |= dict(zip(weeks, zip(discounts, numbers, strict=True), strict=True))
    return found


def _claim(row: tuple[Any, ...]) -> f.ClaimState:
    source, key, ref, partner, account, name, idle, gap, line, region, amount, contested, promised = row
    return f.ClaimState(
        source, str(key), ref, str(partner or ""), str(account or ""), name, idle, gap, line or "", region or "",
        float(amount or 0), contested, promised,
    )  # fmt: skip


def _probing(rows: Iterator[tuple[Any, ...]], merged: Mapping[uuid.UUID, uuid.UUID]) -> dict[str, f.Probing]:
    found: dict[str, list[int]] = {}
    for partner, *numbers in rows:
        mine = found.setdefault(_standing(partner, merged), [0, 0, 0])
        mine[:] = [a + b for a, b in zip(mine, numbers, strict=True)]
    return {key: f.Probing(*numbers) for key, numbers in found.items()}
