"""The queue as people use it: many cases approved at once, a case skipped, a view saved and shared."""

from playwright.sync_api import expect

from reviews.models import BulkApproval, Case
from tests import factories
from tests.journeys.steps import collide, follow, no_wider_than_the_screen, open_case, until


def test_two_of_three_cases_are_approved_at_once(cast, page_of, worker):
    cases = [collide(cast)]
    for key, name in (("A-VEGA", "Vega Global"), ("A-LYRA", "Lyra Works")):
        cases.append(_another(cast, key, name))
    page = page_of(cast.bob)
    page.goto("/review/")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.get_by_role("checkbox", checked=True)).to_have_count(1)
    page.get_by_label("All on this page").check()
    expect(page.locator("#bulk [data-count-of]")).to_have_text("(3)")
    with page.expect_navigation():
        page.keyboard.press("a")
    expect(page.get_by_text("Nothing is approved yet.")).to_be_visible()
    page.get_by_role("checkbox", name=f"Approve {cases[1].ref}").uncheck()
    button = page.get_by_role("button", name="Approve these")
    expect(button).to_contain_text("(2)")
    with page.expect_navigation():
        button.click()
    expect(page.get_by_text("2 of 2 approved.")).to_be_visible()
    row = page.get_by_role("row").filter(has_text=cases[1].ref)
    expect(row).to_contain_text("left out")
    page.reload()
    page.set_viewport_size({"width": 390, "height": 844})
    assert no_wider_than_the_screen(page)
    with cast.scope():
        decided = Case.objects.filter(status="decided").order_by("number")
        assert [case.ref for case in decided] == [cases[0].ref, cases[2].ref]
        assert BulkApproval.objects.count() == 1


def test_by_the_bare_form_without_javascript_on_a_phone(cast, page_of, worker):
    case = collide(cast)
    page = page_of(cast.bob, java_script_enabled=False, viewport={"width": 390, "height": 844})
    page.goto("/review/")
    page.get_by_label(f"Select {case.ref}").check()
    assert no_wider_than_the_screen(page)
    page.get_by_role("button", name="Approve as recommended").click()
    expect(page.get_by_text("your word decides it")).to_be_visible()
    assert no_wider_than_the_screen(page)
    page.get_by_role("button", name="Approve these").click()
    expect(page.get_by_text("1 of 1 approved.")).to_be_visible()

    def decided() -> bool:
        with cast.scope():
            return Case.objects.get(pk=case.pk).status == "decided"

    until(decided, "the worker approves it")


def test_skip_opens_the_next_case_by_itself(cast, page_of):
    collide(cast)
    _another(cast, "A-VEGA", "Vega Global")
    page = page_of(cast.bob)
    page.goto("/review/")
    with page.expect_navigation():
        page.keyboard.press("s")
    first = page.get_by_role("heading", level=1).inner_text()
    page.keyboard.press("n")
    form = page.locator("#do-skip")
    form.get_by_label("Needs somebody who knows the account").check()
    follow(page, form.get_by_role("button", name="Skip, and open the next"))
    expect(page.get_by_text("is skipped: you meet it again")).to_be_visible()
    expect(page.get_by_text("you are deciding").first).to_be_visible()
    assert page.get_by_role("heading", level=1).inner_text() != first
    lead = page_of(cast.carl)
    lead.goto("/review/team/")
    expect(lead.get_by_role("group", name="Cases passed by most often")).to_contain_text("Skipped")
    expect(lead.get_by_role("row").filter(has_text="Bob")).to_contain_text("Needs somebody who knows the account")


def test_a_view_is_saved_shared_and_found_by_a_colleague(cast, page_of):
    case = collide(cast)
    page = page_of(cast.bob)
    page.goto("/review/?view=step&sort=amount")
    page.get_by_text("Save this view").click()
    page.get_by_label("Name", exact=True).fill("My big ones")
    page.get_by_label("Share with the program's staff").check()
    follow(page, page.get_by_role("button", name="Save", exact=True))
    expect(page.get_by_text("'My big ones' stands beside the other views.")).to_be_visible()
    other = page_of(cast.carl)
    open_case(other, case)
    other.goto("/review/")
    follow(other, other.get_by_role("link", name="My big ones"))
    assert other.url.endswith("/review/?view=step&sort=amount")
    expect(other.get_by_role("link", name="My big ones")).to_have_attribute("aria-current", "true")


def _another(cast, key: str, name: str) -> Case:
    with cast.scope():
        factories.account(cast, key, name)
    return collide(cast, key, name)
