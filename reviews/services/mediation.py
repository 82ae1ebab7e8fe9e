"""Talks at the vendor's side: the sides are asked to settle, or a neutral facilitator mediates; proposals, papers, the end.

What the sides answer is in talks.py, what time and their answers do is in following.py.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from channelconflict.audit import explain, record
from channelconflict.models import User
from partners.services import LONGEST_TALK, NotPossibleError, save_row
from reviews import talk_notices
from reviews.choices import DIRECT, Choice, check
from reviews.facilitators import candidates
from reviews.models import (
    Case,
    EntryKind,
    Mediation,
    MediationEntry,
    MediationSide,
    MediationStage,
    MediationStatus,
    NoticeKind,
    Party,
    Proposal,
    ProposalAnswer,
    ProposalStatus,
)
from reviews.permissions import NotAllowedError, conflict_of_interest
from reviews.services.cases import lock_case, move_promises, save_case
from reviews.services.ending_talks import end_talks, tell_side
from reviews.services.plan import outcome_for, sides_by_name
from reviews.services.wording import check_words
from reviews.services.working import check_staff
from reviews.settling_texts import facts_to_agree_on
from reviews.states import TALKS, Act, CaseStatus, WrongStateError, check_can

REMINDED_AT = 0.75  # of the open hours of a talk
PROPOSABLE = ("award", "split", "co_sell", "direct_retained")


@dataclass(frozen=True)
class Invitation:
    """How the sides are asked: at which stage, in which words, for how many open days, and by whom it is facilitated."""

    stage: str
    body: str
    days: int
    facilitator: User | None = None


@transaction.atomic
def open_talks(*, case: Case, invitation: Invitation, by: User, at: datetime, seen_version: int) -> Mediation:
    """Ask every side to settle, among themselves or with a facilitator: the clock stands until the talks end."""
    case = lock_case(case, seen_version)
    _check_may_open(case, by)
    mediated = invitation.stage == MediationStage.MEDIATION
    status = check_can(case.status, Act.MEDIATE if mediated else Act.ASK_TO_SETTLE)
    parties = list(case.parties.filter(left_at__isnull=True).select_related("partner", "registration", "case__account"))
    _check_invitation(case, invitation, parties)
    if case.status == CaseStatus.INFORMAL:
        under_way = Mediation.objects.get(case=case, status=MediationStatus.OPEN)
        case = end_talks(
            mediation=under_way, status=MediationStatus.FAILED, memo="Taken on to a mediation.", by=by, at=at
        )
    calendar, hours = case.program.calendar, invitation.days * 24.0
    mediation = Mediation(
        program_id=case.program_id, case=case, stage=invitation.stage, facilitator=invitation.facilitator,
        body=invitation.body.strip(), opened_by=by, opened_at=at, due_at=calendar.add_hours(at, hours),
        remind_at=calendar.add_hours(at, hours * REMINDED_AT),
    )  # fmt: skip
    case.status, case.paused_at = status, case.paused_at or at
    facts = {"mediation": mediation.pk, "stage": mediation.stage, "until": mediation.due_at.isoformat()}
    save_case(case, by=by, at=at, action="case.mediation_opened" if mediated else "case.asked_to_settle", facts=facts,
              private={"body": mediation.body})  # fmt: skip
    save_row(mediation, by=by, at=at, action="mediation.opened")
    for party in parties:
        _invite(mediation, party, by, at)
    if mediated:
        for text in facts_to_agree_on(case.kind):
            save_row(_entry(mediation, EntryKind.FACT, text, by, at), by=by, at=at, action="mediation.noted")
    move_promises(case=case, pause=calendar.hours_between(at, mediation.due_at), since=at, by=by, at=at)
    return mediation


def _check_may_open(case: Case, by: User) -> None:
    check_staff(by, case)
    interest = conflict_of_interest(by, case)
    if interest:
        raise NotAllowedError(interest)


def _check_invitation(case: Case, invitation: Invitation, parties: list[Party]) -> None:
    if len(parties) < 2:
        raise NotPossibleError("There is one side only: nobody is there to settle with.")
    if not invitation.body.strip():
        raise NotPossibleError("Say what the sides are asked to do: every side reads it.")
    check_words(invitation.body, case=case)
    if not 1 <= invitation.days <= LONGEST_TALK:
        raise NotPossibleError(f"Give the sides 1 to {LONGEST_TALK} open days.")
    if invitation.stage == MediationStage.MEDIATION:
        check_facilitator(case, invitation.facilitator)


def check_facilitator(case: Case, facilitator: User | None) -> None:
    """Refuse whoever is tied to a side, has approved a step, or is wanted for one."""
    approved = case.approvals.values_list("approved_by", flat=True)
    chosen = next((one for one in candidates(case, approved) if one.user == facilitator), None)
    if chosen is None:
        raise NotPossibleError("Choose who facilitates: somebody who decides in this program.")
    if chosen.why_not:
        raise NotPossibleError(f"{chosen.user} cannot facilitate: {chosen.why_not}.")


def _invite(mediation: Mediation, party: Party, by: User, at: datetime) -> None:
    known = party.registration
    side = MediationSide(
        program_id=mediation.program_id, partner_id=party.partner_id, direct=party.direct, mediation=mediation,
        party=party, registration=known, account_name=known.account_name if known else party.case.account.name,
        stage=mediation.stage, facilitator_name=str(mediation.facilitator or ""), body=mediation.body,
        due_at=mediation.due_at,
    )  # fmt: skip
    save_row(side, by=by, at=at, action="talk.opened", facts={"mediation": mediation.pk})
    mediated = mediation.stage == MediationStage.MEDIATION
    kind = NoticeKind.IN_MEDIATION if mediated else NoticeKind.ASKED_TO_SETTLE
    tell_side(side, kind, talk_notices.invited(side, mediation.case.program.timezone), at)


@transaction.atomic
def propose(*, mediation: Mediation, choice: Choice, body: str, by: User, at: datetime, seen_version: int) -> Proposal:
    """Put an outcome to every side: each reads its own part, and accepts or declines it."""
    case, mediation = talks_to_run(mediation, by, seen_version)
    if mediation.proposals.filter(status=ProposalStatus.OPEN).exists():
        raise NotPossibleError("A proposal waits for answers: wait for them, or take it back first.")
    if choice.action not in PROPOSABLE:
        raise NotPossibleError("Propose who gets the deal, a split, or a co-sell: nobody agrees to nothing.")
    if not body.strip():
        raise NotPossibleError("Say in a sentence why this is fair: every side reads it.")
    check_words(body, case=case)
    sides = list(mediation.sides.select_related("partner", "registration").order_by("pk"))
    asked = frozenset(_claimant(side) for side in sides)
    check(choice, asked)
    if not choice.winners() | set(choice.support) <= asked:
        raise NotPossibleError("The direct team is no side of these talks: it cannot agree to anything.")
    proposal = Proposal(
        program_id=case.program_id, mediation=mediation, number=mediation.proposals.count() + 1, action=choice.action,
        owner_id=choice.owner if choice.owner not in ("", DIRECT) else None, owner_direct=choice.owner == DIRECT,
        support=list(choice.support), shares={who: str(share) for who, share in choice.shares.items()},
        body=body.strip(), made_by=by, made_at=at,
    )  # fmt: skip
    facts = {"proposal": proposal.pk, "number": proposal.number, "action": choice.action}
    save_case(case, by=by, at=at, action="case.outcome_proposed", facts=facts, private={"body": proposal.body})
    save_row(proposal, by=by, at=at, action="proposal.made")
    claims = list(case.conflict.claims.filter(registration__isnull=False).select_related("registration", "partner"))
    winners = sides_by_name(choice, claims)
    for side in sides:
        _put_to_side(proposal, side, choice, winners, by, at)
    return proposal


def _put_to_side(
    proposal: Proposal, side: MediationSide, choice: Choice, winners: dict, by: User, at: datetime
) -> None:
    who = _claimant(side)
    answer = ProposalAnswer(
        program_id=side.program_id, partner_id=side.partner_id, direct=side.direct, proposal=proposal, side=side,
        number=proposal.number, outcome=outcome_for(who, choice, winners),
        share_pct=choice.shares.get(winners.get(who, "")), body=proposal.body, made_at=proposal.made_at,
    )  # fmt: skip
    save_row(answer, by=by, at=at, action="proposal.put_to_a_side")
    zone = proposal.mediation.case.program.timezone
    tell_side(side, NoticeKind.PROPOSED, talk_notices.proposed(side, answer, zone), at)


def _claimant(side: MediationSide) -> str:
    return str(side.partner_id) if side.partner_id else DIRECT


@transaction.atomic
def withdraw_proposal(*, mediation: Mediation, by: User, at: datetime, seen_version: int) -> Proposal:
    """Take the open proposal back: nobody can answer it any more, and another may be made."""
    case, mediation = talks_to_run(mediation, by, seen_version)
    proposal = mediation.proposals.select_for_update(no_key=True).filter(status=ProposalStatus.OPEN).first()
    if proposal is None:
        raise NotPossibleError("No proposal waits for answers.")
    save_case(case, by=by, at=at, action="case.proposal_withdrawn", facts={"proposal": proposal.pk})
    proposal.status, proposal.settled_at = ProposalStatus.WITHDRAWN, at
    save_row(proposal, by=by, at=at, action="proposal.withdrawn")
    for answer in proposal.answers.select_for_update(no_key=True).order_by("pk"):
        answer.closed_at = at
        save_row(answer, by=by, at=at, action="proposal.closed")
    return proposal


@transaction.atomic
def stop_talks(*, mediation: Mediation, memo: str, by: User, at: datetime, seen_version: int) -> Case:
    """End the talks without an agreement: the memo goes on the record, and the case back to a binding decision."""
    _, mediation = talks_to_run(mediation, by, seen_version)
    if not memo.strip():
        raise NotPossibleError("Write the memo: what was tried, and where the sides stand. Whoever decides reads it.")
    return end_talks(mediation=mediation, status=MediationStatus.FAILED, memo=memo.strip(), by=by, at=at)


@transaction.atomic
def note_entry(
    *, mediation: Mediation, kind: str, text: str, by: User, at: datetime, party: Party | None = None, who: str = "",
    due_on: date | None = None,
) -> MediationEntry:  # fmt: skip
    """Add a line to the papers: an interest of a side, a fact to agree on, minutes, or an action item (who, by when)."""
    case = lock_case(mediation.case, None)
    mediation = Mediation.objects.get(pk=mediation.pk)
    _check_running(mediation, case, by)
    if not text.strip():
        raise NotPossibleError("Write something first.")
    if kind == EntryKind.INTEREST and (party is None or party.case_id != case.pk):
        raise NotPossibleError("Say whose interest it is.")
    if kind == EntryKind.ACTION and not (who.strip() and due_on):
        raise NotPossibleError("An action item needs somebody who does it, and a day.")
    entry = _entry(mediation, kind, text.strip(), by, at)
    entry.party, entry.who, entry.due_on = party if kind == EntryKind.INTEREST else None, who.strip(), due_on
    return _keep_entry(entry, case, "case.mediation_noted", by, at)


@transaction.atomic
def tick_entry(*, entry: MediationEntry, done: bool, by: User, at: datetime) -> MediationEntry:
    """A fact on which every side agrees, or an action that was carried out; or neither any more.

    Action items may be ticked after the talks too: they are promises."""
    case = lock_case(entry.mediation.case, None)
    entry = (
        MediationEntry.objects.select_for_update(no_key=True, of=("self",)).select_related("mediation").get(pk=entry.pk)
    )
    if entry.kind not in (EntryKind.FACT, EntryKind.ACTION):
        raise NotPossibleError("Only facts and action items are ticked.")
    if entry.kind == EntryKind.FACT:
        _check_running(entry.mediation, case, by)
    else:
        check_staff(by, case)
    entry.done_at, entry.done_by = (at, by) if done else (None, None)
    return _keep_entry(entry, case, "case.mediation_ticked", by, at)


def _entry(mediation: Mediation, kind: str, text: str, by: User, at: datetime) -> MediationEntry:
    return MediationEntry(
        program_id=mediation.program_id, mediation=mediation, kind=kind, text=text, written_by=by, written_at=at
    )


def _keep_entry(entry: MediationEntry, case: Case, action: str, by: User, at: datetime) -> MediationEntry:
    """In the case's own chain, without a new version: papers change nothing that anybody decides on."""
    record(action=action, by=by, at=at, subject=entry, program_id=case.program_id, case_id=case.pk,
           facts={"kind": entry.kind, "done": bool(entry.done_at)}, private={"text": entry.text})  # fmt: skip
    explain(entry, by=by, at=at, reason=action)
    entry.full_clean(validate_unique=False, validate_constraints=False)
    entry.save()
    return entry


