"""What to do about a drift alarm, as data: what it means, what to look at, what to do, whom to ask."""

from __future__ import annotations

from dataclasses import dataclass

PROGRAM, RULE, KIND = "program", "rule", "kind"


@dataclass(frozen=True, slots=True)
class Playbook:
    """Short texts for whoever takes the alarm."""

    means: str
    look: tuple[str, ...]
    do: tuple[str, ...]
    ask: str


_OTHERWISE = "If people are right, change the rule; if the rule is right, say so to the people: both are answers."
PLAYBOOKS = {
    PROGRAM: Playbook(
        "People decide otherwise than recommended far more often than usual, over all cases. Either the market moved and "
        "the written policy did not, or something that the rules read is wrong.",
        ("Which reason is given most often: is it about evidence, or about the rule?",
         "Did something change at about the day when the rise began: a version of the policy, an import, new people?"),
        ("Read five of the decisions below, the latest first.", _OTHERWISE),
        "Sales operations, for the policy; the channel lead, for the people who decide.",
    ),
    RULE: Playbook(
        "One rule is overridden far more often than usual: it is outdated, or it decides cases that it was not made for.",
        ("Do the cases have something in common that the rule does not ask about?",
         "Is 'rule wrong or outdated' the reason, or 'right rule, but an exception'? Many exceptions are a rule."),
        ("Draft a version of the policy in which the rule asks for what is missing, and back-test it on these cases.",
         _OTHERWISE),
        "Whoever wrote the rule; legal, where it rests on agreements.",
    ),
    KIND: Playbook(
        "In cases of one kind people decide otherwise far more often than usual: what is found is right, what is made of "
        "it is not, or the finding itself cannot be trusted any more.",
        ("Are the findings true? Compare two of them with their records.",
         "Does the kind come from one source or one territory that changed?"),
        ("If the findings are wrong, mend their source first: no rule can help.", _OTHERWISE),
        "Sales operations, for sources and territories; the partner managers concerned.",
    ),
}  # fmt: skip
