"""A finding is snoozed with the keyboard: the case leaves the queue, and is woken again."""

from playwright.sync_api import expect

from reviews.models import Case
from tests.journeys.steps import collide, follow, fresh, open_case


def test_snooze_a_case_and_wake_it(cast, page_of):
    case = collide(cast)
    page = page_of(cast.bob)
    open_case(page, case)
    page.keyboard.press("h")
    form = page.locator("#do-snooze")
    expect(form.get_by_role("checkbox").first).to_be_checked()
    expect(form.locator("#snooze_until")).to_be_hidden()
    form.get_by_label("1 month").check()
    form.get_by_label("Why it can wait").fill("The buyer decides after the fair.")
    follow(page, form.get_by_role("button", name="Snooze"))
    expect(page.get_by_text(f"{case.ref} sleeps until")).to_be_visible()
    expect(page.get_by_text("‘The buyer decides after the fair.’").first).to_be_visible()
    assert fresh(cast, case).status == "snoozed"

    page.goto("/review/")
    expect(page.get_by_text("The queue is empty")).to_be_visible()
    follow(page, page.get_by_role("link", name="Snoozed"))
    follow(page, page.get_by_role("row").filter(has_text=case.ref).get_by_role("link"))
    with page.expect_navigation():
        page.keyboard.press("w")
    expect(page.get_by_text(f"{case.ref} is awake")).to_be_visible()
    with cast.scope():
        assert Case.objects.get(pk=case.pk).status == "in_review"
