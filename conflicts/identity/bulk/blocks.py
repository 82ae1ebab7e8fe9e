"""Pairs worth judging among some thousand companies, in memory: they share a rare word, a key, a domain or a beginning. Pure."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator, Mapping
from itertools import combinations
from typing import TypeVar

from conflicts.identity.party import Corpus, Party
from partners.naming import brand_label

Key = TypeVar("Key", bound=Hashable)
MOST_TOGETHER = 60  # companies that a word or a beginning may bring together


def corpus_of(parties: Mapping[Key, Party]) -> Corpus:
    """How common words, names and domains are among these."""
    words, cores, domains = Counter[str](), Counter[str](), Counter[str]()
    for party in parties.values():
        words.update({token for name in party.names for token in name.tokens})
        cores.update({name.core for name in party.names})
        domains.update([party.domain] if party.domain else [])
    return Corpus(max(1, len(parties)), words, cores, domains)


def pairs_of(parties: Mapping[Key, Party]) -> Iterator[tuple[Key, Key]]:
    """Each pair once."""
    blocks: dict[str, list[Key]] = defaultdict(list)
    for key, party in parties.items():
        for mark in set(_marks(party)):
            blocks[mark].append(key)
    seen: set[tuple[Key, Key]] = set()
    for together in blocks.values():
        if len(together) <= MOST_TOGETHER:
            for pair in combinations(together, 2):
                if pair not in seen:
                    seen.add(pair)
                    yield pair


def _marks(party: Party) -> Iterator[str]:
    for name in party.names:
        yield from (f"word {token}" for token in name.tokens)
        yield from (f"order {name.sorted_key}", f"joined {name.joined}", f"head {name.joined[:5]}")
        yield f"letters {name.initials if len(name.tokens) >= 3 else name.joined}"
    if party.domain:
        yield from (f"domain {party.domain}", f"joined {brand_label(party.domain)}")
    if party.phone:
        yield f"phone {party.phone[-8:]}"
    yield from (f"{scheme} {value}" for scheme, value in party.identifiers)
