"""A protection nears its end: the partner asks for more time, the desk grants it; one lapses, and who lost is told."""

from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import expect

from partners import services
from reviews import pipeline
from reviews.models import Notice
from tests import factories
from tests.journeys.steps import follow, fresh, no_wider_than_the_screen, until


def protected_since(cast, days):
    """Alpha's deal, approved so many days ago."""
    at = timezone.now() - timedelta(days=days)
    with cast.scope():
        row = services.submit_registration(registration=factories.draft(cast, cast.alpha), by=cast.acme_rep, at=at)
    pipeline.detect(cast.program, at)
    assert fresh(cast, row).status == "approved"
    return row


def test_more_time_is_asked_for_and_granted(cast, page_of, worker):
    row = protected_since(cast, 80)
    acme = page_of(cast.acme_rep)
    expect(acme.get_by_role("row", name="Orion Chemicals")).to_contain_text("Expiring, 10 days left")
    follow(acme, acme.get_by_role("link", name="Orion Chemicals"))
    follow(acme, acme.get_by_role("link", name="Ask for more time"))
    acme.get_by_role("button", name="Send the request").click()
    expect(acme.get_by_role("alert")).to_contain_text("Say how many days.")
    acme.get_by_label("Days").fill("30")
    acme.get_by_label("Why the deal needs more time").fill("Their board meets in a month.")
    follow(acme, acme.get_by_role("button", name="Send the request"))
    expect(acme.get_by_text("30 days: asked")).to_be_visible()

    ada = page_of(cast.ada)
    follow(ada, ada.get_by_role("link", name="More time 1"))
    follow(ada, ada.get_by_role("row").filter(has_text="Alpha Flow").get_by_role("link"))
    expect(ada.get_by_text("Their board meets in a month.")).to_be_visible()
    ada.get_by_label("Why").fill("The pilot runs until then.")
    follow(ada, ada.get_by_role("button", name="Grant 30 days"))
    expect(ada.get_by_text("Alpha Flow is told: granted.")).to_be_visible()

    acme.goto("/portal/")
    expect(acme.get_by_role("row", name="Orion Chemicals")).to_contain_text("Protected, 40 days left")
    follow(acme, acme.get_by_role("link", name=f"Registration {row.ref}: more time is granted"))
    expect(acme.get_by_text("The pilot runs until then.")).to_be_visible()
    assert (fresh(cast, row).protected_until - timezone.now()).days == 39


def test_a_lapse_tells_the_partner_and_frees_the_account(cast, page_of, start_worker):
    protected_since(cast, 90)
    start_worker()

    def expired():
        with cast.scope():
            return Notice.objects.filter(kind="expired").exists()

    until(expired, "the protection lapses", 90)
    acme = page_of(cast.acme_rep, viewport={"width": 390, "height": 844})
    expect(acme.get_by_role("row", name="Orion Chemicals")).to_contain_text("Expired")
    expect(acme.get_by_role("link", name="the protection has ended")).to_be_visible()
    assert no_wider_than_the_screen(acme)

    with cast.scope():
        again = services.submit_registration(
            registration=factories.draft(cast, cast.beta), by=cast.rival_rep, at=timezone.now()
        )
    until(lambda: fresh(cast, again).status == "approved", "the next one is approved")


def test_who_was_not_approved_asks_to_be_told(cast, page_of):
    with cast.scope():
        row = services.submit_registration(
            registration=factories.draft(cast, cast.beta), by=cast.rival_rep, at=timezone.now()
        )
        row.status, row.decided_at = "rejected", timezone.now()
        services.save_row(row, by=None, at=timezone.now(), action="registration.rejected")
    rival = page_of(cast.rival_rep)
    follow(rival, rival.get_by_role("link", name="Orion Chemicals"))
    follow(rival, rival.get_by_role("button", name="Tell me when it may be registered again"))
    told = rival.get_by_role("region", name="The account later")
    expect(told).to_contain_text("We tell you when the account may be registered again.")
    expect(told.get_by_role("button")).to_have_count(0)
