"""How alike two names are: words weighed by how rare they are, slips of the pen, words joined or split, initials. Pure."""

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from rapidfuzz.distance import OSA

from conflicts.identity.party import Corpus
from partners.naming import Name
from partners.naming.words import BRANCH, number_of

MOST_WORDS = 16


@dataclass(frozen=True, slots=True)
class Likeness:
    """What two names share. `share` is 0-1, the rest of the numbers are bits of rarity."""

    exact: bool  # the same words, in any order or spacing
    share: float
    shared_bits: float
    missing_left: float
    missing_right: float
    acronym: bool = False
    numbers_differ: bool = False
    branch: str = ""  # the word of a branch or a line of business that only one of the names has
    reordered: bool = False  # exact, but for the order
    brand: bool = False  # the first word that tells something is in both


NOTHING = Likeness(False, 0.0, 0.0, 0.0, 0.0)


def name_likeness(left: Name, right: Name, corpus: Corpus) -> Likeness:
    """Compare two names; symmetric but for which side misses what."""
    if not left.core or not right.core:
        return NOTHING
    exact = left.core == right.core or left.sorted_key == right.sorted_key or left.joined == right.joined
    if exact:
        bits = sum(corpus.rarity(token) for token in dict.fromkeys(left.tokens))
        reordered = left.core != right.core and left.joined != right.joined
        return Likeness(True, 1.0, bits, 0.0, 0.0, reordered=reordered, brand=not reordered)
    pairs, rest_left, rest_right = _align(left, right)
    rarity = corpus.rarity
    shared = reached = 0.0
    for a, b, likeness in pairs:
        weight = min(_rarity(a, corpus), _rarity(b, corpus))
        shared += likeness * weight
        reached += weight
    missing_left = sum(rarity(token) for token in rest_left)
    missing_right = sum(rarity(token) for token in rest_right)
    whole = 2 * reached + missing_left + missing_right
    return Likeness(
        exact=False,
        share=2 * shared / whole if whole else 0.0,
        shared_bits=shared,
        missing_left=missing_left,
        missing_right=missing_right,
        acronym=_is_acronym(left, right) or _is_acronym(right, left),
        numbers_differ=_numbers(rest_left) != _numbers(rest_right),
        branch=next((token for token in sorted(rest_left + rest_right) if token in BRANCH), ""),
        brand=any(a in (left.tokens[0], b) and a == left.tokens[0] and b == right.tokens[0] for a, b, _ in pairs),
    )


def _rarity(words: str, corpus: Corpus) -> float:
    """Of a word, or of two that the other name writes as one (told by a space)."""
    return sum(corpus.rarity(word) for word in words.split(" "))


def _numbers(tokens: list[str]) -> frozenset[str]:
    return frozenset(n for token in tokens if (n := number_of(token)))


def _is_acronym(short: Name, long: Name) -> bool:
    """ "kni" is "Kanpur Nutrients India"; the letters may be the first word of a longer name."""
    return len(long.tokens) >= 3 and len(short.tokens) <= 2 and len(short.joined) >= 3 and short.joined == long.initials


Pairs = list[tuple[str, str, float]]


def _align(left: Name, right: Name) -> tuple[Pairs, list[str], list[str]]:
    """Pairs of words that answer each other (with how well), and what is left on either side."""
    ours = dict(list(zip(left.tokens, left.words, strict=True))[:MOST_WORDS])
    theirs = dict(list(zip(right.tokens, right.words, strict=True))[:MOST_WORDS])
    shared = ours.keys() & theirs.keys()
    pairs = [(token, token, 1.0) for token in ours if token in shared]
    rest_a = {token: word for token, word in ours.items() if token not in shared}
    rest_b = {token: word for token, word in theirs.items() if token not in shared}
    if rest_a and rest_b:
        _join_up(rest_a, rest_b, pairs, swap=False)
        _join_up(rest_b, rest_a, pairs, swap=True)
        _soften(rest_a, rest_b, pairs)
    return pairs, list(rest_a), list(rest_b)


def _join_up(many: dict[str, str], few: dict[str, str], pairs: Pairs, *, swap: bool) -> None:
    """Take out neighbours on one side that the other side writes as one word (a slip allowed)."""
    for one, two in pairwise(list(many)):
        if one not in many or two not in many:
            continue
        joined = many[one] + many[two]
        other = next(
            (t for t, word in few.items() if len(word) >= len(joined) - 1 and _slip(joined, word) >= 0.8), None
        )
        if other is not None:
            both = f"{one} {two}"
            pairs.append((other, both, 0.97) if swap else (both, other, 0.97))
            del many[one], many[two], few[other]


def _soften(rest_a: dict[str, str], rest_b: dict[str, str], pairs: Pairs) -> None:
    """Pair what is left by slips of the pen and cut words, the likest first."""
    found = [
        (likeness, a, b)
        for a, word_a in rest_a.items()
        for b, word_b in rest_b.items()
        if (likeness := _slip(word_a, word_b) or (_slip(a, b) if (a, b) != (word_a, word_b) else 0.0))
    ]
    for likeness, a, b in sorted(found, key=lambda row: (-row[0], *sorted(row[1:]))):
        if a in rest_a and b in rest_b:
            pairs.append((a, b, likeness))
            del rest_a[a], rest_b[b]


@lru_cache(maxsize=262144)
def _slip(a: str, b: str) -> float:
    """How well a word stands for another: 1 equal, 0 not at all. Numbers stand only for their like."""
    if a == b:
        return 1.0
    short, long = (a, b) if len(a) <= len(b) else (b, a)
    number = number_of(a)
    if number or number_of(b):
        return 0.97 if number and number == number_of(b) else 0.0
    if len(short) >= 3 and len(long) - len(short) <= 2:
        slips = OSA.distance(a, b, score_cutoff=2)
        if slips == 1 and len(long) >= 4:
            return 0.93 if len(long) >= 6 else 0.8
        if slips == 2 and len(long) >= 7:
            return 0.85 if len(long) >= 9 else 0.7
    if len(short) >= 3 and long.startswith(short):
        return 0.75 if len(short) >= 4 else 0.6
    if len(short) == 1 and long[0] == short:
        return 0.4
    return 0.0
