"""The program admin changes a territory rule: the reason stands in the history, and two at once lose nothing."""

from playwright.sync_api import expect

from partners import models as m
from partners import services
from tests import factories
from tests.journeys.steps import follow, fresh


def test_change_a_territory_rule(cast, page_of):
    with cast.scope():
        texas = m.Territory(program=cast.program, name="Texas", external_id="T-1", countries=["US"])
        services.record_territory(territory=texas, by=None, at=factories.AT)
    pat, olga = page_of(cast.pat), page_of(cast.olga)
    for page in (pat, olga):
        follow(page, page.get_by_role("link", name="Territories"))
        follow(page, page.get_by_role("link", name="Texas"))

    pat.get_by_label("States and provinces").fill("US-TX")
    pat.get_by_label("Priority").fill("5")
    pat.get_by_label("Why").fill("Agreed with sales on Monday")
    follow(pat, pat.get_by_role("button", name="Save", exact=True))
    assert (fresh(cast, texas).subdivisions, texas.priority) == (["US-TX"], 5)

    olga.get_by_label("Priority").fill("7")
    olga.get_by_label("Why").fill("The old plan")
    follow(olga, olga.get_by_role("button", name="Save", exact=True))
    expect(olga.get_by_text("Pat changed this meanwhile")).to_be_visible()
    expect(olga.get_by_text("Priority: stored is 5, you typed 7.")).to_be_visible()
    expect(olga.get_by_label("Priority")).to_have_value("7")
    expect(olga.get_by_label("Why")).to_have_value("The old plan")
    assert fresh(cast, texas).priority == 5

    follow(pat, pat.get_by_role("link", name="Texas").first)
    follow(pat, pat.get_by_role("link", name="History"))
    row = pat.get_by_role("row").filter(has_text="Agreed with sales on Monday")
    expect(row).to_contain_text("Pat")
    expect(row).to_contain_text("US-TX")
