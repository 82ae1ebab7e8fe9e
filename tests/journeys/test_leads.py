"""Staff enter a lead and offer it, the partner declines or accepts; an offer that nobody answers goes on by itself."""

from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import expect

from partners import services
from partners.models import Lead, LeadOffer, Registration, Territory, TerritoryAssignment
from reviews import leads
from tests.journeys.steps import follow, no_wider_than_the_screen, until


def territory(cast, ref, partner, priority):
    now = timezone.now()
    with cast.scope():
        row = Territory(program=cast.program, external_id=ref, name=ref, countries=["US"], priority=priority)
        services.record_territory(territory=row, by=None, at=now)
        assigned = TerritoryAssignment(program=cast.program, territory=row, partner=partner)
        services.record_assignment(assignment=assigned, by=None, at=now)


def enter(page):
    page.goto("/review/leads/")
    with page.expect_navigation():
        page.keyboard.press("n")
    page.get_by_label("Customer's legal name").fill("Vega Works")
    page.get_by_label("Country and state").select_option("US-TX")
    page.get_by_label("Pumps").check()
    page.get_by_label("Contact's e-mail").fill("jo@vega-works.example")
    follow(page, page.get_by_role("button", name="Keep it, and see whose it is"))


def test_declined_by_one_and_accepted_by_the_next(cast, page_of, worker):
    territory(cast, "West", cast.alpha, 9)
    territory(cast, "America", cast.beta, 5)
    staff = page_of(cast.olga)
    enter(staff)
    expect(staff.get_by_role("row", name="Alpha Flow")).to_contain_text("recommended")
    expect(staff.get_by_label("To whom")).to_have_value(str(cast.alpha.pk))
    follow(staff, staff.get_by_role("button", name="Offer it"))
    expect(staff.get_by_text("Offered to Alpha Flow.")).to_be_visible()

    alpha = page_of(cast.acme_rep, viewport={"width": 390, "height": 800})
    alpha.goto("/portal/lead-offers/")
    follow(alpha, alpha.get_by_role("link", name="Vega Works"))
    expect(alpha.get_by_text("jo@vega-works.example")).to_have_count(0)
    assert no_wider_than_the_screen(alpha)
    alpha.get_by_label("Why it is not for you").fill("Too far away.")
    follow(alpha, alpha.get_by_role("button", name="Decline"))
    expect(alpha.get_by_text("the lead goes to somebody else")).to_be_visible()

    def next_one():
        with cast.scope():
            return LeadOffer.objects.filter(partner=cast.beta).first()

    until(next_one, "the next candidate is offered the lead")
    beta = page_of(cast.rival_rep)
    follow(beta, beta.get_by_role("link", name="Leads 1"))
    follow(beta, beta.get_by_role("link", name="Vega Works"))
    assert "Alpha" not in beta.content()
    follow(beta, beta.get_by_role("button", name="Accept"))
    expect(beta.get_by_text("jo@vega-works.example")).to_be_visible()

    def approved():
        with cast.scope():
            return Registration.objects.filter(partner=cast.beta, status="approved").first()

    until(approved, "the registration is approved")
    follow(beta, beta.get_by_role("link", name="Open registration"))
    expect(beta.get_by_text("Protected").first).to_be_visible()
    staff.reload()
    expect(staff.get_by_text("Beta Industrial accepted.")).to_be_visible()
    expect(staff.get_by_text("Too far away.")).to_be_visible()


def test_an_offer_that_nobody_answers_goes_on(cast, page_of):
    territory(cast, "West", cast.alpha, 9)
    staff = page_of(cast.olga)
    enter(staff)
    follow(staff, staff.get_by_role("button", name="Offer it"))
    leads.look_after(cast.program, timezone.now() + timedelta(days=9))
    staff.reload()
    expect(staff.get_by_text("Alpha Flow did not answer in time.").first).to_be_visible()
    with cast.scope():
        assert Lead.objects.get().status == "sales_ops"
    alpha = page_of(cast.acme_rep)
    alpha.goto("/portal/notices/")
    expect(alpha.get_by_role("link", name="no longer offered to you")).to_be_visible()
