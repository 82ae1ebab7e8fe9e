"""A trainee's own answer to an exercise, and how it differs from what the file expects. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

APPROVED = "approved"  # without a case: nothing stands against it
NO_CASE = "none"  # nothing becomes of it in this run


@dataclass(frozen=True)
class Answer:
    """Which findings there are, and what becomes of each registration: (action, owner); owner "" = nobody."""

    kinds: frozenset[str] = frozenset()
    outcomes: Mapping[str, tuple[str, str]] = field(default_factory=dict)


def expected(expect: Mapping[str, Any], refs: list[str]) -> Answer:
    """The answer that the file's `expect` gives to the same questions."""
    cases = expect.get("cases") or []
    kinds = {finding["kind"] for case in cases for finding in case.get("findings") or []}
    kinds |= {"territory_overlap"} if expect.get("territory_overlaps") else set()
    outcomes = dict.fromkeys(refs, (NO_CASE, ""))
    outcomes |= dict.fromkeys(expect.get("approved") or [], (APPROVED, ""))
    for case in cases:
        said = (str(case.get("action") or ""), str(case.get("owner") or ""))
        outcomes |= dict.fromkeys(case.get("registrations") or [], said)
    return Answer(frozenset(kinds), outcomes)


def differences(given: Answer, right: Answer) -> Iterator[str]:
    """What the trainee saw otherwise, a sentence each; nothing = all as expected."""
    for kind in sorted(right.kinds - given.kinds):
        yield f"There is a finding that you did not name: {_words(kind)}."
    for kind in sorted(given.kinds - right.kinds):
        yield f"You named a finding that does not hold: {_words(kind)}."
    for ref, (action, owner) in given.outcomes.items():
        wanted = right.outcomes.get(ref, (NO_CASE, ""))
        if not action:
            yield f"{ref}: you did not say what becomes of it; expected is {outcome_text(*wanted)}."
        elif (action, owner) != wanted:
            yield f"{ref}: you said {outcome_text(action, owner)}; expected is {outcome_text(*wanted)}."


def outcome_text(action: str, owner: str) -> str:
    """An outcome in words."""
    if action == APPROVED:
        return "approved without a case"
    if action == NO_CASE:
        return "nothing in this run"
    return f"{_words(action)}, owner {owner or 'nobody'}"


def _words(code: str) -> str:
    return code.replace("_", " ")
