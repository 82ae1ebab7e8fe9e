"""The page of one round of talks: sides, proposals with their answers, papers, and who may do what."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch, QuerySet

from reviews.desk.stage_card import NAMES, TONES, side_chip
from reviews.desk.stages import with_papers
from reviews.desk.words import Chip, choice_title, day_of, stamp
from reviews.facilitators import Candidate, candidates
from reviews.models import (
    Case,
    EntryKind,
    Mediation,
    MediationEntry,
    MediationSide,
    MediationStage,
    MediationStatus,
    Party,
    Proposal,
    ProposalAnswer,
    ProposalStatus,
)
from reviews.permissions import why_only_reads
from reviews.services.agreed import choice_of_proposal
from reviews.services.changing_talks import why_not_change
from reviews.services.mediation import names_of, why_not_run
from reviews.services.talks import why_no_answer, why_not_for_direct

PROPOSAL_TONES = {
    ProposalStatus.OPEN: ("acc", "clock"),
    ProposalStatus.ACCEPTED: ("good", "check"),
    ProposalStatus.DECLINED: ("bad", "cross"),
    ProposalStatus.WITHDRAWN: ("quiet", "minus"),
}


@dataclass(frozen=True)
class SideView:
    """One side: what it says matters, what was noted of it, how far it is, and how it answers."""

    claimant: str
    name: str
    party_id: str
    registration: str
    chip: Chip
    statement: str
    interests: list["Line"]
    answers_by: str


@dataclass(frozen=True)
class Line:
    """One line of the papers."""

    id: str
    text: str
    note: str
    done: bool


@dataclass(frozen=True)
class AnswerView:
    """What one side said to a proposal."""

    id: str
    name: str
    chip: Chip
    comment: str
    may_answer: bool


@dataclass(frozen=True)
class ProposalView:
    """One proposal and its answers."""

    title: str
    number: int
    chip: Chip
    body: str
    note: str
    answers: list[AnswerView]


@dataclass(frozen=True)
class MediationPage:
    """What the template draws."""

    mediation: Mediation
    account: str
    ref: str
    title: str
    chip: Chip
    note: str
    sides: list[SideView]
    proposals: list[ProposalView]
    facts: list[Line]
    minutes: list[Line]
    actions: list[Line]
    why_not: str
    reads_only: bool
    over: bool
    open_proposal: bool
    why_not_change: str
    candidates: list[Candidate]


def mediations() -> QuerySet[Mediation]:
    """The rows that the page is opened from: whatever it shows comes with them."""
    parties = Party.objects.filter(left_at__isnull=True).select_related("partner").order_by("joined_at", "pk")
    sides = MediationSide.objects.select_related("partner", "registration", "party").order_by("party__joined_at", "pk")
    entries = MediationEntry.objects.select_related("written_by", "done_by").order_by("written_at", "pk")
    rows = Mediation.objects.select_related(
        "case__program", "case__account", "case__conflict", "facilitator", "opened_by", "ended_by"
    )
    return rows.prefetch_related(
        Prefetch("case__parties", parties), Prefetch("sides", sides), Prefetch("entries", entries), with_papers()
    )


def mediation_page(user: Any, mediation: Mediation, now: Any) -> MediationPage:
    """The page of a mediation (from `mediations`) for `user`."""
    case, papers = mediation.case, list(mediation.entries.all())
    over = mediation.status != MediationStatus.OPEN
    who = f"facilitated by {mediation.facilitator}" if mediation.facilitator else f"asked by {mediation.opened_by}"
    until = f"ended {stamp(mediation.ended_at)}" if over else f"until {stamp(mediation.due_at)}"
    names = names_of(side.party for side in mediation.sides.all())
    proposals = list(mediation.proposals.all())
    return MediationPage(
        mediation=mediation,
        account=case.account.name,
        ref=case.ref,
        title=NAMES[MediationStage(mediation.stage)],
        chip=Chip(mediation.get_status_display().lower(), TONES.get(MediationStatus(mediation.status), "")),
        note=f"{who} · begun {stamp(mediation.opened_at)} · {until}",
        sides=[_side(mediation, side, papers) for side in mediation.sides.all()],
        proposals=[_proposal(user, mediation, one, names, now) for one in proposals],
        facts=_lines(papers, EntryKind.FACT),
        minutes=_lines(papers, EntryKind.MINUTES),
        actions=_lines(papers, EntryKind.ACTION),
        why_not="" if over else why_not_run(user, mediation, case),
        reads_only=bool(why_only_reads(user, case)),
        over=over,
        open_proposal=any(one.status == ProposalStatus.OPEN for one in proposals),
        why_not_change=why_not_change(user, mediation, case),
        candidates=_others(mediation, case) if mediation.stage == MediationStage.MEDIATION and not over else [],
    )


def _others(mediation: Mediation, case: Case) -> list[Candidate]:
    """Who else could facilitate."""
    approved = case.approvals.values_list("approved_by", flat=True)
    return [one for one in candidates(case, approved) if one.user.pk != mediation.facilitator_id]


def _side(mediation: Mediation, side: MediationSide, papers: list[MediationEntry]) -> SideView:
    interests = [
        _line(entry) for entry in papers if entry.kind == EntryKind.INTEREST and entry.party_id == side.party_id
    ]
    return SideView(
        claimant=str(side.partner_id or "direct"),
        name=side.name,
        party_id=str(side.party_id),
        registration=side.registration.ref if side.registration else "",
        chip=side_chip(mediation, side),
        statement=side.statement,
        interests=interests,
        answers_by="answers in its portal" if side.partner_id else "answered for by staff",
    )


def _proposal(user: Any, mediation: Mediation, proposal: Proposal, names: dict[str, str], now: Any) -> ProposalView:
    tone, icon = PROPOSAL_TONES[ProposalStatus(proposal.status)]
    title = choice_title(choice_of_proposal(proposal), lambda who: names.get(who, "somebody who left"))
    answers = []
    for answer in proposal.answers.all():
        answer.proposal, proposal.mediation = proposal, mediation
        answers.append(_answer(user, answer, now))
    note = f"by {proposal.made_by} · {stamp(proposal.made_at)}"
    return ProposalView(
        title, proposal.number, Chip(proposal.get_status_display().lower(), tone, icon), proposal.body, note, answers
    )


def _answer(user: Any, answer: ProposalAnswer, now: Any) -> AnswerView:
    said = answer.get_verdict_display().lower()
    if answer.verdict:
        good = answer.verdict == "accepted"
        chip = Chip(f"{said} {stamp(answer.answered_at)}", "good" if good else "bad", "check" if good else "cross")
    else:
        chip = Chip("not answered", "quiet", "minus") if answer.closed_at else Chip("to answer", "warn", "clock")
    may = not (why_no_answer(answer, answer.side, now) or why_not_for_direct(user, answer))
    return AnswerView(str(answer.pk), answer.side.name, chip, answer.comment, may)


def _lines(papers: list[MediationEntry], kind: EntryKind) -> list[Line]:
    return [_line(entry) for entry in papers if entry.kind == kind]


def _line(entry: MediationEntry) -> Line:
    if entry.kind == EntryKind.ACTION:
        note = f"{entry.who}, by {day_of(entry.due_on)}"
    elif entry.kind == EntryKind.FACT:
        note = ""
    else:
        note = f"{entry.written_by}, {stamp(entry.written_at)}"
    if entry.done_at:
        what = "agreed by every side" if entry.kind == EntryKind.FACT else "done"
        note = f"{note} · {what}, {entry.done_by}, {stamp(entry.done_at)}".removeprefix(" · ")
    return Line(str(entry.pk), entry.text, note, bool(entry.done_at))
