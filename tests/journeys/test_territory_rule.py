"""A territory rule is drafted, previewed while it is typed, agreed to by a second person, and lives; on a phone as well."""

import pytest
from playwright.sync_api import expect

from conflicts.models import TerritoryDraft
from partners import models as m
from partners import services
from tests import factories
from tests.journeys.steps import follow, fresh


@pytest.fixture
def texas(cast):
    with cast.scope():
        rule = m.Territory(
            program=cast.program, name="Texas", external_id="T-1", countries=["US"], subdivisions=["US-TX"]
        )
        services.record_territory(territory=rule, by=None, at=factories.AT)
        given = m.TerritoryAssignment(program=cast.program, territory=rule, partner=cast.alpha)
        services.record_assignment(assignment=given, by=None, at=factories.AT)
    return rule


def open_rule(page, name="Texas"):
    page.goto("/admin/partners/territory/")
    follow(page, page.get_by_role("link", name=name).first)


def hand_on(page):
    follow(page, page.get_by_role("button", name="Hand to a second person"))


def test_drafted_previewed_agreed_live_and_undone(cast, page_of, texas):
    pat, olga = page_of(cast.pat), page_of(cast.olga)
    open_rule(pat)
    pat.get_by_label("States and provinces").fill("US-CA")
    expect(pat.get_by_text("would be nobody's")).to_be_visible()  # the preview comes while one types
    pat.get_by_label("Name of a new draft").fill("Texas moves west")
    pat.get_by_label("Why").fill("Agreed with sales on Monday")
    follow(pat, pat.get_by_role("button", name="Keep in the draft"))
    expect(pat.get_by_role("heading", name="Texas moves west")).to_be_visible()
    hand_on(pat)
    expect(pat.get_by_text("a second person decides, another one")).to_be_visible()
    assert fresh(cast, texas).subdivisions == ["US-TX"]

    follow(olga, olga.get_by_role("link", name="Drafts of rules"))
    follow(olga, olga.get_by_role("link", name="Texas moves west"))
    row = olga.get_by_role("region", name="Accounts that change hands").get_by_role("row").filter(has_text="Orion")
    expect(row).to_contain_text("Alpha Flow")
    expect(row).to_contain_text("nobody")
    follow(olga, olga.get_by_role("button", name="Agree: live at once"))
    expect(olga.get_by_text("It is live.")).to_be_visible()
    assert fresh(cast, texas).subdivisions == ["US-CA"]

    follow(olga, olga.get_by_role("link", name="Map"))
    follow(olga, olga.get_by_role("link", name="US states"))
    expect(
        olga.get_by_role("region", name="As a table").get_by_role("row").filter(has_text="California")
    ).to_be_visible()
    olga.go_back()
    olga.go_back()
    follow(olga, olga.get_by_role("button", name="Undo: make the reverse draft"))
    expect(olga.get_by_role("heading", name="Undo of Texas moves west")).to_be_visible()


def test_a_rule_changed_meanwhile_is_told_and_brought_up_to_date(cast, page_of, texas):
    pat, olga = page_of(cast.pat), page_of(cast.olga)
    open_rule(pat)
    pat.get_by_label("Priority").fill("7")
    follow(pat, pat.get_by_role("button", name="Keep in the draft"))
    with cast.scope():
        theirs = m.Territory.objects.get(pk=texas.pk)
        theirs.exclusive = True
        services.record_territory(territory=theirs, by=None, at=factories.AT)
    hand_on(pat)
    expect(pat.get_by_text("changed by somebody else since this draft saw it")).to_be_visible()
    expect(pat.get_by_role("row").filter(has_text="meanwhile")).to_contain_text("Exclusive")
    follow(pat, pat.get_by_role("button", name="Bring up to date"))
    hand_on(pat)
    with cast.scope():
        page = f"/admin/conflicts/territorydraft/{TerritoryDraft.objects.get().pk}/change/"
    olga.goto(page)
    follow(olga, olga.get_by_role("button", name="Agree: live at once"))
    assert (fresh(cast, texas).priority, texas.exclusive) == (7, True)


def test_an_overlap_takes_a_reason_without_javascript_on_a_phone(cast, page_of, texas):
    phone = {"viewport": {"width": 390, "height": 780}, "java_script_enabled": False}
    pat, olga = page_of(cast.pat, **phone), page_of(cast.olga, **phone)
    pat.goto("/admin/partners/territory/add/")
    typed = {"name": "Texas twice", "external_id": "T-2", "countries": "US", "subdivisions": "US-TX"}
    for field, text in typed.items():
        pat.locator(f"#id_{field}").fill(text)
    pat.locator("#id_assignments-0-direct").check()
    follow(pat, pat.get_by_role("button", name="Preview"))
    expect(pat.get_by_text("cover the same ground for different owners")).to_be_visible()
    with cast.scope():
        assert not TerritoryDraft.objects.exists()
    follow(pat, pat.get_by_role("button", name="Keep in the draft"))
    hand_on(pat)
    for page in (pat, olga):
        page.goto("/admin/conflicts/territorydraft/")
        follow(page, page.get_by_role("link", name="Change of Texas twice"))
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
    agree = olga.get_by_role("button", name="Agree: live at once")
    follow(olga, agree)
    expect(olga.get_by_text("This draft makes rules collide")).to_be_visible()
    olga.get_by_label("Reason").fill("Both for a quarter")
    follow(olga, agree)
    expect(olga.get_by_text("It is live.")).to_be_visible()
    with cast.scope():
        assert m.Territory.objects.filter(external_id="T-2").exists()
