"""The accounts that a typed company may be, from PostgreSQL by indexes alone (IDENTITY: the cascade); best first.

Whole keys and marks first, then rare words, their one-letter neighbours, and pairs of common words.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from math import log2
from typing import Any

from django.db import connection
from rapidfuzz import process
from rapidfuzz.distance import OSA

from conflicts.identity.party import Party
from partners.lookup import Marks, Numbers, acronym_of, joined_pairs
from partners.naming import brand_label
from partners.naming.words import CANONICAL

MOST = 30  # candidates that are scored
RARE_SUM = 500  # names that rare words may bring together
NEIGHBOURS_BELOW = 100  # a word in more names than this is no typo
TOO_COMMON = 100_000  # a pair of words of which both are in more names is not searched
PAIRS = 6
MOST_NAMES = 5
_LONG = tuple(word for word in CANONICAL if len(word) >= 6)


_FIND = """
with found as (
    select * from accounts_by_keys(%(program)s, %(place)s, %(cores)s::bigint[], %(orders)s::bigint[],
                                   %(joins)s::bigint[], %(marks)s::bigint[], %(at_most)s)
    union all
    select * from accounts_by_words(%(program)s, %(rare)s::bigint[], %(pairs)s::bigint[], %(weighed)s::bigint[],
                                    %(weights)s::real[], %(at_most)s)
), best as (select account_id, way, max(score) as score from found group by account_id, way)
select account_id, sum(score) as total from best group by account_id order by total desc, account_id limit %(at_most)s
"""


@dataclass(frozen=True)
class Words:
    """What the index knows of the words of a name: in how many names each stands, and which are one letter off."""

    names: dict[int, int] = field(default_factory=dict)
    neighbours: dict[str, list[tuple[str, int]]] = field(default_factory=dict)


def candidates(program_id: uuid.UUID, party: Party, at_most: int = MOST) -> dict[uuid.UUID, float]:
    """Account ids with a rough score, best first (as staff of that program)."""
    found: dict[uuid.UUID, float] = {}
    numbers = Numbers(program_id)
    marks = _marks(numbers, party)
    keys = [name.core for name in party.names[:MOST_NAMES]] or [""]
    keys += [apart for key in keys if (apart := taken_apart(key)) != key]
    for key in dict.fromkeys(keys):
        for account, score in _search(program_id, numbers, key, party, marks, at_most):
            found[account] = max(score, found.get(account, score))
    best = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    return dict(best[:at_most])


def taken_apart(key: str) -> str:
    """The name with words apart that were joined to one which is abbreviated otherwise: 'kalotrading' is 'kalo trdg'."""
    words = []
    for word in key.split():
        cuts = range(3, len(word) - 2)
        cut = next((i for i in cuts if len(word) - i >= 5 and word[i:] in CANONICAL), 0)
        if cut:
            words += [CANONICAL.get(word[:cut], word[:cut]), CANONICAL[word[cut:]]]
            continue
        cut = next((i for i in reversed(cuts) if i >= 5 and word[:i] in CANONICAL), 0)
        words += [CANONICAL[word[:cut]], word[cut:]] if cut else [_abbreviated(word)]
    return " ".join(words)


def _abbreviated(word: str) -> str:
    """A slip of a long word that is abbreviated when written well: 'trding' is 'trdg'."""
    near = process.extractOne(word, _LONG, scorer=OSA.distance, score_cutoff=1) if len(word) >= 6 else None
    return CANONICAL[near[0]] if near else word


def _marks(numbers: Numbers, party: Party) -> list[int]:
    ids = dict(party.identifiers)
    given = Marks(party.country, party.domain, party.phone, ids.get("lei", ""), ids.get("vat", ""), ids.get("duns", ""))
    found = set(numbers.marks(given).values()) | set(numbers.marks(Marks(domain=party.mail_domain)).values())
    # A name may be the brand in a domain: 'Orion Chemicals' and orionchemicals.com
    found |= {numbers.of("brand", name.joined) for name in party.names[:MOST_NAMES] if len(name.joined) >= 4}
    return sorted(found)


def _search(
    program_id: uuid.UUID, numbers: Numbers, key: str, party: Party, marks: list[int], at_most: int
) -> list[tuple[uuid.UUID, float]]:
    words = tuple(dict.fromkeys(numbers.name(key).words))
    plan = _Plan(numbers, words, _known(program_id, numbers, words))
    cores = [key, *plan.mended(key)] if key else []
    brand = brand_label(party.domain or party.mail_domain)
    arguments: dict[str, Any] = {
        "program": program_id,
        "place": numbers.placed(key, party.country, party.city) if key and party.city else None,
        "cores": [numbers.of("c", core) for core in cores],
        "orders": [numbers.of("s", " ".join(sorted(core.split()))) for core in cores],
        "joins": [numbers.of("j", text) for text in [*(core.replace(" ", "") for core in cores), brand] if text],
        "marks": marks,
        "rare": plan.rare(),
        "pairs": plan.pairs(),
        "weighed": list(plan.weights),
        "weights": list(plan.weights.values()),
        "at_most": at_most,
    }
    with connection.cursor() as cursor:
        cursor.execute(_FIND, arguments)
        return cursor.fetchall()


def _known(program_id: uuid.UUID, numbers: Numbers, words: Sequence[str]) -> Words:
    wanted = {numbers.word(word) for word in (*words, *joined_pairs(words), *filter(None, [acronym_of(words)]))}
    near = [number for word in words for number in numbers.near(word)]
    with connection.cursor() as cursor:
        cursor.execute("select * from name_words(%s, %s::bigint[], %s::bigint[])", [program_id, sorted(wanted), near])
        rows = cursor.fetchall()
    neighbours: dict[str, list[tuple[str, int]]] = {}
    for word in words:
        close = [(token, names) for key, token, names in rows if key not in wanted and _one_off(word, token)]
        neighbours[word] = sorted(close, key=lambda item: -item[1])[:4]
    return Words({key: names for key, _, names in rows}, neighbours)


def _one_off(word: str, token: str) -> bool:
    return OSA.distance(word, token, score_cutoff=1) == 1


class _Plan:
    """Which words are searched alone, which in pairs, and what each weighs."""

    def __init__(self, numbers: Numbers, words: Sequence[str], known: Words) -> None:
        self.numbers, self.words, self.known = numbers, words, known
        self.alone: list[tuple[int, int]] = []  # names, key
        self.together: list[list[tuple[int, int]]] = []  # per word: itself and what it may be
        self.weights: dict[int, float] = {}
        for word in words:
            self._word(word)
        for joined in joined_pairs(words):  # 'micro soft', where an account is called 'microsoft'
            self._known_only(joined, 1.0)
        self._known_only(acronym_of(words), 0.5)

    def _word(self, word: str) -> None:
        key = self.numbers.word(word)
        names = self.known.names.get(key, 0)
        spellings = [(names, key)] if names else []
        self._weigh(key, names, 1.0)
        if names <= NEIGHBOURS_BELOW:
            for other, count in self.known.neighbours.get(word, []):
                spellings.append((count, self.numbers.word(other)))
                self._weigh(self.numbers.word(other), count, 0.8)
            pair = self.numbers.of("2", word)  # 'microsoft', where an account is called 'micro soft'
            self.alone.append((1, pair))
            self._weigh(pair, 1, 0.9)
        if len(self.words) == 1 and 3 <= len(word) <= 8:
            acronym = self.numbers.of("a", word)
            self.alone.append((100, acronym))
            self._weigh(acronym, 100, 0.5)
        self.alone += spellings
        self.together.append(spellings)

    def _known_only(self, word: str, share: float) -> None:
        key = self.numbers.word(word) if word else 0
        if word and key in self.known.names:
            self.alone.append((self.known.names[key], key))
            self._weigh(key, self.known.names[key], share)

    def _weigh(self, key: int, names: int, share: float) -> None:
        self.weights.setdefault(key, share * max(1.0, 20 - log2(max(names, 1))))

    def rare(self) -> list[int]:
        """The rarest words, until they bring RARE_SUM names together."""
        taken, total = [], 0
        for names, key in sorted(set(self.alone)):
            total += names
            if total > RARE_SUM:
                break
            taken.append(key)
        return taken

    def pairs(self) -> list[int] | None:
        """Up to six pairs of words that are too common alone, the rarest first, two and two."""
        taken = set(self.rare())
        found = []
        for left, right in combinations(self.together, 2):
            for (few, a), (many, b) in ((x, y) for x in left for y in right):
                if a not in taken and b not in taken and min(few, many) <= TOO_COMMON:
                    found.append((min(few, many), max(few, many), a, b))
        chosen = sorted(found)[:PAIRS]
        return [key for _, _, a, b in chosen for key in (a, b)] or None

    def mended(self, key: str) -> Iterable[str]:
        """The name with one word spelled as the index knows it, the commonest first."""
        spelled = [
            (names, " ".join(other if w == word else w for w in key.split()))
            for word, others in self.known.neighbours.items()
            if self.known.names.get(self.numbers.word(word), 0) <= NEIGHBOURS_BELOW
            for other, names in others
        ]
        return [name for _, name in sorted(spelled, reverse=True)[:PAIRS]]
