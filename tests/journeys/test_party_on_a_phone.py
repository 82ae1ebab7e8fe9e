"""A party's side on a phone, with and without JavaScript: it answers a request, accepts a proposal, reads its reasons, appeals,
and renews."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from partners import services
from partners.models import Registration
from reviews import pipeline
from reviews.models import ProposalAnswer
from reviews.services import approve, request_information
from reviews.services.asking import resume_case
from tests import factories
from tests.journeys.steps import collide, follow, fresh, no_wider_than_the_screen
from tests.reviews.in_talks import answers, mediated, proposed

PHONE = {"viewport": {"width": 390, "height": 844}}
scripts = pytest.mark.parametrize("javascript", [True, False], ids=["with-javascript", "without"])


def phone(page_of, user, javascript):
    return page_of(user, java_script_enabled=javascript, **PHONE)


@scripts
def test_a_request_is_answered_and_a_proposal_accepted(cast, page_of, javascript):
    case, now = collide(cast), timezone.now()
    with cast.scope():
        alpha = case.parties.get(partner=cast.alpha)
        request_information(case=case, parties=[alpha], fields=["stage"], body="How far are you?", by=cast.bob, at=now)
    page = phone(page_of, cast.acme_rep, javascript)
    expect(page.get_by_role("row", name="Orion Chemicals")).to_contain_text("Information wanted")
    follow(page, page.get_by_role("link", name="Orion Chemicals"))
    follow(page, page.get_by_role("link", name="Answer the question"))
    expect(page.get_by_label("Customer's legal name")).to_have_count(0)
    page.get_by_label("Stage").select_option("proposal")
    follow(page, page.get_by_role("button", name="Send the answer"))
    expect(page.get_by_role("alert")).to_contain_text("Write a sentence")
    page.get_by_label("Your answer").fill("They have our proposal.")
    assert no_wider_than_the_screen(page)
    follow(page, page.get_by_role("button", name="Send the answer"))
    expect(page.get_by_text("Your answer is sent, and the clock runs again.")).to_be_visible()
    with cast.scope():
        resume_case(registration=Registration.objects.get(partner=cast.alpha), at=timezone.now())

    talks = mediated(cast, fresh(cast, case), at=timezone.now())
    proposed(cast, talks, at=timezone.now())
    page.goto("/portal/")
    follow(page, page.get_by_role("link", name="Open the talk"))
    expect(page.get_by_text("share of 60 %").first).to_be_visible()
    assert no_wider_than_the_screen(page)
    follow(page, page.get_by_role("button", name="Accept"))
    expect(page.get_by_text("You accepted proposal")).to_be_visible()
    assert "Beta" not in page.content()
    with cast.scope():
        assert ProposalAnswer.objects.get(partner=cast.alpha).verdict == "accepted"
    answers(cast, cast.beta, at=timezone.now())
    assert fresh(cast, case).status == "in_review"


@scripts
def test_reasons_are_read_and_an_appeal_is_filed(cast, page_of, javascript):
    case = collide(cast)
    with cast.scope():
        approve(case=case, by=cast.bob, at=timezone.now(), seen_version=case.version)
        lost = Registration.objects.get(partner=cast.beta)
    page = phone(page_of, cast.rival_rep, javascript)
    follow(page, page.get_by_role("link", name=f"Registration {lost.ref} is not approved"))
    for words in ("Decided under rule R-", "What counted of yours:", "Another claim had priority.",
                  "What could have changed it:", "you can appeal once"):  # fmt: skip
        expect(page.get_by_text(words).first).to_be_visible()
    assert "Alpha" not in page.content()
    assert no_wider_than_the_screen(page)
    follow(page, page.get_by_role("link", name=f"Open {lost.ref}"))
    follow(page, page.get_by_role("link", name="Appeal against the decision"))
    page.get_by_label("Why you appeal").select_option("facts_wrong")
    page.get_by_label("What was decided wrongly").fill("Our meeting is not on the record.")
    assert no_wider_than_the_screen(page)
    follow(page, page.get_by_role("button", name="File the appeal"))
    expect(page.get_by_text("Received: your appeal A-")).to_be_visible()


@scripts
def test_a_protection_is_renewed_by_proof_of_work(cast, page_of, javascript):
    at = timezone.now() - timedelta(days=70)
    with cast.scope():
        row = services.submit_registration(registration=factories.draft(cast, cast.alpha), by=cast.acme_rep, at=at)
    pipeline.detect(cast.program, at)
    page = phone(page_of, cast.acme_rep, javascript)
    expect(page.get_by_role("row", name="Orion Chemicals")).to_contain_text("Expiring, 20 days left")
    follow(page, page.get_by_role("link", name="Orion Chemicals"))
    follow(page, page.get_by_role("link", name="Add proof of work"))
    assert no_wider_than_the_screen(page)
    page.get_by_label("What happened").select_option("meeting")
    page.get_by_label("When").fill((timezone.now() - timedelta(days=1)).date().isoformat())
    follow(page, page.get_by_role("button", name="Add the activity"))
    expect(page.get_by_text("renews it by itself").first).to_be_visible()
    page.goto("/portal/")
    expect(page.get_by_role("row", name="Orion Chemicals")).to_contain_text("Protected, 20 days left")
    assert no_wider_than_the_screen(page)
    assert fresh(cast, row).status == "approved"
