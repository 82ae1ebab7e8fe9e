"""A manager decides otherwise than recommended: with a coded reason, in words, and a second person behind it."""

from playwright.sync_api import expect

from reviews.models import Decision
from tests.journeys.steps import collide, decide_otherwise, fresh, open_case

WHY = "The plant manager asked for Beta by name after the trial."


def test_an_override_waits_for_a_second_person(cast, page_of):
    case = collide(cast)
    bob = page_of(cast.bob)
    open_case(bob, case)
    decide_otherwise(bob, "Beta Industrial", "relationship", WHY)
    expect(bob.get_by_text("Your step is kept. Next: a second person (partner manager or higher).")).to_be_visible()
    assert fresh(cast, case).pending == ["second:partner_manager"]

    expect(bob.get_by_role("button", name="1 Approve: Award to Beta Industrial")).to_be_disabled()
    expect(
        bob.get_by_text("You have already approved this decision: the next step needs another person.")
    ).to_be_visible()
    bob.keyboard.press("1")
    bob.wait_for_timeout(200)
    assert fresh(cast, case).decided_at is None

    carl = page_of(cast.carl)
    open_case(carl, case)
    expect(carl.get_by_text("otherwise than recommended: Relationship")).to_be_visible()
    expect(carl.get_by_text(WHY)).to_be_visible()
    with carl.expect_navigation():
        carl.keyboard.press("1")
    expect(carl.get_by_text(f"{case.ref} is decided")).to_be_visible()
    expect(carl.get_by_text("as recommended")).to_have_count(0)

    with cast.scope():
        decision = Decision.objects.get()
        assert (decision.owner_id, decision.is_override, decision.reason_code) == (cast.beta.pk, True, "relationship")
        assert [a.approved_by_id for a in decision.approvals.order_by("approved_at")] == [cast.bob.pk, cast.carl.pk]
    page = page_of(cast.rival_rep)
    expect(page.get_by_role("row", name="ORION CHEMICALS")).to_contain_text("Protected")
    page = page_of(cast.acme_rep)
    expect(page.get_by_role("row", name="Orion Chemicals")).to_contain_text("Not approved")
    assert WHY not in page.content()
