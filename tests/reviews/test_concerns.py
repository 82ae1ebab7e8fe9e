"""Concerns raised by hand: who may, what becomes of them, and that a case made of one stays until it is decided."""

from datetime import timedelta
from itertools import product

import pytest
from django.urls import reverse

from channelconflict.models import AuditEvent
from channelconflict.scope import acting
from partners.models import Registration
from partners.permissions import scope_of
from partners.services import NotPossibleError, StaleRowError, withdraw_registration
from reviews import pipeline
from reviews.categories import CATEGORIES
from reviews.concern_states import TRANSITIONS, ConcernAct, ConcernStatus, following
from reviews.models import Case, Concern, ConcernCategory, ConcernReview, Notice
from reviews.permissions import NotAllowedError
from reviews.raising import make_case
from reviews.services import approve
from reviews.services.concerns import answer_concern, raise_concern, raised_registrations, settle_concerns
from tests import factories
from tests.factories import AT
from tests.reviews.at_the_desk import said, text_of

pytestmark = pytest.mark.django_db
S, A = ConcernStatus, ConcernAct
FOLLOWS = {
    S.RECEIVED: {A.OPEN_CASE: S.IN_CASE, A.ANSWER: S.ANSWERED},
    S.IN_CASE: {A.CASE_DECIDED: S.ANSWERED, A.CASE_ENDED: S.RECEIVED},
    S.ANSWERED: {},
}


@pytest.fixture
def deal(cast):
    """Alpha's registration, which nobody contests: approved by rule."""
    found = factories.submitted(cast, cast.alpha, days_ago=4)
    pipeline.detect(cast.program, AT)
    with cast.scope():
        return Registration.objects.get(pk=found.pk)


def concern_of(cast, deal=None, **extra):
    values = {"category": "direct", "text": "Their people called my customer.", **extra}
    if deal is not None:
        values |= {"partner": cast.alpha, "registration": deal}
    return Concern(program=cast.program, **values)


def raised(cast, deal, **extra):
    with acting(scope_of(cast.acme_rep)):
        return raise_concern(concern=concern_of(cast, deal, **extra), by=cast.acme_rep, at=AT)


def made(cast, concern, by=None, at=AT):
    with cast.scope():
        concern.refresh_from_db()
        return make_case(concern=concern, by=by or cast.bob, at=at, seen_version=concern.version)


def now(cast, row):
    with cast.scope():
        row.refresh_from_db()
        return row


def look(cast, at):
    pipeline.detect(cast.program, at, everything=True)
    pipeline.look_again(cast.program, at)


@pytest.mark.parametrize(("state", "act"), list(product(S, A)), ids=lambda value: value.value)
def test_what_each_act_makes_of_each_state(state, act):
    assert following(state, act) == FOLLOWS[state].get(act)
    assert set(TRANSITIONS.values()) == {S.IN_CASE, S.ANSWERED, S.RECEIVED}


def test_every_category_is_explained_once_and_in_the_words_of_the_model():
    assert [c.code for c in CATEGORIES] == ConcernCategory.values
    assert [c.title for c in CATEGORIES] == ConcernCategory.labels


def test_a_partner_raises_it_about_an_own_registration_and_the_clock_runs(cast, deal):
    concern = raised(cast, deal)
    assert (concern.status, concern.account_name, concern.product_lines) == ("received", "Orion Chemicals", ["pumps"])
    assert concern.due_at == cast.program.calendar.add_hours(AT, 48)
    with cast.scope():
        event = AuditEvent.objects.get(subject_id=concern.pk)
        assert (event.action, event.actor_id) == ("concern.raised", cast.acme_rep.pk)
        assert not ConcernReview.objects.exists()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [({"text": " "}, "what happened"), ({"happened_on": (AT + timedelta(days=9)).date()}, "in the past")],
)
def test_what_cannot_be_is_refused_with_a_sentence(cast, deal, words, sentence):
    with pytest.raises(NotPossibleError, match=sentence):
        raised(cast, deal, **words)


def test_a_partner_raises_nothing_about_anybody_else(cast, deal):
    for who in (cast.rival_rep, cast.audrey):
        with cast.scope(), pytest.raises(NotAllowedError):
            raise_concern(concern=concern_of(cast, deal), by=who, at=AT)
    with cast.scope():
        account = Case.objects.none()
        other = concern_of(cast, deal)
        other.partner = cast.beta
        with pytest.raises(NotAllowedError, match="own registrations"):
            raise_concern(concern=other, by=cast.rival_rep, at=AT)
        with pytest.raises(NotAllowedError, match="does not raise"):
            raise_concern(concern=concern_of(cast, account_name="X"), by=cast.audrey, at=AT)
    assert not account


def test_a_form_sent_twice_makes_one(cast, deal):
    token = "0191d5a0-0000-7000-8000-000000000001"
    import uuid

    first, second = (raised(cast, deal, form_token=uuid.UUID(token)) for _ in range(2))
    assert first.pk == second.pk


