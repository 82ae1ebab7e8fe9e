"""Appeals: a side files one, once and in time; another person answers, and the outcome stands or is replaced.

A side files in its own scope, which sees no case: what it filed is kept, and the worker takes it up (take_up_appeal).
An outcome that differs from the recommendation needs a second person here as anywhere.
"""

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from channelconflict.audit import canonical
from channelconflict.models import User
from channelconflict.tasks import nudge
from partners.models import Account, Activity, Registration, RegistrationStatus
from partners.services import DECISION_HOURS, NotPossibleError, add_activity, save_row
from partners.tracker import day
from reviews import interim_notices, notices, sla
from reviews.choices import DIRECT, Choice, change_of, check
from reviews.models import (
    Appeal,
    AppealAnswer,
    AppealGround,
    AppealStatus,
    Approval,
    Assignment,
    Case,
    Decision,
    NoticeKind,
    Party,
    PartyOutcome,
)
from reviews.permissions import NotAllowedError, Step, appeal_step
from reviews.precedents import keep_precedent
from reviews.routing import SECOND, may_second
from reviews.services.cases import lock_case, save_case, tell
from reviews.services.decisions import Override, choice_of, recommended_choice, snapshot_of
from reviews.services.outcomes import claims_decided, party_side, replace_outcome
from reviews.services.wording import check_words
from reviews.services.working import check_staff
from reviews.states import Act, CaseStatus, check_can


@dataclass(frozen=True)
class Work:
    """A dated activity that comes with an appeal."""

    kind: str
    occurred_on: date
    note: str = ""


@dataclass(frozen=True)
class Answer:
    """What somebody answers: another outcome (None = it stands), why (internal), and what the sides that appealed read."""

    reasons: str
    told: str
    choice: Choice | None = None
    reason_code: str = ""

    def check(self) -> None:
        """Refuse an answer without its reasons."""
        if not self.reasons.strip():
            raise NotPossibleError("Say in a sentence why you answer so: it goes on the record.")
        if not self.told.strip():
            raise NotPossibleError("Write what the side that appealed reads.")


def why_no_appeal(party: Party, at: datetime) -> str:
    """The sentence that says why this side cannot appeal at `at`, or ""."""
    appeal = Appeal.objects.filter(party=party).first()
    if appeal is not None:
        filed = _("An appeal was filed already (%(number)s): a decision can be appealed against once.")
        return filed % {"number": appeal.number}
    if party.outcome == PartyOutcome.OPEN:
        return _("There is no decision yet that could be appealed against.")
    if party.outcome == PartyOutcome.OWNER:
        return _("The deal was approved as it was registered: there is nothing to appeal against.")
    if party.registration_id is None:
        return _("This side has no registration that could be appealed for.")
    if party.appeal_until is None:
        return _("This decision is final.")
    if at > party.appeal_until:
        until = day(party.appeal_until, party.program.timezone)
        return _("The decision could be appealed against until %(day)s. It is final now.") % {"day": until}
    return ""


@transaction.atomic
def file_appeal(
    *,
    party: Party,
    ground: str,
    text: str,
    by: User,
    at: datetime,
    work: Iterable[Work] = (),
    seen_version: int | None = None,
) -> Appeal:
    """File a side's appeal, with new evidence as dated activities of its registration; once, within the window.

    Its own people file it in their own scope; staff file what came by letter, on the version of the case that they saw.
    """
    if by.is_staff:
        check_staff(by, lock_case(party.case, seen_version))
    why_not = why_no_appeal(party, at)
    if why_not:
        raise NotPossibleError(why_not)
    if ground not in AppealGround.values:
        raise NotPossibleError(_("Choose the ground of the appeal from the list."))
    if not text.strip():
        raise NotPossibleError(_("Say what was decided wrongly, and what shows it."))
    registration = party.registration
    added = [
        add_activity(registration=registration, kind=one.kind, occurred_on=one.occurred_on, note=one.note, by=by, at=at)
        for one in work
    ]
    appeal = Appeal(
        program_id=party.program_id, party=party, partner_id=party.partner_id, direct=party.direct,
        registration=registration, ground=ground, text=text.strip(), activities=[one.pk for one in added], filed_at=at,
        filed_by_id=by.pk, due_at=registration.program.calendar.add_hours(at, DECISION_HOURS),
    )  # fmt: skip
    facts = {"number": appeal.number, "ground": ground, "activities": appeal.activities}
    try:
        with transaction.atomic():
            save_row(appeal, by=by, at=at, action="appeal.filed", facts=facts)
    except IntegrityError:
        raise NotPossibleError(_("An appeal was filed already: a decision can be appealed against once.")) from None
    nudge("reviews.tasks.take_up_appeal", appeal.program_id, appeal.pk)
    return appeal


