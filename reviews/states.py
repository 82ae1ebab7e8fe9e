"""The life of a case as data: which state follows which, by what act, and whose move it is."""

from datetime import timedelta

from django.db.models import TextChoices


class CaseStatus(TextChoices):
    OPEN = "open", "Open"
    IN_REVIEW = "in_review", "In review"
    AWAITING_INFORMATION = "awaiting_information", "Waits for information"
    SNOOZED = "snoozed", "Snoozed"
    INFORMAL = "informal", "Parties talk"
    MEDIATION = "mediation", "In mediation"
    SETTLING = "settling", "Decided, leaves soon"
    DECIDED = "decided", "Decided"
    APPEALED = "appealed", "Under appeal"
    FINAL = "final", "Final"
    CLOSED = "closed", "Closed"


class Act(TextChoices):
    """What somebody does to a case."""

    CLAIM = "claim", "Take the case"
    RELEASE = "release", "Give the case back"
    REASSESS = "reassess", "Facts changed: look again"
    ASK = "ask", "Request information"
    ANSWER = "answer", "Answer a request"
    TAKE_BACK = "take_back", "Take a request back"
    ASSIGN = "assign", "Make it somebody's case"
    SKIP = "skip", "Pass it by in the queue"
    SNOOZE = "snooze", "Let it sleep: everything that makes it a case is snoozed"
    WAKE = "wake", "Wake it: time, other evidence, or a person"
    ESCALATE = "escalate", "Hand it to the next role of its line"
    ASK_TO_SETTLE = "ask_to_settle", "Ask the sides to settle among themselves"
    MEDIATE = "mediate", "Give it to a neutral facilitator"
    EXTEND_TALKS = "extend_talks", "Give the sides more time"
    CHANGE_FACILITATOR = "change_facilitator", "Let somebody else facilitate"
    AGREE = "agree", "Every side accepted a proposal: the route confirms it"
    END_TALKS = "end_talks", "The talks end without an agreement"
    APPROVE_STEP = "approve_step", "Approve, more of the route to come"
    COMPLETE = "complete", "Approve, the route is complete"
    APPROVE_BY_RULE = "approve_by_rule", "Approve a case of low risk by the policy's rule, without a person"
    APPEAL = "appeal", "Take up an appeal"
    ANSWER_APPEAL = "answer_appeal", "Answer the appeal: the outcome stands or is replaced"
    HOLD = "hold", "Put all claims on hold"
    END_HOLD = "end_hold", "End the hold: by time or by hand"
    UNDO = "undo", "Take the decision back before it leaves"
    SETTLE = "settle", "It leaves: parties are told, protection and writes follow"
    FINALISE = "finalise", "The appeal window has passed"
    CLOSE = "close", "All writes are confirmed"
    DISSOLVE = "dissolve", "Nothing stands against anybody any more"


