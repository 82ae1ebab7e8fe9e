"""Many companies at once: candidates and verdicts of queries, and verdicts of pairs."""

import uuid
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from conflicts.identity.files import party_of
from conflicts.identity.party import Corpus, Party
from conflicts.identity.resolve import rank
from conflicts.identity.score import POSSIBLE, SAME, Match, Reason, decide, match
from conflicts.identity.stock import Stock

COMPARED = 12  # candidates that are weighed against each other


@dataclass(frozen=True)
class Answer:
    """One candidate of a query: how probable, what verdict, and why."""

    query_id: str
    rank: int
    account_id: str
    probability: float
    verdict: str
    reasons: tuple[Reason, ...]


def answer_queries(
    program_id: uuid.UUID, query_id: str, party: Party, stock: Stock, refs: Mapping[uuid.UUID, str], top: int
) -> Iterator[Answer]:
    """The candidates of one query, the likeliest first; at most one of them is the same."""
    ranked = rank(program_id, party, stock, most=max(top, COMPARED))
    if not ranked:
        return
    decision = decide(ranked)
    for place, (key, found) in enumerate(ranked[:top], 1):
        chosen = key == decision.best
        verdict = decision.verdict if chosen else _second(found)
        probability = decision.probability if chosen else min(found.probability, 1 - decision.probability)
        yield Answer(query_id, place, refs[key], probability, verdict, found.reasons)


def _second(found: Match) -> str:
    """Beside the chosen one nobody is the same."""
    return POSSIBLE if found.verdict == SAME else found.verdict


def answer_pairs(pairs: Sequence[tuple[Mapping[str, str], Mapping[str, str]]]) -> Iterator[Answer]:
    """Judge pairs; how common words and names are is counted on all records of both sides."""
    parties = [(left["id"], right["id"], party_of(left), party_of(right)) for left, right in pairs]
    corpus = _corpus(
        {(side, ref): p for l_id, r_id, lp, rp in parties for side, ref, p in (("l", l_id, lp), ("r", r_id, rp))}
    )
    for left_id, right_id, left, right in parties:
        found = match(left, right, corpus)
        yield Answer(left_id, 1, right_id, found.probability, found.verdict, found.reasons)


def _corpus(parties: Mapping[tuple[str, str], Party]) -> Corpus:
    """Counts over the right side, the accounts; words over both, as there may be few."""
    words, cores, domains = Counter[str](), Counter[str](), Counter[str]()
    for (side, _), party in parties.items():
        for name in party.names[:1]:
            words.update(set(name.tokens))
            cores.update([name.core] if side == "r" else [])
        domains.update([party.domain] if side == "r" and party.domain else [])
    return Corpus(max(1, len(parties)), words, cores, domains)
