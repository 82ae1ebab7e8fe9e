"""How alike two names are: words weighed by how rare they are, slips of the pen, words joined or split, initials. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import log2
from typing import NamedTuple

from rapidfuzz.distance import OSA

from conflicts.identity.party import Corpus
from partners.naming import Name
from partners.naming.words import BRANCH, PLACES, number_of

LETTER_BITS = 4.1  # what a letter at the beginning of a word tells


@dataclass(frozen=True, slots=True)
class Likeness:
    """What two names share. `share` is 0-1, the rest of the numbers are bits of rarity."""

    exact: bool  # the same words, in any order or spacing
    share: float
    shared_bits: float
    missing_left: float
    missing_right: float
    acronym: bool = False
    numbers: float = 0.0  # 1: their numbers differ; .5: only one of them has any
    branch: str = ""  # the word of a branch or a line of business that only one of the names has
    place: bool = False  # that word is a country or region
    reordered: bool = False  # exact, but for the order
    brand: float = 0.0  # bits of the words that both begin with, less what chance alone brings about among the accounts
    says: int = 2  # what the lesser of the names says (see Name)
    strange: float = 0.0  # bits that either name has and the other not, branches and numbers aside; the lesser side


NOTHING = Likeness(False, 0.0, 0.0, 0.0, 0.0)
Pairs = list[tuple[str, str, float]]


def name_likeness(left: Name, right: Name, corpus: Corpus) -> Likeness:
    """Compare two names; symmetric but for which side misses what."""
    if not left.core or not right.core:
        return NOTHING
    if left.core == right.core or left.sorted_key == right.sorted_key or left.joined == right.joined:
        bits = sum(map(corpus.bits.__getitem__, left.spelled))
        reordered = left.core != right.core and left.joined != right.joined
        return Likeness(
            True,
            1.0,
            bits,
            0.0,
            0.0,
            reordered=reordered,
            brand=bits - log2(corpus.total + 1),
            says=min(left.says, right.says),
        )
    pairs, rest_left, rest_right = _align(left.spelled, right.spelled)
    if _is_acronym(left, right) or _is_acronym(right, left):
        bits = LETTER_BITS * min(len(left.initials), len(right.initials), 8)
        return Likeness(False, 0.0, bits, 0.0, 0.0, acronym=True)
    shared = reached = loose = 0.0
    for a, b, likeness in pairs:
        weight = corpus.bits[a] if a == b else min(_rarity(a, corpus), _rarity(b, corpus))
        shared += likeness * weight
        reached += weight
        loose += (1 - likeness) * weight
    ours, theirs = _left_over(rest_left, corpus), _left_over(rest_right, corpus)
    whole = 2 * reached + ours.bits + theirs.bits
    # Of several branches a country counts before a line of business, else the first in the alphabet.
    branch = min(ours.branches + theirs.branches, key=lambda token: (token not in PLACES, token), default="")
    return Likeness(
        exact=False,
        share=2 * shared / whole if whole else 0.0,
        shared_bits=shared,
        missing_left=ours.bits + loose,
        missing_right=theirs.bits + loose,
        numbers=0.0 if ours.numbers == theirs.numbers else 1.0 if ours.numbers and theirs.numbers else 0.5,
        branch=branch,
        place=branch in PLACES,
        brand=_brand(left, right, corpus) - log2(corpus.total + 1),
        says=min(left.says, right.says),
        strange=min(ours.strange, theirs.strange),
    )


def _rarity(words: str, corpus: Corpus) -> float:
    """Of a word, or of several that the other name writes as one (told by spaces)."""
    return sum(map(corpus.bits.__getitem__, words.split(" ")))


class _LeftOver(NamedTuple):
    """Words that only one side has: their bits, those that are neither branch nor number, the branches, the numbers."""

    bits: float
    strange: float
    branches: list[str]
    numbers: set[str]


def _left_over(rest: Iterable[str], corpus: Corpus) -> _LeftOver:
    bits = strange = 0.0
    branches, numbers = list[str](), set[str]()
    for token in rest:
        worth = corpus.bits[token]
        bits += worth
        if token in BRANCH:
            branches.append(token)
        elif number := number_of(token):
            numbers.add(number)
        else:
            strange += worth
    return _LeftOver(bits, strange, branches, numbers)


def _brand(left: Name, right: Name, corpus: Corpus) -> float:
    """Bits of the words that both names begin with."""
    bits = 0.0
    for a, b in zip(left.spelled, right.spelled, strict=False):
        if a != b:
            break
        bits += corpus.bits[a]
    return bits


def _is_acronym(short: Name, long: Name) -> bool:
    """ "kni" is "Kanpur Nutrients India"; the letters may be the first word of a longer name."""
    return len(long.tokens) >= 3 and len(short.tokens) <= 2 and len(short.joined) >= 3 and short.joined == long.initials


def _align(left: Mapping[str, str], right: Mapping[str, str]) -> tuple[Pairs, dict[str, str], dict[str, str]]:
    """Pairs of words that answer each other (with how well), and what is left on either side."""
    pairs = [(token, token, 1.0) for token in left if token in right]
    rest_a = {token: word for token, word in left.items() if token not in right}
    rest_b = {token: word for token, word in right.items() if token not in left}
    if rest_a and rest_b:
        if len(rest_a) > 1:
            _join_up(rest_a, rest_b, pairs, swap=False)
        if len(rest_b) > 1:
            _join_up(rest_b, rest_a, pairs, swap=True)
        _soften(rest_a, rest_b, pairs)
        if len(rest_a) > 1 and rest_b:
            _abbreviate(rest_a, rest_b, pairs, swap=False)
        if len(rest_b) > 1 and rest_a:
            _abbreviate(rest_b, rest_a, pairs, swap=True)
    return pairs, rest_a, rest_b


def _join_up(many: dict[str, str], few: dict[str, str], pairs: Pairs, *, swap: bool) -> None:
    """Take out neighbours on one side that the other side writes as one word, or parts elsewhere (a slip allowed)."""
    beginnings = {word[0] for word in few.values()}  # most words begin otherwise: asked first, as it is cheap
    for one, two in pairwise(list(many)):
        if one not in many or two not in many or many[one][0] not in beginnings:
            continue
        joined = many[one] + many[two]
        other = _written_as(joined, few)
        if other:
            both = f"{one} {two}"
            pairs.append((other, both, 0.97) if swap else (both, other, 0.97))
            del many[one], many[two]
            for token in other.split(" "):
                del few[token]


def _written_as(joined: str, words: Mapping[str, str]) -> str:
    """The word, or the two neighbours, that read `joined`; "" if none."""
    size = len(joined)
    for token, word in words.items():
        if abs(len(word) - size) <= 1 and _slip(joined, word) >= 0.8:
            return token
    if len(words) > 1:
        for (one, first), (two, second) in pairwise(words.items()):
            if first + second == joined:
                return f"{one} {two}"
    return ""


def _soften(rest_a: dict[str, str], rest_b: dict[str, str], pairs: Pairs) -> None:
    """Pair what is left by slips of the pen and cut words, the likest first."""
    found = []
    for a, word_a in rest_a.items():
        for b, word_b in rest_b.items():
            likeness = _slip(word_a, word_b)
            if not likeness and (a is not word_a or b is not word_b):
                likeness = _slip(a, b)
            if likeness:
                found.append((likeness, a, b))
    if len(found) > 1:
        found.sort(key=lambda row: (-row[0], *sorted(row[1:])))
    for likeness, a, b in found:
        if a in rest_a and b in rest_b:
            pairs.append((a, b, likeness))
            del rest_a[a], rest_b[b]


def _abbreviate(many: dict[str, str], few: dict[str, str], pairs: Pairs, *, swap: bool) -> None:
    """Take out neighbours on one side of which the other side has the initials: "nj" is "new jersey"."""
    for short in list(few):
        size, tokens = len(short), list(many)
        if not 2 <= size <= 5 or size > len(tokens) or not short.isalpha():
            continue
        initials = "".join(many[token][0] for token in tokens)
        place = initials.find(short)
        if place >= 0:
            both = tokens[place : place + size]
            pairs.append((short, " ".join(both), 0.9) if swap else (" ".join(both), short, 0.9))
            del few[short]
            for token in both:
                del many[token]


@lru_cache(maxsize=524288)
def _slip(a: str, b: str) -> float:
    """How well a word stands for another: 1 equal, 0 not at all. Numbers stand only for their like."""
    if a == b:
        return 1.0
    short, long = (a, b) if len(a) <= len(b) else (b, a)
    number = number_of(a)
    if number or number_of(b):
        return 0.97 if number and number == number_of(b) else 0.0
    size = len(long)
    if len(short) >= 2 and size - len(short) <= 2:
        slips = OSA.distance(a, b, score_cutoff=3)
        if slips == 1:
            return 0.93 if size >= 6 else 0.8 if size >= 4 else 0.5
        if slips == 2 and size >= 7:
            return 0.85 if size >= 9 else 0.7
        if slips == 3 and size >= 12:
            return 0.75
    if long.startswith(short):
        return (0.0, 0.4, 0.5, 0.6)[len(short)] if len(short) <= 3 else 0.75
    return 0.0