TRANSITIONS: dict[tuple[CaseStatus, Act], CaseStatus] = {
    (CaseStatus.OPEN, Act.CLAIM): CaseStatus.IN_REVIEW,
    (CaseStatus.OPEN, Act.REASSESS): CaseStatus.OPEN,
    (CaseStatus.OPEN, Act.ASK): CaseStatus.AWAITING_INFORMATION,
    (CaseStatus.OPEN, Act.APPROVE_STEP): CaseStatus.IN_REVIEW,
    (CaseStatus.OPEN, Act.COMPLETE): CaseStatus.SETTLING,
    (CaseStatus.OPEN, Act.APPROVE_BY_RULE): CaseStatus.SETTLING,
    (CaseStatus.OPEN, Act.DISSOLVE): CaseStatus.CLOSED,
    (CaseStatus.IN_REVIEW, Act.CLAIM): CaseStatus.IN_REVIEW,
    (CaseStatus.IN_REVIEW, Act.RELEASE): CaseStatus.OPEN,
    (CaseStatus.IN_REVIEW, Act.REASSESS): CaseStatus.IN_REVIEW,
    (CaseStatus.IN_REVIEW, Act.ASK): CaseStatus.AWAITING_INFORMATION,
    (CaseStatus.IN_REVIEW, Act.APPROVE_STEP): CaseStatus.IN_REVIEW,
    (CaseStatus.IN_REVIEW, Act.COMPLETE): CaseStatus.SETTLING,
    (CaseStatus.IN_REVIEW, Act.DISSOLVE): CaseStatus.CLOSED,
    (CaseStatus.AWAITING_INFORMATION, Act.CLAIM): CaseStatus.AWAITING_INFORMATION,
    (CaseStatus.AWAITING_INFORMATION, Act.RELEASE): CaseStatus.AWAITING_INFORMATION,
    (CaseStatus.AWAITING_INFORMATION, Act.ANSWER): CaseStatus.IN_REVIEW,
    (CaseStatus.AWAITING_INFORMATION, Act.TAKE_BACK): CaseStatus.IN_REVIEW,
    (CaseStatus.AWAITING_INFORMATION, Act.REASSESS): CaseStatus.AWAITING_INFORMATION,
    (CaseStatus.AWAITING_INFORMATION, Act.DISSOLVE): CaseStatus.CLOSED,
    (CaseStatus.OPEN, Act.ASSIGN): CaseStatus.OPEN,
    (CaseStatus.IN_REVIEW, Act.ASSIGN): CaseStatus.IN_REVIEW,
    (CaseStatus.AWAITING_INFORMATION, Act.ASSIGN): CaseStatus.AWAITING_INFORMATION,
    (CaseStatus.OPEN, Act.SKIP): CaseStatus.OPEN,
    (CaseStatus.IN_REVIEW, Act.SKIP): CaseStatus.IN_REVIEW,
    (CaseStatus.OPEN, Act.SNOOZE): CaseStatus.SNOOZED,
    (CaseStatus.IN_REVIEW, Act.SNOOZE): CaseStatus.SNOOZED,
    (CaseStatus.SNOOZED, Act.WAKE): CaseStatus.IN_REVIEW,
    (CaseStatus.SNOOZED, Act.REASSESS): CaseStatus.SNOOZED,
    (CaseStatus.SNOOZED, Act.DISSOLVE): CaseStatus.CLOSED,
    (CaseStatus.DECIDED, Act.APPEAL): CaseStatus.APPEALED,
    (CaseStatus.OPEN, Act.ESCALATE): CaseStatus.OPEN,
    (CaseStatus.IN_REVIEW, Act.ESCALATE): CaseStatus.IN_REVIEW,
    (CaseStatus.OPEN, Act.ASK_TO_SETTLE): CaseStatus.INFORMAL,
    (CaseStatus.IN_REVIEW, Act.ASK_TO_SETTLE): CaseStatus.INFORMAL,
    (CaseStatus.OPEN, Act.MEDIATE): CaseStatus.MEDIATION,
    (CaseStatus.IN_REVIEW, Act.MEDIATE): CaseStatus.MEDIATION,
    (CaseStatus.INFORMAL, Act.MEDIATE): CaseStatus.MEDIATION,
    (CaseStatus.INFORMAL, Act.EXTEND_TALKS): CaseStatus.INFORMAL,
    (CaseStatus.MEDIATION, Act.EXTEND_TALKS): CaseStatus.MEDIATION,
    (CaseStatus.MEDIATION, Act.CHANGE_FACILITATOR): CaseStatus.MEDIATION,
    (CaseStatus.INFORMAL, Act.AGREE): CaseStatus.IN_REVIEW,
    (CaseStatus.INFORMAL, Act.END_TALKS): CaseStatus.IN_REVIEW,
    (CaseStatus.INFORMAL, Act.CLAIM): CaseStatus.INFORMAL,
    (CaseStatus.INFORMAL, Act.RELEASE): CaseStatus.INFORMAL,
    (CaseStatus.INFORMAL, Act.REASSESS): CaseStatus.INFORMAL,
    (CaseStatus.INFORMAL, Act.DISSOLVE): CaseStatus.CLOSED,
    (CaseStatus.MEDIATION, Act.AGREE): CaseStatus.IN_REVIEW,
    (CaseStatus.MEDIATION, Act.END_TALKS): CaseStatus.IN_REVIEW,
    (CaseStatus.MEDIATION, Act.CLAIM): CaseStatus.MEDIATION,
    (CaseStatus.MEDIATION, Act.RELEASE): CaseStatus.MEDIATION,
    (CaseStatus.MEDIATION, Act.REASSESS): CaseStatus.MEDIATION,
    (CaseStatus.MEDIATION, Act.DISSOLVE): CaseStatus.CLOSED,
    (CaseStatus.SETTLING, Act.UNDO): CaseStatus.IN_REVIEW,
    (CaseStatus.SETTLING, Act.REASSESS): CaseStatus.IN_REVIEW,
    (CaseStatus.SETTLING, Act.SETTLE): CaseStatus.DECIDED,
    (CaseStatus.SETTLING, Act.DISSOLVE): CaseStatus.CLOSED,
    (CaseStatus.DECIDED, Act.FINALISE): CaseStatus.FINAL,
    (CaseStatus.APPEALED, Act.APPEAL): CaseStatus.APPEALED,
    (CaseStatus.APPEALED, Act.APPROVE_STEP): CaseStatus.APPEALED,
    (CaseStatus.APPEALED, Act.ANSWER_APPEAL): CaseStatus.FINAL,
    (CaseStatus.FINAL, Act.CLOSE): CaseStatus.CLOSED,
    # A hold lies beside the state and leaves it as it is.
    (CaseStatus.OPEN, Act.HOLD): CaseStatus.OPEN,
    (CaseStatus.IN_REVIEW, Act.HOLD): CaseStatus.IN_REVIEW,
    (CaseStatus.AWAITING_INFORMATION, Act.HOLD): CaseStatus.AWAITING_INFORMATION,
    (CaseStatus.INFORMAL, Act.HOLD): CaseStatus.INFORMAL,
    (CaseStatus.MEDIATION, Act.HOLD): CaseStatus.MEDIATION,
    (CaseStatus.APPEALED, Act.HOLD): CaseStatus.APPEALED,
    (CaseStatus.OPEN, Act.END_HOLD): CaseStatus.OPEN,
    (CaseStatus.IN_REVIEW, Act.END_HOLD): CaseStatus.IN_REVIEW,
    (CaseStatus.AWAITING_INFORMATION, Act.END_HOLD): CaseStatus.AWAITING_INFORMATION,
    (CaseStatus.SNOOZED, Act.END_HOLD): CaseStatus.SNOOZED,
    (CaseStatus.INFORMAL, Act.END_HOLD): CaseStatus.INFORMAL,
    (CaseStatus.MEDIATION, Act.END_HOLD): CaseStatus.MEDIATION,
    (CaseStatus.APPEALED, Act.END_HOLD): CaseStatus.APPEALED,
}

