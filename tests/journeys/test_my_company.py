"""A partner's admin on a phone: a colleague is invited, joins and is removed; a change of the rules is acknowledged."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from partners.models import MemberRole
from reviews.models import PolicyAcknowledgement
from tests import factories
from tests.conflicts.policy_life import rules_changed
from tests.journeys.steps import follow, no_wider_than_the_screen
from tests.journeys.watch import Watch

PASSWORD = "a long and quiet river"


@pytest.fixture
def stranger(browser, live):
    """Makes a page of somebody who is not signed in; what it complains about fails the journey."""
    watches = []

    def stranger(**options):
        context = browser.new_context(base_url=live, **options)
        context.set_default_timeout(15_000)
        page = context.new_page()
        page.watch = Watch(page, live, "stranger")
        watches.append(page.watch)
        return page

    yield stranger
    for watch in watches:
        watch.page.context.close()
        assert watch.problems == []


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without"])
def test_my_company_on_a_phone(cast, page_of, stranger, script):
    with cast.scope():
        boss = factories.rep(cast.alpha, "boss", MemberRole.ADMIN)
        factories.submitted(cast, cast.alpha, account_name="Orion Chemicals")
        rules_changed(cast, at=timezone.now())
    phone = {"viewport": {"width": 390, "height": 844}, "java_script_enabled": script}
    page = page_of(boss, **phone)

    def walk(target):
        follow(page, target)
        assert no_wider_than_the_screen(page)

    # the rules changed
    walk(page.get_by_role("link", name="Read what changes for Alpha Flow"))
    expect(page.get_by_text("Your deal is protected for 45 days.")).to_be_visible()
    walk(page.get_by_role("button", name="We have read it"))
    expect(page.get_by_text("For Alpha Flow by boss on")).to_be_visible()
    with cast.scope():
        assert PolicyAcknowledgement.objects.get().acknowledged_by_id == boss.pk

    # a colleague is invited
    walk(page.get_by_role("navigation", name="Main").get_by_role("link", name="My company"))
    expect(page.get_by_text("The rules changed on")).to_have_count(0)
    walk(page.get_by_role("link", name="People"))
    walk(page.get_by_role("link", name="Invite a colleague"))
    page.watch.expects(400)
    walk(page.get_by_role("button", name="Invite"))
    expect(page.get_by_role("alert")).to_contain_text("Enter a mail address")
    page.get_by_label("Colleague's mail address").fill("nia@alpha.example")
    walk(page.get_by_role("button", name="Invite"))
    link = page.get_by_label("Link").input_value()

    # and joins
    other = stranger(**phone)
    other.goto(link)
    expect(other.get_by_role("heading", name="Join Alpha Flow")).to_be_visible()
    assert no_wider_than_the_screen(other)
    other.get_by_label("Your name").fill("Nia New")
    other.get_by_label("Password", exact=True).fill(PASSWORD)
    other.get_by_label("The password again").fill(PASSWORD)
    follow(other, other.get_by_role("button", name="Join"))
    expect(other.get_by_text("Your name to sign in is nia-")).to_be_visible()
    expect(other.get_by_role("link", name="Orion Chemicals")).to_be_visible()

    # and is removed: the next click shows nothing
    walk(page.get_by_role("link", name="Done"))
    walk(page.get_by_role("link", name="Role or access of Nia New"))
    walk(page.get_by_role("button", name="Remove Nia New"))
    expect(page.get_by_text("Nia New no longer acts for Alpha Flow.")).to_be_visible()
    other.watch.expects(403)
    follow(other, other.get_by_role("link", name="Orion Chemicals"))
    expect(other.get_by_text("Your account is not linked to a partner (any more)")).to_be_visible()
    expect(other.get_by_text("Orion Chemicals")).to_have_count(0)

    # what is left for the vendor: who has acknowledged
    if script:
        desk = page_of(cast.olga)
        desk.goto("/review/policy-changes/?show=done")
        expect(desk.get_by_text("1 of 2 partners have acknowledged it.")).to_be_visible()
        expect(desk.get_by_role("row").filter(has_text="Alpha Flow")).to_contain_text("boss")
