"""A decision reaches a partner by mail; its link opens the reasons; on a phone without JavaScript the choice is changed."""

import re

from django.utils import timezone
from playwright.sync_api import expect

from partners.models import MemberRole
from reviews.models import NoticePreference, Sending
from reviews.services import approve
from tests import factories
from tests.journeys.steps import collide, follow, no_wider_than_the_screen, until
from tests.receivers import webhook_receiver

PHONE = {"viewport": {"width": 390, "height": 844}}


def test_a_decision_reaches_a_partner_by_mail_and_the_choice_is_changed(cast, box, page_of, start_worker):
    with cast.scope():
        cast.acme_rep.email = "rep@alpha.example"
        cast.acme_rep.save(update_fields=["email"])
    start_worker()
    case = collide(cast)
    with cast.scope():
        approve(case=case, by=cast.bob, at=timezone.now(), seen_version=case.version)
    mail = until(lambda: next((m for m in box.mails if "is approved" in m["Subject"]), None), "the decision's mail")
    assert {tuple(to) for to, _ in box.raw} == {("rep@alpha.example",)}
    text = mail.get_body(("plain",)).get_content()
    assert "Beta" not in text
    link = re.search(r"http://\S+/portal/notices/\S+/", text)[0]

    page = page_of(cast.acme_rep, java_script_enabled=False, **PHONE)
    page.goto(link)
    expect(page.get_by_role("heading", name=mail["Subject"])).to_be_visible()
    expect(page.get_by_text("Decided under")).to_be_visible()
    follow(page, page.get_by_role("link", name="Notices").first)
    follow(page, page.get_by_role("link", name="How you are told"))
    expect(page.get_by_text("Mails go to rep@alpha.example")).to_be_visible()
    expect(page.get_by_role("radio", name="A mail for each notice, at once")).to_be_checked()
    assert no_wider_than_the_screen(page)
    page.get_by_role("radio", name="One mail a day").check()
    follow(page, page.get_by_role("button", name="Keep this"))
    expect(page.get_by_text("Kept: from now on you are told so.")).to_be_visible()
    expect(page.get_by_role("radio", name="One mail a day")).to_be_checked()
    with cast.scope():
        assert NoticePreference.objects.get().how == "daily"


def test_a_partner_admin_makes_a_webhook_and_tests_it(cast, box, page_of, start_worker):
    with cast.scope():
        admin = factories.rep(cast.alpha, "acme_admin", MemberRole.ADMIN)
    start_worker()
    with webhook_receiver() as receiver:
        page = page_of(admin, java_script_enabled=False, **PHONE)
        page.goto("/portal/how-you-are-told/")
        follow(page, page.get_by_role("link", name="Webhook"))
        page.get_by_label("Address").fill("http://crm.example.com/")
        follow(page, page.get_by_role("button", name="Make it, and show the secret"))
        expect(page.get_by_role("alert")).to_contain_text("The address must begin with https://.")
        page.get_by_label("Address").fill(receiver.url)
        follow(page, page.get_by_role("button", name="Make it, and show the secret"))
        expect(page.get_by_label("Secret of Alpha Flow")).to_have_value(re.compile("^whsec_"))
        assert no_wider_than_the_screen(page)
        follow(page, page.get_by_role("link", name="I have copied it"))
        follow(page, page.get_by_role("link", name=receiver.url))
        follow(page, page.get_by_role("button", name="Send a test"))
        until(lambda: receiver.got, "the test has come")
        until(lambda: _delivered(cast), "and was marked as sent")
        page.reload()
        expect(page.get_by_text("Sent", exact=True)).to_be_visible()
        assert no_wider_than_the_screen(page)


def _delivered(cast):
    with cast.scope():
        return Sending.objects.filter(status="delivered").exists()
