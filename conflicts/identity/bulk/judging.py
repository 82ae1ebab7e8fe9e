"""Two of the stock judged by the scorer of registrations, so that probability and reasons are the same everywhere. Pure."""

from collections.abc import Mapping
from dataclasses import replace

from conflicts.identity.party import Corpus, Party
from conflicts.identity.score import POSSIBLE, SAME, STANDARD, Match, Thresholds, bits_of, judge, weigh
from conflicts.identity.weights import SHIPPED, Weights


class _Others(Mapping[str, int]):
    """Counts without the one that asks: it is itself in the stock."""

    def __init__(self, counts: Mapping[str, int]) -> None:
        self._counts = counts

    def __getitem__(self, key: str) -> int:
        return self._counts[key] - 1

    def __iter__(self):  # type: ignore[no-untyped-def]
        return iter(self._counts)

    def __len__(self) -> int:
        return len(self._counts)

    def get(self, key: str, default: int | None = None) -> int:  # type: ignore[override]
        """Twice as fast as by way of an exception."""
        found = self._counts.get(key)
        return (default or 0) if found is None else found - 1


def without_itself(corpus: Corpus) -> Corpus:
    """How common names and domains are among the other accounts."""
    return replace(corpus, cores=_Others(corpus.cores), domains=_Others(corpus.domains))


def judge_pair(
    left: Party, right: Party, others: Corpus, *, weights: Weights = SHIPPED, thresholds: Thresholds = STANDARD
) -> Match:
    """The more doubtful of both ways round, as neither is the query. `others` is `without_itself`."""
    found = [weigh(left, right, others, weights), weigh(right, left, others, weights)]
    doubtful = min(found, key=lambda evidence: bits_of(evidence, weights))
    return judge(doubtful, weights=weights, thresholds=thresholds)


def worth_proposing(found: Match, threshold: float) -> bool:
    """Whether a person should look at it: relatives are not duplicates."""
    return found.probability >= threshold and found.verdict in (SAME, POSSIBLE)


def vetoed(left: Party, right: Party) -> bool:
    """Another identifier of one scheme, and none that agrees: never in one cluster, whoever else links them."""
    theirs = dict(right.identifiers)
    shared = [theirs[scheme] == value for scheme, value in left.identifiers if scheme in theirs]
    return bool(shared) and not any(shared)
