"""A hold: all claims stay as they are, one person speaks to the buyer, and everything reverts by itself."""

from datetime import timedelta

import pytest

from channelconflict.models import AuditEvent
from partners import permissions
from partners import services as partners_services
from partners.models import Registration
from partners.services import NotPossibleError
from reviews import interim, pipeline, protection
from reviews.models import Case, Hold, Notice, Outbox, Party
from reviews.permissions import NotAllowedError
from reviews.services import answer_request, approve, end_hold, put_on_hold, request_information
from reviews.services.asking import resume_case
from reviews.services.cases import StaleCaseError
from reviews.states import WrongStateError
from tests import factories
from tests.factories import AT
from tests.reviews.as_time_passes import approved
from tests.reviews.at_the_desk import fresh
from tests.reviews.test_appeals import filed

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
UNTIL = AT + 14 * DAY  # ten open days


@pytest.fixture
def case(cast) -> Case:
    """Both register the Orion deal today, Alpha has worked it: the decision is due in two days."""
    first, _ = (factories.submitted(cast, partner) for partner in (cast.alpha, cast.beta))
    with cast.scope():
        partners_services.add_activity(
            registration=first, kind="technical_validation", occurred_on=AT.date() - DAY, by=None, at=AT
        )
    pipeline.detect(cast.program, AT)
    with cast.scope():
        return Case.objects.get()


def held(cast, case, *, by=None, speaks=None, until=UNTIL, at=AT, reason="The buyer is confused.", seen=None) -> Hold:
    case = fresh(cast, case)
    with cast.scope():
        return put_on_hold(
            case=case, speaks=speaks or cast.carl, until=until, reason=reason, by=by or cast.carl, at=at,
            seen_version=seen or case.version,
        )  # fmt: skip


def ended(cast, case, *, by=None, at) -> Hold:
    case = fresh(cast, case)
    with cast.scope():
        return end_hold(case=case, by=by or cast.carl, at=at, seen_version=case.version)


def party(cast, case, partner) -> Party:
    with cast.scope():
        return Party.objects.get(case=case, partner=partner)


def told(cast, kind, partner=None) -> list[str]:
    with cast.scope():
        rows = Notice.objects.filter(kind=kind, **({"partner": partner} if partner else {})).order_by("sent_at", "pk")
        return [notice.body for notice in rows]


def registration(cast, partner) -> Registration:
    with cast.scope():
        return Registration.objects.get(partner=partner)


def test_nobody_is_approved_meanwhile_and_every_side_is_told_who_speaks(cast, case):
    before, promised = fresh(cast, case), registration(cast, cast.beta).due_at
    held(cast, case)
    case = fresh(cast, case)
    assert (case.status, case.held_until, case.paused_at) == ("open", UNTIL, AT)
    with cast.scope(), pytest.raises(NotAllowedError, match="on hold until 16 March 2026: end the hold first"):
        approve(case=case, by=cast.bob, at=AT, seen_version=case.version)
    assert (party(cast, case, cast.alpha).speaker, party(cast, case, cast.beta).held_until) == (
        "Carl of Northwind Partners", UNTIL,
    )  # fmt: skip
    for partner, other in ((cast.alpha, "Beta"), (cast.beta, "Alpha")):
        (body,) = told(cast, "held", partner)
        assert "one person speaks to the buyer: Carl of Northwind Partners" in body
        assert "until 16 March 2026" in body
        assert other not in body
    assert registration(cast, cast.beta).due_at == before.program.calendar.add_hours(promised, 240)
    with pytest.raises(NotPossibleError, match="on hold already"):
        held(cast, case)
    pipeline.look_again(cast.program, AT + DAY)
    assert fresh(cast, case).held_until == UNTIL