@transaction.atomic
def take_up_appeal(*, appeal: Appeal, at: datetime) -> bool:
    """The worker's half: the case is under appeal, its clock begins, and whoever is approved is told that it is looked at.

    An answer that waits for a second person falls: it was given without this appeal. Says whether there was anything to do.
    """
    case = lock_case(Case.objects.get(parties=appeal.party_id), None)
    appeal = Appeal.objects.select_for_update(no_key=True).get(pk=appeal.pk)
    if appeal.status != AppealStatus.FILED:
        return False
    first = case.status == CaseStatus.DECIDED
    case.status, case.pending = check_can(case.status, Act.APPEAL), []
    if first:
        clock = case.decisions.latest("number").policy.policy.clock
        promised = (appeal.due_at,)
        due = sla.opened(at, hours=clock.hours, at_risk_pct=clock.at_risk_pct, calendar=case.program.calendar,
                         promised=promised)  # fmt: skip
        case.appeal_due_at, case.appeal_at_risk_at = due.due_at, due.at_risk_at
    save_case(case, by=None, at=at, action="case.appealed", facts={"appeal": appeal.pk, "ground": appeal.ground})
    appeal.status = AppealStatus.OPEN
    save_row(appeal, by=None, at=at, action="appeal.taken_up")
    for registration in _approved_beside(case, appeal) if first else ():
        text = notices.looked_at_again(registration)
        tell(registration.partner_id, registration, NoticeKind.LOOKED_AT_AGAIN, text, at)
    return True


def _approved_beside(case: Case, appeal: Appeal) -> list[Registration]:
    """The approved registrations of the other sides: their protection stands meanwhile."""
    claims = claims_decided(case, case.decisions.latest("number"))
    return [
        claim.registration
        for claim in claims
        if claim.registration.status == RegistrationStatus.APPROVED
        and claim.registration.partner_id != appeal.partner_id
    ]


def open_appeals(case: Case) -> list[Appeal]:
    """The appeals of a case that wait for an answer, the earlier first."""
    rows = Appeal.objects.filter(party__case=case, status=AppealStatus.OPEN).select_related("party__partner")
    return list(rows.select_related("registration").order_by("filed_at", "pk"))


def waiting_answer(case: Case) -> AppealAnswer | None:
    """The answer that waits for a second person, if one does."""
    if not case.pending:
        return None
    rows = case.appeal_answers.filter(settled_at__isnull=True).select_related("answered_by")
    return rows.order_by("-number").first()


def answering_step(user: User, case: Case, appeals: Iterable[Appeal], approvals: Iterable[Approval]) -> Step:
    """Whether `user` may answer the appeals of a case."""
    return appeal_step(user, case, list(approvals), {appeal.filed_by_id for appeal in appeals})


def confirming_step(
    user: User, case: Case, waiting: AppealAnswer, appeals: Iterable[Appeal], approvals: Iterable[Approval]
) -> Step:
    """Whether `user` may stand behind an answer as the second person."""
    step = answering_step(user, case, appeals, approvals)
    if step.why_not:
        return step
    if waiting.answered_by_id == user.pk:
        return Step(why_not="You gave this answer: a second person stands behind it.")
    if not may_second(waiting.role, step.role):
        return Step(why_not="The second person has the same role as the first, or a higher one.")
    return step


