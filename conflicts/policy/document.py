"""The policy document as frozen values: `Policy.from_document` reads, checks and hashes it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from conflicts.policy.reading import PolicyError, Reader
from conflicts.policy.standard import STANDARD

__all__ = ["ACTIONS", "KINDS", "STANDARD", "STEPS", "Policy", "PolicyError", "SignalLimit", "document_hash"]

ACTIONS = ("award", "split", "co_sell", "direct_retained", "reject_all", "request_information", "mediate")
KINDS = tuple(str(item["kind"]) for item in STANDARD["findings"])
STEPS = tuple(str(item["step"]) for item in STANDARD["rules"])
BLOCKS = ("always", "never", "when_others_cover")
BESIDE = ("sales_ops", "legal")
RANKS = ("partner_manager", "channel_lead", "revenue_lead")
REASONS_FOR_FIRST = ("territory_overlap", "owner_differs")


@dataclass(frozen=True, slots=True)
class Parameters:
    """The numbers and words that a program may change."""

    lookback_days: int
    direct_freshness_days: int
    follow_up_days: int
    closed_won_days: int
    price_tolerance_pct: int
    margin: int
    reserved_segments: tuple[str, ...]
    proof_needed: str


@dataclass(frozen=True, slots=True)
class FindingKind:
    """How a kind of finding is called, whether it blocks and whether it makes a case."""

    kind: str
    title: str
    blocks: str
    makes_case: bool


@dataclass(frozen=True, slots=True)
class Rule:
    """A step of the recommendation, with the words that people read."""

    id: str
    step: str
    title: str
    reason: str


@dataclass(frozen=True, slots=True)
class Recency:
    """Points for a last activity within so many days."""

    days: int
    points: int


@dataclass(frozen=True, slots=True)
class Scoring:
    """The weights of step 7."""

    earliest: int
    proof: Mapping[str, int]
    last_activity: tuple[Recency, ...]
    own_territory: int
    closed_won: int
    customer_letter: int


@dataclass(frozen=True, slots=True)
class RouteRow:
    """A row of the authority matrix: it applies from an amount on, or for a finding, or for an action."""

    amount_at_least: int
    findings: tuple[str, ...]
    actions: tuple[str, ...]
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Joining:
    """A role that joins the route when one of its reasons holds."""

    role: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Routing:
    """The authority matrix."""

    ranks: tuple[str, ...]
    first: Joining
    before_last: Joining
    table: tuple[RouteRow, ...]


@dataclass(frozen=True, slots=True)
class Automation:
    """Whether a registration without any finding is approved at once."""

    approve_without_finding: bool
    rule: str
    reason: str


@dataclass(frozen=True, slots=True)
class ClockRule:
    """The promise: a decision within so many open hours."""

    hours: int
    at_risk_pct: int


@dataclass(frozen=True, slots=True)
class ProtectionRule:
    """What an approval gives."""

    days: int
    renewal_days: int
    renewals: int
    renewal_activity_days: int
    reminder_days: tuple[int, ...]
    extensions: int
    extension_days: int
    extension_opens_days: int


@dataclass(frozen=True, slots=True)
class SignalLimit:
    """When a kind of early warning is given: from `score` spreads on, and never for less than `least`."""

    score: float
    least: int


@dataclass(frozen=True, slots=True)
class Policy:
    """One version of a policy, checked; `hash` is that of the document it was read from."""

    id: str
    version: int
    title: str
    parameters: Parameters
    findings: Mapping[str, FindingKind]
    rules: Mapping[str, Rule]
    scoring: Scoring
    routing: Routing
    automation: Automation
    clock: ClockRule
    protection: ProtectionRule
    signals: Mapping[str, SignalLimit]
    hash: str

    @classmethod
    def from_document(cls, document: Any) -> Policy:
        """The policy that the document describes; PolicyError with a sentence a field where it does not."""
        if not isinstance(document, dict):
            raise PolicyError([f"The document: expected an object with named fields, found {document!r:.80}."])
        reader = Reader(document)
        findings = reader.parts("findings", _finding)
        rules = reader.parts("rules", _rule)
        policy = cls(
            id=reader.text("id"),
            version=reader.whole("version", least=1),
            title=reader.text("title"),
            parameters=reader.part("parameters", _parameters),
            findings={item.kind: item for item in findings},
            rules={item.step: item for item in rules},
            scoring=reader.part("scoring", _scoring),
            routing=reader.part("routing", _routing),
            automation=reader.part("automation", _automation),
            clock=reader.part("clock", _clock),
            protection=reader.part("protection", _protection),
            signals=reader.part_or("signals", _signals, {}),
            hash=document_hash(document),
        )
        reader.close()
        _check_whole(reader, policy, [item.kind for item in findings], rules)
        if reader.problems:
            raise PolicyError(reader.problems)
        return policy

    @property
    def proof_points_needed(self) -> int:
        """The points of the proof of work from which on a claimant has worked the account."""
        return self.scoring.proof[self.parameters.proof_needed]

    def makes_case(self, kind: str) -> bool:
        """A finding of this kind is enough for a case."""
        return self.findings[kind].makes_case


def document_hash(document: Any) -> str:
    """The same for documents that say the same, whatever the order of their fields."""
    plain = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=repr)
    return hashlib.sha256(plain.encode()).hexdigest()


def _check_whole(reader: Reader, policy: Policy, kinds: list[str], rules: tuple[Rule, ...]) -> None:
    missing, double = set(KINDS) - set(kinds), {kind for kind in kinds if kinds.count(kind) > 1}
    if missing:
        reader.problem("findings", f"every kind once, {', '.join(sorted(missing))} too", kinds)
    if double:
        reader.problem("findings", "every kind once", sorted(double))
    if tuple(rule.step for rule in rules) != STEPS:
        reader.problem("rules", f"the steps {', '.join(STEPS)} in this order", [rule.step for rule in rules])
    if len({rule.id for rule in rules}) != len(rules):
        reader.problem("rules", "a different id for every rule", [rule.id for rule in rules])
    if policy.parameters.proof_needed not in policy.scoring.proof:
        reader.problem("parameters.proof_needed", "a kind of scoring.proof", policy.parameters.proof_needed)
    windows = [step.days for step in policy.scoring.last_activity]
    if windows != sorted(set(windows)):
        reader.problem("scoring.last_activity", "rising numbers of days", windows)
    last = policy.routing.table[-1:]
    if not last or last[0].amount_at_least != 0:
        reader.problem("routing.table", "a last row for every amount (amount_at_least 0)", None)


def _parameters(reader: Reader) -> Parameters:
    return Parameters(
        lookback_days=reader.whole("lookback_days"),
        direct_freshness_days=reader.whole("direct_freshness_days"),
        follow_up_days=reader.whole("follow_up_days"),
        closed_won_days=reader.whole("closed_won_days"),
        price_tolerance_pct=reader.whole("price_tolerance_pct"),
        margin=reader.whole("margin"),
        reserved_segments=reader.texts("reserved_segments"),
        proof_needed=reader.text("proof_needed"),
    )


def _finding(reader: Reader) -> FindingKind:
    return FindingKind(
        kind=reader.text("kind", KINDS),
        title=reader.text("title"),
        blocks=reader.text("blocks", BLOCKS),
        makes_case=reader.switch("makes_case"),
    )


def _rule(reader: Reader) -> Rule:
    return Rule(
        id=reader.text("id"), step=reader.text("step", STEPS), title=reader.text("title"), reason=reader.text("reason")
    )


def _scoring(reader: Reader) -> Scoring:
    return Scoring(
        earliest=reader.whole("earliest"),
        proof=reader.part("proof", lambda part: {kind: part.whole(kind) for kind in STANDARD["scoring"]["proof"]}),
        last_activity=reader.parts("last_activity", lambda part: Recency(part.whole("days"), part.whole("points"))),
        own_territory=reader.whole("own_territory"),
        closed_won=reader.whole("closed_won"),
        customer_letter=reader.whole("customer_letter"),
    )


def _routing(reader: Reader) -> Routing:
    return Routing(
        ranks=reader.texts("ranks", RANKS, least=1),
        first=reader.part(
            "first", lambda part: Joining(part.text("role", BESIDE), part.texts("when", REASONS_FOR_FIRST))
        ),
        before_last=reader.part(
            "before_last", lambda part: Joining(part.text("role", BESIDE), part.texts("findings", KINDS))
        ),
        table=reader.parts("table", _route_row),
    )


def _route_row(reader: Reader) -> RouteRow:
    return RouteRow(
        amount_at_least=reader.whole("amount_at_least"),
        findings=reader.texts("findings", KINDS),
        actions=reader.texts("actions", ACTIONS),
        roles=reader.texts("roles", (*RANKS, *BESIDE), least=1),
    )


def _automation(reader: Reader) -> Automation:
    return Automation(reader.switch("approve_without_finding"), reader.text("rule"), reader.text("reason"))


def _clock(reader: Reader) -> ClockRule:
    return ClockRule(reader.whole("hours", least=1), reader.whole("at_risk_pct", most=100))


def _protection(reader: Reader) -> ProtectionRule:
    return ProtectionRule(
        days=reader.whole("days", least=1),
        renewal_days=reader.whole("renewal_days"),
        renewals=reader.whole("renewals"),
        renewal_activity_days=reader.whole("renewal_activity_days"),
        reminder_days=reader.wholes("reminder_days"),
        extensions=reader.whole("extensions", default=1),
        extension_days=reader.whole("extension_days", default=90),
        extension_opens_days=reader.whole("extension_opens_days", default=14),
    )


def _signals(reader: Reader) -> dict[str, SignalLimit]:
    return {kind: reader.part_or(kind, _limit, numbers) for kind, numbers in STANDARD["signals"].items()}


def _limit(reader: Reader) -> SignalLimit:
    return SignalLimit(reader.number("score"), reader.whole("least"))
