"""The accounts that a typed company may be, from PostgreSQL by indexes alone (IDENTITY: the cascade); best first.

Whole keys and marks, then words: rare ones alone, commoner ones in twos and threes, each also with the town.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from rapidfuzz.distance import OSA

from conflicts.identity.party import Party
from conflicts.identity.plan import SET_MOST, Plan, Words, asked_for
from partners.lookup import Marks, Numbers, town_word, words_of
from partners.naming import brand_label

MOST = 30  # candidates that are scored
MOST_NAMES = 5

_KNOWN = "select * from name_words(%s, %s::bigint[], %s::bigint[])"
_FOUND = """
select * from accounts_found(
    %(program)s, %(places)s::bigint[], %(cores)s::bigint[], %(orders)s::bigint[], %(joins)s::bigint[], %(brands)s::bigint[],
    %(marks)s::bigint[], %(rare)s::bigint[], %(sets)s::text[], %(set_most)s, %(weighed)s::bigint[],
    %(weights)s::real[], %(home)s, %(at_most)s)
"""


def candidates(program_id: uuid.UUID, party: Party, at_most: int = MOST) -> dict[uuid.UUID, float]:
    """Account ids with a rough score, best first (as staff of that program), in two queries."""
    numbers, search = Numbers(program_id), _Search()
    keys = [name.core for name in party.names[:MOST_NAMES]]
    names = [words_of(key) for key in dict.fromkeys(keys)]
    town = town_word(party.city)
    known = _known(program_id, numbers, names, town) if names else Words()
    for words in names:
        search.add(numbers, Plan(numbers, words, town, known), town)
    if brand := brand_label(party.domain or party.mail_domain):
        search.joins.add(numbers.of("j", brand))
    arguments = search.arguments() | {
        "program": program_id, "marks": _marks(numbers, party), "home": party.country, "at_most": at_most,
    }  # fmt: skip
    # A name may be the brand in a domain: 'Orion Chemicals' and orionchemicals.com
    arguments["brands"] = [
        numbers.of("brand", name.joined) for name in party.names[:MOST_NAMES] if len(name.joined) >= 4
    ]
    with connection.cursor() as cursor:
        cursor.execute(_FOUND, arguments)
        return dict(cursor.fetchall())


@dataclass
class _Search:
    """Everything that the names of a party are searched by, as numbers."""

    places: set[int] = field(default_factory=set)
    cores: set[int] = field(default_factory=set)
    orders: set[int] = field(default_factory=set)
    joins: set[int] = field(default_factory=set)
    rare: set[int] = field(default_factory=set)
    sets: set[tuple[int, ...]] = field(default_factory=set)
    weights: dict[int, float] = field(default_factory=dict)

    def add(self, numbers: Numbers, plan: Plan, town: str) -> None:
        """Search for one name, as it was typed and with one word mended."""
        for words in (plan.typed, *plan.mended):
            keys = numbers.whole(words, town)
            self.cores.add(keys.core)
            self.orders.add(keys.ordered)
            self.joins.add(keys.joined)
            self.places |= {keys.placed} if town else set()
        self.rare |= set(plan.rare())
        self.sets |= set(plan.sets())
        for key, weight in plan.weights.items():
            self.weights[key] = max(weight, self.weights.get(key, weight))

    def arguments(self) -> dict[str, Any]:
        """The parameters of the search."""
        whole = {kind: list(getattr(self, kind)) for kind in ("places", "cores", "orders", "joins", "rare")}
        return whole | {
            "sets": ["{" + ",".join(map(str, keys)) + "}" for keys in self.sets],
            "set_most": SET_MOST,
            "weighed": list(self.weights),
            "weights": list(self.weights.values()),
        }


def _marks(numbers: Numbers, party: Party) -> list[int]:
    ids = dict(party.identifiers)
    given = Marks(party.country, party.domain, party.phone, ids.get("lei", ""), ids.get("vat", ""), ids.get("duns", ""))
    found = set(numbers.marks(given).values()) | set(numbers.marks(Marks(domain=party.mail_domain)).values())
    return sorted(found)


def _known(program_id: uuid.UUID, numbers: Numbers, names: Sequence[Sequence[str]], town: str) -> Words:
    words = list(dict.fromkeys(word for name in names for word in name))
    wanted = {numbers.word(word) for name in names for word in asked_for(name, town)}
    near = [number for word in words for number in numbers.near(word)]
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN, [program_id, list(wanted), near])
        rows = cursor.fetchall()
    typed = {numbers.word(word) for word in words}
    others = [(token, count) for key, token, count in rows if key not in typed and count]
    return Words({key: count for key, _, count in rows}, {word: _one_off(word, others) for word in words})


def _one_off(word: str, others: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    """Of words that may be close those one slip away, the commonest four."""
    close = [(other, names) for other, names in others if OSA.distance(word, other, score_cutoff=1) == 1]
    return sorted(close, key=lambda item: (-item[1], item[0]))[:4]
