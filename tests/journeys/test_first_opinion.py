"""A case of high impact with names hidden: an own view by two keys, then the recommendation, then the decision."""

from playwright.sync_api import expect

from reviews.models import FirstOpinion
from tests.journeys.steps import collide, fresh, no_wider_than_the_screen, open_case
from tests.reviews.asked import ask_in, letter


def test_own_view_first_then_the_recommendation_then_the_decision(cast, page_of):
    case = collide(cast, amount=300_000)
    ask_in(cast)
    page = page_of(cast.carl)
    page.goto("/review/")
    row = page.get_by_role("row").filter(has_text=case.ref)
    expect(row).to_contain_text("Your own view first")
    expect(row).not_to_contain_text("Alpha")
    open_case(page, case)
    expect(page.get_by_role("heading", name="Your own view first")).to_be_visible()
    assert "Alpha" not in page.content()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys on this page")).to_contain_text("Claimant A gets the deal")
    page.keyboard.press("Escape")
    beta = letter(cast, case, str(cast.beta.pk))
    page.keyboard.press("1" if beta == "A" else "2")
    expect(page.get_by_role("radio", name=f"Claimant {beta} gets the deal")).to_be_checked()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.get_by_text("Your first opinion:")).to_be_visible()
    expect(page.get_by_role("heading", name="First opinion")).to_be_visible()
    expect(page.get_by_text("other than recommended", exact=False).first).to_be_visible()
    with page.expect_navigation():
        page.keyboard.press("1")
    expect(page.get_by_text("Your step is kept. Next: revenue lead.")).to_be_visible()

    rita = page_of(cast.rita, viewport={"width": 390, "height": 844}, java_script_enabled=False)
    rita.goto(f"/review/cases/{case.pk}/")
    assert no_wider_than_the_screen(rita)
    assert "Alpha" not in rita.content()
    rita.get_by_label("I cannot tell").check()
    rita.get_by_label("Why, in a sentence").fill("Both have worked for it.")
    with rita.expect_navigation():
        rita.get_by_role("button", name="Say it, and see the recommendation").click()
    expect(rita.get_by_text("Both have worked for it.").first).to_be_visible()
    with rita.expect_navigation():
        rita.get_by_role("button", name="Approve: Award to Alpha Flow").click()
    assert fresh(cast, case).status == "decided"
    with cast.scope():
        assert [one.agreed for one in FirstOpinion.objects.order_by("said_at")] == [False, None]