@transaction.atomic
def answer_appeals(*, case: Case, answer: Answer, by: User, at: datetime, seen_version: int) -> AppealAnswer:
    """Answer all open appeals of a case: the decision stands, or another outcome takes its place.

    Another outcome that the rules do not recommend waits for a second person (`confirm_answer`); everything else is
    settled at once, and the case is final.
    """
    case, before = _locked(case, seen_version)
    appeals = open_appeals(case)
    step = answering_step(by, case, appeals, case.approvals.all())
    if step.why_not:
        raise NotAllowedError(step.why_not)
    answer.check()
    check_words(answer.told, case=case, to=[appeal.party for appeal in appeals])
    kept = AppealAnswer(
        program_id=case.program_id, case=case, number=case.appeal_answers.count() + 1, before=before, role=step.role,
        outcome=_outcome(case, answer, before), choice=_dump(answer.choice), reasons=answer.reasons.strip(),
        told=answer.told.strip(), answered_by=by, answered_at=at,
    )  # fmt: skip
    recommended = recommended_choice(before.recommendation)
    if answer.choice and not (recommended and answer.choice.same_as(recommended)):
        Override(answer.reason_code, answer.reasons).check()
        kept.reason_code = answer.reason_code
        return _wait_for_second(case, kept, by, at)
    return _settle(case, kept, appeals, None, by, at)


@transaction.atomic
def confirm_answer(*, case: Case, by: User, at: datetime, seen_version: int) -> AppealAnswer:
    """Stand behind an answer as the second person: it is settled, and the case is final."""
    case, _before = _locked(case, seen_version)
    waiting, appeals = waiting_answer(case), open_appeals(case)
    if waiting is None:
        raise NotPossibleError("No answer waits for a second person.")
    step = confirming_step(by, case, waiting, appeals, case.approvals.all())
    if step.why_not:
        raise NotAllowedError(step.why_not)
    return _settle(case, waiting, appeals, step.role, by, at)


def _locked(case: Case, seen_version: int) -> tuple[Case, Decision]:
    """The appealed case and the decision that stands, with everything locked that another outcome may touch.

    The account first, as detection does; then the registrations that a later conflict may have taken over.
    """
    list(Account.objects.select_for_update(no_key=True).filter(pk=case.account_id).values_list("pk"))
    case = lock_case(case, seen_version)
    check_can(case.status, Act.ANSWER_APPEAL)
    before = case.decisions.select_related("recommendation__policy", "policy").latest("number")
    mine = Registration.objects.filter(claim__in=[claim.pk for claim in claims_decided(case, before)]).order_by("pk")
    list(mine.select_for_update(no_key=True, of=("self",)).values_list("pk"))
    return case, before


def _outcome(case: Case, answer: Answer, before: Decision) -> str:
    """Upheld, varied or overturned; the outcome that stands is no other outcome."""
    if answer.choice is None:
        return AppealStatus.UPHELD
    check(answer.choice, frozenset(map(party_side, case.parties.filter(left_at__isnull=True))))
    changed = change_of(choice_of(before), answer.choice)
    if changed == AppealStatus.UPHELD:
        raise NotPossibleError("This is what was decided: uphold the decision, or choose another outcome.")
    return changed


def _wait_for_second(case: Case, answer: AppealAnswer, by: User, at: datetime) -> AppealAnswer:
    case.status, case.pending = check_can(case.status, Act.APPROVE_STEP), [f"{SECOND}{answer.role}"]
    facts = {"outcome": answer.outcome, "role": answer.role, "answer": answer.pk}
    save_case(case, by=by, at=at, action="case.appeal_step", facts=facts, private={"reason": answer.reasons})
    answer.save()
    return answer


def _settle(
    case: Case, answer: AppealAnswer, appeals: list[Appeal], second_role: str | None, by: User, at: datetime
) -> AppealAnswer:
    decision = _decide(case, answer, appeals, second_role, by, at) if answer.choice else None
    case.status, case.pending = check_can(case.status, Act.ANSWER_APPEAL), []
    facts: dict[str, Any] = {"outcome": answer.outcome, "appeals": [appeal.pk for appeal in appeals]}
    if decision:
        facts |= {"decision": decision.pk, "snapshot": decision.snapshot_sha256, "override": decision.is_override}
    save_case(case, by=by, at=at, action="case.appeal_answered", facts=facts, private={"reason": answer.reasons})
    Assignment.objects.filter(case=case, released_at__isnull=True).update(released_at=at)
    answer.decision, answer.settled_at = decision, at
    answer.save()
    if decision:
        keep_precedent(case=case, decision=decision)
        replace_outcome(case=case, before=answer.before, decision=decision, choice=choice_of(decision), by=by, at=at)
    else:
        _nothing_changes(case, answer.before, {appeal.partner_id for appeal in appeals}, at)
    for appeal in appeals:
        _tell_answer(appeal, answer, by, at)
    for party in case.parties.filter(appeal_until__isnull=False).order_by("pk"):
        party.appeal_until = None
        save_row(party, by=by, at=at, action="party.final")
    return answer


