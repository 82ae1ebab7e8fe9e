"""A manager decides with one key, undoes it with one, decides again; only when its time has come the parties read it."""

import re
from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import expect

from partners.services import change_program
from reviews import leaving
from reviews.models import Notice
from tests import factories
from tests.journeys.steps import collide, fresh


def test_decide_undo_decide_again_and_let_it_leave(cast, page_of):
    with cast.scope():
        cast.program.undo_minutes = 10
        change_program(program=cast.program, by=cast.pat, at=timezone.now())
        factories.account(cast, "A-VEGA", "Vega Global")
    urgent, other = collide(cast, amount=49_000), collide(cast, "A-VEGA", "Vega Global", amount=1_000)
    page = page_of(cast.bob)
    with page.expect_navigation():
        page.keyboard.press("s")
    expect(page.get_by_role("heading", name="Orion Chemicals Inc.")).to_be_visible()
    with page.expect_navigation():
        page.keyboard.press("1")

    expect(page.get_by_role("heading", name="Vega Global")).to_be_visible()  # the next one opened by itself
    bar = page.locator(".confirm")
    leaves = fresh(cast, urgent).settles_at
    expect(bar).to_contain_text(
        f"{urgent.ref} Orion Chemicals Inc. is decided. Nothing has left yet: it leaves at {leaves:%H:%M} UTC"
    )
    expect(bar.locator("time")).to_have_text(re.compile(r"^[89]:\d\d$"))
    with page.expect_navigation():
        page.keyboard.press("u")
    expect(page.get_by_text(f"Undone: nothing of {urgent.ref} has left.")).to_be_visible()
    expect(page.get_by_text("You took the decision ‘Award to Alpha Flow’ back")).to_be_visible()
    with page.expect_navigation():
        page.keyboard.press("1")
    expect(bar).to_contain_text("Decided. Nothing has left yet")
    expect(page.get_by_role("button", name="Send now")).to_be_enabled()

    party = page_of(cast.acme_rep)
    expect(party.get_by_role("row", name="Orion Chemicals")).to_contain_text("In review")
    with cast.scope():
        assert not Notice.objects.exclude(kind="received").exists()
    leaving.settle_due(cast.program, timezone.now() + timedelta(minutes=11))
    party.goto("/portal/notices/")
    expect(party.get_by_role("link", name=re.compile("is approved"))).to_be_visible()
    page.reload()
    expect(page.get_by_text("what each side was told")).to_be_visible()
    expect(bar).to_have_count(0)
    assert fresh(cast, other).status == "in_review"
