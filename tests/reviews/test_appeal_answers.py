"""The answer to an appeal: what is given is taken from whoever had it."""

from decimal import Decimal

import pytest

from partners import permissions
from partners import services as partners_services
from partners.models import Ownership, Protection
from partners.services import NotPossibleError
from reviews import interim, tasks
from reviews.choices import Choice, change_of
from reviews.models import (
    Appeal,
    Approval,
    Case,
    Decision,
    Outbox,
)
from reviews.permissions import NotAllowedError
from reviews.services import approve, decide
from reviews.services.appeals import Answer
from reviews.services.cases import StaleCaseError
from reviews.services.decisions import Override
from tests import factories
from tests.factories import AT
from tests.reviews.appealing import (
    DAY,
    LATER,
    another,
    answered,
    confirmed,
    decided_case,
    filed,
    protected,
    registration,
    told,
)
from tests.reviews.at_the_desk import fresh

pytestmark = pytest.mark.django_db


@pytest.fixture
def decided(cast) -> Case:
    """Alpha has the Orion deal, Bob approved it."""
    return decided_case(cast)


# --- the answer ---


def test_upheld_leaves_everything_as_it_is_and_tells_both(cast, decided):
    filed(cast, decided)
    before = protected(cast)
    answer = answered(cast, decided, at=LATER + DAY)
    assert (answer.outcome, answer.decision) == ("upheld", None)
    assert fresh(cast, decided).status == "final"
    assert protected(cast) == before
    with cast.scope():
        assert Decision.objects.count() == 1
        assert Appeal.objects.get().status == "upheld"
    assert told(cast, cast.alpha, LATER + DAY) == [
        f"Registration {registration(cast, cast.alpha).ref}: nothing changes\nWe have looked at your registration "
        f"{registration(cast, cast.alpha).ref} for Orion Chemicals again. Nothing changes: it stays as it was decided, and "
        "this is final."
    ]
    (text,) = told(cast, cast.beta, LATER + DAY)
    assert "The decision stands.\n\nWe looked at everything you sent." in text
    assert "Alpha" not in text


def test_overturned_takes_the_protection_from_one_and_gives_it_to_the_other(cast, decided):
    filed(cast, decided)
    answer = answered(cast, decided, another(cast))
    case = fresh(cast, decided)
    assert (answer.outcome, answer.settled_at) == ("overturned", None)
    assert (case.status, case.pending) == ("appealed", ["second:channel_lead"])
    assert registration(cast, cast.beta).status == "rejected", "nothing happens before the second person"
    for who, sentence in (("carl", "You gave this answer"), ("ada", "same role as the first"), ("bob", "You approved")):
        with pytest.raises(NotAllowedError, match=sentence):
            confirmed(cast, decided, by=getattr(cast, who))
    settled = confirmed(cast, decided, at=LATER + DAY)
    case = fresh(cast, decided)
    lost, won = registration(cast, cast.alpha), registration(cast, cast.beta)
    assert (case.status, lost.status, won.status) == ("final", "revoked", "approved")
    assert list(protected(cast)) == ["Beta Industrial"]
    assert protected(cast)["Beta Industrial"].lower == lost.protected_until == LATER + DAY
    assert won.protected_until == LATER + 91 * DAY
    with cast.scope():
        decision = settled.decision
        assert (decision.number, decision.owner, decision.is_override) == (2, cast.beta, True)
        assert decision.snapshot["appeals"][0]["text"] == "We met the buyer in May."
        assert set(Approval.objects.filter(decision=decision).values_list("approved_by__username", "role")) == {
            ("carl", "channel_lead"), ("rita", "revenue_lead"),
        }  # fmt: skip
        assert {p.partner.name: p.outcome for p in case.parties.all()} == {
            "Alpha Flow": "not_awarded", "Beta Industrial": "owner",
        }  # fmt: skip
        writes = Outbox.objects.filter(decision=decision).values_list("registration__partner__name", flat=True)
        assert sorted(writes) == ["Alpha Flow", "Beta Industrial"]
    (text,) = told(cast, cast.alpha, LATER + DAY)
    assert "is not approved any more" in text
    assert "Beta" not in text
    texts = told(cast, cast.beta, LATER + DAY)
    assert [text.split("\n")[0].split(" ")[-1] for text in texts] == ["approved", "answered"]
    assert all("Alpha" not in text for text in texts)


