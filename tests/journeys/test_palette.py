"""The command palette with the keyboard alone: acts with their keys, pages, cases by name, and back to where one was."""

from playwright.sync_api import expect

from tests.journeys.steps import collide, follow, fresh, open_case


def test_find_and_do_by_keyboard(cast, page_of):
    case = collide(cast)
    page = page_of(cast.ada)
    open_case(page, case)
    page.get_by_role("link", name="Find or do").first.focus()

    page.keyboard.press("Control+k")
    palette = page.get_by_role("dialog", name="Find or do")
    field, lines = palette.get_by_role("combobox"), palette.get_by_role("option")
    expect(field).to_be_focused()
    expect(lines.filter(has_text="Approve: Award to Alpha Flow")).to_contain_text("1")
    expect(lines.filter(has_text="Snooze")).to_contain_text("H")
    expect(lines.filter(has_text="Put all claims on hold")).to_be_visible()
    page.keyboard.press("Escape")
    expect(palette).to_be_hidden()
    expect(page.get_by_role("link", name="Find or do").first).to_be_focused()

    page.keyboard.press("Control+k")
    page.keyboard.type("anow")  # letters in order: another owner
    chosen = palette.get_by_role("option", selected=True)
    expect(chosen).to_contain_text("Another owner")
    expect(field).to_have_attribute("aria-activedescendant", chosen.get_attribute("id"))
    page.keyboard.press("Enter")
    expect(page.locator("#do-owner")).to_have_attribute("open", "")

    page.keyboard.press("Control+k")
    page.keyboard.type("coll")
    expect(palette.get_by_role("option", selected=True)).to_contain_text("Colliding rules")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "/admin/conflicts/territoryoverlap/" in page.url

    page.keyboard.press("Control+k")
    expect(lines.filter(has_text=case.ref)).to_be_visible()  # it was open in this tab
    page.keyboard.type("orion")
    expect(palette.get_by_role("group", name="Accounts")).to_contain_text("Orion Chemicals Inc.")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowDown")
    palette.get_by_role("option").filter(has_text=case.ref).click()
    expect(page.get_by_role("heading", name="Orion Chemicals Inc.")).to_be_visible()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys on this page")).to_contain_text("Ctrl K")
    page.keyboard.press("Control+k")
    page.keyboard.type("approve")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert fresh(cast, case).decided_at is not None

    page.keyboard.press("Control+k")
    page.keyboard.type("zzzz")
    expect(palette.get_by_role("status")).to_have_text("Nothing found for ‘zzzz’.")
    page.keyboard.press("Escape")
    follow(page, page.get_by_role("button", name="Sign out"))
    # Ours alone: the admin's lists keep there whether their filters are open.
    assert not page.evaluate("Object.keys(sessionStorage).filter(key => key.startsWith('lately:'))")


def test_on_a_phone_and_without_javascript(cast, page_of):
    case = collide(cast)
    page = page_of(cast.ada, viewport={"width": 390, "height": 844})
    page.get_by_role("link", name="Find or do").click()
    palette = page.get_by_role("dialog", name="Find or do")
    palette.get_by_role("combobox").fill(case.ref)
    palette.get_by_role("group", name="Cases").get_by_role("option").click()
    expect(page.get_by_role("heading", name="Orion Chemicals Inc.")).to_be_visible()

    plain = page_of(cast.carl, java_script_enabled=False)
    plain.get_by_role("link", name="Find or do").click()
    plain.get_by_label("A page, a case, a partner, an account").fill("orion")
    plain.keyboard.press("Enter")
    plain.get_by_role("link", name=case.ref).click()
    expect(plain.get_by_role("heading", name="Orion Chemicals Inc.")).to_be_visible()
