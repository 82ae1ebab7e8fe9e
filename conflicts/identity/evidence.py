"""What speaks for and against two parties being one company, field by field, as measured facts. Pure.

Each fact is a number of at least 0, named; `weights` says how many bits it is worth. What is not known says nothing.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from rapidfuzz.distance import OSA

from conflicts.identity.likeness import NOTHING, Likeness, name_likeness
from conflicts.identity.party import Corpus, Party
from partners.naming import Name, brand_label, same_phone

STEPS = (0.35, 0.5, 0.6, 0.7, 0.8, 0.88, 0.94)

# The facts in the order in which people look at them, each with the sign that its weight must have (monotone).
SIGNS: dict[str, int] = {
    "name_exact": 1, "name_reordered": -1, "name_exact_others": -1, "name_shared": 1, "name_missing": -1,
    "name_extra": -1, "name_alien": -1, "name_other": -1,
    **{f"name_share_{int(step * 100)}": 1 for step in STEPS},
    "name_acronym": 1, "name_numbers": -1, "name_branch": -1, "name_place": -1, "form_same": 1, "form_differs": -1,
    "domain_same": 1, "domain_others": -1, "domain_brand": 1, "domain_differs": -1, "domain_unknown": -1, "domain_name": 1,
    "phone_same": 1, "phone_differs": -1, "city_same": 1, "city_differs": -1, "postal_same": 1, "postal_differs": -1,
    "country_same": 1, "country_differs": -1,
    "alone_country": -1, "alone_differs": -1, "alone_common": -1,
}  # fmt: skip
SUPPORT = ("domain_same", "domain_brand", "phone_same", "city_same", "postal_same")
AGAINST = ("country_differs", "city_differs", "postal_differs", "phone_differs", "domain_differs", "domain_unknown")


@dataclass(frozen=True, slots=True)
class Evidence:
    """The facts of a pair, and what the verdict needs besides."""

    facts: Mapping[str, float]
    likeness: Likeness
    same_core: float  # how many accounts bear the candidate's core
    identifier: str = ""  # the scheme of an identifier that decides ("" if none)
    identifier_same: bool = False


def gather(query: Party, candidate: Party, corpus: Corpus) -> Evidence:
    """Compare a query with a candidate account, field by field."""
    likeness, form, others = _best_name(query, candidate, corpus)
    facts = _name_facts(likeness, others)
    if form:
        facts[form] = 1.0
    _domain_facts(facts, query, candidate, corpus)
    if query.phone and candidate.phone:
        facts["phone_same" if same_phone(query.phone, candidate.phone) else "phone_differs"] = 1.0
    if query.city and candidate.city:
        facts["city_same" if _same_city(query.city, candidate.city) else "city_differs"] = 1.0
    if query.postal_code and candidate.postal_code:
        facts["postal_same" if query.postal_code == candidate.postal_code else "postal_differs"] = 1.0
    if query.country and candidate.country:
        facts["country_same" if query.country == candidate.country else "country_differs"] = 1.0
    _alone_facts(facts, likeness)
    scheme, same = _identifiers(query, candidate)
    return Evidence(facts, likeness, others, scheme, same)


def _best_name(query: Party, candidate: Party, corpus: Corpus) -> tuple[Likeness, str, float]:
    """The likest pair of their names (an account may have several), its form fact, how many accounts share the core."""
    best, form, others = NOTHING, "", 1.0
    for ours in query.names[:5]:
        for theirs in candidate.names[:20]:
            found = name_likeness(ours, theirs, corpus)
            likest = (found.exact, found.share, found.acronym) > (best.exact, best.share, best.acronym)
            if found is NOTHING or not (likest or best is NOTHING):
                continue
            best, others = found, _bearers(found, theirs, corpus)
            told = ours.form and theirs.form and "co" not in (ours.form, theirs.form)
            form = ("form_same" if ours.form == theirs.form else "form_differs") if told else ""
    return best, form, others


def _bearers(likeness: Likeness, name: Name, corpus: Corpus) -> float:
    """How many accounts bear a name; of initials, how many may be expected to share them."""
    if likeness.acronym:
        return max(1.0, corpus.total / 2**likeness.shared_bits)
    return float(max(1, corpus.cores.get(name.core, 1)))


def _name_facts(likeness: Likeness, others: float) -> dict[str, float]:
    if likeness is NOTHING:
        return {}
    facts: dict[str, float] = {"name_shared": min(likeness.shared_bits, 40.0) / 10}
    if likeness.exact:
        facts["name_exact"] = 1.0
        facts["name_exact_others"] = math.log2(others)
        if likeness.reordered:
            facts["name_reordered"] = 1.0
    elif likeness.acronym:
        facts["name_acronym"] = 1.0
        return facts | {"name_exact_others": math.log2(others)}
    else:
        facts["name_missing"] = min(likeness.missing_left, 40.0) / 10
        facts["name_extra"] = min(likeness.missing_right, 40.0) / 10
        if likeness.missing_left > 3 and likeness.missing_right > 3:
            facts["name_alien"] = 1.0
    if likeness.share < STEPS[0]:
        facts["name_other"] = 1.0
    for step in STEPS:
        if likeness.share >= step:
            facts[f"name_share_{int(step * 100)}"] = 1.0
    if likeness.numbers:
        facts["name_numbers"] = likeness.numbers
    if likeness.branch:
        facts["name_place" if likeness.place else "name_branch"] = 1.0
    return facts


def _domain_facts(facts: dict[str, float], query: Party, candidate: Party, corpus: Corpus) -> None:
    theirs = candidate.domain
    if theirs and theirs in (query.domain, query.mail_domain):
        facts["domain_same"] = 1.0
        facts["domain_others"] = math.log2(max(1, corpus.domains.get(theirs, 1)))
        return
    label = brand_label(theirs)
    if theirs and query.domain:
        if len(label) >= 3 and brand_label(query.domain) == label:
            facts["domain_brand"] = 1.0
        else:
            facts["domain_differs" if corpus.domains.get(query.domain) else "domain_unknown"] = 1.0
    elif label and len(label) >= 4 and any(name.joined.startswith(label) for name in query.names):
        facts["domain_name"] = 1.0


def _alone_facts(facts: dict[str, float], likeness: Likeness) -> None:
    """A name that nothing else supports is worth less, the more so the more speaks against it or its words are common."""
    if any(fact in facts for fact in SUPPORT):
        return
    if "country_differs" in facts:
        facts["alone_country"] = 1.0
    if against := sum(fact in facts for fact in AGAINST):
        facts["alone_differs"] = float(against)
    if common := max(0.0, 20.0 - likeness.shared_bits):
        facts["alone_common"] = common / 10


def _same_city(left: str, right: str) -> bool:
    """Whether two keys of `city_key` are one place; of streets the house number and the first word must agree."""
    if left == right:
        return True
    if left[0].isdigit() or right[0].isdigit():
        ours, theirs = _street(left), _street(right)
        if ours is None or theirs is None or ours[0] != theirs[0]:
            return False
        return OSA.distance(ours[1], theirs[1], score_cutoff=1) <= 1
    if min(len(left), len(right)) >= 4 and (left.startswith(right + " ") or right.startswith(left + " ")):
        return True
    return min(len(left), len(right)) >= 5 and bool(OSA.distance(left, right, score_cutoff=1) <= 1)


def _street(key: str) -> tuple[str, str] | None:
    """House number and first word, without the point of the compass, which is often left out."""
    house, *words = key.split()
    word = next((w for w in words if w not in ("n", "s", "e", "w")), "")
    return (house, word) if word else None


def _identifiers(query: Party, candidate: Party) -> tuple[str, bool]:
    """The scheme that decides and whether it is for; an equal one outweighs a different one."""
    theirs = dict(candidate.identifiers)
    different = ""
    for scheme, value in query.identifiers:
        if theirs.get(scheme) == value:
            return scheme, True
        if scheme in theirs:
            different = scheme
    return different, False
