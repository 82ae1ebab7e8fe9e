"""The whole (state, act, person) table, tried through the services: done, or refused with a sentence.

One program with somebody in every role; each state is reached through the services, each try is rolled back. In the
suite an act that its state does not know is tried by whoever may do it elsewhere; with PROVE=1 by everybody.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.db import transaction

from channelconflict.models import AuditEvent, User
from channelconflict.scope import acting
from conflicts.services import policy_in_force
from partners import services
from partners.models import Registration
from partners.permissions import Role, scope_of
from partners.services import NotPossibleError
from reviews.choices import BadChoiceError, Choice
from reviews.models import Case, Hold, Mediation, MediationStage, MediationStatus, Target, TargetKind
from reviews.permissions import NotAllowedError
from reviews.services import (
    StaleCaseError,
    answer_appeals,
    answer_request,
    approve,
    claim_case,
    decide,
    file_appeal,
    put_on_hold,
    release_case,
    request_information,
    take_request_back,
)
from reviews.services.appeals import Answer, take_up_appeal
from reviews.services.asking import resume_case
from reviews.services.cases import dissolve_case, restart_route
from reviews.services.changing_talks import change_facilitator, extend_talks
from reviews.services.decisions import Override
from reviews.services.ending_talks import end_talks
from reviews.services.escalation import escalate, escalate_in_time
from reviews.services.holds import end_hold, let_hold_end
from reviews.services.mediation import Invitation, open_talks, stop_talks
from reviews.services.skipping import skip_case
from reviews.services.snooze import sleep_or_wake, snooze_findings, wake_findings
from reviews.services.team import assign_case
from reviews.services.undo import settle_case, undo_decision
from reviews.states import TRANSITIONS, Act, CaseStatus, WrongStateError
from reviews.tasks import close_cases
from reviews.who_may import ROLES, WHO_MAY, Who, table, who_may
from reviews.writeback.outbox import deliver_due
from tests import factories
from tests.factories import AT
from tests.reviews.in_talks import shares

pytestmark = pytest.mark.django_db
S, A = CaseStatus, Act
FULL = bool(os.environ.get("PROVE"))
REFUSED = (WrongStateError, NotAllowedError, NotPossibleError, StaleCaseError, BadChoiceError)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LATER = AT + HOUR  # whoever took the case then has no lease any more
DECIDERS = ("bob", "ada", "carl", "olga", "lena", "rita")  # ada manages one side alone: she has an interest
# Who they are in the state that the test is in: bob took the case and approves it, lena facilitates.
PEOPLE: dict[Who, tuple[str, ...]] = {
    Who.DECIDER: DECIDERS,
    Who.NEUTRAL: ("bob", "carl", "olga", "lena", "rita"),
    Who.STEP: ("bob", "carl", "rita"),
    Who.LEAD: ("carl", "rita"),
    Who.HOLDER: ("bob",),
    Who.APPROVER: ("bob",),
    Who.FACILITATOR: ("lena",),
    Who.ANOTHER: ("rita",),  # bob and carl shared the deal between the sides
    Who.SIDE: ("rival_rep",),
    Who.PRODUCT: ("the product",),
}
EVERYBODY = (*DECIDERS, "pat", "audrey", "stranger", "rival_rep", "the product")


class NoDoorError(Exception):
    """Nobody like this can ask for this act at all."""


@dataclass
class World:
    """One case in one state, and its people."""

    cast: Any
    case: Case
    people: dict[str, User | None] = field(default_factory=dict)

    def now(self) -> Case:
        return Case.objects.select_related("program", "conflict").get(pk=self.case.pk)

    @property
    def seen(self) -> int:
        return self.now().version

    def talks(self) -> Mediation:
        found = Mediation.objects.filter(case=self.case, status=MediationStatus.OPEN).select_related("case").first()
        if found is None:
            raise NoDoorError
        return found

    def party(self, partner: Any) -> Any:
        return self.case.parties.select_related("registration__program", "partner").get(partner=partner)

    def findings(self) -> Any:
        return self.case.conflict.findings.filter(gone_at__isnull=True)


# --- how each state is reached ---


def untouched(w: World) -> None:
    assert w.case.status == S.OPEN


def claimed(w: World) -> None:
    claim_case(case=w.case, by=w.cast.bob, at=AT)


def asked(w: World) -> None:
    claimed(w)
    request_information(
        case=w.case, parties=[w.party(w.cast.beta)], fields=["note"], body="Who signs?", by=w.cast.bob, at=AT
    )


def snoozed(w: World) -> None:
    until, why = AT + 30 * DAY, "It can wait."
    snooze_findings(
        case=w.case, findings=w.findings(), until=until, reason=why, by=w.cast.bob, at=AT, seen_version=w.seen
    )


def talking(stage: str) -> Callable[[World], None]:
    def begun(w: World) -> None:
        claimed(w)
        mediator = w.cast.lena if stage == MediationStage.MEDIATION else None
        invitation = Invitation(stage, "Please settle it.", 5, mediator)
        open_talks(case=w.case, invitation=invitation, by=w.cast.bob, at=AT, seen_version=w.seen)

    return begun


def _minutes(w: World, minutes: int) -> None:
    w.cast.program.undo_minutes = minutes
    services.change_program(program=w.cast.program, by=None, at=AT)


def settling(w: World) -> None:
    approve(case=w.case, by=w.cast.bob, at=AT, seen_version=w.seen)


def decided(w: World) -> None:
    _minutes(w, 0)
    why = Override("relationship", "Both worked for it.")
    decide(case=w.case, choice=shares(w.cast), by=w.cast.bob, at=AT, seen_version=w.seen, override=why)
    approve(case=w.case, by=w.cast.carl, at=AT, seen_version=w.seen)


def appealed(w: World) -> None:
    decided(w)
    _file(w, w.party(w.cast.alpha), w.cast.acme_rep)


def final(w: World) -> None:
    decided(w)
    _sweep(w, AT + 20 * DAY)


def closed(w: World) -> None:
    dissolve_case(conflict=w.case.conflict, at=AT)


REACHED: dict[CaseStatus, Callable[[World], None]] = {
    S.OPEN: untouched, S.IN_REVIEW: claimed, S.AWAITING_INFORMATION: asked, S.SNOOZED: snoozed,
    S.INFORMAL: talking(MediationStage.INFORMAL), S.MEDIATION: talking(MediationStage.MEDIATION), S.SETTLING: settling,
    S.DECIDED: decided, S.APPEALED: appealed, S.FINAL: final, S.CLOSED: closed,
}  # fmt: skip


# --- the doors of each act: of staff, of a side, of the product ---


def _file(w: World, party: Any, by: Any, seen: int | None = None) -> None:
    if by.is_staff:
        appeal = file_appeal(party=party, ground="overlooked", text="We did more.", by=by, at=LATER, seen_version=seen)
    else:
        with acting(scope_of(by)):
            appeal = file_appeal(party=party, ground="overlooked", text="We did more.", by=by, at=LATER)
    take_up_appeal(appeal=appeal, at=LATER)


def _answer(w: World, by: User) -> None:
    registration = Registration.objects.get(pk=w.party(w.cast.beta).registration_id)
    with acting(scope_of(by)):
        answered = answer_request(registration=registration, changes={"note": "They do."}, body="So.", by=by, at=LATER)
    resume_case(registration=answered, at=LATER)


def _override(w: World, by: User) -> None:
    if w.now().status == S.APPEALED:
        other = Choice("award", str(w.cast.beta.pk))
        answer = Answer("Beta came first.", "It counts.", other, "evidence_wrong")
        answer_appeals(case=w.case, answer=answer, by=by, at=LATER, seen_version=w.seen)
        return
    choice, why = Choice("award", str(w.cast.beta.pk)), Override("timing", "They came first.")
    decide(case=w.case, choice=choice, by=by, at=LATER, seen_version=w.seen, override=why)


def _hold(w: World, by: User) -> Hold:
    return put_on_hold(
        case=w.case, speaks=w.cast.lena, until=AT + 9 * DAY, reason="The buyer is confused.", by=by, at=LATER,
        seen_version=w.seen,
    )  # fmt: skip


def _begin(stage: str, mediator: str = "") -> Callable[[World, User], Any]:
    def begin(w: World, by: User) -> None:
        chosen = w.people[mediator] if mediator else None
        invitation = Invitation(stage, "Please settle it.", 5, chosen)
        open_talks(case=w.case, invitation=invitation, by=by, at=LATER, seen_version=w.seen)

    return begin


STAFF: dict[Act, Callable[[World, Any], Any]] = {
    A.CLAIM: lambda w, by: claim_case(case=w.case, by=by, at=LATER),
    A.RELEASE: lambda w, by: release_case(case=w.case, by=by, at=LATER),
    A.ASK: lambda w, by: request_information(
        case=w.case, parties=[w.party(w.cast.beta)], fields=[], body="Who signs?", by=by, at=LATER, seen_version=w.seen
    ),
    A.TAKE_BACK: lambda w, by: take_request_back(case=w.case, by=by, at=LATER, seen_version=w.seen),
    A.ASSIGN: lambda w, by: assign_case(case=w.case, to=w.cast.bob, by=by, at=LATER, seen_version=w.seen),
    A.SKIP: lambda w, by: skip_case(case=w.case, reason="time", text="", by=by, at=LATER, seen_version=w.seen),
    A.SNOOZE: lambda w, by: snooze_findings(
        case=w.case, findings=w.findings(), until=AT + 9 * DAY, reason="Later.", by=by, at=LATER, seen_version=w.seen
    ),
    A.WAKE: lambda w, by: wake_findings(case=w.case, findings=w.findings(), by=by, at=LATER, seen_version=w.seen),
    A.ESCALATE: lambda w, by: escalate(case=w.case, reason="Too much.", by=by, at=LATER, seen_version=w.seen),
    A.ASK_TO_SETTLE: _begin(MediationStage.INFORMAL),
    A.MEDIATE: _begin(MediationStage.MEDIATION, "lena"),
    A.EXTEND_TALKS: lambda w, by: extend_talks(
        mediation=w.talks(), days=3, body="A fair is on.", by=by, at=LATER, seen_version=w.seen
    ),
    A.CHANGE_FACILITATOR: lambda w, by: change_facilitator(
        mediation=w.talks(), facilitator=w.cast.cleo, reason="Ill.", by=by, at=LATER, seen_version=w.seen
    ),
    A.END_TALKS: lambda w, by: stop_talks(mediation=w.talks(), memo="No way.", by=by, at=LATER, seen_version=w.seen),
    A.APPROVE_STEP: _override,
    A.COMPLETE: lambda w, by: approve(case=w.case, by=by, at=LATER, seen_version=w.seen),
    A.APPEAL: lambda w, by: _file(w, w.party(w.cast.beta), by, w.seen),
    A.ANSWER_APPEAL: lambda w, by: answer_appeals(
        case=w.case, answer=Answer("It stands.", "We looked."), by=by, at=LATER, seen_version=w.seen
    ),
    A.HOLD: _hold,
    A.END_HOLD: lambda w, by: end_hold(case=w.case, by=by, at=LATER, seen_version=w.seen),
    A.UNDO: lambda w, by: undo_decision(case=w.case, by=by, at=LATER, seen_version=w.seen),
    A.SETTLE: lambda w, by: settle_case(case=w.case, by=by, at=LATER, seen_version=w.seen),
}
SIDE: dict[Act, Callable[[World, Any], Any]] = {
    A.ANSWER: _answer,
    A.APPEAL: lambda w, by: _file(w, w.party(w.cast.beta), by),
}
PRODUCT: dict[Act, Callable[[World], Any]] = {
    A.REASSESS: lambda w: restart_route(case=w.now(), at=LATER),
    A.WAKE: lambda w: sleep_or_wake(
        case=w.now(), advised_before=None, policy=policy_in_force(w.cast.program).policy, at=AT + 60 * DAY
    ),
    A.ESCALATE: lambda w: escalate_in_time(case=w.case, at=AT + 40 * DAY),
    A.AGREE: lambda w: end_talks(mediation=w.talks(), status="agreed", memo="Agreed.", by=None, at=LATER),
    A.END_TALKS: lambda w: end_talks(mediation=w.talks(), status="failed", memo="Late.", by=None, at=LATER),
    A.END_HOLD: lambda w: let_hold_end(hold=Hold.objects.get(case=w.case, ended_at=None), at=AT + 9 * DAY),
    A.SETTLE: lambda w: settle_case(case=w.case, by=None, at=AT + DAY),
    A.FINALISE: lambda w: _sweep(w, AT + 20 * DAY),
    A.CLOSE: lambda w: (deliver_due(w.cast.program), _sweep(w, AT + DAY)),
    A.DISSOLVE: lambda w: dissolve_case(conflict=w.case.conflict, at=LATER),
}


def _sweep(w: World, at: datetime) -> None:
    with patch("django.utils.timezone.now", return_value=at):
        close_cases(w.cast.program)


# --- the trials ---


def world(cast: Any, stranger: User, state: CaseStatus) -> World:
    with cast.scope():  # it gets writes, so a final case is not closed at once
        target = Target(program=cast.program, name="crm", kind=TargetKind.FILE)
        services.save_row(target, by=None, at=AT, action="target.added")
    case = factories.conflict_case(cast)
    w = World(cast, case, {"stranger": stranger, "rival_rep": cast.rival_rep, "the product": None, **cast.staff})
    with cast.scope():
        _minutes(w, 240)
        REACHED[state](w)
        w.case = w.now()
    assert w.case.status == state
    return w


class UndoneError(Exception):
    """The savepoint of a trial goes back."""


def tried(w: World, act: Act, name: str) -> tuple[str, str]:
    """What becomes of it: ("done", the state that follows) or ("refused", the sentence); nothing is kept."""
    seen: dict[str, str] = {}
    try:
        with transaction.atomic(), w.cast.scope():
            if act == A.END_HOLD and w.case.status in HELD:
                _hold(w, w.cast.carl)
            before = AuditEvent.objects.filter(subject_id=w.case.pk).count()
            _do(w, act, name)
            seen["state"] = w.now().status
            told = AuditEvent.objects.filter(subject_id=w.case.pk).count() > before
            if name == "the product" and not told:
                return "refused", "There was nothing to do."
            raise UndoneError
    except UndoneError:
        return "done", seen["state"]
    except NoDoorError:
        return "refused", "There is no such door."
    except REFUSED as error:
        return "refused", str(error)


# What takes more than one case that collides.
ELSEWHERE = {
    (
        S.SNOOZED,
        A.END_HOLD,
    ): "a held case falls asleep when all that kept it awake goes away: tests/reviews/test_holds.py",
    (S.OPEN, A.APPROVE_BY_RULE): "the policy lets the product approve: tests/reviews/test_by_rule.py",
}
HELD = {state for state, act in TRANSITIONS if act == A.HOLD}


def _do(w: World, act: Act, name: str) -> None:
    by = w.people[name]
    if by is None:
        door = PRODUCT.get(act)
        if door is None or (act == A.END_HOLD and w.now().held_until is None):
            raise NoDoorError
        door(w)
        return
    doors = STAFF if by.is_staff else SIDE
    if act not in doors:
        raise NoDoorError
    doors[act](w, by)


def tries(state: CaseStatus, act: Act) -> tuple[str, ...]:
    if FULL or (state, act) in TRANSITIONS:
        return EVERYBODY
    return tuple(dict.fromkeys(PEOPLE[who][0] for who in WHO_MAY[act]))


def follows(state: CaseStatus, act: Act, name: str) -> str:
    """The state that follows; whoever skips a case that they took gives it back as well."""
    then = TRANSITIONS[state, act]
    gives_back = act == A.SKIP and state == S.IN_REVIEW and name in PEOPLE[Who.HOLDER]
    return TRANSITIONS[then, A.RELEASE].value if gives_back else then.value


@pytest.mark.parametrize("state", list(CaseStatus), ids=lambda state: state.value)
def test_who_may_do_what_in_this_state(cast, state):
    stranger = factories.make_cast("southwind").bob
    w, wrong = world(cast, stranger, state), []
    for act in Act:
        if (state, act) in ELSEWHERE:
            continue
        able = {name for who in who_may(state, act) for name in PEOPLE[who]}
        for name in tries(state, act):
            verdict, said = tried(w, act, name)
            wanted = ("done", follows(state, act, name)) if name in able else ("refused",)
            if (verdict, said)[: len(wanted)] != wanted:
                wrong.append(f"{name}: {act.value}: {verdict}, {said}; wanted {wanted}")
            elif verdict == "refused" and not (said.endswith(".") and " " in said):
                wrong.append(f"{name}: {act.value}: no sentence: {said!r}")
    assert wrong == []


def test_the_table_names_every_act_and_only_roles_that_decide():
    assert set(WHO_MAY) == set(Act)
    assert set(ROLES) == set(Who)
    assert all(who_may(*pair) for pair in TRANSITIONS)
    assert who_may(S.CLOSED, A.CLAIM) == ()
    readers = {Role.AUDITOR, Role.PROGRAM_ADMIN}
    assert not any(roles & readers for roles in ROLES.values())
    page = table()
    assert all(f"`{act.value}`" in page for act in Act)
    assert all(role.label in page for role in Role)
