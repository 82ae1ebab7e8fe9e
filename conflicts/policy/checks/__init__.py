"""Static checks of a policy before it is published, and what a new version does otherwise. Proven by a solver (z3) over
all cases that there can be, not tried on some. Only this room imports it, and only when it is asked."""

from __future__ import annotations

from typing import Any

from conflicts.policy.checks.fields import FieldChange, find_changes
from conflicts.policy.checks.problem import ERROR, INFO, SEVERITIES, WARNING, Difference, Problem
from conflicts.policy.document import Policy, PolicyError

__all__ = [
    "ERROR",
    "INFO",
    "WARNING",
    "Difference",
    "FieldChange",
    "Problem",
    "changed_fields",
    "check",
    "check_document",
    "differences",
]


def check(policy: Policy) -> list[Problem]:
    """What is wrong with a policy: errors, which forbid publishing; warnings, to be ticked off; and what is good to know."""
    # z3 is 59 MB of library: loaded where a policy is published, not in every process that decides by one.
    from conflicts.policy.checks.around import around
    from conflicts.policy.checks.encoding import TooHardError
    from conflicts.policy.checks.reach import Reach

    try:
        reach = Reach(policy)
        found = [*reach.problems(), *around(policy, reach)]
    except TooHardError:
        text = "The conditions are too many and too entangled to be checked in a few seconds, and hardly to be read either."
        return [Problem(ERROR, "unchecked", (), text)]
    return sorted(found, key=lambda item: SEVERITIES.index(item.severity))


def check_document(document: Any) -> list[Problem]:
    """The same of a document; where it is no policy, one error a field that does not have what it should."""
    try:
        policy = Policy.from_document(document)
    except PolicyError as error:
        return [Problem(ERROR, "type", (), problem) for problem in error.problems]
    return check(policy)


def differences(old: Policy, new: Policy, most: int = 50) -> list[Difference]:
    """A concrete case for every way in which the new policy decides the same facts otherwise, `most` at most."""
    from conflicts.policy.checks.difference import find_differences

    return find_differences(old, new, most)


def changed_fields(old_document: Any, new_document: Any) -> list[FieldChange]:
    """Every field that differs between two documents, in words; also those that change no rule, but facts or routes."""
    return find_changes(old_document, new_document)
