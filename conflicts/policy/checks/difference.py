"""Where two versions of a policy decide the same case differently: one concrete case for each pair of rules."""

from __future__ import annotations

from collections.abc import Iterator

from conflicts.policy.background import decider
from conflicts.policy.checks.encoding import Formula, Order, Space
from conflicts.policy.checks.example import Example, Examples
from conflicts.policy.checks.problem import Difference
from conflicts.policy.checks.words import decision_told, example_told
from conflicts.policy.document import Policy
from conflicts.policy.rules import Rule, Then


def find_differences(old: Policy, new: Policy, most: int) -> list[Difference]:
    """For every pair (rule that decides before, rule that decides after) with another outcome a case, `most` at most."""
    space = Space(old, new)
    examples = Examples(space)
    found, changed = [], _changed_facts(old, new)
    for before, after, goal in _pairs(space, Order(space, old), Order(space, new)):
        example = examples.of(goal, {fact for rule in (before, after) if rule for fact in rule.facts}, changed)
        if example is None:
            raise RuntimeError("The solver found a case and then lost it.")
        _verify(example, (old, before), (new, after))
        found.append(_difference(before, after, example))
        if len(found) == most:
            break
    order = {rule.id: number for number, rule in enumerate((*old.rules, *new.rules))}
    return sorted(found, key=lambda item: (order.get(item.old_rule, 0), order.get(item.new_rule, 0)))


def _pairs(space: Space, old: Order, new: Order) -> Iterator[tuple[Rule | None, Rule | None, list[Formula]]]:
    """The pairs that can happen. The solver is asked for any that it has not given yet, so it answers once a pair."""
    before, after = old.outcomes(), new.outcomes()
    goals = {
        (was, will): space.both((decides, decides_now))
        for was, (rule, decides) in enumerate(before)
        for will, (other, decides_now) in enumerate(after)
        if _outcome(rule) != _outcome(other)
    }
    any_of_them, given = space.name(space.either(goals.values())), list[Formula]()
    while space.can(any_of_them, *given):
        model = space.model()
        was = next(at for at, (_, decides) in enumerate(before) if space.is_true(model, decides))
        will = next(at for at, (_, decides) in enumerate(after) if space.is_true(model, decides))
        yield before[was][0], after[will][0], [before[was][1], after[will][1]]
        given.append(space.name(space.no(goals[was, will])))


def _outcome(rule: Rule | None) -> Then | None:
    return rule.then if rule else None


def _changed_facts(old: Policy, new: Policy) -> set[str]:
    """The facts that rules ask about which are not the same in both."""

    def asked(policy: Policy, other: Policy) -> set[str]:
        same = {(rule.when, rule.then) for rule in other.rules}
        changed = [rule for rule in policy.rules if (rule.when, rule.then) not in same]
        numbers = {name for name, number in policy.numbers.items() if other.numbers[name] != number}
        tests = {test.fact for rule in policy.rules for test in rule.tests if test.parameter in numbers}
        return tests | {fact for rule in changed for fact in rule.facts}

    return asked(old, new) | asked(new, old)


def _verify(example: Example, *decided: tuple[Policy, Rule | None]) -> None:
    """An example is shown only if the policies themselves, evaluated, decide it as the solver says."""
    for policy, rule in decided:
        if decider(policy, example.values) != rule:
            raise RuntimeError(f"The solver and the evaluation disagree on {example.told}.")


def _difference(before: Rule | None, after: Rule | None, example: Example) -> Difference:
    text = f"{example_told(example.told)}. Before, {decision_told(before)}; after, {decision_told(after)}."
    return Difference(
        old_rule=before.id if before else "",
        new_rule=after.id if after else "",
        old_outcome=_outcome(before),
        new_outcome=_outcome(after),
        example=example.shown,
        sentence=text,
        values=example.values,
    )
