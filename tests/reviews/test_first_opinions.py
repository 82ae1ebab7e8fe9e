"""First opinions: who is asked, what is hidden until it is said, on every way to the recommendation, and what is kept."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError, IntegrityError
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from channelconflict.locked import LockedRowError
from channelconflict.models import AuditEvent
from partners.models import Registration
from partners.services import NotPossibleError, add_activity, add_evidence
from reviews import pipeline
from reviews.choices import DIRECT, Choice
from reviews.desk import cases
from reviews.first_opinion import View
from reviews.models import Case, FirstOpinion
from reviews.services import StaleCaseError, approve, decide, request_information
from reviews.services.asked_first import owes, why_asked
from reviews.services.bulk import preview_bulk
from reviews.services.decisions import Override
from tests import factories
from tests.factories import AT
from tests.reviews.asked import ask_in, close_case, large_case, letter, say
from tests.reviews.at_the_desk import fresh, many_cases, opened, send, text_of

pytestmark = pytest.mark.django_db
WHY = Override("timing", "The buyer cannot wait.")


@pytest.fixture
def case(cast):
    made = large_case(cast)
    ask_in(cast)
    return made


def asked(cast, case):
    """Who owes a first opinion."""
    with cast.scope():
        row = cases().get(pk=case.pk)
        return {name for name, user in cast.staff.items() if user.is_staff and owes(user, row)}


# Who is asked


def test_whoever_may_come_to_decide_a_case_of_high_impact_is_asked(cast, case):
    assert case.route == ["channel_lead", "revenue_lead"]
    assert asked(cast, case) == {"carl", "cleo", "rita"}
    ask_in(cast, high_impact=False)
    assert asked(cast, case) == set()
    ask_in(cast, high_impact=False, share=100)
    assert asked(cast, case) == {"carl", "cleo", "rita"}
    with cast.scope():
        assert why_asked(fresh(cast, case)) == "it was drawn: 100 of 100 cases are"


def test_a_routine_case_asks_only_when_it_is_drawn(cast):
    case = factories.conflict_case(cast)
    ask_in(cast)
    assert case.route == ["partner_manager"]
    assert asked(cast, case) == set()
    ask_in(cast, share=100)
    # Ada manages one side only: she has an interest, decides nothing here, and sees everything.
    assert asked(cast, case) == {"bob", "carl", "cleo", "rita"}


def test_nobody_is_asked_of_what_is_decided_and_nobody_twice(cast, case):
    say(cast, case, cast.carl)
    assert asked(cast, case) == {"cleo", "rita"}
    with cast.scope():
        approve(case=case, by=cast.carl, at=AT, seen_version=case.version)
    say(cast, fresh(cast, case), cast.rita)
    with cast.scope():
        approve(case=case, by=cast.rita, at=AT, seen_version=fresh(cast, case).version)
    assert fresh(cast, case).status == "decided"
    assert asked(cast, case) == set()


def test_other_evidence_does_not_ask_the_same_person_again(cast, case):
    say(cast, case, cast.carl)
    with cast.scope():
        second = Registration.objects.get(partner=cast.beta)
        add_evidence(registration=second, kind="customer_letter", by=None, at=AT, verified=True)
        add_activity(registration=second, kind="sow_signed", occurred_on=AT.date(), by=None, at=AT)
        before = case.conflict.recommendations.get(superseded_at=None).pk
    pipeline.look_again(cast.program, AT + timedelta(hours=1))
    with cast.scope():
        assert case.conflict.recommendations.get(superseded_at=None).pk != before
    assert asked(cast, case) == {"cleo", "rita"}


def test_who_approved_before_the_program_asked_is_not_asked(cast):
    case = large_case(cast)
    with cast.scope():
        approve(case=case, by=cast.carl, at=AT, seen_version=case.version)
    ask_in(cast)
    assert asked(cast, case) == {"rita"}, "the step of the channel lead is taken"


# Nothing is approved before it is said


def test_no_step_is_taken_before_the_opinion_is_said(client, cast, case):
    award = {
        "owner": str(cast.beta.pk),
        "reason_code": "timing",
        "reason_text": "The buyer cannot wait.",
        "form": "owner",
    }
    for name, data in (("approve", {}), ("decide", award)):
        response = send(client, cast.carl, name, case, **data)
        assert response.status_code == 409
        assert "asks for your own view first" in text_of(response)
        assert "Alpha" not in text_of(response)
        assert "award" not in text_of(response).lower()
    with cast.scope():
        with pytest.raises(NotPossibleError, match="own view first"):
            decide(
                case=case, choice=Choice("award", str(cast.beta.pk)), by=cast.carl, at=AT, seen_version=case.version,
                override=WHY,
            )  # fmt: skip
        assert not case.decisions.exists()
    say(cast, case, cast.carl)
    assert send(client, cast.carl, "approve", case).status_code == 302
    assert fresh(cast, case).pending == ["revenue_lead"]
    assert send(client, cast.rita, "approve", fresh(cast, case)).status_code == 409, "the next person is asked, too"


def test_in_bulk_it_is_refused_with_its_sentence_and_its_row_says_nothing(client, cast, case):
    with cast.scope():
        bulk = preview_bulk(program=cast.program, case_ids=[case.pk], by=cast.carl, at=AT)
        item = bulk.items.get()
        assert (item.state, "own view first" in item.told) == ("refused", True)
    client.force_login(cast.carl)
    page = text_of(client.get(reverse("review:bulk", args=[bulk.pk])))
    assert "Your own view first" in page
    assert "2 claimants, names hidden" in page
    assert "Alpha" not in page


def test_bulk_asks_the_database_the_same_however_many_cases_ask(cast):
    many_cases(cast, 6)
    ask_in(cast, share=100)
    counts = []
    for number in (1, 2, 6):
        with cast.scope(), CaptureQueriesContext(connection) as queries:
            ids = list(Case.objects.order_by("number").values_list("pk", flat=True)[:number])
            preview_bulk(program=cast.program, case_ids=ids, by=cast.bob, at=AT)
        counts.append(len(queries))
    assert counts[1] == counts[2]  # the first also reads what Bob may do


# Saying it


def test_it_is_kept_once_and_locked_and_part_of_the_cases_record(cast, case):
    opinion = say(cast, case, cast.carl, View("award", str(cast.beta.pk)), text=" Nearer. ")
    with cast.scope():
        kept = FirstOpinion.objects.get()
        assert (kept.owner, kept.text, kept.agreed) == (cast.beta, "Nearer.", False)
        assert kept.letter == letter(cast, case, str(cast.beta.pk))
        assert kept.recommendation.superseded_at is None
        event = AuditEvent.objects.get(action="case.first_opinion")
        assert (event.chain, event.actor_id) == (f"case:{case.pk}", cast.carl.pk)
        assert event.private["text"]["value"] == "Nearer."
        assert fresh(cast, case).version == case.version, "nobody's page is stale for it"
    with cast.scope(), pytest.raises(NotPossibleError, match="already"):
        say(cast, case, cast.carl)
    with cast.scope(), pytest.raises(LockedRowError):
        opinion.delete()
    with pytest.raises(DatabaseError), transaction.atomic(), cast.scope(), connection.cursor() as cursor:
        cursor.execute("update reviews_firstopinion set text = 'Otherwise.'")


@pytest.mark.parametrize(
    ("action", "owner", "agreed"),
    [
        ("award", "alpha", True),
        ("award", DIRECT, False),
        ("split", "", False),
        ("reject_all", "", False),
        ("unsure", "", None),
    ],
)
def test_whether_it_is_what_is_recommended(cast, case, action, owner, agreed):
    view = View(action, str(cast.alpha.pk) if owner == "alpha" else owner)
    assert say(cast, case, cast.carl, view).agreed is agreed


def test_where_nothing_is_recommended_nothing_is_compared(cast):
    case = close_case(cast)
    ask_in(cast, share=100)
    with cast.scope():
        assert case.conflict.recommendations.get().abstained
    assert say(cast, case, cast.carl, View("split")).agreed is None


def test_what_is_no_view_and_who_is_not_asked_are_refused(client, cast, case):
    for view in (View("award"), View("award", "nobody"), View("split", str(cast.alpha.pk)), View("mediate")):
        with pytest.raises(NotPossibleError, match="Choose"):
            say(cast, case, cast.carl, view)
    with pytest.raises(StaleCaseError):
        say(cast, case, cast.carl, seen=case.version + 1)
    for user in (cast.audrey, cast.bob, cast.pat):
        with pytest.raises(NotPossibleError, match="does not ask you"):
            say(cast, case, user)
    wrong = send(client, cast.carl, "first_opinion", case, view="Z", text="Kept words.")
    assert wrong.status_code == 400
    assert "Choose one of the answers" in text_of(wrong)
    assert "Kept words." in wrong.content.decode()
    nothing = send(client, cast.carl, "first_opinion", case)
    assert "Choose what you would do" in text_of(nothing)
    with cast.scope():
        assert not FirstOpinion.objects.exists()
        with pytest.raises(IntegrityError), transaction.atomic():
            FirstOpinion.objects.create(
                program=cast.program, case=case, user=cast.carl, action="split", owner_direct=True, said_at=AT,
                recommendation=case.conflict.recommendations.get(),
            )  # fmt: skip


def test_a_stale_page_is_told_and_what_was_typed_is_kept(client, cast, case):
    with cast.scope():
        third = factories.partner(cast, "P-GAMMA", "Gamma Works")
    factories.submitted(cast, third, amount=10_000)
    pipeline.detect(cast.program, AT)
    stale = send(client, cast.carl, "first_opinion", case, view="A", text="Kept words.")
    assert stale.status_code == 409
    assert "Nothing was saved" in text_of(stale)
    assert "Kept words." in stale.content.decode()
    assert "Claimant C" in text_of(stale)


def test_it_can_be_said_while_a_party_owes_an_answer(client, cast, case):
    with cast.scope():
        request_information(case=case, parties=[case.parties.first()], fields=["note"], body="Who?", by=cast.bob, at=AT)
    page = text_of(opened(client, cast.carl, case))
    assert "waits for an answer" in page
    assert "Alpha" not in page
    assert send(client, cast.carl, "first_opinion", fresh(cast, case), view="split").status_code == 302
    assert "Your first opinion: Split" in text_of(opened(client, cast.carl, case))


# The figures


def test_what_came_of_them_stands_on_the_page_of_calibration(client, cast, case):
    client.force_login(cast.bob)
    address = reverse("review:calibration")
    assert "Every case of high impact asks" in text_of(client.get(address))
    say(cast, case, cast.carl, View("split"))
    with cast.scope():
        approve(case=case, by=cast.carl, at=AT, seen_version=case.version)
    say(cast, fresh(cast, case), cast.rita)
    with cast.scope():
        approve(case=case, by=cast.rita, at=AT, seen_version=fresh(cast, case).version)
    text = text_of(client.get(address))
    assert "1 of 2 (50%)" in text
    assert "1 of 1 (100%) were then decided as recommended" in text
    ask_in(cast, high_impact=False)
    assert "1 of 2 (50%)" in text_of(client.get(address))
