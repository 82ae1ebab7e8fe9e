"""Reviewed queries like those of real programs, from a seed: made-up companies, typed as partners type them."""

from __future__ import annotations

import random
from functools import cache

from benchmarks.identity.names import companies, typed
from benchmarks.identity.stock import Stock
from conflicts.identity.evidence import gather
from conflicts.identity.party import Party
from conflicts.identity.score import bits_of, judge
from conflicts.identity.trial import Query, Seen


@cache
def stock(accounts: int = 3000) -> Stock:
    """Accounts with name, country and city; some are the same name in another country."""
    rows = list(companies(accounts, seed=11))
    dice = random.Random(12)
    for row in dice.sample(rows, accounts // 10):
        other = dice.choice(rows)
        other["name"] = row["name"]
    return Stock({row["id"]: Party.of(row["name"], country=row["country"], city=row["city"]) for row in rows})


@cache
def reviewed(count: int, seed: int) -> tuple[Query, ...]:
    """What a reviewer who makes no mistake says of `count` queries; every fourth customer is none of the accounts."""
    dice, held = random.Random(seed), stock()
    rows = [(row, row["id"]) for row in dice.sample(list(companies(3000, seed=11)), count - count // 4)]
    rows += [(row, "") for row in dice.sample(list(companies(3000, seed=seed + 100)), count // 4)]
    made = []
    for number, (row, right) in enumerate(rows):
        asked = Party.of(typed(row["name"], dice), country=row["country"], city=dice.choice((row["city"], "")))
        gathered = [(key, gather(asked, held.parties[key], held.corpus)) for key in held.candidates(asked)]
        gathered.sort(key=lambda pair: -bits_of(pair[1]))
        judged = [(key, evidence, judge(evidence)) for key, evidence in gathered[:12]]
        if judged:
            seen = tuple(Seen(dict(evidence.facts), found.related, found.grounded) for _, evidence, found in judged)
            place = [key for key, *_ in judged].index(right) if right in dict(gathered[:12]) else -1
            made.append(Query(f"{seed}-{number}", seen, place))
    return tuple(made)


def neighbours(count: int) -> list[Query]:
    """Queries whose only candidate is another company in the same town, as far as a version may see it as the same."""
    seen = (Seen({"city_same": 1.0, "name_share_50": 1.0}, grounded=True),)
    return [Query(f"n{number}", seen, -1) for number in range(count)]
