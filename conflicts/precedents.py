"""How like two cases are, part by part and in words, and whether a recommendation departs from what was decided before."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from conflicts import wording
from conflicts.claims import live_claims
from conflicts.facts import DIRECT, Facts
from conflicts.policy import Policy

BANDS = (25_000, 50_000, 100_000, 250_000, 1_000_000)  # lower ends; band 0 is below the first
UNKNOWN_BAND = -1
MOST = {"findings": 25, "region": 20, "segment": 15, "products": 15, "amount": 15, "tiers": 10}  # 100 in all
ALIKE = 50  # what is less alike is no precedent
SHOWN = 5
ENOUGH, MAJORITY = 3, 0.6  # so many precedents, of which such a share agree, before one can depart from them
FIRST, LATER = "first", "later"


@dataclass(frozen=True, slots=True)
class Traits:
    """What a case is compared by; `kind` must be the same, the rest adds up. Empty = unknown."""

    kind: str
    findings: frozenset[str] = frozenset()
    country: str = ""
    subdivision: str = ""
    segment: str = ""
    product_lines: frozenset[str] = frozenset()  # empty = all
    band: int = UNKNOWN_BAND
    tiers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Given:
    """An outcome without names: what was done, and whether for direct, who came first or a later one."""

    action: str
    to: str = ""

    @property
    def words(self) -> str:
        """As in "4 of 5 were ..."."""
        whom = {DIRECT: "the direct team", FIRST: "the partner that came first", LATER: "a partner that came later"}
        if self.action == "award":
            return f"awarded to {whom.get(self.to, 'one claimant')}"
        if self.action == "co_sell":
            return "co-sold, with the direct team as owner" if self.to == DIRECT else "co-sold, with a partner as owner"
        return {"split": "split", "direct_retained": "kept by the direct team", "reject_all": "rejected"}.get(
            self.action, self.action.replace("_", " ")
        )


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that was compared: how many of its points, and why."""

    name: str
    points: int
    most: int
    sentence: str


@dataclass(frozen=True, slots=True)
class Likeness:
    """How like a decided case is, of 100, with its parts."""

    score: int
    parts: tuple[Part, ...]

    @property
    def same(self) -> tuple[str, ...]:
        """What is alike, in words."""
        return tuple(part.sentence for part in self.parts if part.points)

    @property
    def other(self) -> tuple[str, ...]:
        """What is not."""
        return tuple(part.sentence for part in self.parts if not part.points)


def band_of(amount: Decimal | None) -> int:
    """The amount band; -1 where the amount is unknown."""
    return UNKNOWN_BAND if amount is None else bisect_right(BANDS, amount)


def traits(facts: Facts, policy: Policy, *, kind: str, findings: Iterable[str], account_id: str) -> Traits:
    """What a case on these facts is compared by."""
    claims = live_claims(facts, policy)
    account = facts.account(account_id) or next((a for c in claims if (a := facts.account(c.account_id))), None)
    tiers = (facts.tier_of(claim.claimant) for claim in claims)
    scopes = [claim.product_lines for claim in claims]
    return Traits(
        kind=kind,
        findings=frozenset(findings),
        country=account.country if account else "",
        subdivision=account.subdivision if account else "",
        segment=account.segment if account else "",
        product_lines=frozenset().union(*scopes) if all(scopes) else frozenset(),
        band=band_of(max((claim.amount for claim in claims if claim.amount is not None), default=None)),
        tiers=frozenset(tier.ref for tier in tiers if tier),
    )


def given(facts: Facts, policy: Policy, action: str, owner: str) -> Given:
    """An outcome without names."""
    if action not in ("award", "co_sell"):
        return Given(action)
    if owner == DIRECT:
        return Given(action, DIRECT)
    first = next((claim.claimant for claim in live_claims(facts, policy) if claim.claimant != DIRECT), "")
    return Given(action, FIRST if owner == first else LATER)


def likeness(here: Traits, there: Traits) -> Likeness:
    """How like two cases of one kind are."""
    parts = (
        _shared("findings", here.findings, there.findings, "findings"),
        _region(here, there),
        _segment(here, there),
        _products(here, there),
        _amount(here, there),
        _shared("tiers", here.tiers, there.tiers, "tiers of the partners"),
    )
    return Likeness(sum(part.points for part in parts), parts)


def most_alike(found: Iterable[tuple[Likeness, float]], most: int = SHOWN) -> list[int]:
    """The places of the most alike, best first; of equally alike ones the later decided (`float` = when)."""
    numbered = [(item.score, when, place) for place, (item, when) in enumerate(found) if item.score >= ALIKE]
    return [place for _, _, place in sorted(numbered, key=lambda item: (-item[0], -item[1], item[2]))[:most]]


def departs(now: Given, before: Sequence[Given]) -> str:
    """A sentence where enough precedents agree on something else than is recommended now; "" otherwise."""
    if len(before) < ENOUGH or now.action in ("request_information", "mediate"):
        return ""
    usual, times = Counter(before).most_common(1)[0]
    if usual == now or times < MAJORITY * len(before):
        return ""
    return (
        f"This departs from the precedents: {times} of the {len(before)} most similar decided cases were {usual.words}; "
        f"here the recommendation is that it is {now.words}."
    )


def leaning(before: Sequence[Given]) -> str:
    """What most precedents came to, for a case in which nothing is recommended; "" where they do not agree."""
    if len(before) < ENOUGH:
        return ""
    usual, times = Counter(before).most_common(1)[0]
    enough = times >= MAJORITY * len(before)
    return f"{times} of the {len(before)} most similar decided cases were {usual.words}." if enough else ""


def _shared(name: str, here: Collection[str], there: Collection[str], called: str) -> Part:
    """The share that two sets have in common."""
    both, either = set(here) & set(there), set(here) | set(there)
    most = MOST[name]
    points = round(most * len(both) / len(either)) if either else 0
    common = wording.listing(sorted(item.replace("_", " ") for item in both))
    if not either:
        return Part(name, 0, most, f"{called}: unknown")
    same = f"same {called}: {common}" if both == either else f"{called} in common: {common}"
    return Part(name, points, most, same if both else f"other {called}")


def _region(here: Traits, there: Traits) -> Part:
    most = MOST["region"]
    if here.subdivision and here.subdivision == there.subdivision:
        return Part("region", most, most, f"same region: {here.subdivision}")
    if here.country and here.country == there.country:
        return Part("region", most // 2, most, f"same country: {here.country}")
    known = here.country and there.country
    return Part("region", 0, most, "another country" if known else "region: unknown")


def _segment(here: Traits, there: Traits) -> Part:
    most = MOST["segment"]
    if not (here.segment and there.segment):
        return Part("segment", 0, most, "segment: unknown")
    same = here.segment == there.segment
    return Part("segment", most * same, most, f"same segment: {here.segment}" if same else "another segment")


def _products(here: Traits, there: Traits) -> Part:
    """An empty scope is all products: alike to another such, half alike to any other."""
    most = MOST["products"]
    if not here.product_lines or not there.product_lines:
        both = here.product_lines == there.product_lines
        return Part("products", most if both else most // 2, most, "all products" if both else "some products of all")
    return _shared("products", here.product_lines, there.product_lines, "products")


def _amount(here: Traits, there: Traits) -> Part:
    most = MOST["amount"]
    if UNKNOWN_BAND in (here.band, there.band):
        return Part("amount", 0, most, "amount: unknown")
    apart = abs(here.band - there.band)
    if apart > 1:
        return Part("amount", 0, most, "another size of deal")
    return Part("amount", most // (1 + apart), most, "a nearby size of deal" if apart else "same size of deal")
