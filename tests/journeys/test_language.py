"""A company chooses German on a phone: the portal is German from then on, and so is the next decision, by mail and there."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from partners.models import MemberRole
from reviews.services import approve
from tests import factories
from tests.journeys.steps import collide, follow, no_wider_than_the_screen, until

PHONE = {"viewport": {"width": 390, "height": 844}}


@pytest.mark.parametrize("javascript", [True, False])
def test_the_next_decision_is_told_in_german(cast, live, box, page_of, start_worker, javascript):
    with cast.scope():
        admin = factories.rep(cast.alpha, "acme_admin", MemberRole.ADMIN)
        admin.email = "admin@alpha.example"
        admin.save(update_fields=["email"])
    page = page_of(admin, java_script_enabled=javascript, **PHONE)
    page.goto(f"{live}/portal/how-you-are-told/")
    page.get_by_label("We write to you in").select_option(label="Deutsch")
    follow(page, page.get_by_role("button", name="Keep this language"))
    expect(page.get_by_text("Behalten: Das ist von nun an Ihre Sprache.")).to_be_visible()
    expect(page.get_by_label("Wir schreiben Ihnen auf")).to_have_value("de")
    assert no_wider_than_the_screen(page)

    start_worker()
    case = collide(cast)
    with cast.scope():
        approve(case=case, by=cast.bob, at=timezone.now(), seen_version=case.version)
    mail = until(lambda: next((m for m in box.mails if "ist genehmigt" in m["Subject"]), None), "the decision's mail")
    text = mail.get_body(("plain",)).get_content()
    assert "Ihre Registrierung" in text
    assert "Im Portal öffnen" in text
    assert "Beta" not in text
    assert '<html lang="de"' in mail.get_body(("html",)).get_content()

    page.goto(f"{live}/portal/notices/")
    expect(page.get_by_role("heading", name="Mitteilungen", level=1)).to_be_visible()
    follow(page, page.get_by_role("link", name=mail["Subject"]))
    expect(page.locator("[lang=de]").get_by_text("Entschieden nach Regel")).to_be_visible()
    assert no_wider_than_the_screen(page)
