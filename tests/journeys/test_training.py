"""A trainee steps through an exercise with the keyboard, answers, and compares; then one of their own, on a phone."""

from playwright.sync_api import expect

from reviews.training.shelf import FOLDER
from tests.journeys.steps import follow, no_wider_than_the_screen

FIRST = "Two partners, one account under two spellings; the first has done the work"


def test_step_through_an_exercise_with_the_keyboard(cast, page_of):
    page = page_of(cast.bob)
    follow(page, page.get_by_role("link", name="Training"))
    follow(page, page.get_by_role("link", name=FIRST))
    expect(page.get_by_role("cell", name="ORION CHEMICALS, INCORPORATED")).to_be_visible()
    with page.expect_navigation():
        page.keyboard.press("n")
    page.get_by_label("competing registration").check()
    for ref in ("R-1", "R-2"):
        page.get_by_label(f"What becomes of {ref}").select_option("award")
    page.get_by_label("Owner in the case of R-1").select_option("P-ALPHA")
    follow(page, page.get_by_role("button", name="Keep my answer"))
    for heading in ("Who is who", "Findings", "Advice", "Who approves"):
        expect(page.get_by_role("heading", name=heading)).to_be_visible()
        with page.expect_navigation():
            page.keyboard.press("n")
    expect(page.get_by_text("differ in 1 point.")).to_be_visible()
    expect(page.get_by_text("R-2: you said award, owner nobody; expected is award, owner P-ALPHA.")).to_be_visible()
    with page.expect_navigation():
        page.keyboard.press("b")
    expect(page.get_by_role("heading", name="Who approves")).to_be_visible()


def test_one_of_ones_own_on_a_phone_without_javascript(cast, page_of):
    page = page_of(cast.bob, viewport={"width": 390, "height": 800}, java_script_enabled=False)
    page.goto("/review/training/")
    page.get_by_label("Exercise file").set_input_files(FOLDER / "134-price-overlap.json")
    follow(page, page.get_by_role("button", name="Step through it"))
    for _ in range(6):
        follow(page, page.locator("button[name=step]").first)
    expect(page.get_by_text("The rules make of it exactly what the file expects.")).to_be_visible()


def test_no_step_is_wider_than_a_phone(cast, page_of):
    page = page_of(cast.bob, viewport={"width": 390, "height": 800})
    for step in range(8):
        page.goto(f"/review/training/134-price-overlap/?step={step}" if step else "/review/training/")
        assert no_wider_than_the_screen(page), step
