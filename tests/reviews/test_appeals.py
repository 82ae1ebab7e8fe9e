"""An appeal: once a side, in time, answered by another person."""

import pytest
from django.core.exceptions import ValidationError

from channelconflict.models import AuditEvent
from channelconflict.scope import acting
from partners import permissions
from partners.services import NotPossibleError
from reviews import interim, tasks
from reviews.models import (
    Case,
    Party,
)
from reviews.permissions import NotAllowedError
from reviews.services import approve, file_appeal
from reviews.services.appeals import Work, why_no_appeal
from reviews.states import APPEAL_WINDOW, WrongStateError
from tests import factories
from tests.factories import AT
from tests.reviews.appealing import DAY, LATER, answered, decided_case, filed, registration, side, told
from tests.reviews.at_the_desk import fresh

pytestmark = pytest.mark.django_db


@pytest.fixture
def decided(cast) -> Case:
    """Alpha has the Orion deal, Bob approved it."""
    return decided_case(cast)


# --- filing ---


def test_the_side_that_lost_may_appeal_within_the_window_and_the_other_learns_little(cast, decided):
    losing, winning = side(cast, decided, cast.beta), side(cast, decided, cast.alpha)
    assert losing.appeal_until == AT + APPEAL_WINDOW
    with cast.scope():
        assert "nothing to appeal" in why_no_appeal(winning, LATER)
        assert why_no_appeal(losing, AT + APPEAL_WINDOW) == ""
        assert "until 16 March 2026" in why_no_appeal(losing, AT + APPEAL_WINDOW + DAY)
    work = [Work("meeting", (AT - 5 * DAY).date(), "In Austin.")]
    appeal = filed(cast, decided, work=work)
    case = fresh(cast, decided)
    assert case.status == "appealed"
    assert case.appeal_due_at == appeal.due_at == AT + 3 * DAY  # 48 open hours after Tuesday
    assert case.due_at == decided.due_at, "the first clock keeps its result"
    with cast.scope():
        appeal.refresh_from_db()
        assert appeal.status == "open"
        assert registration(cast, cast.beta).activities.get(pk=appeal.activities[0]).note == "In Austin."
        assert list(
            AuditEvent.objects.filter(subject_id=appeal.pk).order_by("at", "pk").values_list("action", flat=True)
        ) == ["appeal.filed", "appeal.taken_up"]
    (text,) = told(cast, cast.alpha)
    assert "is looked at again" in text
    assert "Its protection stands meanwhile" in text
    assert "Beta" not in text
    assert "appeal" not in text
    assert told(cast, cast.beta) == []


def test_a_second_appeal_is_refused_with_a_sentence(cast, decided):
    appeal = filed(cast, decided)
    with pytest.raises(NotPossibleError, match=f"filed already \\({appeal.number}\\)"):
        filed(cast, decided)
    answered(cast, decided)
    with pytest.raises(NotPossibleError, match="once"):
        filed(cast, decided)


@pytest.mark.parametrize(
    ("words", "sentence"), [({"ground": "luck"}, "from the list"), ({"text": "  "}, "what was decided wrongly")]
)
def test_what_an_appeal_must_say(cast, decided, words, sentence):
    with pytest.raises(NotPossibleError, match=sentence):
        filed(cast, decided, **words)


def test_nobody_appeals_for_another_side(cast, decided):
    """Alpha's people do not even find Beta's side; with its row in hand the database refuses them."""
    party = side(cast, decided, cast.beta)
    with acting(permissions.scope_of(cast.acme_rep)):
        assert not Party.objects.filter(pk=party.pk).exists()
        with pytest.raises(ValidationError, match="is not a valid choice"):
            file_appeal(party=party, ground="other", text="As if.", by=cast.acme_rep, at=LATER)


def test_an_undecided_or_final_case_is_not_appealed_against(cast, decided):
    losing = side(cast, decided, cast.beta)
    filed(cast, decided)
    answered(cast, decided)
    with cast.scope():
        losing.refresh_from_db()
        assert losing.appeal_until is None
    case = fresh(cast, decided)
    assert case.status == "final"
    with pytest.raises(WrongStateError, match="final"):
        answered(cast, decided)


def test_a_case_is_not_final_while_an_appeal_waits_to_be_taken_up(cast, decided):
    party = side(cast, decided, cast.beta)
    end = AT + APPEAL_WINDOW
    with acting(permissions.scope_of(cast.rival_rep)):
        file_appeal(party=party, ground="other", text="We disagree.", by=cast.rival_rep, at=end)
    with cast.scope():
        tasks._close_cases(cast.program, end + DAY)
    assert fresh(cast, decided).status == "decided"
    interim.look_after(cast.program, end + DAY)
    assert fresh(cast, decided).status == "appealed"


def test_without_an_appeal_it_is_final_after_the_window(cast, decided):
    for at, status in ((AT + APPEAL_WINDOW, "decided"), (AT + APPEAL_WINDOW + DAY, "final")):
        with cast.scope():
            tasks._close_cases(cast.program, at)
        assert fresh(cast, decided).status == status


# --- who answers ---


@pytest.mark.parametrize(
    ("who", "sentence"),
    [
        ("bob", "You approved the decision"),
        ("olga", "for a partner manager or a higher role"),
        ("lena", "for a partner manager or a higher role"),
        ("audrey", "for a partner manager or a higher role"),
    ],
)
def test_who_may_not_answer(cast, decided, who, sentence):
    filed(cast, decided)
    with pytest.raises(NotAllowedError, match=sentence):
        answered(cast, decided, by=getattr(cast, who))


def test_whoever_manages_one_side_alone_has_an_interest(cast, decided):
    with cast.scope():
        permissions.grant_manager(cast.carl, cast.alpha)
    filed(cast, decided)
    with pytest.raises(NotAllowedError, match="You manage Alpha Flow"):
        answered(cast, decided)


def test_a_decision_of_a_higher_role_is_not_answered_by_a_lower_one(cast):
    case = factories.conflict_case(cast)
    with cast.scope():
        approve(case=case, by=cast.rita, at=AT, seen_version=case.version)  # she took the manager's step
    filed(cast, case)
    with pytest.raises(NotAllowedError, match="for a revenue lead or a higher role"):
        answered(cast, case)


def test_whoever_filed_for_a_side_does_not_answer(cast, decided):
    with cast.scope():
        file_appeal(party=side(cast, decided, cast.beta), ground="other", text="By letter.", by=cast.carl, at=LATER)
    interim.look_after(cast.program, LATER)
    with pytest.raises(NotAllowedError, match="You filed this appeal"):
        answered(cast, decided)
