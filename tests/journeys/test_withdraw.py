"""A partner takes its registration back: the case dissolves, and what nothing stands against is approved."""

import re

from playwright.sync_api import expect

from tests.journeys.steps import collide, follow, fresh, until


def test_withdrawing_frees_the_deal(cast, page_of, worker):
    case = collide(cast)
    acme = page_of(cast.acme_rep)
    follow(acme, acme.get_by_role("link", name="Orion Chemicals Inc."))
    follow(acme, acme.get_by_role("link", name="Withdraw"))
    follow(acme, acme.get_by_role("link", name="Keep it"))
    follow(acme, acme.get_by_role("link", name="Withdraw"))
    expect(acme.get_by_role("heading", name=re.compile("^Withdraw .*\\?"))).to_be_visible()
    follow(acme, acme.get_by_role("button", name="Withdraw it"))
    expect(acme.get_by_text("is withdrawn.")).to_be_visible()
    expect(acme.get_by_role("link", name="Withdraw")).to_have_count(0)

    until(lambda: fresh(cast, case).status == "closed", "the case dissolves")
    rival = page_of(cast.rival_rep)
    expect(rival.get_by_role("row", name="ORION CHEMICALS INC.")).to_contain_text("Protected")
    ada = page_of(cast.ada)
    expect(ada.get_by_text("The queue is empty")).to_be_visible()
