"""A word on a reason without JavaScript, read by those who write rules; an alarm of drift, looked into and acknowledged."""

import re
from datetime import timedelta

from playwright.sync_api import expect

from reviews import practice
from reviews.models import Case
from tests import factories
from tests.factories import AT
from tests.journeys.steps import no_wider_than_the_screen
from tests.reviews.at_the_desk import many_cases
from tests.reviews.test_practice import settle


def test_a_word_on_a_reason_without_javascript(cast, page_of):
    case = factories.conflict_case(cast)
    page = page_of(cast.bob, java_script_enabled=False)
    page.goto(f"/review/cases/{case.pk}/")
    advice = page.get_by_role("region", name=re.compile("^Recommendation")).first
    first = advice.get_by_role("group", name="Your word on it").first
    first.get_by_role("button", name="Wrong").click()
    expect(first.get_by_role("button", name="Wrong")).to_have_attribute("aria-pressed", "true")
    first.get_by_label("In your words").fill("Beta met the buyer first.")
    first.get_by_role("button", name="Keep").click()
    expect(first.get_by_text("your words", exact=True)).to_be_visible()
    found = page.get_by_role("region", name="Findings").get_by_role("group", name="Your word on it").first
    found.get_by_role("button", name="Useful").click()
    expect(found.get_by_role("button", name="Useful")).to_have_attribute("aria-pressed", "true")
    found.get_by_role("button", name="Useful").click()
    expect(found.get_by_role("button", name="Useful")).to_have_attribute("aria-pressed", "false")

    reader = page_of(cast.pat, viewport={"width": 390, "height": 844})
    reader.goto("/review/feedback/")
    expect(reader.get_by_text("Beta met the buyer first.")).to_be_visible()
    assert no_wider_than_the_screen(reader)


def test_an_alarm_is_looked_into_and_acknowledged(cast, page_of):
    many_cases(cast, 6)
    with cast.scope():
        for number, case in enumerate(Case.objects.order_by("number")):
            settle(cast, case, AT + timedelta(hours=number), follow=number == 0)
        practice.examine_drift(program=cast.program, at=AT + timedelta(days=1))
    page = page_of(cast.carl)
    page.goto("/review/drift/")
    page.get_by_role("link", name="R-08 Score").click()
    expect(page.get_by_text("5 of the latest 5 decisions were otherwise")).to_be_visible()
    page.get_by_role("button", name="Acknowledge").click()
    page.get_by_label("Looked into: go on watching as before").check()
    page.get_by_label("What came of it").fill("A new team decides; the rule was explained to them.")
    page.get_by_role("button", name="Acknowledge").click()
    expect(page.get_by_text("Acknowledged. The stream is watched anew from here.")).to_be_visible()
    expect(page.get_by_text("the rule was explained to them")).to_be_visible()
    for address in ("/review/drift/", "/review/calibration/", "/review/points/"):
        page.goto(address)
        assert no_wider_than_the_screen(page)
