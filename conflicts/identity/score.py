"""From evidence to bits, a probability, a verdict and the reasons as sentences. Pure.

Additive log odds (Fellegi and Sunter 1969), with words and values weighed by how rare they are (Winkler). What a fact
is worth stands in `weights`; nothing is learned here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from conflicts.identity.evidence import Evidence, gather
from conflicts.identity.party import Corpus, Party
from conflicts.identity.reasons import FIELDS, sentence
from conflicts.identity.weights import SHIPPED, Weights

Verdict = Literal["same", "possible", "family", "different"]
SAME: Verdict = "same"
POSSIBLE: Verdict = "possible"
FAMILY: Verdict = "family"
DIFFERENT: Verdict = "different"
DECIDED = 40.0  # bits of an identifier that is equal
VETO = -20.0  # bits, at most, of a pair with another identifier of one scheme
Key = TypeVar("Key")


@dataclass(frozen=True)
class Thresholds:
    """Where the verdicts lie: merging is asked much of, finding a conflict little. A policy may set its own."""

    same: float = 0.9
    margin: float = 0.3
    different: float = 0.1


STANDARD = Thresholds()


@dataclass(frozen=True)
class Reason:
    """What one field says, in bits (above 0 for, below against) and as a sentence."""

    field: str
    bits: float
    sentence: str


@dataclass(frozen=True)
class Match:
    """A pair judged on its own: total bits (log2 odds), probability, verdict, and why (a waterfall that adds up)."""

    bits: float
    probability: float
    verdict: Verdict
    reasons: tuple[Reason, ...]
    related: bool = False  # they look like relatives: one brand or domain, but another country, number or branch
    grounded: bool = True  # there is evidence enough to merge on, if the probability allows it
    weights: str = SHIPPED.version


@dataclass(frozen=True)
class Decision(Generic[Key]):
    """What to make of all candidates of a query: the best one, how probable it is among them, and by what margin."""

    verdict: Verdict
    best: Key | None = None
    match: Match | None = None
    probability: float = 0.0
    margin: float = 0.0


def probability(bits: float) -> float:
    """The probability that log2 odds stand for."""
    return 1 / (1 + 2 ** -max(-500.0, min(500.0, bits)))


def bits_of(evidence: Evidence, weights: Weights = SHIPPED) -> float:
    """The total of a pair, without its reasons (for ranking many)."""
    if evidence.identifier:
        return DECIDED if evidence.identifier_same else min(VETO, _sum(evidence, weights))
    return _sum(evidence, weights)


def _sum(evidence: Evidence, weights: Weights) -> float:
    bits = weights.bits
    return weights.start + sum(bits.get(fact, 0.0) * value for fact, value in evidence.facts.items())


def match(
    query: Party,
    candidate: Party,
    corpus: Corpus,
    *,
    weights: Weights = SHIPPED,
    thresholds: Thresholds = STANDARD,
    relatives: bool = False,
) -> Match:
    """Judge one pair. `relatives` says that a relation between them is on record: then another identifier is no riddle."""
    return judge(gather(query, candidate, corpus), weights=weights, thresholds=thresholds, relatives=relatives)


def judge(
    evidence: Evidence, *, weights: Weights = SHIPPED, thresholds: Thresholds = STANDARD, relatives: bool = False
) -> Match:
    """The match that evidence makes."""
    bits = round(bits_of(evidence, weights), 3)
    likely = probability(bits)
    related = relatives or _look_related(evidence)
    grounded = _grounded(evidence)
    return Match(
        bits, likely, _verdict(likely, 1.0, related, grounded, thresholds), _reasons(evidence, weights, bits),
        related, grounded, weights.version,
    )  # fmt: skip


def decide(ranked: Sequence[tuple[Key, Match]], thresholds: Thresholds = STANDARD) -> Decision[Key]:
    """Weigh the candidates of a query against each other: one of them at most is right.

    Each is as probable as its odds among all odds and those of "none of them"; ties go to the one named first.
    """
    if not ranked:
        return Decision(DIFFERENT)
    odds = [2 ** max(-500.0, min(500.0, found.bits)) for _, found in ranked]
    whole = 1 + sum(odds)
    order = sorted(range(len(ranked)), key=lambda i: -odds[i])
    key, found = ranked[order[0]]
    likely = odds[order[0]] / whole
    margin = likely - (odds[order[1]] / whole if len(order) > 1 else 0.0)
    # Several that look right but cannot be told apart are for a person, though none of them is probable by itself.
    any_of_them = sum(odds) / whole
    shown = likely if likely >= thresholds.same else max(likely, min(any_of_them, thresholds.same - 1e-9))
    return Decision(_verdict(shown, margin, found.related, found.grounded, thresholds), key, found, likely, margin)


def _verdict(likely: float, margin: float, related: bool, grounded: bool, thresholds: Thresholds) -> Verdict:
    if likely >= thresholds.same and margin >= thresholds.margin and grounded:
        return SAME
    if related and likely < 0.5:
        return FAMILY
    return DIFFERENT if likely < thresholds.different else POSSIBLE


def _look_related(evidence: Evidence) -> bool:
    """One brand (or domain), but another country unit, number, branch or line of business."""
    facts, likeness = evidence.facts, evidence.likeness
    akin = likeness.exact or (likeness.brand and likeness.shared_bits >= 8.0)
    akin = akin or "domain_same" in facts or "domain_brand" in facts
    apart = "country_differs" in facts or "name_branch" in facts or "name_numbers" in facts
    apart = apart or bool(evidence.identifier and not evidence.identifier_same)
    return akin and apart


def _grounded(evidence: Evidence) -> bool:
    """Enough to merge on: never a domain or a phone alone, nor a name that others bear, nor name and domain abroad."""
    if evidence.identifier_same:
        return True
    if "country_differs" in evidence.facts and "phone_same" not in evidence.facts:
        return False  # another country unit is another account
    likeness = evidence.likeness
    named = likeness.exact or likeness.share >= 0.5 or likeness.acronym
    others = any(fact in evidence.facts for fact in ("domain_same", "phone_same", "city_same", "postal_same"))
    against = any(
        fact in evidence.facts for fact in ("city_differs", "postal_differs", "phone_differs", "domain_differs")
    )
    return named and (others or (evidence.same_core <= 2 and likeness.shared_bits >= 10.0 and not against))


def _reasons(evidence: Evidence, weights: Weights, bits: float) -> tuple[Reason, ...]:
    """The waterfall: where every pair begins, then the fields, then what an identifier makes of it."""
    told = [Reason("start", weights.start, "Before anything is compared, a candidate is rarely the right one.")]
    for field, prefix in FIELDS:
        facts = [fact for fact in evidence.facts if fact.startswith(prefix)]
        if facts:
            worth = sum(weights.bits.get(fact, 0.0) * evidence.facts[fact] for fact in facts)
            told.append(Reason(field, round(worth, 2), sentence(field, evidence)))
    if evidence.identifier:
        rest = bits - sum(reason.bits for reason in told)
        told.append(Reason("identifier", round(rest, 2), sentence("identifier", evidence)))
    return tuple(told)
