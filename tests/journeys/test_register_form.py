"""The form on a phone: 90 seconds of typing by keyboard alone, and a browser that is killed over a draft."""

import re

import pytest
from playwright.sync_api import Page, expect

from partners.models import Registration, RegistrationStatus
from tests.journeys.steps import follow, no_wider_than_the_screen, submit

PHONE = {"viewport": {"width": 390, "height": 844}}
KEYS_A_SECOND, SECONDS, WEIGHT = 5, 90, 100_000
SAVED = re.compile(r"^Saved \d\d:\d\d$")


class Typist:
    """Presses keys, and counts them."""

    def __init__(self, page: Page) -> None:
        self.page, self.keys = page, 0

    def write(self, text: str) -> None:
        """Type a text, then go to the next field."""
        self.page.keyboard.type(text)
        self.keys += len(text)
        self.press("Tab")

    def press(self, *keys: str) -> None:
        """Press keys one after the other."""
        for key in keys:
            self.page.keyboard.press(key)
            self.keys += 1


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_a_deal_is_registered_by_keyboard_within_90_seconds(cast, page_of, script):
    page = page_of(cast.acme_rep, java_script_enabled=script, **PHONE)
    weights: list[int] = []
    page.on("response", lambda response: weights.append(len(response.body())))
    page.goto("/portal/register/", wait_until="networkidle")
    assert 0 < sum(weights) < WEIGHT, weights
    page.get_by_label("Customer's legal name").focus()
    hand = Typist(page)
    hand.write("Orion Chemicals Inc.")
    hand.write("orionchem.example")
    hand.write("Tex")
    hand.write("j.ortiz@orionchem.example")
    hand.press("Tab", "Space", "Tab", "Tab")  # the second of three products
    hand.press("ArrowDown", "ArrowDown", "Tab", "ArrowDown", "ArrowDown", "Tab")
    hand.write("Qual")
    hand.press("Tab")  # past the proof
    with page.expect_navigation(url=re.compile("/receipt/$")):
        hand.press("Enter")
    expect(page.get_by_text(re.compile(r"Received: R-\S+\. You hear from us by"))).to_be_visible()
    assert no_wider_than_the_screen(page)
    assert hand.keys / KEYS_A_SECOND <= SECONDS, f"{hand.keys} keys"
    with cast.scope():
        row = Registration.objects.get()
    assert row.status == RegistrationStatus.SUBMITTED
    assert (row.account_name, row.account_domain) == ("Orion Chemicals Inc.", "orionchem.example")
    assert (row.account_subdivision, row.product_lines, row.stage) == ("US-TX", ["pumps"], "qualified")
    follow(page, page.get_by_role("link", name="Open the registration"))
    follow(page, page.get_by_role("link", name="Amend"))
    page.get_by_label("Stage").select_option("proposal")
    assert no_wider_than_the_screen(page)
    follow(page, page.get_by_role("button", name="Keep the new version"))
    expect(page.get_by_text("says now what you corrected")).to_be_visible()


def test_the_browser_is_killed_and_the_draft_goes_on(cast, page_of):
    page = page_of(cast.acme_rep, **PHONE)
    page.goto("/portal/register/")
    page.get_by_label("Customer's legal name").fill("Orion Chemicals Inc.")
    page.get_by_label("Contact's e-mail").fill("j.ortiz@orionchem.example")
    said = page.locator("[data-autosave-said]")
    expect(said).to_have_text(SAVED)
    expect(page.get_by_text("Is it orionchem.example?")).to_be_visible()
    page.get_by_role("button", name="Use it").click()
    expect(page.get_by_text("Is it orionchem.example?")).to_have_count(0)
    expect(page.get_by_label("Website or mail domain")).to_have_value("orionchem.example")

    page.context.set_offline(True)
    page.get_by_label("Stage").select_option("proposal")
    expect(said).to_contain_text("Not saved")
    page.context.set_offline(False)
    page.get_by_label("Pumps").check()
    expect(said).to_have_text(SAVED)
    assert all("ERR_INTERNET_DISCONNECTED" in problem for problem in page.watch.problems)
    page.watch.problems.clear()
    assert no_wider_than_the_screen(page)
    page.context.close()  # no page is asked before it goes

    later = page_of(cast.acme_rep, **PHONE)
    follow(later, later.get_by_role("link", name="Continue your draft for Orion Chemicals Inc."))
    for label, value in (
        ("Customer's legal name", "Orion Chemicals Inc."), ("Website or mail domain", "orionchem.example"),
        ("Contact's e-mail", "j.ortiz@orionchem.example"), ("Stage", "proposal"),
    ):  # fmt: skip
        expect(later.get_by_label(label)).to_have_value(value)
    expect(later.get_by_label("Pumps")).to_be_checked()
    later.get_by_label("Country and state").select_option("US-TX")
    later.get_by_label("Value", exact=True).select_option("25000")
    later.get_by_label("Closes in").select_option(index=2)
    with later.expect_navigation(url=re.compile("/receipt/$")):  # whether or not a save is under way
        submit(later)
    with cast.scope():
        assert [row.status for row in Registration.objects.all()] == [RegistrationStatus.SUBMITTED]
