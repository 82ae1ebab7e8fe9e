"""How the rules went, for people: each rule with its condition as it came out, test by test."""

from dataclasses import dataclass

from conflicts.policy.catalogue import FACTS
from conflicts.policy.conditions import FALSE, TRUE, Node
from conflicts.policy.saying import wanted
from conflicts.recommend.answer import DECIDES, HOLDS_NOT, UNKNOWN, TraceStep
from reviews.desk.words import Chip

_STATES = {
    DECIDES: Chip("decides", "good", "check"),
    HOLDS_NOT: Chip("does not hold", "", "minus"),
    UNKNOWN: Chip("unknown", "warn", "question"),
}
_NOT_REACHED = Chip("not reached", "quiet", "minus")
_CAME_OUT = {TRUE: Chip("true", "good", "check"), FALSE: Chip("false", "", "cross")}
_GROUPS = {"all": "All of these", "any": "Any of these", "not": "Not this"}


@dataclass(frozen=True)
class Tested:
    """A part of a condition: a test with what is found and what is asked for, or a group of parts."""

    chip: Chip
    text: str
    actual: str = ""
    wanted: str = ""
    parts: tuple["Tested", ...] = ()


@dataclass(frozen=True)
class Traced:
    """One rule and how it went; one that was not reached has no condition to show."""

    rule: str
    title: str
    chip: Chip
    sentence: str
    unknown: tuple[str, ...]
    condition: Tested | None


def traced(step: TraceStep) -> Traced:
    """A rule as the desk and the training show it."""
    chip = _STATES.get(step.state, _NOT_REACHED)
    condition = tested(step.condition) if step.condition else None
    return Traced(step.rule_id, step.title, chip, step.sentence, step.unknown, condition)


def tested(node: Node) -> Tested:
    """A node and what is below it."""
    chip = _CAME_OUT.get(node.state, _STATES[UNKNOWN])
    if node.how == "test":
        fact = FACTS.get(node.fact)  # a stored answer may name a fact that a later catalogue has no more
        return Tested(chip, fact.title if fact else node.fact, node.actual, wanted(node))
    if not node.parts:
        return Tested(chip, "It has no condition: it holds whenever it is reached.")
    return Tested(chip, _GROUPS[node.how], parts=tuple(tested(part) for part in node.parts))
