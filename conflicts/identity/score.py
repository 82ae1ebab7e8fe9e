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
ALONE = 15.0  # bits of a name's words that can do without anything besides
VETO = -20.0  # bits, at most, of a pair with another identifier of one scheme
Key = TypeVar("Key")


@dataclass(frozen=True)
class Thresholds:
    """Where the verdicts lie: merging is asked much of, finding a conflict little. A policy may set its own."""

    same: float = 0.9
    margin: float = 0.3
    different: float = 0.01


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
    akin: bool = False  # relatives by more than a word: by domain, by the very name in another country, or on record


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


def weigh(query: Party, candidate: Party, corpus: Corpus, weights: Weights = SHIPPED) -> Evidence:
    """The evidence of a candidate, or of the record merged into it that speaks most for it."""
    own = gather(query, candidate, corpus)
    if not candidate.merged:
        return own
    others = (gather(query, record, corpus) for record in candidate.merged)
    return max((own, *others), key=lambda evidence: bits_of(evidence, weights))


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
    evidence = weigh(query, candidate, corpus, weights)
    return judge(evidence, weights=weights, thresholds=thresholds, relatives=relatives)


def judge(
    evidence: Evidence,
    *,
    weights: Weights = SHIPPED,
    thresholds: Thresholds = STANDARD,
    relatives: bool = False,
    explain: bool = True,
) -> Match:
    """The match that evidence makes; its reasons, which take most of the time, only if somebody is to read them."""
    bits = round(bits_of(evidence, weights), 3)
    likely = probability(bits)
    related = relatives or _look_related(evidence)
    grounded = _grounded(evidence)
    verdict = _verdict(likely, 1.0, related, grounded, thresholds)
    reasons = _reasons(evidence, weights, bits) if explain else ()
    akin = related and _worth_asking(evidence)
    return Match(bits, likely, verdict, reasons, related, grounded, weights.version, akin=akin)


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
    """One brand, told by rare words or the domain, and nothing else besides: another country unit, number or branch."""
    facts, likeness = evidence.facts, evidence.likeness
    if evidence.identifier and not evidence.identifier_same:
        return likeness.exact or likeness.share >= 0.5
    if not ("country_differs" in facts or likeness.branch or likeness.numbers):
        return False
    hosted = "domain_same" in facts or "domain_brand" in facts
    # -1: as many bits as let two accounts at most begin with the same words by chance
    branded = likeness.exact or likeness.brand >= -1.0 or (hosted and likeness.share >= 0.35)
    return branded and likeness.strange < 3.0


def _worth_asking(evidence: Evidence) -> bool:
    """Enough to ask a person whether they are relatives; two names with a word in common are too many."""
    facts = evidence.facts
    hosted = "domain_same" in facts or "domain_brand" in facts
    return hosted or bool(evidence.identifier) or (evidence.likeness.exact and "country_differs" in facts)


def _grounded(evidence: Evidence) -> bool:
    """Enough to merge on: a name, and something besides it or a name that is rare; never a relative's name or domain."""
    facts, likeness = evidence.facts, evidence.likeness
    if evidence.identifier_same or evidence.identifier:
        return evidence.identifier_same
    if not likeness.says:
        return False
    called, placed = "phone_same" in facts, "city_same" in facts or "postal_same" in facts
    sure = "domain_same" in facts or (likeness.exact and evidence.same_core < 2)
    if "country_differs" in facts and not (called or (placed and sure)):
        return False  # another country unit is another account, unless the country was typed wrong
    if (likeness.place and not called) or likeness.numbers:
        return False
    if likeness.acronym:
        return called or "domain_same" in facts
    if called or "domain_same" in facts or (placed and likeness.says > 1):
        return likeness.exact or likeness.share >= 0.5
    return _rare(evidence)


def _rare(evidence: Evidence) -> bool:
    """The name alone tells who it is: one account bears it, and it is spelled the same, or nearly so and long.

    In one country a company may have several cities, and of the same spelling several phones; otherwise no field may
    speak against it.
    """
    facts, likeness = evidence.facts, evidence.likeness
    at_home = "country_same" in facts
    if likeness.says < 2 or evidence.same_core >= 2 or "domain_differs" in facts:
        return False
    if "city_differs" in facts or "postal_differs" in facts:
        return at_home and likeness.exact and likeness.shared_bits >= ALONE + 5.0
    if "phone_differs" in facts and not likeness.exact:
        return False
    least = ALONE if likeness.exact else ALONE + (5.0 if at_home else 10.0)
    return likeness.shared_bits >= least and (likeness.exact or likeness.share >= 0.88)


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
