"""A partner's own deals as a CSV: filtered as the list, streamed in its own scope, and no spreadsheet calculates it."""

import csv
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from partners import services
from partners.models import Membership
from reviews import deals_views
from tests import factories
from tests.factories import AT

pytestmark = pytest.mark.django_db


@pytest.fixture
def portal(cast, client):
    """acme_rep, signed in."""
    client.force_login(cast.acme_rep)
    return client


def rows(answer):
    """The rows of a file, by their header."""
    text = b"".join(answer.streaming_content).decode().removeprefix("\ufeff")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def fetch(client, query=""):
    answer = client.get(reverse("portal:deals_csv") + query)
    assert answer.status_code == 200
    assert answer["Content-Disposition"] == 'attachment; filename="your-deals.csv"'
    return rows(answer)


def test_own_deals_as_they_are_filtered(cast, portal):
    deal = factories.submitted(
        cast, cast.alpha, account_name="=HYPERLINK(1)", note="@sum", product_lines=["pumps", "valves"]
    )
    factories.submitted(cast, cast.alpha, account_name="Vega Works")
    factories.submitted(cast, cast.beta, account_name="Theirs Ltd")
    with cast.scope():
        services.save_draft(
            registration=factories.draft(cast, cast.alpha, account_name="Kept"), by=cast.acme_rep, at=AT
        )
    assert [row["Customer's legal name"] for row in fetch(portal)] == ["Kept", "Vega Works", "'=HYPERLINK(1)"]
    first = fetch(portal, "?q=HYPER")[0]
    assert (first["Number"], first["Registered for"], first["Note"]) == (deal.number, "Alpha Flow", "'@sum")
    assert (first["Product"], first["Value"], first["Status"]) == ("Pumps; Valves", "40,000 USD", "Submitted")
    assert (first["Country and state"], first["Closes by"]) == ("United States · Texas", "2026-07-31")
    assert first["Received"] == "2026-03-02 10:00+00:00"
    assert [row["Customer's legal name"] for row in fetch(portal, "?status=drafts")] == ["Kept"]
    assert fetch(portal, "?q=theirs") == []


def test_long_files_come_in_pieces_whose_scope_is_set_again(cast, portal, monkeypatch):
    monkeypatch.setattr(deals_views, "PIECE", 2)
    for number in range(5):
        factories.submitted(cast, cast.alpha, account_name=f"Works {number}")
    factories.submitted(cast, cast.beta, account_name="Theirs Ltd")
    assert [row["Customer's legal name"] for row in fetch(portal)] == [f"Works {n}" for n in (4, 3, 2, 1, 0)]


def test_a_revoked_right_ends_the_file(cast, portal, monkeypatch):
    monkeypatch.setattr(deals_views, "PIECE", 2)
    for number in range(6):
        factories.submitted(cast, cast.alpha, account_name=f"Works {number}")
    lines = iter(portal.get(reverse("portal:deals_csv")).streaming_content)
    begun = [next(lines) for _ in range(3)]
    with cast.scope():
        services.remove_member(member=Membership.objects.get(user=cast.acme_rep), by=cast.pat, at=AT)
    assert len(begun) + len(list(lines)) == 3


def test_a_piece_takes_a_fixed_number_of_queries(cast, portal):
    factories.submitted(cast, cast.alpha)
    few = _queries(portal)
    for _ in range(9):
        factories.submitted(cast, cast.alpha)
    assert _queries(portal) == few


def _queries(client):
    with CaptureQueriesContext(connection) as seen:
        fetch(client)
    return len(seen)


def test_the_list_offers_the_file(cast, portal):
    factories.submitted(cast, cast.alpha)
    page = portal.get(reverse("portal:registrations") + "?q=orion").content.decode()
    assert f"{reverse('portal:deals_csv')}?status=&amp;q=orion" in page