def test_staffs_own_concern_is_read_by_no_partner(cast, deal):
    with cast.scope():
        account = deal.claim.account
        concern = raise_concern(concern=concern_of(cast), account=account, by=cast.bob, at=AT)
        assert concern.review.account == account
    for rep in (cast.acme_rep, cast.rival_rep):
        with acting(scope_of(rep)):
            assert not Concern.objects.exists()


def test_an_answer_closes_it_and_tells_the_raiser_and_nobody_else(cast, deal):
    concern = raised(cast, deal)
    with cast.scope():
        answered = answer_concern(
            concern=concern,
            outcome="explained",
            answer="They may.",
            note="Bob knows.",
            by=cast.bob,
            at=AT,
            seen_version=1,
        )
        assert (answered.status, answered.version, answered.answered_at) == ("answered", 2, AT)
        assert (answered.review.outcome, answered.review.note) == ("explained", "Bob knows.")
        notice = Notice.objects.get(kind="concern_answered")
        assert (notice.partner, notice.registration) == (cast.alpha, deal)
        assert "They may." in notice.body
        assert "Bob knows" not in notice.body
        with pytest.raises(StaleRowError, match="answered now"):
            answer_concern(concern=concern, outcome="explained", answer="x", by=cast.bob, at=AT, seen_version=1)
        with pytest.raises(NotPossibleError, match="not possible now"):
            answer_concern(concern=concern, outcome="explained", answer="x", by=cast.bob, at=AT, seen_version=2)


@pytest.mark.parametrize(("outcome", "answer"), [("", "Yes."), ("decided", "Yes."), ("explained", "  ")])
def test_an_answer_needs_what_came_of_it_and_words(cast, deal, outcome, answer):
    concern = raised(cast, deal)
    with cast.scope(), pytest.raises(NotPossibleError):
        answer_concern(concern=concern, outcome=outcome, answer=answer, by=cast.bob, at=AT, seen_version=1)


def test_who_only_reads_does_not_answer(cast, deal):
    concern = raised(cast, deal)
    for who in (cast.audrey, cast.pat):
        with cast.scope(), pytest.raises(NotAllowedError, match="does not answer"):
            answer_concern(concern=concern, outcome="explained", answer="x", by=who, at=AT, seen_version=1)


def test_it_becomes_a_case_that_no_look_dissolves_until_it_is_decided(cast, deal):
    concern = raised(cast, deal)
    case = made(cast, concern)
    assert (case.kind, case.status, case.route) == ("raised_concern", "open", ["partner_manager"])
    assert now(cast, concern).status == "in_case"
    with cast.scope():
        assert raised_registrations(cast.program) == {deal.pk}
        assert [p.partner_id for p in case.parties.all()] == [cast.alpha.pk]
        notice = Notice.objects.get(kind="concern_answered")
        assert case.ref not in notice.body
    for days in (1, 2):
        look(cast, AT + timedelta(days=days))
        assert now(cast, case).status == "open"
        assert case.version == 1, "a look that finds the same changes nothing"
    with cast.scope():
        approve(case=case, by=cast.bob, at=AT + timedelta(days=2), seen_version=case.version)
    assert now(cast, case).status == "decided"
    look(cast, AT + timedelta(days=3))
    with cast.scope():
        assert Case.objects.count() == 1, "decided once: the concern opens no second case"
        assert settle_concerns(program=cast.program, at=AT + timedelta(days=3)) == 1
    concern = now(cast, concern)
    assert concern.status == "answered"
    with cast.scope():
        assert concern.review.outcome == "decided"
        assert Notice.objects.filter(kind="concern_answered").count() == 2
        assert Registration.objects.get(pk=deal.pk).status == "approved"


def test_a_case_that_is_open_already_is_joined_and_held(cast):
    case = factories.conflict_case(cast)
    with cast.scope():
        deal = Registration.objects.get(partner=cast.alpha)
        second = Registration.objects.get(partner=cast.beta)
    concern = raised(cast, deal)
    assert made(cast, concern) == case
    assert now(cast, case).kind == "competing_registration"
    with cast.scope():
        withdraw_registration(registration=second, by=cast.rival_rep, at=AT)
    look(cast, AT + timedelta(hours=1))
    case = now(cast, case)
    assert (case.status, case.kind) == ("open", "raised_concern"), (
        "nothing is found any more, and a person still decides"
    )


def test_a_case_whose_registration_is_withdrawn_ends_and_the_concern_waits_again(cast, deal):
    case = made(cast, raised(cast, deal))
    with cast.scope():
        deal.status = "withdrawn"
        from partners.services import save_row

        save_row(deal, by=None, at=AT, action="registration.withdrawn")
    look(cast, AT + timedelta(hours=2))
    assert now(cast, case).status == "closed"
    with cast.scope():
        assert settle_concerns(program=cast.program, at=AT + timedelta(hours=2)) == 1
        concern = Concern.objects.get()
        assert (concern.status, concern.answered_at) == ("received", AT)
        with pytest.raises(NotPossibleError, match="No live registration"):
            make_case(concern=concern, by=cast.bob, at=AT, seen_version=concern.version)


