"""Staff register for a partner and for the direct team, and what the portal's words are."""

import re
from datetime import date, timedelta

import pytest
from django.urls import reverse

from partners.forms import BANDS, LARGEST, band_label, quarter_ends
from partners.models import Registration, RegistrationStatus
from partners.places import COUNTRIES, SUBDIVISIONS, place_name
from partners.tracker import track
from tests import factories
from tests.partners.test_portal import count, only, typed

pytestmark = pytest.mark.django_db


def test_staff_register_for_a_partner_and_for_the_direct_team(cast, client):
    client.force_login(cast.ada)
    address = reverse("review:register")
    form = typed(client, "review:register", claimant=str(cast.beta.pk))
    assert "Received for Beta Industrial" in client.post(address, form, follow=True).content.decode()
    assert "was sent before" in client.post(address, form, follow=True).content.decode()
    client.post(address, typed(client, "review:register", claimant="direct"))
    beta, direct = only(cast, partner=cast.beta), only(cast, direct=True)
    assert (beta.status, beta.created_by_id) == ("submitted", cast.ada.pk)
    assert (direct.status, direct.partner_id) == ("submitted", None)
    assert count(cast) == 2
    client.force_login(cast.rival_rep)
    assert beta.number in client.get(reverse("portal:registrations")).content.decode()


def test_staff_register_only_where_they_may(cast, client):
    other = factories.make_cast("southwind")
    client.force_login(cast.ada)
    page = client.get(f"{reverse('review:register')}?program={other.program.pk}").content.decode()
    assert str(other.alpha.pk) not in page
    form = typed(client, "review:register", claimant=str(other.alpha.pk))
    assert 'role="alert"' in client.post(reverse("review:register"), form).content.decode()
    assert count(other) == 0
    client.force_login(cast.audrey)
    assert client.get(reverse("review:register")).status_code == 403


def test_staff_find_a_partner_beyond_the_first_fifty(cast, client):
    with cast.scope():
        for number in range(55):
            factories.partner(cast, f"P-{number}", f"Zulu {number:02}")
    client.force_login(cast.ada)
    page = client.get(reverse("review:register")).content.decode()
    assert "Zulu 54" not in page
    assert "There are more partners" in page
    found = client.get(reverse("review:register") + "?q=zulu+54").content.decode()
    chosen = re.search(r'value="([-\w]+)">Zulu 54', found)[1]
    client.post(reverse("review:register"), typed(client, "review:register", claimant=chosen))
    with cast.scope():
        assert Registration.objects.get().partner.name == "Zulu 54"


@pytest.mark.parametrize("status", RegistrationStatus.values)
def test_every_status_has_words(status):
    at = factories.AT
    row = Registration(
        status=status, submitted_at=at, due_at=at + timedelta(days=2), decided_at=at, protected_from=at,
        protected_until=at + timedelta(days=90),
    )  # fmt: skip
    told = track(row, now=at, zone="America/Chicago")
    assert told.chip.text
    assert told.next_step.endswith(".")
    assert sum(step.state in ("current", "stopped") for step in told.steps) == 1
    assert (told.days_left == 90) == (status == "approved")


@pytest.mark.parametrize(
    ("days", "chip"), [(90, "Protected"), (30, "Expiring"), (1, "Expiring"), (0, "Protection ended")]
)
def test_protection_counts_down(days, chip):
    at = factories.AT
    row = Registration(
        status="approved", protected_from=at - timedelta(days=90), protected_until=at + timedelta(days=days)
    )
    told = track(row, now=at, zone="UTC")
    assert (told.days_left, told.chip.text) == (days, chip)


def test_bands_quarters_and_places():
    assert [band_label(upper, "USD") for upper in (BANDS[0], BANDS[3], LARGEST)] == [
        "Up to 10,000 USD", "50,000 – 100,000 USD", "More than 25,000,000 USD",
    ]  # fmt: skip
    assert [str(end) for end in quarter_ends(date(2026, 3, 2))[:4]] == [
        "2026-03-31",
        "2026-06-30",
        "2026-09-30",
        "2026-12-31",
    ]
    assert quarter_ends(date(2026, 12, 31))[1] == date(2027, 3, 31)
    assert (len(COUNTRIES), place_name("US", "US-TX"), place_name("FR"), place_name("GB", "GB-LND")) == (
        249, "United States · Texas", "France", "United Kingdom · GB-LND",
    )  # fmt: skip
    assert all(re.fullmatch(r"(US|CA|AU)-[A-Z]{2,3}", code) for code in SUBDIVISIONS)
