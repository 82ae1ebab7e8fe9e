"""The desk with the keyboard alone: signing in, the queue with J, K and Enter, the case with 1."""

from playwright.sync_api import expect

from tests import factories
from tests.journeys.steps import collide, fresh


def test_decide_a_case_without_a_mouse(cast, page_of):
    with cast.scope():
        factories.account(cast, "A-VEGA", "Vega Global")
    urgent, other = collide(cast, amount=49_000), collide(cast, "A-VEGA", "Vega Global", amount=1_000)
    page = page_of(cast.ada, by_keyboard=True)

    expect(page.get_by_role("heading", name="Queue")).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator("[data-row].on")).to_contain_text(other.ref)
    page.keyboard.press("k")
    expect(page.locator("[data-row].on")).to_contain_text(urgent.ref)
    expect(page.get_by_role("link", name="Orion Chemicals Inc.")).to_be_focused()
    with page.expect_navigation():
        page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Orion Chemicals Inc.")).to_be_visible()
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keys on this page")
    expect(keys).to_contain_text("Approve: Award to Alpha Flow")
    page.keyboard.press("1")  # a dialog is open: keys belong to it
    page.keyboard.press("Escape")
    expect(keys).to_be_hidden()
    assert fresh(cast, urgent).decided_at is None
    page.keyboard.press("2")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("radio", name="Beta Industrial")).to_be_checked()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("1 is only a digit here")
    expect(page.locator("#do-owner").get_by_label("In a sentence")).to_have_value("1 is only a digit here")
    page.keyboard.press("Escape")
    with page.expect_navigation():
        page.keyboard.press("1")
    expect(page.get_by_text(f"{urgent.ref} is decided")).to_be_visible()
    with page.expect_navigation():
        page.keyboard.press("n")
    expect(page.get_by_role("heading", name="Vega Global")).to_be_visible()
    expect(page.get_by_text("you are deciding").first).to_be_visible()
