"""The life of a case as a whole table: every state with every act, and the page that is made from it."""

from itertools import product
from pathlib import Path

import pytest

from reviews.models import Case
from reviews.states import (
    OWNERS,
    TRANSITIONS,
    UNDECIDED,
    UNSETTLED,
    Act,
    CaseStatus,
    WrongStateError,
    check_can,
    diagram,
)
from reviews.who_may import table

S, A = CaseStatus, Act

# Written out again by hand: a slip in the product's table does not pass by being its own judge.
FOLLOWS = {
    S.OPEN: {A.CLAIM: S.IN_REVIEW, A.REASSESS: S.OPEN, A.ASK: S.AWAITING_INFORMATION, A.APPROVE_STEP: S.IN_REVIEW,
             A.COMPLETE: S.SETTLING, A.DISSOLVE: S.CLOSED, A.SNOOZE: S.SNOOZED, A.ASSIGN: S.OPEN, A.SKIP: S.OPEN,
             A.APPROVE_BY_RULE: S.SETTLING,
             A.ESCALATE: S.OPEN, A.ASK_TO_SETTLE: S.INFORMAL, A.MEDIATE: S.MEDIATION,
             A.HOLD: S.OPEN, A.END_HOLD: S.OPEN},
    S.IN_REVIEW: {A.CLAIM: S.IN_REVIEW, A.RELEASE: S.OPEN, A.REASSESS: S.IN_REVIEW, A.ASK: S.AWAITING_INFORMATION,
                  A.APPROVE_STEP: S.IN_REVIEW, A.COMPLETE: S.SETTLING, A.DISSOLVE: S.CLOSED, A.SNOOZE: S.SNOOZED,
                  A.ASSIGN: S.IN_REVIEW, A.SKIP: S.IN_REVIEW, A.ESCALATE: S.IN_REVIEW, A.ASK_TO_SETTLE: S.INFORMAL,
                  A.MEDIATE: S.MEDIATION, A.HOLD: S.IN_REVIEW, A.END_HOLD: S.IN_REVIEW},
    S.INFORMAL: {A.CLAIM: S.INFORMAL, A.REASSESS: S.INFORMAL, A.DISSOLVE: S.CLOSED, A.MEDIATE: S.MEDIATION,
                 A.RELEASE: S.INFORMAL, A.EXTEND_TALKS: S.INFORMAL,
                 A.AGREE: S.IN_REVIEW, A.END_TALKS: S.IN_REVIEW, A.HOLD: S.INFORMAL, A.END_HOLD: S.INFORMAL},
    S.MEDIATION: {A.CLAIM: S.MEDIATION, A.RELEASE: S.MEDIATION, A.EXTEND_TALKS: S.MEDIATION, A.CHANGE_FACILITATOR: S.MEDIATION,
                  A.REASSESS: S.MEDIATION, A.DISSOLVE: S.CLOSED, A.AGREE: S.IN_REVIEW,
                  A.END_TALKS: S.IN_REVIEW, A.HOLD: S.MEDIATION, A.END_HOLD: S.MEDIATION},
    S.SNOOZED: {A.WAKE: S.IN_REVIEW, A.REASSESS: S.SNOOZED, A.DISSOLVE: S.CLOSED, A.END_HOLD: S.SNOOZED},
    S.AWAITING_INFORMATION: {A.CLAIM: S.AWAITING_INFORMATION, A.RELEASE: S.AWAITING_INFORMATION,
                             A.ANSWER: S.IN_REVIEW, A.TAKE_BACK: S.IN_REVIEW,
                             A.REASSESS: S.AWAITING_INFORMATION, A.DISSOLVE: S.CLOSED,
                             A.ASSIGN: S.AWAITING_INFORMATION, A.HOLD: S.AWAITING_INFORMATION,
                             A.END_HOLD: S.AWAITING_INFORMATION},
    S.SETTLING: {A.UNDO: S.IN_REVIEW, A.REASSESS: S.IN_REVIEW, A.SETTLE: S.DECIDED, A.DISSOLVE: S.CLOSED},
    S.DECIDED: {A.APPEAL: S.APPEALED, A.FINALISE: S.FINAL},
    S.APPEALED: {A.APPEAL: S.APPEALED, A.APPROVE_STEP: S.APPEALED, A.ANSWER_APPEAL: S.FINAL, A.HOLD: S.APPEALED,
                 A.END_HOLD: S.APPEALED},
    S.FINAL: {A.CLOSE: S.CLOSED},
    S.CLOSED: {},
}  # fmt: skip


@pytest.mark.parametrize(("state", "act"), list(product(CaseStatus, Act)), ids=lambda value: value.value)
def test_what_each_act_makes_of_each_state(state: CaseStatus, act: Act) -> None:
    following = FOLLOWS[state].get(act)
    if following is not None:
        assert check_can(state, act) == check_can(state.value, act) == following
        return
    with pytest.raises(WrongStateError) as refused:
        check_can(state, act)
    sentence = str(refused.value)
    assert state.label.lower() in sentence
    assert act.label.lower() in sentence
    assert sentence.endswith(".")


def test_an_unknown_state_is_an_error() -> None:
    with pytest.raises(ValueError, match="nowhere"):
        check_can("nowhere", Act.CLAIM)


def test_every_state_is_reached_and_left_but_the_last() -> None:
    reached, edge = {S.OPEN}, {S.OPEN}
    while edge:
        edge = {to for (state, _), to in TRANSITIONS.items() if state in edge} - reached
        reached |= edge
    assert reached == set(CaseStatus)
    assert {state for state, _ in TRANSITIONS} == set(CaseStatus) - {S.CLOSED}


def test_every_act_is_of_use_and_every_state_has_an_owner() -> None:
    assert {act for _, act in TRANSITIONS} == set(Act)
    assert list(OWNERS) == list(CaseStatus)
    assert all(OWNERS.values())


def test_undecided_states_are_those_from_which_a_decision_can_still_come() -> None:
    can = {S.DECIDED}
    for _ in CaseStatus:
        can |= {state for (state, _), to in TRANSITIONS.items() if to in can}
    assert set(UNDECIDED) == can - {S.SETTLING, S.DECIDED}
    assert set(UNSETTLED) == can - {S.DECIDED}


def test_the_model_offers_exactly_these_states() -> None:
    assert [value for value, _ in Case._meta.get_field("status").choices] == CaseStatus.values
    assert Case._meta.get_field("status").default == CaseStatus.OPEN


def test_the_diagram_in_the_documentation_is_the_present_one(settings) -> None:
    page = Path(settings.BASE_DIR, "docs", "states.md")
    assert page.read_text() == diagram() + table(), "run `python manage.py states`"
    assert all(f"{state.value} --> {to.value}: {act.value}" in diagram() for (state, act), to in TRANSITIONS.items())
