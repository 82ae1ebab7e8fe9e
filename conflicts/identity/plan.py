"""Which words of a name are searched for, alone or together, and what each weighs: as few and as rare ones as will do."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations, product
from math import log2

from rapidfuzz import process
from rapidfuzz.distance import OSA

from partners.lookup import ALL, Numbers, acronym_of, first_letters, joined_pairs
from partners.naming.words import CANONICAL

RARE_ROWS = 200  # names that rare words may bring
SET_ROWS = 300  # names that words together may bring, as far as their numbers say
SETS = 6
SET_MOST = 100  # names that one set may bring
TOO_MANY = 5000  # even if there is no better set
NEIGHBOURS_BELOW = 100  # a word in more names than this is no typo
MENDED = 6
TOGETHER_MORE = 3.0  # words stand together more often than chance has it
_LONG = tuple(word for word in CANONICAL if len(word) >= 6)

Found = tuple[int, int]  # names, key


@dataclass(frozen=True)
class Words:
    """What the index knows of words: in how many names each stands, and which are one letter off."""

    names: dict[int, int] = field(default_factory=dict)
    neighbours: dict[str, list[tuple[str, int]]] = field(default_factory=dict)


def asked_for(words: Sequence[str], town: str) -> set[str]:
    """The words of a name and all that they may stand for, whose numbers a plan wants to know."""
    cut = (part for word in words[:6] for parts in ways_apart(word) for part in parts)
    short = filter(None, map(well_written, words))
    return {ALL, town, *words, *short, *cut, *joined_pairs(words), acronym_of(words), *map(first_letters, words)}


def ways_apart(word: str) -> list[tuple[str, str]]:
    """A word as two that were joined, wherever it can be cut: 'kalotrading' is also 'kalo' and 'trdg'."""
    if not (7 <= len(word) <= 30 and word.isalpha()):
        return []
    halves = ((word[:cut], word[cut:]) for cut in range(3, len(word) - 2))
    return [(CANONICAL.get(left, left), CANONICAL.get(right, right)) for left, right in halves]


def well_written(word: str) -> str:
    """What a slip of a long word stands for that is abbreviated when written well: 'trding' is 'trdg' ("" if nothing)."""
    near = process.extractOne(word, _LONG, scorer=OSA.distance, score_cutoff=1) if len(word) >= 6 else None
    return CANONICAL[near[0]] if near else ""


class Plan:
    """The sets of words that are searched for one name, and what each word weighs."""

    def __init__(self, numbers: Numbers, words: Sequence[str], town: str, known: Words) -> None:
        self.numbers, self.typed, self.known = numbers, tuple(words), known
        self.weights: dict[int, float] = {}
        self.mended: list[tuple[str, ...]] = []
        self._alone: dict[int, int] = {}  # key: names
        self._apart: list[tuple[Found, Found]] = []
        self._total = max(1, self._names(ALL))
        self._places = [found for word in dict.fromkeys(words) if (found := self._spell(word))]
        for joined in joined_pairs(words):  # 'micro soft', where an account is called 'microsoft'
            self._take(joined, 1.0)
        self._take(acronym_of(words), 0.5)
        if len(words) == 1:
            self._take(first_letters(words[0]), 0.5)
        self._town = [place for place in [self._weighed(town, 0.5)] if place]

    def _names(self, word: str) -> int:
        return self.known.names.get(self.numbers.word(word), 0) if word or word == ALL else 0

    def _weighed(self, word: str, share: float) -> Found | None:
        """Names and key of a word that the index knows, which weighs this share of what its rarity says."""
        names = self._names(word) if word else 0
        if not names:
            return None
        key = self.numbers.word(word)
        self.weights[key] = max(self.weights.get(key, 0.0), share * max(1.0, 20 - log2(names)))
        return names, key

    def _take(self, word: str, share: float) -> list[Found]:
        """The same, as one to search for alone if it is rare."""
        found = self._weighed(word, share)
        if not found:
            return []
        self._alone[found[1]] = found[0]
        return [found]

    def _spell(self, word: str) -> list[Found]:
        """A word and, if few names have it, what it may be a slip or a joining of."""
        found = self._take(word, 1.0)
        if found and found[0][0] > NEIGHBOURS_BELOW:
            return found
        close = [other for other, _ in self.known.neighbours.get(word, [])]
        for other in [*close, *filter(None, [well_written(word)])]:
            found += self._take(other, 0.8)
            self._mend(word, other)
        apart = [(left, right) for left, right in ways_apart(word) if self._names(left) and self._names(right)]
        for left, right in apart[:3]:
            self._apart += [(a, b) for a in self._take(left, 0.9)[:1] for b in self._take(right, 0.9)[:1]]
            self._mend(word, left, right)
        return found or self._parts(word)

    def _parts(self, word: str) -> list[Found]:
        """Of a word that nobody knows the longest beginning and the longest end that is a word."""
        known = [part for parts in ways_apart(word) for part in parts if len(part) >= 4 and self._names(part)]
        return [found for part in sorted(known, key=len)[-2:] for found in self._take(part, 0.6)]

    def _mend(self, word: str, *better: str) -> None:
        if len(self.mended) < MENDED:
            self.mended.append(tuple(part for w in self.typed for part in (better if w == word else (w,))))

    def rare(self) -> list[int]:
        """The rarest words, until they bring enough."""
        taken, rows = [], 0
        for key, names in sorted(self._alone.items(), key=lambda item: item[::-1]):
            rows += names
            if rows > RARE_ROWS:
                break
            taken.append(key)
        return taken

    def sets(self) -> list[tuple[int, ...]]:
        """The smallest sets of words that are rare enough together, until they bring enough."""
        taken: list[frozenset[int]] = []
        rows = 0.0
        for names, keys in self._rare_enough():
            rows += names
            if taken and (rows > SET_ROWS or len(taken) == SETS):
                break
            taken.append(keys)
        return [tuple(keys) for keys in taken]

    def _rare_enough(self) -> list[tuple[float, frozenset[int]]]:
        """Sets that bring few names and have no part that does, small ones first; if there is none, what brings least."""
        rare = set(self.rare())
        reckoned = sorted(self._reckoned(rare), key=lambda found: (len(found[1]), found[0], sorted(found[1])))
        kept: list[tuple[float, frozenset[int]]] = []
        for names, keys in reckoned:
            if names <= SET_MOST and not any(part < keys for _, part in kept):
                kept.append((names, keys))
        return kept or sorted((found for found in reckoned if found[0] <= TOO_MANY), key=lambda found: found[0])[:1]

    def _reckoned(self, rare: set[int]) -> Iterator[tuple[float, frozenset[int]]]:
        """How many names each set may bring: one word, two, three; the town stands for a word, halves for one too."""
        places = [[found for found in place if found[1] not in rare] for place in self._places]
        places = sorted(place for place in places if place)[:6]
        with_town = [*places, *([self._town] if self._town else [])]
        sets: list[tuple[Found, ...]] = [(found,) for place in places for found in place]
        for size in (2, 3):
            for chosen in combinations(with_town, size):
                sets += product(*(place[: 4 - size] for place in chosen))
        for halves in self._apart:
            sets += [halves, *((*halves, place[0]) for place in with_town)]
        for spelled in sets:
            yield self._together(spelled), frozenset(key for _, key in spelled)

    def _together(self, spelled: Iterable[Found]) -> float:
        few, *others = sorted(spelled)
        share = 1.0
        for names, _ in others:
            share *= min(1.0, TOGETHER_MORE * names / self._total)
        return max(1.0, few[0] * share)
