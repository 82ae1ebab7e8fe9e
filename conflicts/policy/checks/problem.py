"""What the checks say, for people: what is wrong, and what comes out otherwise; each with a case that shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from conflicts.policy.conditions import Value
from conflicts.policy.rules import Then

ERROR, WARNING, INFO = "error", "warning", "info"  # forbids publishing; must be ticked off; only told
SEVERITIES = (ERROR, WARNING, INFO)


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding of the static checks. `example`: the special facts of a case that shows it, by fact."""

    severity: str
    code: str
    rule_ids: tuple[str, ...]
    sentence: str
    example: dict[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """A case that comes out otherwise. `example`: its special facts as people read them; `values`: all its facts.
    A rule id is empty, and its outcome None, where no rule decides."""

    old_rule: str
    new_rule: str
    old_outcome: Then | None
    new_outcome: Then | None
    example: dict[str, str]
    sentence: str
    values: Mapping[str, Value | None]
