"""A pasted text becomes a draft: nothing is submitted, each field says where it was read, nothing is lost."""

import re

import pytest
from django.urls import reverse

from channelconflict.scope import acting
from partners.models import Activity, PastedText, Registration
from partners.permissions import scope_of

pytestmark = pytest.mark.django_db
MAIL = (
    "Customer: Orion Chemicals, Inc.\nWebsite: www.orionchem.example\nState: Texas\nContact: j.ortiz@orionchem.example\n"
    "Products: Pumps\nBudget: $85k\nStage: proposal\nLast meeting: visit on 2026-01-15\n"
)


@pytest.fixture
def portal(cast, client):
    """acme_rep, signed in."""
    client.force_login(cast.acme_rep)
    return client


def paste(client, text, **more):
    page = client.get(reverse("portal:paste")).content.decode()
    hidden = {n: re.search(f'name="{n}" value="([^"]+)"', page)[1] for n in ("form_token", "claimant")}
    return client.post(reverse("portal:paste"), {**hidden, "text": text, **more})


def drafts(cast):
    with cast.scope():
        return list(Registration.objects.filter(program=cast.program).select_related("pasted"))


def test_a_mail_becomes_a_draft_and_nothing_is_submitted(cast, portal):
    answer = paste(portal, MAIL)
    (draft,) = drafts(cast)
    assert answer.headers["Location"] == reverse("portal:edit", args=[draft.pk])
    assert (draft.status, draft.submitted_at, draft.partner_id) == ("draft", None, cast.alpha.pk)
    assert (draft.account_name, draft.account_domain) == ("Orion Chemicals, Inc.", "orionchem.example")
    assert (draft.account_subdivision, draft.product_lines, draft.band_upper) == ("US-TX", ["pumps"], 100_000)
    with cast.scope():
        assert [activity.kind for activity in Activity.objects.all()] == ["meeting"]
    assert draft.pasted.text.replace("\r\n", "\n") == MAIL


def test_the_draft_says_where_each_field_was_read_and_what_is_missing(cast, portal):
    page = portal.get(paste(portal, MAIL).headers["Location"]).content.decode()
    assert "Read from “Website: www.orionchem.example”" in page
    assert "The text does not say: quarter of the order." in page


def test_a_field_that_was_changed_no_longer_says_where_it_was_read(cast, portal):
    address = paste(portal, MAIL).headers["Location"]
    portal.post(address, {"account_name": "Orion Chemicals", "draft": "1"})
    page = portal.get(address).content.decode()
    assert "Read from “Customer" not in page


def test_a_text_without_a_name_asks_for_it_and_keeps_the_text(cast, portal):
    answer = paste(portal, "Budget: $85k")
    assert "No customer&#x27;s name was found" in answer.content.decode()
    assert "Budget: $85k" in answer.content.decode()
    assert drafts(cast) == []
    paste(portal, "Budget: $85k", account_name="Orion Chemicals Inc.")
    assert [draft.account_name for draft in drafts(cast)] == ["Orion Chemicals Inc."]


def test_sent_twice_it_is_one_draft(cast, portal):
    page = portal.get(reverse("portal:paste")).content.decode()
    hidden = {n: re.search(f'name="{n}" value="([^"]+)"', page)[1] for n in ("form_token", "claimant")}
    for _ in range(2):
        portal.post(reverse("portal:paste"), {**hidden, "text": MAIL})
    assert len(drafts(cast)) == 1


@pytest.mark.parametrize(
    ("text", "sentence"), [("", "Paste a text"), (" \n ", "Paste a text"), ("x" * 50_001, "50,000")]
)
def test_bad_texts_get_a_sentence(cast, portal, text, sentence):
    assert sentence in paste(portal, text).content.decode()
    assert drafts(cast) == []


def test_what_a_person_could_not_type_is_left_out(cast, portal):
    paste(
        portal, f"Customer: Orion\nContact: {'x' * 60}@{'y' * 60}.{'z' * 20}.example\nWebsite: www.{'a' * 63}.example"
    )
    (draft,) = drafts(cast)
    assert draft.account_name == "Orion"
    hostile = "Customer: <script>alert(1)</script> Ltd\nStatus: approved\nPartner: Beta Industrial"
    page = portal.get(paste(portal, hostile).headers["Location"]).content.decode()
    assert "<script>alert" not in page
    assert {draft.status for draft in drafts(cast)} == {"draft"}
    assert {draft.partner_id for draft in drafts(cast)} == {cast.alpha.pk}


def test_nobody_pastes_for_another_partner(cast, portal):
    answer = paste(portal, MAIL, claimant=str(cast.beta.pk))
    assert answer.status_code == 200
    assert drafts(cast) == []


def test_another_partner_sees_neither_the_draft_nor_the_text(cast, portal, client):
    address = paste(portal, MAIL).headers["Location"]
    client.force_login(cast.rival_rep)
    assert client.get(address).status_code == 404
    with acting(scope_of(cast.rival_rep)):
        assert not PastedText.objects.exists()


def test_staff_get_a_filled_form_that_goes_the_usual_way(cast, client):
    client.force_login(cast.olga)
    address = f"{reverse('review:paste')}?program={cast.program.pk}"
    page = client.post(address, {"text": MAIL}).content.decode()
    assert 'value="Orion Chemicals, Inc."' in page
    assert f'action="{reverse("review:register")}?program={cast.program.pk}"' in page
    assert "Read from “Stage: proposal”" in page
    assert drafts(cast) == []
    assert "Paste a text" in client.post(address, {"text": ""}).content.decode()
