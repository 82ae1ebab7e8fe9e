"""Amending what waits, and registering again what ended: versions stay, places in time stay honest, numbers are limited."""

from datetime import timedelta

import pytest
from django.urls import reverse

from partners import amending, services
from partners import models as m
from partners.services import NotPossibleError, StaleRowError
from reviews import pipeline
from reviews.models import Case
from reviews.services import request_information
from tests import factories
from tests.factories import AT
from tests.partners.test_portal import only, typed

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(hours=2)


@pytest.fixture
def portal(cast, client):
    """acme_rep, signed in."""
    client.force_login(cast.acme_rep)
    return client


def amend(cast, row, **changes):
    """Amend a registration as Alpha."""
    with cast.scope():
        return amending.amend_registration(registration=row, changes=changes, by=cast.acme_rep, at=LATER)


def test_a_waiting_registration_is_corrected_and_every_version_stays(cast, portal):
    row = factories.submitted(cast, cast.alpha, amount=None, band_upper=50_000, product_lines=["pumps", "valves"])
    address = reverse("portal:amend", args=[row.pk])
    assert "Orion Chemicals" in portal.get(address).content.decode()
    answer = portal.post(
        address, typed(portal, account_domain="a-orion.example", stage="proposal", note="They called.")
    )
    assert answer.headers["Location"] == reverse("portal:registration", args=[row.pk])
    now = only(cast)
    assert (now.stage, now.note, now.status) == ("proposal", "They called.", "submitted")
    assert (now.submitted_at, now.due_at) == (row.submitted_at, row.due_at)
    with cast.scope():
        assert list(now.history.order_by("history_date").values_list("stage", "history_change_reason")) == [
            ("qualified", "registration.submitted"), ("proposal", "registration.amended")
        ]  # fmt: skip


def test_a_case_with_changed_facts_is_looked_at_again(cast):
    case = factories.conflict_case(cast)
    row = only(cast, partner=cast.alpha)
    assert row.status == "in_review"
    amend(cast, row, amount=120_000)
    pipeline.detect(cast.program, LATER)
    with cast.scope():
        assert Case.objects.get(pk=case.pk).amount == 120_000 != case.amount
        assert m.Registration.objects.get(pk=row.pk).status == "in_review"


def test_it_stays_the_same_customers(cast):
    row = factories.submitted(cast, cast.alpha)
    amend(cast, row, account_name="Orion Chemicals Holding")
    amend(cast, row, account_name="ORION CHEMICALS INC.", account_domain="orionchem.example")  # by its name
    with pytest.raises(NotPossibleError, match="another customer"):
        amend(cast, row, account_name="Vega Works", account_domain="vega.example")
    amend(cast, row, account_name="Orion", account_domain="www.a-orion.example")
    with pytest.raises(NotPossibleError, match="another customer"):  # nor step by step
        amend(cast, row, account_name="Orion", account_domain="vega.example")


def test_it_claims_no_more_products_than_were_sent(cast):
    row = factories.submitted(cast, cast.alpha, product_lines=["pumps", "valves"])
    amend(cast, row, product_lines=["valves"])
    amend(cast, row, product_lines=["pumps", "valves"])  # put back
    with pytest.raises(NotPossibleError, match="This adds controls to what you sent"):
        amend(cast, row, product_lines=["pumps", "valves", "controls"])
    assert only(cast).product_lines == ["pumps", "valves"]


def test_nothing_changed_is_said(cast):
    row = factories.submitted(cast, cast.alpha)
    with pytest.raises(NotPossibleError, match="Nothing was changed"):
        amend(cast, row, stage="qualified")


def test_what_another_page_amended_is_not_written_over(cast, portal):
    row = factories.submitted(cast, cast.alpha, amount=None, band_upper=50_000)
    address = reverse("portal:amend", args=[row.pk])
    seen = portal.get(address).context["seen"]
    amend(cast, row, note="from the phone")
    form = typed(portal, account_domain="a-orion.example", note="from the desk") | {"seen": seen}
    page = portal.post(address, form).content.decode()
    assert "another page or device" in page
    assert "from the desk" in page
    assert only(cast).note == "from the phone"
    with pytest.raises(StaleRowError), cast.scope():
        amending.amend_registration(registration=row, changes={"note": "x"}, by=cast.acme_rep, at=LATER, seen=seen)


