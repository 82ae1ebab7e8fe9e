"""Checks of the rules, one against the others: what can never decide, what nobody decides, where only the order decides."""

from __future__ import annotations

from collections.abc import Iterator

from conflicts.policy.checks.encoding import Formula, Order, Space
from conflicts.policy.checks.example import Examples
from conflicts.policy.checks.problem import ERROR, INFO, WARNING, Problem
from conflicts.policy.checks.words import rule_told, rules_told
from conflicts.policy.conditions import ALWAYS, Test
from conflicts.policy.document import Policy
from conflicts.policy.rules import Rule
from conflicts.policy.saying import outcome, words


class Reach:
    """The questions about the rules of one policy."""

    def __init__(self, policy: Policy) -> None:
        self.policy, self.rules = policy, policy.rules
        self.space = Space(policy)
        self.order = Order(self.space, policy)
        self.examples = Examples(self.space)
        self.dead: dict[int, Problem] = {}
        for at in range(len(self.rules)):
            if problem := self._never_decides(at):
                self.dead[at] = problem

    def problems(self) -> Iterator[Problem]:
        """All that is wrong or worth knowing, errors first."""
        yield from self.dead.values()
        yield from self._gaps()
        yield from self._idle_tests()
        yield from self._overlaps()

    @property
    def living(self) -> list[int]:
        """The rules that decide some case."""
        return [at for at in range(len(self.rules)) if at not in self.dead]

    # --- rules that never decide ---

    def _never_decides(self, at: int) -> Problem | None:
        rule, space, order = self.rules[at], self.space, self.order
        name = rule_told(rule)
        if not space.can(order.when[at]):
            why = " ".join(space.why_never(order.conditions[at])) or "It contradicts itself, or what its facts can be."
            return Problem(ERROR, "never", (rule.id,), f"The condition of {name} can never hold. {why}")
        if not space.can(order.holds[at]):
            why = " ".join(space.why_never(order.wholes[at]))
            return Problem(ERROR, "nobody", (rule.id,), f"Whenever {name} holds, it finds nobody to name. {why}")
        if not space.can(order.decides[at]):
            by = self._covered_by(at)
            text = f"{name} never decides: whenever it holds, {rules_told(by)} decides first."
            return Problem(ERROR, "unreachable", (rule.id, *(item.id for item in by)), text)
        return None

    def _covered_by(self, at: int) -> list[Rule]:
        """As few of the earlier rules as cover this one together: without any one of them it would decide."""
        space, holds = self.space, self.order.holds
        absent = {earlier: space.name(space.no(holds[earlier])) for earlier in range(at)}
        for earlier in reversed(range(at)):
            rest = [absent[other] for other in absent if other != earlier]
            if not space.can(holds[at], *rest):
                del absent[earlier]
        return [self.rules[earlier] for earlier in absent]

    # --- cases that no rule decides ---

    def _gaps(self) -> Iterator[Problem]:
        about = {fact for rule in self.rules for fact in rule.facts}
        if example := self.examples.of([self.order.nobody], (), about):
            yield Problem(ERROR, "gap", (), "There is a case that no rule decides.", example.shown)

    # --- conditions, or parts of them, that say nothing ---

    def _idle_tests(self) -> Iterator[Problem]:
        for at in self.living:
            rule, last = self.rules[at], at == len(self.rules) - 1
            if not last and not self.space.can(self.space.name(self.space.no(self.order.when[at]))):
                text = f"{rule_told(rule)} always holds, so no later rule can decide unless it finds nobody to name."
                yield Problem(WARNING, "always", (rule.id,), text)
            elif rule.when != ALWAYS and not isinstance(rule.when, Test):
                for test in dict.fromkeys(rule.tests):
                    yield from self._idle_test(rule, test)

    def _idle_test(self, rule: Rule, test: Test) -> Iterator[Problem]:
        truth = self.space.truth(test, self.policy.numbers)
        told = f"{words(test, self.policy.numbers)}, a part of {rule_told(rule)},"
        if not self.space.can(self.space.name(truth.true)):
            yield Problem(WARNING, "part_never", (rule.id,), f"{told} can never hold.")
        elif not self.space.can(self.space.name(self.space.no(truth.true))):
            yield Problem(WARNING, "part_always", (rule.id,), f"{told} always holds, so it says nothing.")

    # --- cases for which two rules hold ---

    def _overlaps(self) -> Iterator[Problem]:
        later: dict[int, list[int]] = {}
        for first in self.living:
            for second in self.living:
                if second > first and self._collide(first, second):
                    if self._alike(first, second):
                        yield self._overlap([first], second, WARNING)
                    else:
                        later.setdefault(second, []).append(first)
        for second, earlier in sorted(later.items()):
            yield self._overlap(earlier, second, INFO)

    def _collide(self, first: int, second: int) -> bool:
        """Some case that the first decides would come out otherwise by the second, and the first is no exception to it."""
        one, other = self.rules[first], self.rules[second]
        if one.then == other.then or other.when == ALWAYS:
            return False
        decides, holds = self.order.decides[first], self.order.holds[second]
        return self.space.can(decides, holds) and not self._within(first, second)

    def _within(self, first: int, second: int) -> bool:
        """Where the first holds, the second holds as well: the first is an exception to it."""
        return not self.space.can(self.order.holds[first], self._absent(second))

    def _absent(self, at: int) -> Formula:
        return self.space.name(self.space.no(self.order.holds[at]))

    def _alike(self, first: int, second: int) -> bool:
        """They ask about the same things (one perhaps about more), so that they were hardly meant to hold together."""
        one, other = set(self.rules[first].facts), set(self.rules[second].facts)
        return one <= other or other <= one

    def _overlap(self, earlier: list[int], second: int, severity: str) -> Problem:
        rules, rule = [self.rules[at] for at in earlier], self.rules[second]
        goal = [self.order.decides[earlier[0]], self.order.holds[second]]
        example = self.examples.of(goal, {*rules[0].facts, *rule.facts})
        text = f"{rule_told(rule)} can hold as well where {rules_told(rules)} decides. Only the order settles it: "
        text += f"on its own, {rule.id} would decide ({outcome(rule.then)})."
        ids = (*(item.id for item in rules), rule.id)
        return Problem(severity, "overlap", ids, text, example.shown if example else None)
