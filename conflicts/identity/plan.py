"""Which words of a name are searched for, alone or together, and what each weighs."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations, product
from math import log2

from partners.lookup import ALL, Numbers, acronym_of, joined_pairs

RARE_ROWS = 500  # names that rare words may bring
SET_ROWS = 600  # names that words together may bring, as far as their numbers say
SETS = 8
NEIGHBOURS_BELOW = 100  # a word in more names than this is no typo
TOO_COMMON = 100_000  # words together of which each is in more names take too long to look up
MENDED = 6
TOGETHER_MORE = 3.0  # words stand together more often than chance has it


@dataclass(frozen=True)
class Words:
    """What the index knows of the words of a name: in how many names each stands, and which are one letter off."""

    names: dict[int, int] = field(default_factory=dict)
    neighbours: dict[str, list[tuple[str, int]]] = field(default_factory=dict)


class Plan:
    """The sets of words that are searched for one name, and what each word weighs."""

    def __init__(self, numbers: Numbers, words: Sequence[str], town: str, known: Words) -> None:
        self.numbers, self.typed, self.words, self.known = numbers, words, tuple(dict.fromkeys(words)), known
        self.total = max(1, known.names.get(numbers.word(ALL), 1))
        self.weights: dict[int, float] = {}
        self._alone: dict[int, int] = {}  # key: names
        self._uncounted: list[int] = []
        self._spellings = [found for word in self.words if (found := self._spell(word))]
        for joined in joined_pairs(words):  # 'micro soft', where an account is called 'microsoft'
            self._known_only(joined, 1.0)
        self._known_only(acronym_of(words), 0.5)
        self._town = self._of_town(town)

    def _spell(self, word: str) -> list[tuple[int, int]]:
        """(names, key) of a word and of what it may be a slip of."""
        key = self.numbers.word(word)
        names = self.known.names.get(key, 0)
        found = [(names, key)] if names else []
        self._weigh(key, names, 1.0)
        if names <= NEIGHBOURS_BELOW:
            for other, count in self.known.neighbours.get(word, []):
                found.append((count, self.numbers.word(other)))
                self._weigh(found[-1][1], count, 0.8)
            if len(word) >= 6:  # 'microsoft', where an account is called 'micro soft'
                self._unknown(self.numbers.of("2", word), 18.0)
        if len(self.words) == 1 and 3 <= len(word) <= 8:
            self._unknown(self.numbers.of("a", word), 6.0)
        self._alone |= {key: names for names, key in found}
        return found

    def _unknown(self, key: int, weight: float) -> None:
        """Joined words and first letters: nobody counts in how many names they stand."""
        self._uncounted.append(key)
        self.weights.setdefault(key, weight)

    def _known_only(self, word: str, share: float) -> None:
        key = self.numbers.word(word) if word else 0
        if word and key in self.known.names:
            self._alone[key] = self.known.names[key]
            self._weigh(key, self.known.names[key], share)

    def _of_town(self, town: str) -> list[tuple[int, int]]:
        key = self.numbers.word(town) if town else 0
        names = self.known.names.get(key, 0)
        if not names:
            return []
        self._weigh(key, names, 0.5)
        return [(names, key)]

    def _weigh(self, key: int, names: int, share: float) -> None:
        self.weights.setdefault(key, share * max(1.0, 20 - log2(max(names, 1))))

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
        """Words that are searched together, those that bring fewest names first, until they bring enough."""
        taken: list[frozenset[int]] = []
        rows = 0.0
        for names, keys in sorted(self._reckoned(set(self.rare()))):
            rows += names
            if taken and (rows > SET_ROWS or len(taken) == SETS):
                break
            if not any(known <= set(keys) for known in taken):
                taken.append(frozenset(keys))
        return [tuple(keys) for keys in taken]

    def _reckoned(self, rare: set[int]) -> Iterator[tuple[float, tuple[int, ...]]]:
        """How many names each set may bring: two words, three, one, and the town in the place of a word."""
        places = [[(names, key) for names, key in found if key not in rare] for found in self._spellings]
        places = [found for found in sorted(places) if found][:6]
        for found in places:
            for names, key in found[:1]:
                if names <= TOO_COMMON:
                    yield names, (key,)
        for key in self._uncounted:
            yield 1, (key,)
            yield from ((0, (key, town)) for _, town in self._town)
        places += [self._town] if self._town else []
        for size in (2, 3):
            for chosen in combinations(places, size):
                for spelled in product(*(found[: 4 - size] for found in chosen)):
                    if min(spelled)[0] <= TOO_COMMON:
                        yield self._together(spelled), tuple(key for _, key in spelled)

    def _together(self, spelled: Sequence[tuple[int, int]]) -> float:
        few = min(names for names, _ in spelled)
        share = 1.0
        for names, _ in sorted(spelled)[1:]:
            share *= min(1.0, TOGETHER_MORE * names / self.total)
        return max(1.0, few * share)

    def mended(self) -> Iterable[tuple[str, ...]]:
        """The name with one word spelled as the index knows it, the commonest first."""
        spelled = [
            (names, tuple(other if w == word else w for w in self.typed))
            for word in self.words
            if self.known.names.get(self.numbers.word(word), 0) <= NEIGHBOURS_BELOW
            for other, names in self.known.neighbours.get(word, [])
        ]
        return [words for _, words in sorted(spelled, reverse=True)[:MENDED]]
