"""Conditions and outcomes in words: for those who decide, who edit a policy and who are given it to read."""

from __future__ import annotations

from collections.abc import Mapping

from conflicts.policy.catalogue import BOOL, CALLED, FACTS
from conflicts.policy.conditions import Condition, Node, Test, shown, wanted_by
from conflicts.policy.rules import Then

_SAID = {
    "=": "exactly {}", "!=": "other than {}", "<": "below {}", "<=": "at most {}", ">": "above {}", ">=": "at least {}",
    "in": "one of {}", "between": "from {}", "within_days": "within {} days", "covers_region": "in {}",
}  # fmt: skip
_JOINED = {"all": " and ", "any": " or "}
_DONE = {
    "award": "award to {owner}",
    "split": "split between {between}",
    "co_sell": "co-sell: {owner} owns, {support} supports",
    "direct_retained": "the direct team keeps it",
    "reject_all": "reject all registrations",
    "request_information": "ask all for information",
    "mediate": "a person mediates",
}


def formula(condition: Condition, parameters: Mapping[str, int]) -> str:
    """One line, as `lead >= margin (15)`; `always` for a condition without tests."""
    if isinstance(condition, Test):
        wanted = shown(wanted_by(condition, parameters))
        value = f"{condition.parameter} ({wanted})" if condition.parameter else wanted
        return f"{condition.fact} {condition.op} {value}"
    if condition.how == "not":
        return f"not ({formula(condition.parts[0], parameters)})"
    if not condition.parts:
        return "always"
    parts = (_bracketed(part, formula(part, parameters)) for part in condition.parts)
    return _JOINED[condition.how].join(parts)


def words(condition: Condition, parameters: Mapping[str, int], now: Mapping[str, str] | None = None) -> str:
    """A condition for people who do not know the catalogue's names; `now` tells what was found of some facts."""
    if isinstance(condition, Test):
        found = (now or {}).get(condition.fact, "")
        return asked(condition.fact, condition.op, shown(wanted_by(condition, parameters)), found)
    if condition.how == "not":
        return f"not ({words(condition.parts[0], parameters, now)})"
    if not condition.parts:
        return "always"
    return _JOINED[condition.how].join(_bracketed(part, words(part, parameters, now)) for part in condition.parts)


def wanted(node: Node) -> str:
    """What a test of an evaluated condition asks for, without the fact."""
    if node.op in ("=", "!=") and node.wanted in ("yes", "no"):
        return node.wanted if node.op == "=" else {"yes": "no", "no": "yes"}[node.wanted]
    return said(node.op, node.wanted)


def asked(fact: str, op: str, value: str, found: str = "") -> str:
    """A test as a phrase: “A protected deal is being worked”; “Points between the two leading claimants” at least 15."""
    title = f"“{FACTS[fact].title}”"
    if FACTS[fact].type == BOOL and op in ("=", "!="):
        return title if (op == "=") == (value == "yes") else f"not {title}"
    return f"{title} {said(op, value)}{f' (now {found})' if found else ''}"


def said(op: str, value: str) -> str:
    """An operation and its value: at least 15."""
    if op == "is_known":
        return "known" if value == "yes" else "unknown"
    return _SAID[op].format(" to ".join(value.split(", ")) if op == "between" else value)


def outcome(then: Then) -> str:
    """What a rule says is to be done."""
    named = {name: CALLED.get(getattr(then, name), "") for name in ("owner", "support", "between")}
    return _DONE[then.action].format(**named)


def _bracketed(part: Condition, text: str) -> str:
    """A group within a group stands in brackets, so that `and` and `or` cannot be misread."""
    return text if isinstance(part, Test) or part.how == "not" or len(part.parts) < 2 else f"({text})"
