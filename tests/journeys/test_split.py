"""A manager splits a deal by shares with key 3: what does not make 100 is refused and kept, a second person agrees, and each
side reads its own share."""

from playwright.sync_api import expect

from reviews.models import Decision
from tests.journeys.steps import collide, follow, fresh, no_wider_than_the_screen, open_case

WHY = "Alpha found the deal, Beta installs it: both told us so."


def test_a_deal_is_split_by_shares(cast, page_of):
    case = collide(cast)
    bob = page_of(cast.bob)
    open_case(bob, case)
    bob.watch.expects(400)
    bob.keyboard.press("3")
    form = bob.locator("#do-share")
    form.get_by_role("spinbutton", name="Alpha Flow").fill("60")
    form.get_by_role("spinbutton", name="Beta Industrial").fill("30")
    form.get_by_label("Why otherwise").select_option("relationship")
    form.get_by_label("In a sentence").fill(WHY)
    follow(bob, form.get_by_role("button", name="Decide so"))
    expect(bob.get_by_role("alert")).to_contain_text("100")
    assert fresh(cast, case).pending == ["partner_manager"]

    form = bob.locator("#do-share")
    expect(form.get_by_label("In a sentence")).to_have_value(WHY)
    form.get_by_role("spinbutton", name="Beta Industrial").fill("40")
    follow(bob, form.get_by_role("button", name="Decide so"))
    expect(bob.get_by_text("Your step is kept.")).to_be_visible()

    carl = page_of(cast.carl, viewport={"width": 390, "height": 844})
    open_case(carl, case)
    expect(carl.get_by_text(WHY)).to_be_visible()
    assert no_wider_than_the_screen(carl)
    follow(carl, carl.get_by_role("button", name="Approve: Split"))
    expect(carl.get_by_text(f"{case.ref} is decided")).to_be_visible()

    with cast.scope():
        decision = Decision.objects.get()
        shares = {str(cast.alpha.pk): "60", str(cast.beta.pk): "40"}
        assert (decision.action, {who: f"{float(share):g}" for who, share in decision.shares.items()}) == (
            "split",
            shares,
        )
        assert [a.approved_by_id for a in decision.approvals.order_by("approved_at")] == [cast.bob.pk, cast.carl.pk]
    for reader, own, other in ((cast.acme_rep, "60 %", "40 %"), (cast.rival_rep, "40 %", "60 %")):
        page = page_of(reader)
        follow(page, page.get_by_role("link", name="Orion Chemicals"))
        expect(page.get_by_text(own).first).to_be_visible()
        assert other not in page.content()
        assert WHY not in page.content()