def talks_to_run(mediation: Mediation, by: User, seen_version: int) -> tuple[Case, Mediation]:
    """The case and its talks, locked, if they are under way and `by` runs them."""
    case = lock_case(mediation.case, seen_version)
    mediation = (
        Mediation.objects.select_for_update(no_key=True, of=("self",))
        .select_related("case__program")
        .get(pk=mediation.pk)
    )
    _check_running(mediation, case, by)
    return case, mediation


def _check_running(mediation: Mediation, case: Case, by: User) -> None:
    if mediation.status != MediationStatus.OPEN or case.status not in TALKS:
        raise WrongStateError(f"These talks are over: {mediation.get_status_display().lower()}.")
    why_not = why_not_run(by, mediation, case)
    if why_not:
        raise NotAllowedError(why_not)


def why_not_run(user: User, mediation: Mediation, case: Case) -> str:
    """The sentence that says why `user` does not run these talks, or "": the facilitator does, else a decider."""
    if mediation.stage == MediationStage.MEDIATION and mediation.facilitator_id != user.pk:
        return f"{mediation.facilitator} facilitates this mediation: nobody else puts proposals or ends it."
    try:
        _check_may_open(case, user)
    except NotAllowedError as error:
        return str(error)
    return ""


def names_of(parties: Iterable[Party]) -> dict[str, str]:
    """What the sides are called, by claimant."""
    return {str(p.partner_id) if p.partner_id else DIRECT: p.name for p in parties} | {DIRECT: "Direct team"}
