"""A partner pastes a mail, looks at what was read from it, fills the rest and submits."""

from playwright.sync_api import expect

from partners.models import Registration
from tests.journeys.steps import follow, no_wider_than_the_screen

MAIL = (
    "Hello,\n\nwe met Vega Werke GmbH on 15 January 2026 in Stuttgart, Germany. They need Pumps; the budget is 85k USD.\n"
    "Contact: Jo Weber <jo.weber@vega-werke.example>\n"
)


def test_a_mail_is_pasted_and_submitted(cast, page_of):
    page = page_of(cast.acme_rep, viewport={"width": 390, "height": 800})
    page.goto("/portal/register/")
    follow(page, page.get_by_role("link", name="Paste the text"))
    page.get_by_label("Text or e-mail").fill(MAIL)
    assert no_wider_than_the_screen(page)
    follow(page, page.get_by_role("button", name="Make a draft"))
    expect(page.get_by_label("Customer's legal name")).to_have_value("Vega Werke GmbH")
    expect(page.get_by_text("The text does not say: quarter of the order, stage.")).to_be_visible()
    expect(page.get_by_text("Read from “Contact: Jo Weber").first).to_be_visible()
    assert no_wider_than_the_screen(page)
    page.get_by_label("Closes in").select_option(index=2)
    page.get_by_label("Stage").select_option("qualified")
    follow(page, page.get_by_role("button", name="Submit"))
    expect(page.get_by_text("Received:")).to_be_visible()
    with cast.scope():
        row = Registration.objects.get(program=cast.program)
        assert (row.status, row.account_country, row.contact_email) == (
            "submitted",
            "DE",
            "jo.weber@vega-werke.example",
        )
