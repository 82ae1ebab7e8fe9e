"""How the case page tells its stages: the talks, the escalations, and the two buttons that begin them."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from reviews.desk.material import Material
from reviews.desk.words import Chip, choice_title, stamp, title_case
from reviews.models import Escalation, EscalationCause, Mediation, MediationSide, MediationStage, MediationStatus
from reviews.permissions import conflict_of_interest, label, why_only_reads
from reviews.services.agreed import choice_of_proposal
from reviews.services.escalation import why_not_escalate
from reviews.states import TALKS, Act, WrongStateError, check_can

TONES = {MediationStatus.OPEN: "acc", MediationStatus.AGREED: "good", MediationStatus.FAILED: "warn"}
NAMES = {MediationStage.INFORMAL: "Informal stage", MediationStage.MEDIATION: "Mediation"}


@dataclass(frozen=True)
class Talk:
    """One round of talks in a few lines."""

    title: str
    chip: Chip
    url: str
    note: str
    sides: list[tuple[str, Chip]]
    memo: str


@dataclass(frozen=True)
class Told:
    """One escalation."""

    to: str
    when: str
    why: str


@dataclass(frozen=True)
class StageCard:
    """Everything that stands above the decide card; nothing where there were no stages."""

    talks: list[Talk]
    told: list[Told]
    agreed: str
    escalated_to: str


def stage_card(m: Material) -> StageCard:
    """The stages of a case for its reader, the latest first."""
    agreed = m.stages.agreed
    return StageCard(
        talks=[talk_of(one) for one in reversed(m.stages.talks)],
        told=[
            Told(title_case(label(one.to_role)), stamp(one.escalated_at), _why(m, one))
            for one in reversed(m.stages.escalations)
        ],
        agreed=choice_title(choice_of_proposal(agreed), m.name) if agreed else "",
        escalated_to=label(m.case.escalated_to) if m.case.escalated_to and m.undecided else "",
    )  # fmt: skip


def _why(m: Material, one: Escalation) -> str:
    if one.cause != EscalationCause.HAND:
        return f"told by the clock: {one.get_cause_display().lower()}"
    return f"handed on by {m.person(one.escalated_by_id)}: ‘{one.reason}’"


def talk_of(mediation: Mediation) -> Talk:
    """One round of talks; `mediation` comes with sides and proposals (stages.stages_of)."""
    who = f"facilitated by {mediation.facilitator}" if mediation.facilitator else f"asked by {mediation.opened_by}"
    over = mediation.status != MediationStatus.OPEN
    until = f"ended {stamp(mediation.ended_at)}" if over else f"until {stamp(mediation.due_at)}"
    return Talk(
        title=NAMES[MediationStage(mediation.stage)],
        chip=Chip(mediation.get_status_display().lower(), TONES.get(MediationStatus(mediation.status), "")),
        url=reverse("review:mediation", args=[mediation.pk]),
        note=f"{who} · {until}",
        sides=[] if over else [(side.name, side_chip(mediation, side)) for side in mediation.sides.all()],
        memo=mediation.memo,
    )


def side_chip(mediation: Mediation, side: MediationSide) -> Chip:
    """What a side has said to the latest proposal, or what it owes."""
    latest = next(iter(mediation.proposals.all()), None)
    answer = next((a for a in latest.answers.all() if a.side_id == side.pk), None) if latest else None
    if answer is None:
        return Chip("has said what matters", "good", "check") if side.statement else Chip("not heard yet", "", "clock")
    if answer.verdict:
        good = answer.verdict == "accepted"
        return Chip(
            f"{answer.verdict} proposal {answer.number}", "good" if good else "bad", "check" if good else "cross"
        )
    if answer.closed_at:
        return Chip(f"proposal {answer.number} closed", "quiet", "minus")
    return Chip(f"proposal {answer.number} to answer", "warn", "clock")


def why_not_mediate(m: Material) -> str:
    """The sentence that says why nobody can be asked to talk here, or ""."""
    if len(m.parties) < 2:
        return "There is one side only: nobody is there to settle with."
    return _wrong_state(m, Act.MEDIATE) or why_only_reads(m.user, m.case) or conflict_of_interest(m.user, m.case)


def why_not_hand_on(m: Material) -> str:
    """The sentence that says why this case cannot be handed to the next role, or ""."""
    return _wrong_state(m, Act.ESCALATE) or why_only_reads(m.user, m.case) or why_not_escalate(m.case)


def why_not_while_talking(m: Material) -> str:
    """The sentence that says why nothing is decided while the sides talk, or ""."""
    under_way = m.stages.under_way
    if m.case.status not in TALKS or under_way is None:
        return ""
    return f"The sides talk until {stamp(under_way.due_at)}: the clock stands. Whoever runs the talks can end them."


def stage_events(m: Material) -> list[tuple[datetime, str, str]]:
    """When which stage began and ended and who was told: (moment, what, source), for the timeline."""
    found = []
    for one in m.stages.talks:
        name = NAMES[MediationStage(one.stage)].lower()
        found.append((one.opened_at, f"{name} begun", "talks"))
        if one.ended_at:
            found.append((one.ended_at, f"{name}: {one.get_status_display().lower()}", "talks"))
    told = [(one.escalated_at, f"escalated to {label(one.to_role)}", "clock") for one in m.stages.escalations]
    return [*found, *told]


def _wrong_state(m: Material, act: Act) -> str:
    try:
        check_can(m.case.status, act)
    except WrongStateError as error:
        return str(error)
    return ""
