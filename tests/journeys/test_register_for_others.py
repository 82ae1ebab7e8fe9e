"""Staff register on a partner's behalf and for the direct team, with the partner's own form."""

from playwright.sync_api import expect

from partners.models import Registration
from reviews.models import Case
from tests.journeys.steps import fill_in, submit, until


def test_for_a_partner_and_for_the_direct_team(cast, page_of, worker):
    ada = page_of(cast.ada)
    _register(ada, "Direct team", "Orion Chemicals")
    with cast.scope():
        registration = Registration.objects.get()
        assert (registration.direct, registration.partner_id, registration.created_by_id) == (True, None, cast.ada.pk)

    carl = page_of(cast.carl)
    _register(carl, "Beta Industrial", "Orion Chemicals, Inc.")
    rival = page_of(cast.rival_rep)
    expect(rival.get_by_role("link", name="Orion Chemicals, Inc.")).to_be_visible()
    assert "Direct" not in rival.content()

    case = until(lambda: _case(cast), "the deals collide")
    with cast.scope():
        assert {party.name for party in case.parties.all()} == {"Direct team", "Beta Industrial"}
    ada.goto("/review/")
    expect(ada.get_by_role("row").filter(has_text=case.ref)).to_contain_text("Direct team")


def _register(page, whom, name):
    page.goto("/review/")
    page.get_by_role("link", name="Register a deal").click()
    page.get_by_label("Registered for").select_option(label=whom)
    fill_in(page, name=name)
    submit(page)
    expect(page.get_by_text(f"Received for {whom}: ")).to_be_visible()


def _case(cast):
    with cast.scope():
        return Case.objects.first()