def test_it_reverts_by_itself_and_only_once(cast, case):
    due = fresh(cast, case).due_at
    hold = held(cast, case)
    assert interim.look_after(cast.program, UNTIL - timedelta(seconds=1)) == 0
    assert interim.look_after(cast.program, UNTIL) == 1
    assert interim.look_after(cast.program, UNTIL + DAY) == 0
    case = fresh(cast, case)
    assert (case.held_until, case.paused_at) == (None, None)
    assert case.due_at == case.program.calendar.add_hours(due, 240), "what was left of the clock is left"
    with cast.scope():
        hold.refresh_from_db()
        assert (hold.ended_at, hold.ended_by) == (UNTIL, None)
        actions = list(
            AuditEvent.objects.filter(chain=f"case:{case.pk}").order_by("sequence").values_list("action", flat=True)
        )
        assert [a for a in actions if "hold" in a or "held" in a] == ["case.held", "case.hold_ended"]
    assert (party(cast, case, cast.alpha).speaker, party(cast, case, cast.alpha).held_until) == ("", None)
    assert len(told(cast, "hold_ended")) == 2
    with cast.scope():
        approve(case=case, by=cast.bob, at=UNTIL, seen_version=case.version)


def test_a_protection_does_not_end_during_a_hold_and_reverts_when_it_ends_early(cast):
    """Alpha is protected until day 90; a rival comes on day 85: held over the end, then released before."""
    first = approved(cast, cast.alpha)
    end = AT + 90 * DAY
    at = end - 5 * DAY
    with cast.scope():
        rival = partners_services.submit_registration(registration=factories.draft(cast, cast.beta), by=None, at=at)
    pipeline.detect(cast.program, at)
    with cast.scope():
        case = Case.objects.get(parties__registration=rival)
    held(cast, case, at=at, until=end + 9 * DAY)
    assert registration(cast, cast.alpha).protected_until == end + 9 * DAY
    protection.settle_ends(cast.program, end + DAY)
    pipeline.look_again(cast.program, end + DAY)
    assert registration(cast, cast.alpha).status == "approved"
    assert fresh(cast, case).status == "open"
    ended(cast, case, at=end + 2 * DAY)
    assert registration(cast, cast.alpha).protected_until == end + 2 * DAY, "its own end is past"
    with cast.scope():
        writes = [{n: a for n, _, a in row.preview}["protected_until"] for row in
                  Outbox.objects.filter(registration=first, case=case).order_by("pk")]  # fmt: skip
    assert writes == [(end + 9 * DAY).isoformat(), (end + 2 * DAY).isoformat()]
    protection.settle_ends(cast.program, end + 2 * DAY)
    assert registration(cast, cast.alpha).status == "expired"


def test_ended_by_hand_before_the_end_gives_the_old_end_back(cast):
    approved(cast, cast.alpha)
    end = AT + 90 * DAY
    at = end - 5 * DAY
    with cast.scope():
        partners_services.submit_registration(registration=factories.draft(cast, cast.beta), by=None, at=at)
    pipeline.detect(cast.program, at)
    with cast.scope():
        case = Case.objects.get()
    held(cast, case, at=at, until=end + 9 * DAY)
    ended(cast, case, at=end - 4 * DAY)
    assert registration(cast, cast.alpha).protected_until == end


def test_a_side_speaks_to_the_buyer_and_is_not_named_to_the_other(cast, case):
    held(cast, case, speaks=party(cast, case, cast.alpha))
    assert party(cast, case, cast.alpha).speaker == "Your company"
    (mine,), (theirs,) = told(cast, "held", cast.alpha), told(cast, "held", cast.beta)
    assert "Your company speaks to the buyer" in mine
    assert "a person whom Carl of Northwind Partners has named" in theirs
    assert "Alpha" not in theirs