def test_back_to_what_was_recommended_needs_no_second_person(cast):
    case = factories.conflict_case(cast)
    to_beta = Choice("award", str(cast.beta.pk))
    with cast.scope():
        why = Override("relationship", "The buyer asked for Beta.")
        decide(case=case, choice=to_beta, by=cast.bob, at=AT, seen_version=case.version, override=why)
        case.refresh_from_db()
        approve(case=case, by=cast.carl, at=AT, seen_version=case.version)
    filed(cast, case, cast.alpha, cast.acme_rep)
    answer = answered(cast, case, another(cast, Choice("award", str(cast.alpha.pk))), by=cast.rita)
    assert answer.decision.is_override is False
    assert (registration(cast, cast.alpha).status, registration(cast, cast.beta).status) == ("approved", "revoked")


def test_varied_to_a_split_and_back_to_one_owner(cast, decided):
    filed(cast, decided)
    halves = {str(cast.alpha.pk): Decimal(60), str(cast.beta.pk): Decimal(40)}
    answered(cast, decided, another(cast, Choice("split", shares=halves)))
    assert confirmed(cast, decided).outcome == "varied"
    assert set(protected(cast)) == {"Alpha Flow", "Beta Industrial"}
    with cast.scope():
        assert len(set(Protection.objects.filter(ended_at=None).values_list("deal"))) == 1, "they share one deal"
    assert any("Your share is 60 %" in text for text in told(cast, cast.alpha))


def test_who_had_a_share_and_gets_the_whole_deal_is_told(cast):
    case = factories.conflict_case(cast)
    halves = {str(cast.alpha.pk): Decimal(50), str(cast.beta.pk): Decimal(50)}
    with cast.scope():
        why = Override("relationship", "Both worked it.")
        decide(
            case=case,
            choice=Choice("split", shares=halves),
            by=cast.bob,
            at=AT,
            seen_version=case.version,
            override=why,
        )
        case.refresh_from_db()
        approve(case=case, by=cast.ada if not case.pending else cast.carl, at=AT, seen_version=case.version)
    filed(cast, case, cast.alpha, cast.acme_rep)
    answered(cast, case, another(cast, Choice("award", str(cast.alpha.pk))), by=cast.rita, at=LATER + DAY)
    assert list(protected(cast)) == ["Alpha Flow"]
    texts = told(cast, cast.alpha, LATER + DAY)
    assert len(texts) == 2
    assert "We looked at the decision on this registration again, and changed it." in texts[0]


def test_support_that_is_not_given_any_more_ends(cast):
    case = factories.conflict_case(cast)
    with cast.scope():
        why = Override("relationship", "Both worked it.")
        choice = Choice("co_sell", str(cast.alpha.pk), (str(cast.beta.pk),))
        decide(case=case, choice=choice, by=cast.bob, at=AT, seen_version=case.version, override=why)
        case.refresh_from_db()
        approve(case=case, by=cast.carl, at=AT, seen_version=case.version)
    filed(cast, case)
    answered(cast, case, another(cast), by=cast.rita)
    with cast.scope():
        case.refresh_from_db()
        assert Ownership.objects.get(role="support").valid_until != LATER.date(), "nothing happens before the second"
        second = factories.staff_user(
            username="rosa", password="x", program=cast.program, role=permissions.Role.REVENUE_LEAD, at=AT
        )
    confirmed(cast, case, by=second)
    with cast.scope():
        assert Ownership.objects.get(role="support").valid_until == LATER.date()
    assert registration(cast, cast.beta).status == "approved"


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (Answer("", "Read."), "why you answer so"),
        (Answer("Because.", " "), "what the side that appealed reads"),
    ],
)
def test_what_an_answer_must_say(cast, decided, answer, sentence):
    filed(cast, decided)
    with pytest.raises(NotPossibleError, match=sentence):
        answered(cast, decided, answer)