# Whose move it is in each state; the page says so, and reminders go there.
OWNERS: dict[CaseStatus, str] = {
    CaseStatus.OPEN: "the next role of the route",
    CaseStatus.IN_REVIEW: "whoever took the case",
    CaseStatus.AWAITING_INFORMATION: "the party that was asked",
    CaseStatus.SNOOZED: "nobody, until the date or other evidence",
    CaseStatus.INFORMAL: "the sides, until the deadline",
    CaseStatus.MEDIATION: "the facilitator and the sides, until the deadline",
    CaseStatus.SETTLING: "whoever decided it, until it leaves",
    CaseStatus.DECIDED: "the parties, until the appeal window ends",
    CaseStatus.APPEALED: "a decider who had no part in the first decision",
    CaseStatus.FINAL: "the product, until all writes are confirmed",
    CaseStatus.CLOSED: "nobody",
}

TALKS = (CaseStatus.INFORMAL, CaseStatus.MEDIATION)
ACTIVE = (CaseStatus.OPEN, CaseStatus.IN_REVIEW, CaseStatus.AWAITING_INFORMATION, *TALKS)
UNDECIDED = (*ACTIVE, CaseStatus.SNOOZED)
PAUSED = (CaseStatus.AWAITING_INFORMATION, CaseStatus.SNOOZED, *TALKS)  # their clock stands
UNSETTLED = (*UNDECIDED, CaseStatus.SETTLING)  # no party has been told; other facts still change what comes of it
APPEAL_WINDOW = timedelta(days=14)  # a decided case is final after it


class WrongStateError(Exception):
    """This act is not possible in the case's present state; the text is a sentence for people."""


def check_can(status: str, act: Act) -> CaseStatus:
    """Return the state that follows, or raise WrongStateError with a sentence."""
    following = TRANSITIONS.get((CaseStatus(status), act))
    if following is None:
        raise WrongStateError(
            f"This case's state is '{CaseStatus(status).label.lower()}': '{act.label.lower()}' is not possible now."
        )
    return following


def diagram() -> str:
    """The state machine as a Mermaid diagram and two tables, for docs/states.md."""
    arrows = "\n".join(
        f"    {source.value} --> {target.value}: {act.value}" for (source, act), target in TRANSITIONS.items()
    )
    owners = "\n".join(f"| {state.label} | {owner} |" for state, owner in OWNERS.items())
    acts = "\n".join(f"| `{act.value}` | {act.label} |" for act in Act)
    return (
        "# The states of a case\n\nMade by `python manage.py states` from `reviews/states.py`; a test compares them.\n\n"
        f"```mermaid\nstateDiagram-v2\n    [*] --> open\n{arrows}\n    closed --> [*]\n```\n\n"
        f"| State | Whose move it is |\n|---|---|\n{owners}\n\n| Act | Meaning |\n|---|---|\n{acts}\n"
    )