@pytest.mark.parametrize("status", ["approved", "rejected", "withdrawn", "expired", "revoked"])
def test_what_is_decided_stays(cast, portal, status):
    row = factories.submitted(cast, cast.alpha)
    with cast.scope():
        row.status = status
        services.save_row(row, by=None, at=AT, action="test.ended")
    with pytest.raises(NotPossibleError, match="nothing of it can be changed"):
        amend(cast, row, note="x")
    assert portal.get(reverse("portal:amend", args=[row.pk])).status_code == 302


def test_where_something_was_asked_only_that_is_open(cast):
    case = factories.conflict_case(cast)
    with cast.scope():
        request_information(
            case=case, parties=[case.parties.get(partner=cast.alpha)], fields=["stage"], body="How far?", by=cast.carl,
            at=AT,
        )  # fmt: skip
    with pytest.raises(NotPossibleError, match="answer that"):
        amend(cast, only(cast, partner=cast.alpha), note="x")


def ended(cast, row, status="rejected"):
    """A registration as a decision leaves it."""
    with cast.scope():
        row.refresh_from_db()
        row.status = status
        return services.save_row(row, by=None, at=AT, action="test.ended")


def again(cast, row):
    """Begin it again as Alpha, and submit."""
    with cast.scope():
        draft = amending.resubmit_registration(registration=row, by=cast.acme_rep, at=LATER)
        return services.submit_registration(registration=draft, by=cast.acme_rep, at=LATER)


def test_an_ended_registration_is_the_beginning_of_a_new_one(cast, portal):
    row = ended(cast, factories.submitted(cast, cast.alpha, note="We met."))
    address = reverse("portal:resubmit", args=[row.pk])
    assert "counts from the day you submit it" in portal.get(address).content.decode()
    led = portal.post(address).headers["Location"]
    draft = only(cast, status="draft")
    assert led == reverse("portal:edit", args=[draft.pk])
    assert (draft.note, draft.account_name, draft.resubmits_id, draft.submitted_at) == (
        "We met.",
        row.account_name,
        row.pk,
        None,
    )
    assert portal.post(address).headers["Location"] == led  # pressed twice: one draft
    sent = again(cast, row)
    assert sent.pk == draft.pk
    assert sent.submitted_at == LATER


def test_a_deal_comes_back_so_often_as_the_program_says(cast, portal):
    first = row = ended(cast, factories.submitted(cast, cast.alpha))
    for _ in range(3):
        row = ended(cast, again(cast, row), "withdrawn")
        assert row.resubmits_id == first.pk
    with pytest.raises(NotPossibleError, match="lets one come back 3 times"):
        again(cast, row)
    page = portal.post(reverse("portal:resubmit", args=[row.pk]), follow=True).content.decode()
    assert "lets one come back 3 times" in page
    with cast.scope():
        cast.program.resubmissions = 4
        services.change_program(program=cast.program, by=cast.pat, at=AT)
        assert again(cast, row).status == "submitted"


def test_drafts_cannot_be_hoarded_for_later(cast):
    """The number is counted when one is sent, too."""
    row = ended(cast, factories.submitted(cast, cast.alpha))
    with cast.scope():
        cast.program.resubmissions = 1
        services.change_program(program=cast.program, by=cast.pat, at=AT)
        two = [factories.draft(cast, cast.alpha, resubmits=row) for _ in range(2)]
        services.submit_registration(registration=two[0], by=cast.acme_rep, at=LATER)
        with pytest.raises(NotPossibleError, match="come back once"):
            services.submit_registration(registration=two[1], by=cast.acme_rep, at=LATER)


def test_only_what_was_sent_and_ended_comes_back(cast):
    row = factories.submitted(cast, cast.alpha)
    with pytest.raises(NotPossibleError, match="cannot be registered again"), cast.scope():
        amending.resubmit_registration(registration=row, by=cast.acme_rep, at=LATER)
    cast.program.resubmissions = 21
    with pytest.raises(NotPossibleError, match="0 to 20 times"), cast.scope():
        services.change_program(program=cast.program, by=cast.pat, at=AT)
