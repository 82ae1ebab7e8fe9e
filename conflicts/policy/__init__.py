"""The policy document: what a program decides by, as data (later also its conditions, checks and back-test)."""

from conflicts.policy.document import ACTIONS, KINDS, STANDARD, STEPS, Policy, PolicyError, SignalLimit, document_hash

__all__ = ["ACTIONS", "KINDS", "STANDARD", "STEPS", "Policy", "PolicyError", "SignalLimit", "document_hash"]
