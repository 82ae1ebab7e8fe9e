"""A policy is changed where people do it: edited, checked, compared, back-tested, published by a second person; the open case
is recommended anew under it; and rolled back."""

import re

import pytest
from playwright.sync_api import expect

from conflicts.models import PolicyVersion, Recommendation
from tests.journeys.steps import collide, follow, fresh, no_wider_than_the_screen, until


def tab(page, name):
    follow(page, page.get_by_role("navigation", name="Parts of this version").get_by_role("link", name=name))


def begin(page):
    page.goto("/admin/conflicts/policyversion/")
    page.get_by_label("What it is for").fill("Agreed in the channel council")
    follow(page, page.get_by_role("button", name="Begin"))


def widen_margin(page):
    follow(page, page.get_by_role("link", name="Numbers", exact=True))
    page.get_by_label("Points that one must be ahead to win by score").fill("90")
    follow(page, page.get_by_role("button", name="Save", exact=True))
    expect(page.get_by_text("Kept.")).to_be_visible()


def add_rule(page):
    follow(page, page.get_by_role("link", name="Rules", exact=True).last)
    follow(page, page.get_by_role("link", name="Add a rule"))
    page.get_by_label("Title").fill("Middling deals")
    page.get_by_label("Reason that people read").fill("From a certain size on both sides are heard.")
    page.get_by_label("Priority").fill("75")
    page.get_by_label("Value", exact=True).fill("30,000")
    page.get_by_label("Outcome").select_option("Mediate")
    follow(page, page.get_by_role("button", name="Save", exact=True))
    expect(page.get_by_text("R-13 is kept.")).to_be_visible()


def latest(cast, case):
    with cast.scope():
        return Recommendation.objects.select_related("policy").get(conflict=case.conflict_id, superseded_at=None)


def number_live(cast):
    with cast.scope():
        return PolicyVersion.objects.get(status="live").number


def test_edited_checked_tried_published_looked_at_again_and_rolled_back(cast, page_of, worker):
    case = collide(cast)
    before = latest(cast, case)
    assert (before.policy.number, before.action) == (1, "award")
    olga, pat = page_of(cast.olga), page_of(cast.pat)
    begin(olga)
    widen_margin(olga)
    add_rule(olga)
    tab(olga, "Checks")
    expect(olga.get_by_text(re.compile("Nothing found|forbid going live")).first).to_be_visible()
    tab(olga, "Differences")
    outcomes = olga.get_by_role("region", name="What would be decided otherwise")
    expect(outcomes.get_by_role("row").filter(has_text="R-13").first).to_contain_text("A person mediates")
    expect(outcomes.get_by_text("The facts").first).to_be_visible()  # a concrete example stands with each
    fields = olga.get_by_role("region", name="Fields")
    expect(fields.get_by_role("row").filter(has_text=re.compile("margin", re.I)).first).to_contain_text("90")
    tab(olga, "Back-test")
    run_back_test(olga)
    tab(olga, "Publish")
    for box in olga.get_by_role("checkbox").all():
        box.check()
    olga.get_by_label("Why it shall go live").fill("The council wants people to talk more.")
    follow(olga, olga.get_by_role("button", name="Ask a second person"))
    expect(olga.get_by_text("a second person publishes, another one")).to_be_visible()

    follow(pat, pat.get_by_role("link", name="Policies"))
    follow(pat, pat.get_by_role("link", name="v2"))
    tab(pat, "Publish")
    expect(pat.get_by_text("The council wants people to talk more.")).to_be_visible()
    follow(pat, pat.get_by_role("button", name="Publish: live at once in place of v1"))
    expect(pat.get_by_text("Policy v2 is live.")).to_be_visible()
    assert number_live(cast) == 2

    after = until(lambda: (now := latest(cast, case)).policy.number == 2 and now, "the case under version 2")
    assert (after.action, fresh(cast, before).superseded_at is not None) == ("mediate", True)

    pat.get_by_label("Why", exact=True).fill("The council changed its mind.")
    follow(pat, pat.get_by_role("button", name="Roll back to what v1 said"))
    expect(pat.get_by_text("Policy v3 is live and says what policy v1 said.")).to_be_visible()
    back = until(lambda: (now := latest(cast, case)).policy.number == 3 and now, "the case under version 3")
    assert (back.action, back.owner_id) == (before.action, before.owner_id)


