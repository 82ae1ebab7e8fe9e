"""Checks of what stands around the rules: routing rows, recency windows, parameters and points that change nothing."""

from __future__ import annotations

from collections.abc import Iterator

from conflicts.policy.background import at_least
from conflicts.policy.catalogue import BY_SCORE, FACTS, KINDS
from conflicts.policy.checks.encoding import Formula
from conflicts.policy.checks.problem import WARNING, Problem
from conflicts.policy.checks.reach import Reach
from conflicts.policy.document import Policy
from conflicts.policy.parts import RouteRow
from conflicts.policy.rules import Rule


def around(policy: Policy, reach: Reach) -> Iterator[Problem]:
    """All checks of this room."""
    living = [policy.rules[at] for at in reach.living]
    yield from _routing(reach)
    yield from _recency(policy)
    yield from _unused(policy, living)


def _routing(reach: Reach) -> Iterator[Problem]:
    """A row applies from an amount on, for a finding or for an action; a case takes the first that does."""
    space, earlier = reach.space, list[Formula]()
    kinds = {kind: space.flag(f"kind {kind}") for kind in KINDS}  # on any registration, eligible or not
    found = space.both(space.either((space.no(space.is_value(f"finding_{kind}", True)), kinds[kind])) for kind in KINDS)
    for number, row in enumerate(reach.policy.routing.table, start=1):
        applies = space.name(space.either(_applies(reach, row, kinds)))
        if not space.can(space.name(found), applies, *earlier):
            text = f"Row {number} of the routing table is never reached: the rows above it apply wherever it does."
            yield Problem(WARNING, "routing_unreached", (), text)
        earlier.append(space.name(space.no(applies)))


def _applies(reach: Reach, row: RouteRow, kinds: dict[str, Formula]) -> Iterator[Formula]:
    """As reviews.routing reads it: an unknown amount counts as 0."""
    space = reach.space
    yield space.both(()) if row.amount_at_least == 0 else space.truth(at_least("amount", row.amount_at_least), {}).true
    yield from (kinds[kind] for kind in row.findings)
    for at, rule in enumerate(reach.rules):
        if rule.then.action in row.actions:
            yield reach.order.decides[at]


def _recency(policy: Policy) -> Iterator[Problem]:
    """An activity takes the points of the first window that it is within, so a window needs more than the next one."""
    windows = policy.scoring.last_activity
    for number, window in enumerate(windows):
        later = windows[number + 1].points if number + 1 < len(windows) else 0
        told = f"The window of {window.days} days for the last activity"
        if window.points == later:
            then = f"the next window gives {later} points too" if number + 1 < len(windows) else "it gives no points"
            yield Problem(WARNING, "recency_idle", (), f"{told} changes nothing: {then}.")
        elif window.points < later:
            text = f"{told} gives {window.points} points, and the next, for an older activity, gives more: {later}."
            yield Problem(WARNING, "recency_order", (), text)


def _unused(policy: Policy, living: list[Rule]) -> Iterator[Problem]:
    """Numbers that only rules use, where no rule that can decide does so."""
    if not any(test.parameter == "margin" for rule in living for test in rule.tests):
        text = "No rule that can decide compares with the margin, so changing it changes nothing."
        yield Problem(WARNING, "parameter_unused", (), text)
    if not any(_by_score(rule) for rule in living):
        yield Problem(WARNING, "score_unused", (), "No rule asks for the score, so its points change nothing.")


def _by_score(rule: Rule) -> bool:
    return any(FACTS[name].of_score for name in rule.facts) or bool(set(rule.then.selectors) & set(BY_SCORE))
