"""A request for information: the clock stops, the partner answers only what was asked, and the case comes back."""

import re

from playwright.sync_api import expect

from reviews.models import Message
from tests.journeys.steps import collide, follow, fresh, open_case, until


def test_the_clock_waits_for_the_answer(cast, page_of, worker):
    case = collide(cast)
    ada = page_of(cast.ada)
    open_case(ada, case)
    ada.keyboard.press("5")
    ada.get_by_role("checkbox", name="Alpha Flow").check()
    ada.get_by_label("What is needed").fill("Whom did you meet, and how far are you?")
    ada.get_by_text("What it may change").click()
    ada.get_by_role("checkbox", name="Stage").check()
    follow(ada, ada.get_by_role("button", name="Ask, and pause the clock"))
    expect(ada.get_by_text("waits for Alpha Flow")).to_be_visible()
    expect(ada.get_by_role("button", name="1 Approve")).to_be_disabled()
    assert fresh(cast, case).paused_at

    acme = page_of(cast.acme_rep)
    _answer(acme)
    until(lambda: fresh(cast, case).paused_at is None, "the clock runs again")

    ada.goto("/review/")
    row = ada.get_by_role("row").filter(has_text=case.ref)
    expect(row).to_contain_text("h left")
    expect(row).not_to_contain_text("waits")
    open_case(ada, case)
    expect(ada.get_by_text("The plant manager, on site.")).to_be_visible()
    expect(ada.get_by_role("button", name="1 Approve: Award to Alpha Flow")).to_be_enabled()
    with cast.scope():
        assert Message.objects.get(from_party=False).answered_at
        registration = cast.alpha.registrations.get()
        assert (registration.stage, registration.account_name) == ("proposal", "Orion Chemicals Inc.")


def _answer(page):
    """From the notice to the form that holds only what was asked."""
    follow(page, page.get_by_role("link", name=re.compile("^Registration .*: information wanted$")))
    expect(page.get_by_text("Whom did you meet, and how far are you?")).to_be_visible()
    follow(page, page.get_by_role("link", name="Open "))
    follow(page, page.get_by_role("link", name="Answer the question"))
    expect(page.get_by_label("Customer's legal name")).to_have_count(0)
    expect(page.get_by_label("Value")).to_have_count(0)
    page.get_by_label("Stage").select_option("proposal")
    page.get_by_label("Your answer").fill("The plant manager, on site.")
    follow(page, page.get_by_role("button", name="Send the answer"))
    expect(page.get_by_text("Your answer is sent, and the clock runs again.")).to_be_visible()
    assert "Beta" not in page.content()
