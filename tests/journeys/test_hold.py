"""All claims of a case are put on hold; every side reads who speaks to the buyer, and it reverts by itself."""

from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import expect

from partners.models import Registration
from reviews import interim
from reviews.models import Hold
from tests.journeys.steps import collide, follow, fresh, open_case


def test_a_hold_and_its_revert(cast, page_of):
    case = collide(cast)
    with cast.scope():
        mine = Registration.objects.get(partner=cast.beta)
    page = page_of(cast.carl)
    open_case(page, case)
    page.get_by_text("Put all claims on hold…").click()
    form = page.locator("#do-hold")
    form.get_by_label("Who speaks to the buyer").select_option(label="Lena")
    assert form.get_by_label("Until").input_value() > timezone.now().date().isoformat()
    form.get_by_label("Why").fill("The buyer hears two offers.")
    follow(page, form.get_by_role("button", name="Put on hold"))
    expect(page.get_by_text("Lena speaks to the buyer.").first).to_be_visible()
    expect(page.get_by_role("button", name="Approve")).to_be_disabled()
    page.goto("/review/")
    expect(page.get_by_role("row").filter(has_text=case.ref)).to_contain_text("on hold until")

    beta = page_of(cast.rival_rep, java_script_enabled=False, viewport={"width": 390, "height": 844})
    beta.goto(f"/portal/registrations/{mine.pk}/")
    expect(beta.get_by_text("one person speaks to the buyer: Lena of Northwind Partners").first).to_be_visible()
    assert "Alpha" not in beta.content()

    with cast.scope():
        end = Hold.objects.get(case=case).until
    interim.look_after(cast.program, end - timedelta(minutes=1))
    assert fresh(cast, case).held_until == end
    interim.look_after(cast.program, end)
    page.reload()
    expect(page.get_by_role("row").filter(has_text=case.ref)).not_to_contain_text("on hold")
    open_case(page, case)
    expect(page.get_by_role("button", name="Approve")).to_be_enabled()
    expect(page.get_by_text("Put all claims on hold…")).to_be_visible()
    beta.reload()
    expect(beta.get_by_text("The hold on your registration")).to_be_visible()