def test_who_joins_a_held_case_is_told_and_held_too(cast, case):
    held(cast, case)
    with cast.scope():
        gamma = factories.partner(cast, "P-GAMMA", "Gamma Supply")
        partners_services.submit_registration(registration=factories.draft(cast, gamma), by=None, at=AT + DAY)
    pipeline.detect(cast.program, AT + DAY)
    assert party(cast, case, gamma).held_until is None
    assert interim.look_after(cast.program, AT + DAY) == 1
    assert party(cast, case, gamma).held_until == UNTIL
    assert len(told(cast, "held", gamma)) == 1


def test_nothing_stands_against_it_any_more_but_nobody_is_approved_before_the_end(cast, case):
    held(cast, case)
    with cast.scope():
        theirs = registration(cast, cast.beta)
        partners_services.withdraw_registration(registration=theirs, by=cast.rival_rep, at=AT + DAY)
    pipeline.look_again(cast.program, AT + DAY)
    assert (fresh(cast, case).status, registration(cast, cast.alpha).status) == ("open", "in_review")
    interim.look_after(cast.program, UNTIL)
    pipeline.look_again(cast.program, UNTIL)
    assert (fresh(cast, case).status, registration(cast, cast.alpha).status) == ("closed", "approved")


def test_a_question_is_answered_during_a_hold_and_the_clock_stands_on(cast, case):
    due = fresh(cast, case).due_at
    with cast.scope():
        theirs = party(cast, case, cast.beta)
        request_information(
            case=case,
            parties=[theirs],
            fields=["note"],
            body="Who signs?",
            by=cast.bob,
            at=AT,
            seen_version=case.version,
        )
    held(cast, case, at=AT + DAY)
    mine = registration(cast, cast.beta)
    with cast.scope():
        answer_request(registration=mine, changes={"note": "Jo."}, body="", by=cast.rival_rep, at=AT + 2 * DAY)
        resume_case(registration=Registration.objects.get(pk=mine.pk), at=AT + 2 * DAY)
    case = fresh(cast, case)
    assert (case.status, case.paused_at) == ("in_review", AT)
    interim.look_after(cast.program, UNTIL)
    case = fresh(cast, case)
    assert (case.paused_at, case.due_at) == (None, case.program.calendar.add_hours(due, 240))


def test_under_appeal_the_answer_waits_and_its_clock_stands(cast, case):
    with cast.scope():
        approve(case=case, by=cast.bob, at=AT, seen_version=case.version)
    with pytest.raises(WrongStateError, match="decided"):
        held(cast, case)
    appeal = filed(cast, case)
    due = fresh(cast, case).appeal_due_at
    held(cast, case, at=AT + 2 * DAY, until=AT + 4 * DAY, speaks=cast.lena)
    with cast.scope():
        appeal.refresh_from_db()
        assert appeal.due_at == case.program.calendar.add_hours(due, 48)
    ended(cast, case, at=AT + 3 * DAY)
    assert fresh(cast, case).appeal_due_at == case.program.calendar.add_hours(due, 24)


@pytest.mark.parametrize(
    ("words", "error", "sentence"),
    [
        ({"reason": " "}, NotPossibleError, "why the claims are put on hold"),
        ({"until": AT}, NotPossibleError, "Choose a day after today"),
        ({"until": AT + 100 * DAY}, NotPossibleError, "three months"),
        ({"seen": 99}, StaleCaseError, "Nothing was saved"),
    ],
)
def test_what_a_hold_must_say(cast, case, words, error, sentence):
    with pytest.raises(error, match=sentence):
        held(cast, case, **words)


def test_who_may_put_on_hold(cast, case):
    with pytest.raises(NotAllowedError, match="Your role reads cases"):
        held(cast, case, by=cast.audrey)
    with pytest.raises(NotAllowedError, match="You manage Alpha Flow"):
        held(cast, case, by=cast.ada)
    held(cast, case)
    with pytest.raises(NotAllowedError, match="You manage Alpha Flow"):
        ended(cast, case, by=cast.ada, at=AT + DAY)
    assert permissions.may(cast.ada, "view_desk", case)