def _decide(
    case: Case, answer: AppealAnswer, appeals: list[Appeal], second_role: str | None, by: User, at: datetime
) -> Decision:
    """The decision of the answer, with a snapshot of its own, and who stands behind it."""
    before, choice = answer.before, _load(answer.choice)
    recommended = recommended_choice(before.recommendation)
    override = recommended is None or not choice.same_as(recommended)
    snapshot = snapshot_of(case, before.recommendation) | {"appeals": [_seen(appeal) for appeal in appeals]}
    decision = Decision.objects.create(
        program_id=case.program_id, case=case, number=before.number + 1, action=choice.action,
        owner_id=choice.owner if choice.owner not in ("", DIRECT) else None,
        owner_direct=choice.owner == DIRECT or choice.action == "direct_retained", support=list(choice.support),
        shares={side: str(share) for side, share in choice.shares.items()}, is_override=override,
        reason_code=answer.reason_code if override else "", reason_text=answer.reasons,
        recommendation=before.recommendation, policy=before.policy, decided_by=answer.answered_by, decided_as=answer.role,
        decided_at=at, case_version=case.version, snapshot=snapshot,
        snapshot_sha256=hashlib.sha256(canonical(snapshot).encode()).hexdigest(),
    )  # fmt: skip
    stand = [(answer.answered_by, answer.role, answer.answered_at)]
    if second_role:
        stand.append((by, second_role, at))
    for user, role, when in stand:
        Approval.objects.create(
            program_id=case.program_id, case=case, decision=decision, role=role, approved_by=user, approved_at=when
        )
    return decision


def _seen(appeal: Appeal) -> dict[str, Any]:
    """One appeal as whoever answered it saw it."""
    work = Activity.objects.filter(pk__in=appeal.activities).order_by("occurred_on", "pk")
    return {
        "number": appeal.number, "party": party_side(appeal.party), "ground": appeal.ground, "text": appeal.text,
        "work": [{"kind": one.kind, "on": one.occurred_on.isoformat(), "note": one.note} for one in work],
    }  # fmt: skip


def _tell_answer(appeal: Appeal, answer: AppealAnswer, by: User, at: datetime) -> None:
    appeal.status, appeal.answer, appeal.answered_at = answer.outcome, answer.told, at
    save_row(appeal, by=by, at=at, action="appeal.answered", facts={"outcome": answer.outcome})
    if appeal.registration:
        text = interim_notices.appeal_answered(appeal, appeal.registration)
        tell(appeal.partner_id, appeal.registration, NoticeKind.APPEAL_ANSWERED, text, at)


def _nothing_changes(case: Case, before: Decision, appealed: Collection[Any], at: datetime) -> None:
    """Whoever was told that a decision is looked at again hears that it stands."""
    for claim in claims_decided(case, before):
        registration = claim.registration
        if registration.status == RegistrationStatus.APPROVED and registration.partner_id not in appealed:
            text = interim_notices.decision_stands(registration)
            tell(registration.partner_id, registration, NoticeKind.LOOKED_AT_AGAIN, text, at)


def _dump(choice: Choice | None) -> dict[str, Any]:
    if choice is None:
        return {}
    shares = {side: str(share) for side, share in choice.shares.items()}
    return {"action": choice.action, "owner": choice.owner, "support": list(choice.support), "shares": shares}


def _load(kept: dict[str, Any]) -> Choice:
    shares = {side: Decimal(share) for side, share in kept["shares"].items()}
    return Choice(kept["action"], kept["owner"], tuple(kept["support"]), shares)


def choice_in(answer: AppealAnswer) -> Choice | None:
    """The other outcome of an answer; None = the decision stands."""
    return _load(answer.choice) if answer.choice else None
