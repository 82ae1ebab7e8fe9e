"""Who may do what to a case, as data beside the states: docs/states.md shows it, and a test tries all of it.

The services check it where they stand: `permissions` for roles, interest and four eyes. This table is what they amount
to; tests/reviews/test_who_may.py tries every (state, act, person) through them and compares.
"""

from django.db.models import TextChoices

from partners.permissions import DECIDING_ROLES, Role
from reviews.states import TRANSITIONS, Act, CaseStatus


class Who(TextChoices):
    """Somebody as an act meets them."""

    DECIDER = "decider", "any role that decides"
    NEUTRAL = "neutral", "any role that decides, without an interest in one side"
    STEP = "step", "whose step of the route it is, or a higher role of its line; no interest, no part in it before"
    LEAD = "lead", "the channel lead or the revenue lead"
    HOLDER = "holder", "whoever took the case"
    APPROVER = "approver", "whoever approved the decision; of one by rule, any partner manager"
    FACILITATOR = "facilitator", "whoever facilitates the mediation"
    ANOTHER = "another", "another decider than before, in the highest role that approved or a higher one"
    SIDE = "side", "a side's own people"
    PRODUCT = "product", "the product, by time or because facts changed"


WHO_MAY: dict[Act, tuple[Who, ...]] = {
    Act.CLAIM: (Who.DECIDER,),
    Act.RELEASE: (Who.HOLDER,),
    Act.REASSESS: (Who.PRODUCT,),
    Act.ASK: (Who.DECIDER,),
    Act.ANSWER: (Who.SIDE,),
    Act.TAKE_BACK: (Who.DECIDER,),
    Act.ASSIGN: (Who.LEAD,),
    Act.SKIP: (Who.DECIDER,),
    Act.SNOOZE: (Who.STEP,),
    Act.WAKE: (Who.STEP, Who.PRODUCT),
    Act.ESCALATE: (Who.DECIDER, Who.PRODUCT),
    Act.ASK_TO_SETTLE: (Who.NEUTRAL,),
    Act.MEDIATE: (Who.NEUTRAL,),
    Act.EXTEND_TALKS: (Who.NEUTRAL,),
    Act.CHANGE_FACILITATOR: (Who.FACILITATOR, Who.LEAD),
    Act.AGREE: (Who.PRODUCT,),
    Act.END_TALKS: (Who.NEUTRAL, Who.PRODUCT),
    Act.APPROVE_STEP: (Who.STEP,),
    Act.COMPLETE: (Who.STEP,),
    Act.APPROVE_BY_RULE: (Who.PRODUCT,),
    Act.APPEAL: (Who.SIDE, Who.DECIDER),
    Act.ANSWER_APPEAL: (Who.ANOTHER,),
    Act.HOLD: (Who.NEUTRAL,),
    Act.END_HOLD: (Who.NEUTRAL, Who.PRODUCT),
    Act.UNDO: (Who.APPROVER,),
    Act.SETTLE: (Who.APPROVER, Who.PRODUCT),
    Act.FINALISE: (Who.PRODUCT,),
    Act.CLOSE: (Who.PRODUCT,),
    Act.DISSOLVE: (Who.PRODUCT,),
}

# Where a state makes it somebody else.
IN_STATE: dict[tuple[CaseStatus, Act], tuple[Who, ...]] = {
    (CaseStatus.MEDIATION, Act.EXTEND_TALKS): (Who.FACILITATOR,),
    (CaseStatus.MEDIATION, Act.END_TALKS): (Who.FACILITATOR, Who.PRODUCT),
    (CaseStatus.APPEALED, Act.APPROVE_STEP): (Who.ANOTHER,),
}

# Which roles can be meant at all; the relation (whose step, who approved) decides among them.
ROLES: dict[Who, frozenset[Role]] = {
    who: frozenset(DECIDING_ROLES) for who in Who if who not in (Who.LEAD, Who.SIDE, Who.PRODUCT)
} | {Who.LEAD: frozenset({Role.CHANNEL_LEAD, Role.REVENUE_LEAD}), Who.SIDE: frozenset(), Who.PRODUCT: frozenset()}
_PLAIN = (Who.DECIDER, Who.NEUTRAL, Who.LEAD)  # the role alone says it (an interest aside)


def who_may(state: CaseStatus, act: Act) -> tuple[Who, ...]:
    """Who may do `act` to a case in `state`; nobody where the act is not possible there."""
    if (state, act) not in TRANSITIONS:
        return ()
    return IN_STATE.get((state, act), WHO_MAY[act])


def table() -> str:
    """The table for docs/states.md: each act in the states where it is possible, and which role may do it."""
    heads = [role.label for role in Role] + ["A side", "The product"]
    lines = [
        f"| {', '.join(f'`{state.value}`' for state in states)} | `{act.value}` | {' | '.join(_cells(whos))} |"
        for act in Act
        for whos, states in _alike(act).items()
    ]
    legend = "\n".join(
        f"| `{act.value}` | {_told(whos, states, act)} |" for act in Act for whos, states in _alike(act).items()
    )
    return (
        "\n## Who may do it\n\nMade from `reviews/who_may.py`; a test tries every state, act and person. ● the role may; "
        "○ one of that role may, if it is the one that the next table names. Whoever has an interest in one side of the "
        "case is none of those who decide, mediate or hold.\n\n"
        f"| In the state | Act | {' | '.join(heads)} |\n|---|---|{'---|' * len(heads)}\n" + "\n".join(lines) + "\n\n"
        f"| Act | Who |\n|---|---|\n{legend}\n"
    )


def _alike(act: Act) -> dict[tuple[Who, ...], list[CaseStatus]]:
    """The states in which an act is possible, by who may do it there."""
    found: dict[tuple[Who, ...], list[CaseStatus]] = {}
    for state in CaseStatus:
        if (state, act) in TRANSITIONS:
            found.setdefault(who_may(state, act), []).append(state)
    return found


def _cells(whos: tuple[Who, ...]) -> list[str]:
    roles = []
    for role in Role:
        meant = [who for who in whos if role in ROLES[who]]
        roles.append("●" if any(who in _PLAIN for who in meant) else "○" if meant else "")
    return [*roles, "●" if Who.SIDE in whos else "", "●" if Who.PRODUCT in whos else ""]


def _told(whos: tuple[Who, ...], states: list[CaseStatus], act: Act) -> str:
    where = f" ({', '.join(state.label.lower() for state in states)})" if len(_alike(act)) > 1 else ""
    return "; or ".join(str(who.label) for who in whos) + where
