"""Talks at their edges: what is refused, what time and other events do, the papers, and the pages."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from partners.models import Registration
from partners.services import NotPossibleError, withdraw_registration
from reviews import pipeline, stages
from reviews.choices import BadChoiceError, Choice
from reviews.models import Case, MediationSide, Notice, ProposalAnswer
from reviews.services import StaleCaseError, approve, request_information
from reviews.services.mediation import note_entry, propose, tick_entry, withdraw_proposal
from reviews.services.talks import answer_proposal, state_interests
from reviews.states import WrongStateError
from tests import factories
from tests.factories import AT
from tests.reviews.at_the_desk import fresh, opened, text_of
from tests.reviews.in_talks import answers, asked, mediated, proposed, shares, side

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def case(cast):
    return factories.conflict_case(cast)


def kinds(cast, partner):
    with cast.scope():
        rows = Notice.objects.filter(partner=partner).order_by("sent_at", "pk")
        return [notice.kind for notice in rows]


def approved(cast, case, by, at=AT):
    with cast.scope():
        return approve(case=case, by=by, at=at, seen_version=fresh(cast, case).version)


# --- what is refused ---


def test_a_stale_page_and_what_cannot_be_in_talks_are_refused(cast, case):
    with cast.scope():
        talks = mediated(cast, case)
        with pytest.raises(StaleCaseError):
            propose(mediation=talks, choice=shares(cast), body="x", by=cast.lena, at=AT, seen_version=1)
        with pytest.raises(WrongStateError):
            request_information(case=case, parties=case.parties.all(), fields=[], body="x", by=cast.bob, at=AT)
        with pytest.raises(WrongStateError):
            approved(cast, case, cast.bob)
        for choice, error in (
            (Choice("reject_all"), NotPossibleError), (Choice("award", "direct"), NotPossibleError),
            (shares(cast, 100), BadChoiceError),
            (Choice("award", str(cast.program.pk)), BadChoiceError),
        ):  # fmt: skip
            with pytest.raises(error):
                proposed(cast, talks, choice)
    proposed(cast, talks)
    with pytest.raises(NotPossibleError, match="A proposal waits for answers"):
        proposed(cast, talks)
    with cast.scope():
        withdraw_proposal(mediation=talks, by=cast.lena, at=AT, seen_version=fresh(cast, case).version)
    with pytest.raises(ProposalAnswer.DoesNotExist):
        answers(cast, cast.alpha)


def test_one_answer_a_side_with_a_reason_against_and_in_time(cast, case):
    talks = mediated(cast, case)
    proposed(cast, talks)
    with pytest.raises(NotPossibleError, match="what would be acceptable"):
        answers(cast, cast.alpha, "declined", " ")
    with pytest.raises(NotPossibleError, match="time to answer has passed"):
        answers(cast, cast.alpha, at=talks.due_at, follow=False)
    done = answers(cast, cast.alpha)
    with cast.scope(), pytest.raises(NotPossibleError, match="You have accepted"):
        answer_proposal(answer=done, verdict="declined", comment="No.", by=cast.acme_rep, at=AT)
    stages.look_after(cast.program, talks.due_at)
    with cast.scope(), pytest.raises(NotPossibleError, match="This talk has ended"):
        state_interests(side=side(cast, cast.alpha), statement="x", by=cast.acme_rep, at=AT)


def test_days_and_words_must_be_given(cast, case):
    for days in (0, 31):
        with pytest.raises(NotPossibleError, match="1 to 30 open days"):
            asked(cast, case, days=days)


def test_one_side_alone_has_nobody_to_settle_with(cast):
    with cast.scope():
        agreement = cast.alpha.agreements.get()
        agreement.status = "suspended"
        agreement.save()
    factories.submitted(cast, cast.alpha)
    pipeline.detect(cast.program, AT)
    with cast.scope():
        case = Case.objects.get()
    with pytest.raises(NotPossibleError, match="one side only"):
        asked(cast, case)


# --- time and other events ---


def test_who_owes_an_answer_is_reminded_once_before_the_deadline(cast, case):
    talks = mediated(cast, case)
    proposed(cast, talks)
    answers(cast, cast.alpha, follow=False)
    stages.look_after(cast.program, talks.remind_at - HOUR)
    assert "talk_reminder" not in kinds(cast, cast.beta)
    for later in (timedelta(), HOUR):
        stages.look_after(cast.program, talks.remind_at + later)
    assert (kinds(cast, cast.alpha).count("talk_reminder"), kinds(cast, cast.beta).count("talk_reminder")) == (0, 1)


def test_following_twice_changes_nothing(cast, case):
    talks = mediated(cast, case)
    proposed(cast, talks)
    for partner in (cast.alpha, cast.beta):
        answers(cast, partner)
    version = fresh(cast, case).version
    assert stages.look_after(cast.program, AT) == 0
    assert fresh(cast, case).version == version


def test_another_side_stops_the_talks(cast, case):
    talks = mediated(cast, case)
    with cast.scope():
        gamma = factories.partner(cast, "P-GAMMA", "Gamma Supply")
    factories.submitted(cast, gamma)
    pipeline.detect(cast.program, AT)
    stages.look_after(cast.program, AT)
    with cast.scope():
        talks.refresh_from_db()
    assert (talks.status, fresh(cast, case).status) == ("stopped", "in_review")


def test_a_case_that_dissolves_ends_its_talks(cast, case):
    talks = mediated(cast, case)
    with cast.scope():
        theirs = Registration.objects.get(partner=cast.beta)
        withdraw_registration(registration=theirs, by=cast.rival_rep, at=AT)
    pipeline.detect(cast.program, AT)
    stages.look_after(cast.program, AT)
    with cast.scope():
        talks.refresh_from_db()
        assert fresh(cast, case).status == "closed"
        assert (talks.status, talks.memo) == ("stopped", "The case was closed meanwhile.")
        assert not MediationSide.objects.filter(ended_at=None).exists()


# --- papers ---


def test_papers_are_kept_and_ticked(cast, case):
    talks = mediated(cast, case)
    with cast.scope():
        party = case.parties.get(partner=cast.alpha)
        words = {"mediation": talks, "by": cast.lena, "at": AT}
        note_entry(kind="interest", text="Service.", party=party, **words)
        act = note_entry(kind="action", text="Send the letter.", who="Alpha", due_on=AT.date(), **words)
        for bad in (
            {"kind": "interest", "text": "x"},
            {"kind": "action", "text": "x"},
            {"kind": "minutes", "text": " "},
        ):
            with pytest.raises(NotPossibleError):
                note_entry(**bad, **words)
        fact = talks.entries.filter(kind="fact").first()
        tick_entry(entry=fact, done=True, by=cast.lena, at=AT)
        fact.refresh_from_db()
        assert (fact.done_at, fact.done_by) == (AT, cast.lena)
    stages.look_after(cast.program, talks.due_at)
    with cast.scope():
        tick_entry(entry=act, done=True, by=cast.bob, at=AT + 30 * DAY)  # promises outlive the talks
        with pytest.raises(WrongStateError):
            tick_entry(entry=fact, done=False, by=cast.lena, at=AT + 30 * DAY)


# --- pages ---


def test_the_case_page_shows_the_stages_and_who_may_not_facilitate(client, cast, case):
    page = text_of(opened(client, cast.bob, case))
    assert "Ada manages Alpha Flow." in page
    mediated(cast, case)
    page = text_of(opened(client, cast.bob, case))
    for shown in ("Mediation", "facilitated by Lena", "in mediation", "The sides talk until", "mediation begun"):
        assert shown in page, shown


def test_the_page_of_talks_takes_as_many_queries_with_more_papers(client, cast, case):
    talks = mediated(cast, case)
    proposed(cast, talks)
    client.force_login(cast.lena)
    counts = []
    for number in range(2):
        with CaptureQueriesContext(connection) as seen:
            page = client.get(reverse("review:mediation", args=[talks.pk]))
        assert page.status_code == 200
        counts.append(len(seen))
        with cast.scope():
            party = case.parties.first()
            for _ in range(5):
                note_entry(mediation=talks, kind="interest", text=f"{number}", party=party, by=cast.lena, at=AT)
    assert counts[0] == counts[1]


def test_a_side_reads_its_own_part_alone(client, cast, case):
    talks = mediated(cast, case)
    proposed(cast, talks)
    with cast.scope():
        state_interests(side=side(cast, cast.beta), statement="We want the service.", by=cast.rival_rep, at=AT)
    mine, theirs = side(cast, cast.alpha), side(cast, cast.beta)
    client.force_login(cast.acme_rep)
    page = text_of(client.get(reverse("portal:talk", args=[mine.pk])))
    assert "Lena" in page
    for secret in ("Beta", "We want the service.", case.ref, "40 %"):
        assert secret not in page
    assert client.get(reverse("portal:talk", args=[theirs.pk])).status_code == 404
    with cast.scope():
        answer = ProposalAnswer.objects.get(partner=cast.beta)
    sent = {"answer": str(answer.pk), "verdict": "accepted"}
    assert client.post(reverse("portal:talk", args=[mine.pk]), sent).status_code == 404