def run_back_test(page):
    follow(page, page.get_by_role("button", name="Run the back-test"))
    expect(page.get_by_role("heading", name="Cases with another outcome")).to_be_visible(timeout=60_000)
    follow(page, page.get_by_role("link", name="The version"))
    tab(page, "Back-test")
    expect(page.get_by_text("would be decided otherwise")).to_be_visible()


def test_an_editor_works_without_a_script_and_names_the_field_that_is_wrong(cast, page_of):
    page = page_of(cast.olga, java_script_enabled=False)
    page.watch.expects(400)
    begin(page)
    follow(page, page.get_by_role("link", name="Add a rule"))
    follow(page, page.get_by_role("button", name="Group"))
    follow(page, page.get_by_role("button", name="Condition", exact=True).last)
    expect(page.get_by_label("Fact", exact=True)).to_have_count(3)
    follow(page, page.get_by_role("button", name="Take this condition out").last)
    expect(page.get_by_label("Fact", exact=True)).to_have_count(2)
    page.get_by_label("Title").fill("Large deals")
    page.get_by_label("Reason that people read").fill("Talked about.")
    page.get_by_label("Value", exact=True).first.fill("much")
    page.get_by_label("Value", exact=True).nth(1).fill("7")
    follow(page, page.get_by_role("button", name="Save", exact=True).last)
    wrong = page.get_by_label("Value", exact=True).first
    expect(wrong).to_have_attribute("aria-invalid", "true")
    expect(wrong).to_have_value("much")
    expect(page.get_by_label("Title")).to_have_value("Large deals")
    wrong.fill("500000")
    follow(page, page.get_by_role("button", name="Save", exact=True).last)
    expect(page.get_by_text("R-13 is kept.")).to_be_visible()


def test_two_people_in_one_draft_see_what_the_other_changed(cast, page_of):
    olga, pat = page_of(cast.olga), page_of(cast.pat)
    pat.watch.expects(409)
    begin(olga)
    follow(olga, olga.get_by_role("link", name="Numbers", exact=True))
    pat.goto(olga.url)
    olga.get_by_label("A decision is due within").fill("24")
    follow(olga, olga.get_by_role("button", name="Save", exact=True))
    pat.get_by_label("An approval protects for").fill("60")
    follow(pat, pat.get_by_role("button", name="Save", exact=True))
    expect(pat.get_by_text("Somebody else changed")).to_be_visible()
    expect(pat.get_by_label("A decision is due within")).to_have_value("24")
    follow(pat, pat.get_by_role("button", name="Save", exact=True))
    with cast.scope():
        made = PolicyVersion.objects.get(number=2).document
    assert (made["clock"]["hours"], made["protection"]["days"]) == (24, 60)


@pytest.mark.parametrize("path", ["edit/rules/", "rule/?id=R-02", "edit/routing/", "publish/", "change/"])
def test_on_a_phone_nothing_is_wider_than_the_screen(cast, page_of, path):
    page = page_of(cast.olga, viewport={"width": 390, "height": 844})
    begin(page)
    page.goto(page.url.split("edit/")[0] + path)
    assert no_wider_than_the_screen(page)


def test_a_partner_reads_how_deals_are_decided(cast, page_of):
    page = page_of(cast.acme_rep)
    follow(page, page.get_by_role("link", name="My company"))
    follow(page, page.get_by_role("link", name="Rules", exact=True))
    expect(page.get_by_role("heading", name="How deals are decided")).to_be_visible()
    expect(page.get_by_text("Your deal is protected for 90 days.")).to_be_visible()
    expect(page.get_by_text("you can appeal against it")).to_be_visible()
