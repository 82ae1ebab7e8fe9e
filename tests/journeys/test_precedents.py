"""A recommendation departs from what was decided before: the page says so, leads there, and tells what each option means."""

from django.utils import timezone
from playwright.sync_api import expect

from conflicts.models import Precedent
from conflicts.precedents import LATER
from reviews.services import approve
from tests import factories
from tests.journeys.steps import collide, follow, no_wider_than_the_screen, open_case


def decided_before(cast, count):
    """So many like cases, decided as recommended; kept as if the deal had gone to the later partner."""
    for number in range(count):
        with cast.scope():
            factories.account(cast, f"A-{number}", f"Customer {number} Water Works")
        case = collide(cast, f"A-{number}", f"Customer {number} Water Works")
        with cast.scope():
            approve(case=case, by=cast.carl, at=timezone.now(), seen_version=case.version)
    with cast.scope():
        Precedent.objects.update(to=LATER)


def test_what_was_decided_before_and_what_an_option_means(cast, page_of):
    decided_before(cast, 3)
    case = collide(cast)
    page = page_of(cast.carl)
    open_case(page, case)
    warning = page.locator(".notice").filter(has_text="This departs from the precedents")
    expect(warning).to_contain_text("awarded to a partner that came later")
    warning.get_by_role("link", name="See them").press("Enter")
    card = page.get_by_role("region", name="Precedents")
    expect(card.get_by_role("listitem")).to_have_count(3)
    card.get_by_text("What is alike").first.press("Enter")
    expect(card.get_by_text("same region: US-TX").first).to_be_visible()

    advice = page.get_by_role("region", name="Recommendation")
    expect(advice.get_by_text("How often deciders agree is not measured yet")).to_be_visible()
    advice.get_by_text("What it means if chosen").press("Enter")
    expect(advice.get_by_text("is protected for 90 days").first).to_be_visible()
    advice.get_by_text("other options, how the rules went").press("Enter")
    advice.locator("details.option summary", has_text="Award to Beta").press("Enter")
    expect(advice.get_by_text("a coded reason, a sentence, and a second person").first).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 844})
    assert no_wider_than_the_screen(page)
    follow(page, card.get_by_role("link", name="Customer 0 Water Works"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Customer 0 Water Works")
