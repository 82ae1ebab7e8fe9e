"""A side appeals in its portal, on a phone and without JavaScript; another decider overturns, a second person confirms."""

from django.utils import timezone
from playwright.sync_api import expect

from partners.models import Registration
from reviews.services import approve
from tests.journeys.steps import collide, follow, fresh, no_wider_than_the_screen, until


def decided(cast):
    """Alpha has the deal: Bob approved what was recommended."""
    case = collide(cast)
    with cast.scope():
        approve(case=case, by=cast.bob, at=timezone.now(), seen_version=case.version)
        return case, Registration.objects.get(partner=cast.alpha), Registration.objects.get(partner=cast.beta)


def test_an_appeal_is_filed_in_the_portal_and_overturned_by_another_decider(cast, page_of, worker):
    case, first, second = decided(cast)
    beta = page_of(cast.rival_rep, java_script_enabled=False, viewport={"width": 390, "height": 844})
    beta.goto(f"/portal/registrations/{second.pk}/")
    expect(beta.get_by_text("You can appeal against this decision once, until")).to_be_visible()
    follow(beta, beta.get_by_role("link", name="Appeal against the decision"))
    follow(beta, beta.get_by_role("button", name="File the appeal"))
    expect(beta.get_by_role("alert")).to_contain_text("Choose why you appeal.")
    beta.get_by_label("Why you appeal").select_option("new_evidence")
    beta.get_by_label("What was decided wrongly").fill("We met the buyer before anybody registered.")
    beta.get_by_label("What happened").first.select_option("meeting")
    beta.get_by_label("When").first.fill("2026-01-15")
    assert no_wider_than_the_screen(beta)
    follow(beta, beta.get_by_role("button", name="File the appeal"))
    expect(beta.get_by_text("Received: your appeal A-")).to_be_visible()
    expect(beta.get_by_text("A person who had no part in the decision answers.")).to_be_visible()
    until(lambda: fresh(cast, case).status == "appealed", "taken up by the worker")

    alpha = page_of(cast.acme_rep)
    alpha.goto(f"/portal/registrations/{first.pk}/")
    expect(alpha.get_by_text("Its protection stands meanwhile")).to_be_visible()
    assert "Beta" not in alpha.content()

    bob = page_of(cast.bob)
    bob.goto(f"/review/cases/{case.pk}/")
    expect(bob.get_by_text("You approved the decision that is appealed against")).to_be_visible()
    carl = page_of(cast.carl)
    carl.goto("/review/")
    follow(carl, carl.get_by_role("navigation", name="Views").get_by_role("link", name="Appeals"))
    follow(carl, carl.get_by_role("row").filter(has_text=case.ref).get_by_role("link"))
    expect(carl.get_by_text("We met the buyer before anybody registered.")).to_be_visible()
    expect(carl.get_by_text("Meeting, 15 Jan 2026")).to_be_visible()
    carl.get_by_text("Another owner…").click()
    form = carl.locator("#do-appeal_owner")
    form.get_by_role("radio", name="Beta Industrial").check()
    form.get_by_label("Why otherwise").select_option("evidence_wrong")
    form.get_by_label("In a sentence").fill("Beta met the buyer first.")
    form.get_by_label("What the side that appealed reads").fill("Your meeting in January counts.")
    follow(carl, form.get_by_role("button", name="Answer so"))
    expect(carl.get_by_text("a second person stands behind it.").first).to_be_visible()
    assert fresh(cast, second).status == "rejected"

    rita = page_of(cast.rita)
    rita.goto(f"/review/cases/{case.pk}/")
    expect(rita.get_by_text("Beta met the buyer first.")).to_be_visible()
    with rita.expect_navigation():
        rita.keyboard.press("1")
    expect(rita.get_by_text(f"{case.ref} is final")).to_be_visible()
    assert (fresh(cast, first).status, fresh(cast, second).status) == ("revoked", "approved")
    beta.reload()
    expect(beta.get_by_text("The decision was overturned.", exact=True)).to_be_visible()
    expect(beta.get_by_text("Your meeting in January counts.").first).to_be_visible()
    alpha.reload()
    expect(alpha.get_by_text("is not approved any more").first).to_be_visible()
    assert "Beta" not in alpha.content()
