"""Who is who, said by people: two accounts become one and two again, one account is split, a relative joins the tree."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from partners import services
from partners.models import Account, IdentityChange
from reviews import pipeline
from reviews.models import Case
from tests import factories
from tests.journeys.steps import collide, follow, fresh, no_wider_than_the_screen, open_case, until


@pytest.fixture
def two_names(cast):
    """Alpha registered Orion, Beta the same customer under the name that another account keeps; nothing stands against
    either."""
    with cast.scope():
        factories.account(cast, "A-OLD", "Old Star Chemistry", domain="oldstar.example")
        for partner, rep, typed in (
            (cast.alpha, cast.acme_rep, {}),
            (cast.beta, cast.rival_rep, {"account_name": "Old Star Chemistry", "account_domain": "oldstar.example"}),
        ):
            deal = factories.draft(cast, partner, **typed)
            services.submit_registration(registration=deal, by=rep, at=timezone.now())
    pipeline.detect(cast.program, timezone.now())


def only(cast, **wanted):
    """The one case that is so, if there is one."""
    with cast.scope():
        return Case.objects.filter(program=cast.program, **wanted).first()


def open_account(page, name):
    """From the navigation to an account's page."""
    follow(page, page.get_by_role("link", name="Accounts", exact=True).first)
    page.get_by_role("searchbox").or_(page.locator("#searchbar")).first.fill(name)
    follow(page, page.get_by_role("button", name="Search"))
    follow(page, page.get_by_role("row").filter(has_text=name).get_by_role("link").first)


def looked_at(cast):
    """Whether the worker has looked at everything that the last change concerns."""
    with cast.scope():
        return IdentityChange.objects.filter(examined_at__isnull=True).count() == 0


def test_two_accounts_become_one_case_and_two_again(cast, two_names, page_of, worker):
    olga = page_of(cast.olga)
    assert only(cast) is None
    open_account(olga, "Old Star Chemistry")
    follow(olga, olga.get_by_role("link", name="Merge into another"))
    olga.locator(".select2-selection").click()
    olga.locator(".select2-search__field").fill("Orion Chem")
    olga.get_by_role("option", name=re.compile("A-ORION")).click()
    follow(olga, olga.get_by_role("button", name="Show what would happen"))
    expect(olga.get_by_text("1 registration of Old Star Chemistry will count for Orion Chemicals Inc.")).to_be_visible()
    assert no_wider_than_the_screen(olga)
    olga.get_by_label("Reason").fill("Renamed in 2019, says the register.")
    follow(olga, olga.get_by_role("button", name="Merge: Old Star Chemistry"))
    expect(olga.get_by_text("2 registrations are being looked at again").first).to_be_visible()

    case = until(lambda: only(cast, status="open"), "both claims are in one case")
    with cast.scope():
        assert {party.name for party in case.parties.all()} == {"Alpha Flow", "Beta Industrial"}
    until(lambda: looked_at(cast), "the merge is looked at")
    follow(olga, olga.get_by_role("link", name="Merges and splits"))
    row = olga.get_by_role("row").filter(has_text="Renamed in 2019")
    expect(row).to_contain_text("Old Star Chemistry counts as Orion Chemicals Inc.")
    expect(row).to_contain_text("Olga")
    ada = page_of(cast.ada)
    open_case(ada, case)
    tree = ada.locator("section", has=ada.get_by_role("heading", name="Family"))
    expect(tree.get_by_role("listitem").filter(has_text="counts as Orion Chemicals Inc.").last).to_contain_text("Beta")

    follow(olga, row.get_by_role("link").first)
    follow(olga, olga.get_by_role("link", name="Undo…"))
    expect(olga.get_by_text("Old Star Chemistry is an account of its own again.")).to_be_visible()
    follow(olga, olga.get_by_role("button", name="Undo it"))
    expect(olga.get_by_text("Undone.")).to_be_visible()
    until(lambda: fresh(cast, case).status == "closed", "the two part again")
    with cast.scope():
        assert Account.objects.get(external_id="A-OLD").merged_into is None


def test_an_account_that_is_two_is_split(cast, page_of, worker):
    case, olga = collide(cast), page_of(cast.olga)
    open_account(olga, "Orion Chemicals Inc.")
    follow(olga, olga.get_by_role("link", name="Split…"))
    olga.get_by_label("Name of the other company").fill("Orion Pumps of Texas")
    olga.get_by_label("Reason").fill("Two companies of one name.")
    olga.get_by_label(re.compile("Beta Industrial")).check()
    follow(olga, olga.get_by_role("button", name="Show what would happen"))
    expect(olga.get_by_text("1 registration will name Orion Pumps of Texas")).to_be_visible()
    follow(olga, olga.get_by_role("button", name="Split: make Orion Pumps of Texas"))
    expect(olga.get_by_text("Orion Pumps of Texas is an account of its own now.")).to_be_visible()
    until(lambda: fresh(cast, case).status == "closed", "there is nothing to decide any more")


def test_a_relative_that_somebody_confirms_is_in_the_tree(cast, page_of, worker):
    with cast.scope():
        for partner, rep, typed in (
            (cast.alpha, cast.acme_rep, {}),
            (cast.beta, cast.rival_rep, {
                "account_name": "Orion Chemicals GmbH", "account_country": "DE", "account_subdivision": "",
                "account_domain": "", "contact_email": "",
            }),
        ):  # fmt: skip
            deal = factories.draft(cast, partner, **typed)
            services.submit_registration(registration=deal, by=rep, at=timezone.now())
    case = until(lambda: only(cast, status="open"), "the claims of the two meet")
    ada = page_of(cast.ada)
    open_case(ada, case)
    tree = ada.locator("section", has=ada.get_by_role("heading", name="Family"))
    expect(tree).to_contain_text("perhaps a relative of Orion Chemicals Inc.; nobody has said so yet")
    follow(ada, ada.get_by_role("button", name="A relative"))
    expect(tree).to_contain_text("belongs to it")
    expect(tree).not_to_contain_text("nobody has said so yet")
    assert no_wider_than_the_screen(ada)
