"""Accounts held in memory with an index to find candidates: what PostgreSQL does for the product, for measuring alone."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from itertools import pairwise

from conflicts.identity.party import Corpus, Party

POSTINGS = 500  # names that the rare words of a query may bring together
SCORED = 30


class Stock:
    """The accounts of a file, and the candidates of a query among them."""

    def __init__(self, parties: Mapping[str, Party], families: Mapping[str, str] | None = None) -> None:
        self.parties, self.families = parties, families or {}
        self.sizes = Counter(self.families.values())
        self.keys: dict[tuple[str, str], list[str]] = defaultdict(list)
        tokens: Counter[str] = Counter()
        cores: Counter[str] = Counter()
        domains: Counter[str] = Counter()
        for key, party in parties.items():
            domains[party.domain] += 1
            for name in party.names:
                cores[name.core] += 1
                tokens.update(set(name.tokens))
            for mark in _keys(party):
                self.keys[mark].append(key)
        self.near: dict[str, list[str]] = defaultdict(list)
        for token in tokens:
            for shorter in _shorter(token):
                self.near[shorter].append(token)
        self.corpus = Corpus(len(parties), tokens, cores, domains)

    def candidates(self, query: Party) -> list[str]:
        """Keys of accounts that share something telling with the query, most telling first."""
        found: Counter[str] = Counter()
        for mark in _keys(query):
            hits = self.keys.get(mark, ())
            if mark[0] != "token" and len(hits) <= 300:
                for key in hits:
                    found[key] += 40 if mark[0] in ("core", "sorted", "joined") else 20
        for name in query.names:
            self._by_words(name.tokens, found)
            for token in name.tokens:
                if 3 <= len(token) <= 6:
                    found.update(dict.fromkeys(self.keys.get(("initials", token), ())[:100], 12))
        for key in found:
            if query.country and self.parties[key].country != query.country:
                found[key] -= 4
            if query.city and self.parties[key].city == query.city:
                found[key] += 4
        return [key for key, _ in found.most_common(SCORED)]

    def _by_words(self, tokens: tuple[str, ...], found: Counter[str]) -> None:
        words = {(token, 1.0) for token in tokens} | {(a + b, 1.0) for a, b in pairwise(tokens)}
        for token in set(tokens):
            if self.corpus.tokens.get(token, 0) < 20 and len(token) >= 4:
                near = {other for shorter in _shorter(token) for other in self.near.get(shorter, ())}
                words |= {(other, 0.8) for other in near if other != token}
        known = sorted((len(self.keys[("token", w)]), w, f) for w, f in words if ("token", w) in self.keys)
        budget, rare = POSTINGS, 0
        for count, word, factor in known:
            if count > budget and rare:
                break
            if count > 5000:
                break
            budget -= count
            rare += 1
            for key in self.keys[("token", word)]:
                found[key] += int(10 * factor * self.corpus.rarity(word)) // 10
        common = [word for _, word, _ in known[rare : rare + 4]]
        for i, a in enumerate(common):
            for b in common[i + 1 :]:
                for key in set(self.keys[("token", a)]) & set(self.keys[("token", b)]):
                    found[key] += int(self.corpus.rarity(a) + self.corpus.rarity(b))


def _keys(party: Party) -> Iterable[tuple[str, str]]:
    for name in party.names:
        yield "core", name.core
        yield "sorted", name.sorted_key
        yield "joined", name.joined
        if len(name.tokens) >= 3:
            yield "initials", name.initials
        for token in set(name.tokens) | {a + b for a, b in pairwise(name.tokens)}:
            yield "token", token
    if party.domain:
        yield "domain", party.domain
    if party.phone:
        yield "phone", party.phone


def _shorter(token: str) -> set[str]:
    return {token} | {token[:i] + token[i + 1 :] for i in range(len(token))} if len(token) >= 4 else set()
