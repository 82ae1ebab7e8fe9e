"""The rules of a policy as data: when each holds, and what it then says. Read and checked field by field."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from conflicts.policy.catalogue import ACTIONS, BETWEEN, DIRECT_TEAM, GROUPS, WHO
from conflicts.policy.conditions import ALWAYS, Condition, Test, read_condition
from conflicts.policy.reading import Reader

# What each action names. One that names somebody needs that somebody to be found.
NAMES: dict[str, tuple[str, ...]] = {
    "award": ("owner",),
    "split": ("between",),
    "co_sell": ("owner", "support"),
    "direct_retained": ("owner",),
    "reject_all": (),
    "request_information": (),
    "mediate": (),
}
ALWAYS_FOUND = ("direct_retained", "reject_all", "request_information", "mediate")


@dataclass(frozen=True, slots=True)
class Then:
    """What is to be done, and whom it names: by selectors, which tested Python turns into parties."""

    action: str
    owner: str = ""
    support: str = ""
    between: str = ""

    @property
    def selectors(self) -> tuple[str, ...]:
        """Those that name somebody."""
        return tuple(name for name in (self.owner, self.support, self.between) if name)


@dataclass(frozen=True, slots=True)
class Rule:
    """When `when` holds and everybody whom `then` names is found, the rule decides, unless one of lower priority did."""

    id: str
    priority: int
    title: str
    reason: str
    when: Condition
    then: Then

    @property
    def tests(self) -> tuple[Test, ...]:
        """The tests of its condition, from left to right."""
        return tuple(tests_of(self.when))

    @property
    def facts(self) -> tuple[str, ...]:
        """The facts that it asks for, each once."""
        return tuple(dict.fromkeys(test.fact for test in self.tests))


def tests_of(condition: Condition) -> Iterator[Test]:
    """The tests of a condition, from left to right."""
    if isinstance(condition, Test):
        yield condition
    else:
        for part in condition.parts:
            yield from tests_of(part)


def read_rules(reader: Reader) -> tuple[Rule, ...]:
    """All rules in rising priority, whatever their order in the document."""
    before = len(reader.problems)
    rules = reader.parts("rules", _rule)
    for name in ("id", "priority"):
        found = [getattr(rule, name) for rule in rules]
        if len(set(found)) != len(found):
            reader.problem("rules", f"a different {name} for every rule", found)
    ordered = tuple(sorted(rules, key=lambda rule: (rule.priority, rule.id)))
    if ordered and len(reader.problems) == before:
        _check_last(reader, ordered)
    return ordered


def _check_last(reader: Reader, rules: Sequence[Rule]) -> None:
    """A case that no rule decides must not be possible."""
    last = rules[-1]
    if last.when != ALWAYS:
        reader.problem("rules", 'a last rule that always holds, {"all": []}', f"{last.id} with a condition")
    if last.then.action not in ALWAYS_FOUND:
        reader.problem(
            "rules", f"a last rule that needs nobody to be found ({', '.join(ALWAYS_FOUND)})", last.then.action
        )


def _rule(reader: Reader) -> Rule:
    return Rule(
        id=reader.code("id"),
        priority=reader.whole("priority", least=1),
        title=reader.text("title", most=80),
        reason=reader.text("reason", most=500),
        when=reader.part("when", read_condition),
        then=reader.part("then", _then),
    )


def _then(reader: Reader) -> Then:
    action = reader.text("action", ACTIONS)
    named = NAMES.get(action)
    if named is None:
        reader.seen.update(reader.data)  # what it may name depends on the action: one sentence is enough
        return Then("mediate")
    choices = {"owner": (DIRECT_TEAM,) if action == "direct_retained" else WHO, "support": GROUPS, "between": BETWEEN}
    return Then(action, **{name: reader.text(name, choices[name]) for name in named})