def test_a_stale_or_forbidden_wish_for_a_case_is_refused(cast, deal):
    concern = raised(cast, deal)
    with cast.scope():
        with pytest.raises(StaleRowError):
            make_case(concern=concern, by=cast.bob, at=AT, seen_version=7)
        with pytest.raises(NotAllowedError):
            make_case(concern=concern, by=cast.audrey, at=AT, seen_version=1)
        assert not Case.objects.exists()


def test_staff_raise_it_in_three_steps_and_see_what_came_of_similar_ones(client, cast):
    case = factories.conflict_case(cast)
    with cast.scope():
        while case.pending:
            by = {"partner_manager": cast.bob, "channel_lead": cast.carl}[case.pending[0].removeprefix("second:")]
            approve(
                case=case,
                by=by if case.pending[0] != "partner_manager" else cast.carl,
                at=AT,
                seen_version=case.version,
            )
            case.refresh_from_db()
    client.force_login(cast.bob)
    url = reverse("review:raise_concern")
    assert "Two are working on the same deal" in text_of(client.get(url))
    form = client.get(url, {"category": "same_deal"}).context["form"]
    typed = {"category": "same_deal", "form_token": form["form_token"].value(), "account": "A-ORION", "text": "Heard it.",
             "who": "Beta", "happened_on": "2026-02-20", "product_lines": ["pumps"]}  # fmt: skip
    page = text_of(client.post(url, typed))
    assert "Check it, then raise it" in page
    assert "Awarded to the partner that came first" in page
    assert "same region: US-TX" in page
    answer = client.post(url, {**typed, "confirm": "1"})
    with cast.scope():
        concern = Concern.objects.get()
        assert (concern.partner_id, concern.who, concern.review.account.external_id) == (None, "Beta", "A-ORION")
    assert answer.url == reverse("review:concern", args=[concern.pk])
    assert "Raised as" in said(answer)[0]
    page = text_of(client.get(answer.url))
    assert "raised by you" in page
    wrong = client.post(url, {**typed, "account": "Nowhere"})
    assert (wrong.status_code, "No account has this reference or name." in text_of(wrong)) == (400, True)
    assert "Heard it." in text_of(wrong)


def test_the_list_and_the_page_of_a_concern(client, cast):
    case = factories.conflict_case(cast)
    with cast.scope():
        deal = Registration.objects.get(partner=cast.alpha)
    concern = raised(cast, deal)
    client.force_login(cast.bob)
    page = text_of(client.get(reverse("review:concerns")))
    assert concern.number in page
    assert "Alpha Flow" in page
    url = reverse("review:concern", args=[concern.pk])
    assert "Decide it as a case" in text_of(client.get(url))
    bad = client.post(reverse("review:answer_concern", args=[concern.pk]), {"seen_version": 1, "answer": "Half."})
    assert (bad.status_code, "Half." in text_of(bad)) == (400, True)
    stale = client.post(
        reverse("review:answer_concern", args=[concern.pk]),
        {"seen_version": 9, "outcome": "explained", "answer": "Kept."},
    )
    assert (stale.status_code, "Kept." in text_of(stale)) == (409, True)
    done = client.post(reverse("review:concern_case", args=[concern.pk]), {"seen_version": 1})
    assert done.url == reverse("review:case", args=[case.pk])
    client.force_login(cast.audrey)
    assert "does not answer them" in text_of(client.get(url))


def test_a_partner_raises_one_in_the_portal_and_reads_the_answer(client, cast, deal):
    client.force_login(cast.acme_rep)
    url = reverse("portal:raise_concern")
    assert "Step 1 of 2" in text_of(client.get(url))
    form = client.get(url, {"category": "direct", "registration": str(deal.pk)}).context["form"]
    assert form["registration"].value() == str(deal.pk)
    typed = {
        "category": "direct",
        "form_token": form["form_token"].value(),
        "registration": str(deal.pk),
        "text": "They called.",
    }
    for nonsense in ({}, {**typed, "category": "nothing"}):
        assert "Choose first what it is about." in text_of(client.post(url, nonsense, follow=True))
    missing = client.post(url, {**typed, "text": ""})
    assert (missing.status_code, "Say in a few sentences" in text_of(missing)) == (400, True)
    sent = client.post(url, typed)
    page = text_of(client.get(sent.url))
    assert "You hear from us by" in page
    assert "similar" not in page.lower()
    with cast.scope():
        concern = Concern.objects.get()
        answer_concern(
            concern=concern, outcome="explained", answer="We spoke to them.", by=cast.bob, at=AT, seen_version=1
        )
    assert "We spoke to them." in text_of(client.get(sent.url))
    assert concern.number in text_of(client.get(reverse("portal:concerns")))
    client.force_login(cast.rival_rep)
    assert client.get(sent.url).status_code == 404
    foreign = client.post(url, {**typed, "form_token": "0191d5a0-0000-7000-8000-000000000002"})
    assert foreign.status_code == 400
    assert "No concerns" in text_of(client.get(reverse("portal:concerns")))
