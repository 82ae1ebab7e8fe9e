"""The rules of the policy, asked in rising priority: the first whose condition holds, and that finds whom it names,
decides. What the facts are is found in `derived`; nothing here knows a rule by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from conflicts import wording
from conflicts.detectors.finding import Citation
from conflicts.policy.catalogue import CALLED, FACTS
from conflicts.policy.conditions import FALSE, TRUE, UNKNOWN, Node, Value, evaluate, state_of
from conflicts.policy.rules import Rule, Then
from conflicts.policy.saying import wanted
from conflicts.recommend import answer
from conflicts.recommend.answer import Outcome, TraceStep
from conflicts.recommend.derived import GROUPS, WHO, Derived, Values
from conflicts.recommend.telling import derive
from conflicts.recommend.weigh import Case


@dataclass(frozen=True)
class Decided:
    """The outcome and the rule that gave it. How it came about is only put into words when it is asked for."""

    case: Case
    outcome: Outcome
    rule: Rule
    values: Values

    @cached_property
    def told(self) -> dict[str, Derived]:
        """The facts that the rules up to the deciding one asked for, in words."""
        asked = dict.fromkeys(fact for rule in self.reached for fact in rule.facts)
        return derive(self.case, asked, self.values)

    @property
    def reached(self) -> tuple[Rule, ...]:
        """The rules that were asked, the deciding one last."""
        rules = self.case.policy.rules
        return rules[: rules.index(self.rule) + 1]

    @cached_property
    def trace(self) -> tuple[TraceStep, ...]:
        """Every rule and how it went."""
        reached = len(self.reached)
        later = (
            TraceStep(rule.id, rule.title, answer.NOT_REACHED, "An earlier rule decides.")
            for rule in self.case.policy.rules[reached:]
        )
        return (*(self._step(rule) for rule in self.reached), *later)

    @property
    def step(self) -> TraceStep:
        """The rule that decides, as it came out."""
        return self.trace[len(self.reached) - 1]

    @property
    def cited(self) -> tuple[Citation, ...]:
        """The records that the deciding rule rests on."""
        node = self.step.condition
        facts = dict.fromkeys(test.fact for test in node.decisive) if node else ()
        return tuple(citation for fact in facts for citation in self.told[fact].cited)

    def _step(self, rule: Rule) -> TraceStep:
        numbers = self.case.policy.numbers
        node = evaluate(rule.when, self.values, numbers)
        decides = rule is self.rule
        state = answer.DECIDES if decides else answer.HOLDS_NOT
        if not decides and node.state != TRUE and self._open(rule, numbers) == UNKNOWN:
            state = answer.UNKNOWN
        sentence = _sentence(node, self.told) or rule.reason
        if node.state == TRUE and not decides:
            sentence = f"{sentence} It names {nobody(self.case, rule.then)}, and there is none."
        unknown = () if state == answer.HOLDS_NOT else _unknown(rule, node, self.told)
        return TraceStep(rule.id, rule.title, state, wording.sentence(sentence), unknown, node)

    def _open(self, rule: Rule, numbers: Mapping[str, int]) -> str:
        """The state where a fact that is known in part only counts as unknown: more may be found that changes it."""
        return state_of(rule.when, {fact: self._sure(fact) for fact in rule.facts}, numbers)

    def _sure(self, fact: str) -> Value | None:
        return None if self.told[fact].unknown else self.values[fact]


def decide(case: Case) -> Decided:
    """Ask the rules in order. Only the facts that this needs are looked up."""
    values, numbers = Values(case), case.policy.numbers
    for rule in case.policy.rules:
        if state_of(rule.when, values, numbers) == TRUE:
            outcome = outcome_of(case, rule.then)
            if outcome is not None:
                return Decided(case, outcome, rule, values)
    raise ValueError("No rule decides.")  # a policy whose last rule does not always decide is not read


def outcome_of(case: Case, then: Then) -> Outcome | None:
    """What a rule says, with the parties that it names; None where somebody that it names is not found."""
    owner = WHO[then.owner](case) if then.owner else ""
    support = tuple(party for party in _group(case, then.support) if party != owner)
    between = _group(case, then.between)
    if (then.owner and not owner) or (then.support and not support) or (then.between and len(between) < 2):
        return None
    return Outcome(then.action, owner, support, dict.fromkeys(sorted(between), 100 // len(between)) if between else {})


def nobody(case: Case, then: Then) -> str:
    """Those whom a rule names, but who are not found, in words."""
    missing = [name for name in (then.owner,) if name and not WHO[name](case)]
    missing += [name for name in (then.support, then.between) if name and not missing]
    return wording.listing(CALLED[name] for name in missing)


def _group(case: Case, selector: str) -> tuple[str, ...]:
    return GROUPS[selector](case) if selector else ()


def _sentence(node: Node, told: Mapping[str, Derived]) -> str:
    """The tests that made it come out so, in words; for points also how many are asked for. Of several that each
    make it fail the first is enough: the tree shows the rest."""
    said: dict[str, None] = {}
    for test in node.decisive[:1] if (node.how, node.state) == ("all", FALSE) else node.decisive:
        text = told[test.fact].sentence
        if FACTS[test.fact].unit == "points" and test.op in (">=", ">") and test.state in (TRUE, FALSE):
            text = f"{text[:-1]}; the rule asks for {wanted(test)} points."
        said[text] = None
    return " ".join(said)


def _unknown(rule: Rule, node: Node, told: Mapping[str, Derived]) -> tuple[str, ...]:
    facts = rule.facts if node.state != TRUE else dict.fromkeys(test.fact for test in node.decisive)
    return tuple(dict.fromkeys(text for fact in facts for text in told[fact].unknown))
