"""Two weeks of approvals without a person: the sweep draws, one is wrong, a concern follows, and a lead hears of a second."""

from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import expect

from partners import services
from reviews import pipeline, tasks
from reviews.models import Concern, SpotCheck, SpotCheckAlarm
from reviews.services.spot_checks import monday_of
from tests import factories
from tests.journeys.steps import follow, no_wider_than_the_screen

NAMES = ("Altair", "Bellatrix", "Castor", "Deneb", "Electra", "Fomalhaut")


def approved_at(cast, name, partner, at):
    """A registration that nothing stands against, approved at a moment in the past."""
    domain = f"{name.lower()}.example"
    words = {"account_name": f"{name} Works", "account_domain": domain, "contact_email": f"buyer@{domain}"}
    with cast.scope():
        row = services.submit_registration(registration=factories.draft(cast, partner, **words), by=None, at=at)
    pipeline.process_registration(cast.program, row.pk, at)


def checks(cast):
    with cast.scope():
        return list(SpotCheck.objects.order_by("week__week_on", "place"))


def test_a_sample_is_drawn_and_a_wrong_one_is_followed_up(cast, page_of):
    this = monday_of(cast.program, timezone.now())
    for number, name in enumerate(NAMES):
        day = timezone.now().replace(hour=12, minute=number) - timedelta(days=timezone.now().weekday())
        week = timedelta(days=7 if number < 3 else 14)
        approved_at(cast, name, (cast.alpha, cast.beta)[number % 2], day - week)
    tasks.sweep()  # as the worker does every minute
    assert len(checks(cast)) == 6
    assert {check.week.week_on for check in checks_with_weeks(cast)} == {this - timedelta(days=d) for d in (7, 14)}

    bob = page_of(cast.bob)
    bob.goto("/review/")
    link = bob.get_by_role("link", name="Spot checks")
    expect(link).to_contain_text("6")
    follow(bob, link)
    expect(bob.get_by_text("Drawn from 3 approvals without a person")).to_be_visible()
    expect(bob.get_by_text("0 of 3 looked at")).to_be_visible()
    follow(bob, bob.get_by_role("row").nth(1).get_by_role("link"))
    expect(bob.get_by_text("Nothing stands against this registration.")).to_be_visible()
    bob.keyboard.press("2")
    bob.get_by_label("What is wrong").select_option("identity_wrong")
    bob.get_by_label("In a sentence").fill("This is a branch of a customer we have.")
    follow(bob, bob.get_by_role("button", name="Wrong: raise a concern"))
    expect(bob.get_by_text("Wrong. Concern C")).to_be_visible()
    expect(bob.get_by_text("This is a branch of a customer we have.")).to_be_visible()
    with cast.scope():
        assert Concern.objects.get().status == "received"
        assert not SpotCheckAlarm.objects.exists()

    lena = page_of(cast.lena, java_script_enabled=False, viewport={"width": 390, "height": 844})
    lena.goto("/review/spot-checks/")
    assert no_wider_than_the_screen(lena)
    follow(lena, lena.get_by_role("row").nth(2).get_by_role("link"))
    assert no_wider_than_the_screen(lena)
    lena.watch.expects(400)
    lena.get_by_text("Wrong…").click()
    follow(lena, lena.get_by_role("button", name="Wrong: raise a concern"))
    expect(lena.get_by_role("alert")).to_contain_text("Choose from the list what is wrong.")
    lena.get_by_label("What is wrong").select_option("evidence_missing")
    lena.get_by_label("In a sentence").fill("Nobody met them.")
    follow(lena, lena.get_by_role("button", name="Wrong: raise a concern"))
    expect(lena.get_by_text("Nobody met them.")).to_be_visible()

    ada = page_of(cast.ada)
    ada.goto("/review/spot-checks/")
    follow(ada, ada.get_by_role("row").nth(3).get_by_role("link"))
    expect(ada.get_by_text("somebody without an interest looks at it")).to_be_visible()

    carl = page_of(cast.carl)
    carl.goto("/review/drift/")
    expect(carl.get_by_text("2 of 2 approvals without a person")).to_be_visible()
    follow(carl, carl.get_by_role("link", name="Open the spot checks"))
    expect(carl.get_by_text("Too many were wrong")).to_be_visible()
    carl.get_by_label("What came of it").fill("We ask for proof of a meeting from now on.")
    follow(carl, carl.get_by_role("button", name="Answer the alarm"))
    expect(carl.get_by_text("The alarm is answered")).to_be_visible()
    expect(carl.get_by_text("Too many were wrong")).to_have_count(0)


def checks_with_weeks(cast):
    with cast.scope():
        return list(SpotCheck.objects.select_related("week"))