def test_another_outcome_must_be_another_one(cast, decided):
    filed(cast, decided)
    with pytest.raises(NotPossibleError, match="This is what was decided"):
        answered(cast, decided, another(cast, Choice("award", str(cast.alpha.pk))))
    with pytest.raises(NotPossibleError, match="choose the reason"):
        answered(cast, decided, Answer("So.", "So.", Choice("award", str(cast.beta.pk))))


def test_a_stale_version_is_refused_and_another_appeal_takes_a_waiting_answer_away(cast):
    case = factories.conflict_case(cast)
    halves = {str(cast.alpha.pk): Decimal(50), str(cast.beta.pk): Decimal(50)}
    with cast.scope():
        why = Override("relationship", "Both worked it.")
        decide(
            case=case,
            choice=Choice("split", shares=halves),
            by=cast.bob,
            at=AT,
            seen_version=case.version,
            override=why,
        )
        case.refresh_from_db()
        approve(case=case, by=cast.carl, at=AT, seen_version=case.version)
    filed(cast, case)
    seen = fresh(cast, case).version
    answered(cast, case, another(cast), by=cast.rita)
    assert fresh(cast, case).pending
    filed(cast, case, cast.alpha, cast.acme_rep)
    assert fresh(cast, case).pending == []
    with pytest.raises(StaleCaseError, match="Nothing was saved"):
        answered(cast, case, by=cast.rita, seen=seen)
    with pytest.raises(NotPossibleError, match="No answer waits"):
        confirmed(cast, case)
    answered(cast, case, by=cast.rita)
    with cast.scope():
        assert set(Appeal.objects.values_list("status", flat=True)) == {"upheld"}


def test_taking_up_twice_does_nothing_twice(cast, decided):
    appeal = filed(cast, decided)
    version = fresh(cast, decided).version
    tasks.take_up_appeal(str(cast.program.pk), str(appeal.pk))
    assert interim.look_after(cast.program, LATER) == 0
    assert fresh(cast, decided).version == version
    assert len(told(cast, cast.alpha)) == 1


def test_another_deal_that_is_protected_meanwhile_is_not_run_over(cast, decided):
    """Alpha lost the deal by itself, Gamma got it: what the appeal would give is somebody else's now."""
    filed(cast, decided)
    end = AT + 90 * DAY
    with cast.scope():
        gamma = factories.partner(cast, "P-GAMMA", "Gamma Supply")
    tasks.protection.look_after(cast.program, end)
    tasks.pipeline.look_again(cast.program, end)
    with cast.scope():
        row = partners_services.submit_registration(registration=factories.draft(cast, gamma), by=None, at=end)
    tasks.pipeline.detect(cast.program, end)
    assert registration(cast, gamma).status == "approved", row
    answered(cast, decided, another(cast), at=end + DAY)
    with pytest.raises(NotPossibleError, match="another deal is protected"):
        confirmed(cast, decided, at=end + DAY)
    assert registration(cast, cast.beta).status == "rejected"
    assert fresh(cast, decided).status == "appealed"


A, B = Choice("award", "a"), Choice("award", "b")
HALF = Choice("split", shares={"a": Decimal(50), "b": Decimal(50)})


@pytest.mark.parametrize(
    ("before", "after", "what"),
    [
        (A, A, "upheld"), (A, B, "overturned"), (A, HALF, "varied"), (HALF, B, "varied"), (A, Choice("reject_all"), "overturned"),
        (Choice("reject_all"), B, "overturned"), (A, Choice("co_sell", "a", ("b",)), "varied"),
        (A, Choice("co_sell", "b", ("a",)), "overturned"),
        (HALF, Choice("split", shares={"a": Decimal(60), "b": Decimal(40)}), "varied"),
    ],
)  # fmt: skip
def test_what_an_answer_makes_of_an_outcome(before, after, what):
    assert change_of(before, after) == what
