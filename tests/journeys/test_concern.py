"""A partner raises a concern; it becomes a case, an item of its playbook is ticked, it is decided, and the raiser is told."""

from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import expect

from partners import services
from partners.models import Registration
from reviews import pipeline
from reviews.models import Case, Concern
from reviews.services.concerns import settle_concerns
from tests import factories
from tests.journeys.steps import follow, fresh, no_wider_than_the_screen


def test_a_concern_becomes_a_case_and_is_decided(cast, page_of):
    now = timezone.now()
    with cast.scope():
        deal = factories.draft(cast, cast.alpha)
        services.submit_registration(registration=deal, by=cast.acme_rep, at=now)
    pipeline.detect(cast.program, now)
    assert fresh(cast, deal).status == "approved"

    partner = page_of(cast.acme_rep)
    partner.goto(f"/portal/registrations/{deal.pk}/")
    follow(partner, partner.get_by_role("link", name="Raise a concern"))
    follow(partner, partner.get_by_role("link", name="The direct team is on the deal"))
    partner.get_by_label("What happened?").fill("Their sales people called my customer about pumps.")
    follow(partner, partner.get_by_role("button", name="Raise it"))
    expect(partner.get_by_text("You hear from us by").first).to_be_visible()
    assert no_wider_than_the_screen(partner)
    address = partner.url

    desk = page_of(cast.ada)
    desk.goto("/review/concerns/")
    follow(desk, desk.get_by_role("link", name="Orion Chemicals"))
    expect(desk.get_by_text("Their sales people called my customer")).to_be_visible()
    with desk.expect_navigation():
        desk.keyboard.press("1")
    with cast.scope():
        case = Case.objects.get(concerns__concern=Concern.objects.get())
    expect(desk.get_by_text(f"is decided as {case.ref}")).to_be_visible()
    expect(desk.get_by_text("raised concern")).to_be_visible()

    playbook = desk.locator("#playbook")
    playbook.locator("summary").first.click()
    follow(desk, playbook.get_by_role("button", name="Done: What the raiser saw"))
    expect(desk.get_by_text("1 of 5 gathered")).to_be_visible()
    expect(playbook.get_by_text("you, ")).to_be_visible()
    pipeline.look_again(cast.program, timezone.now())
    with desk.expect_navigation():
        desk.keyboard.press("1")
    expect(desk.get_by_text(f"{case.ref} is decided")).to_be_visible()

    with cast.scope():
        assert settle_concerns(program=cast.program, at=timezone.now() + timedelta(hours=2)) == 1
        assert Registration.objects.get(pk=deal.pk).status == "approved"
    partner.goto(address)
    expect(partner.get_by_text("What you raised was looked at and decided.")).to_be_visible()
    assert case.ref not in partner.content()
