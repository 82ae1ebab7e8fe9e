"""The policy document as frozen values: `Policy.from_document` reads, checks and hashes it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from conflicts.policy.automation import Automation, LowRisk, SpotChecks, read_automation
from conflicts.policy.catalogue import ACTIONS, KINDS
from conflicts.policy.parts import (
    ClockRule,
    FindingKind,
    Parameters,
    ProtectionRule,
    RouteRow,
    Routing,
    Scoring,
    SignalLimit,
    read_clock,
    read_finding,
    read_parameters,
    read_protection,
    read_routing,
    read_scoring,
    read_signals,
)
from conflicts.policy.reading import PolicyError, Reader, shown, unfit
from conflicts.policy.rules import Rule, Then, read_rules
from conflicts.policy.standard import STANDARD

__all__ = [
    "ACTIONS",
    "KINDS",
    "STANDARD",
    "LowRisk",
    "Policy",
    "PolicyError",
    "ProtectionRule",
    "RouteRow",
    "Rule",
    "SignalLimit",
    "SpotChecks",
    "Then",
    "document_hash",
]


@dataclass(frozen=True, slots=True)
class Policy:
    """One version of a policy, checked; `hash` is that of the document it was read from."""

    id: str
    version: int
    title: str
    parameters: Parameters
    findings: Mapping[str, FindingKind]
    rules: tuple[Rule, ...]  # in rising priority; the first that holds decides
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
            raise PolicyError([f"The document: expected an object with named fields, found {shown(document)}."])
        if problem := unfit(document):
            raise PolicyError([problem])
        reader = Reader(document)
        findings = reader.parts("findings", read_finding)
        policy = cls(
            id=reader.text("id"),
            version=reader.whole("version", least=1),
            title=reader.text("title"),
            parameters=reader.part("parameters", read_parameters),
            findings={item.kind: item for item in findings},
            rules=read_rules(reader),
            scoring=reader.part("scoring", read_scoring),
            routing=reader.part("routing", read_routing),
            automation=reader.part("automation", read_automation),
            clock=reader.part("clock", read_clock),
            protection=reader.part("protection", read_protection),
            signals=reader.part_or("signals", read_signals, {}),
            hash=document_hash(document),
        )
        reader.close()
        _check_whole(reader, policy, [item.kind for item in findings])
        if reader.problems:
            raise PolicyError(reader.problems)
        return policy

    @property
    def proof_points_needed(self) -> int:
        """The points of the proof of work from which on a claimant has worked the account."""
        return self.scoring.proof[self.parameters.proof_needed]

    @property
    def numbers(self) -> dict[str, int]:
        """The parameters that rules may compare with (catalogue.PARAMETERS), by name."""
        return {
            "margin": self.parameters.margin,
            "proof_points_needed": self.proof_points_needed,
            "lookback_days": self.parameters.lookback_days,
            "direct_freshness_days": self.parameters.direct_freshness_days,
            "follow_up_days": self.parameters.follow_up_days,
        }

    def rule(self, rule_id: str) -> Rule:
        """The rule with this id."""
        return next(rule for rule in self.rules if rule.id == rule_id)

    def makes_case(self, kind: str) -> bool:
        """A finding of this kind is enough for a case."""
        return self.findings[kind].makes_case


def document_hash(document: Any) -> str:
    """The same for documents that say the same, whatever the order of their fields."""
    plain = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=repr)
    return hashlib.sha256(plain.encode()).hexdigest()


def _check_whole(reader: Reader, policy: Policy, kinds: list[str]) -> None:
    missing, double = set(KINDS) - set(kinds), {kind for kind in kinds if kinds.count(kind) > 1}
    if missing:
        reader.problem("findings", f"every kind once, {', '.join(sorted(missing))} too", kinds)
    if double:
        reader.problem("findings", "every kind once", sorted(double))
    if policy.parameters.proof_needed not in policy.scoring.proof:
        reader.problem("parameters.proof_needed", "a kind of scoring.proof", policy.parameters.proof_needed)
    windows = [step.days for step in policy.scoring.last_activity]
    if windows != sorted(set(windows)):
        reader.problem("scoring.last_activity", "rising numbers of days", windows)
    last = policy.routing.table[-1:]
    if not last or last[0].amount_at_least != 0:
        reader.problem("routing.table", "a last row for every amount (amount_at_least 0)", None)
