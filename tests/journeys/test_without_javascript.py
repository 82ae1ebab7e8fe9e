"""The partner's form on a phone without JavaScript: mistakes are explained, sent twice makes one registration."""

import re

from playwright.sync_api import expect

from partners.models import Registration
from tests.journeys.steps import add_proof, fill_in, follow, no_wider_than_the_screen, submit

RECEIPT = re.compile("/portal/registrations/[0-9a-f-]{36}/receipt/$")


def test_register_on_a_phone_without_javascript(cast, page_of):
    page = page_of(cast.acme_rep, java_script_enabled=False, viewport={"width": 390, "height": 844})
    assert no_wider_than_the_screen(page)
    follow(page, page.get_by_role("link", name="Register a deal").first)
    assert no_wider_than_the_screen(page)
    fill_in(page, mail="j.ortiz")
    add_proof(page)
    submit(page)
    expect(page.get_by_role("alert")).to_contain_text("Enter a whole e-mail address")
    expect(page.get_by_label("Customer's legal name")).to_have_value("Orion Chemicals Inc.")
    expect(page.get_by_label("Proof of work")).to_have_value("meeting")
    assert no_wider_than_the_screen(page)
    page.get_by_label("Contact's e-mail").fill("j.ortiz@a-orion.example")
    page.get_by_role("button", name="Submit").dblclick()
    expect(page).to_have_url(RECEIPT)  # the second click breaks the first one's navigation off
    expect(page.get_by_text("You hear from us by").first).to_be_visible()
    assert no_wider_than_the_screen(page)

    page.go_back()
    with page.expect_navigation():  # and again from the form that the browser kept
        submit(page)
    expect(page).to_have_url(RECEIPT)
    expect(page.get_by_text("This form was sent before")).to_be_visible()
    with cast.scope():
        assert Registration.objects.get().activities.count() == 1
    page.goto("/portal/")
    expect(page.get_by_role("link", name="Orion Chemicals Inc.")).to_have_count(1)
    assert no_wider_than_the_screen(page)
