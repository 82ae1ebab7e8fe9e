"""The policy document: what a program decides by, as data: its rules and their conditions, numbers, points and routes."""

from conflicts.policy.document import (
    ACTIONS,
    KINDS,
    STANDARD,
    Policy,
    PolicyError,
    Rule,
    SignalLimit,
    Then,
    document_hash,
)

__all__ = ["ACTIONS", "KINDS", "STANDARD", "Policy", "PolicyError", "Rule", "SignalLimit", "Then", "document_hash"]
