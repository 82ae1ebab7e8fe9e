"""Rules, decisions and examples in the words of the checks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from conflicts.policy.background import ALL_FACTS
from conflicts.policy.rules import Rule
from conflicts.policy.saying import outcome

NOBODY = "no rule decides"


def rule_told(rule: Rule) -> str:
    """\"Score\" (R-08)."""
    return f'"{rule.title}" ({rule.id})'


def rules_told(rules: Iterable[Rule]) -> str:
    """One or two of them by name, more by id."""
    listed = list(rules)
    names = [rule_told(rule) if len(listed) < 3 else rule.id for rule in listed]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def decision_told(rule: Rule | None) -> str:
    """Which rule decides, and what it does."""
    return NOBODY if rule is None else f"{rule_told(rule)} decides ({outcome(rule.then)})"


def example_told(told: Mapping[str, str]) -> str:
    """The special facts of an example, as a list."""
    if not told:
        return "An ordinary case"
    return "; ".join(f"{ALL_FACTS[name].title}: {value}" for name, value in told.items())
