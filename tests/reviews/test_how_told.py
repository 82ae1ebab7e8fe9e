"""The page where somebody says how they are told: of each company for oneself, kept whole or not at all."""

import pytest

from partners import services
from reviews.models import NoticePreference
from tests.factories import AT
from tests.reviews.told_outside import give_addresses

ADDRESS = "/portal/how-you-are-told/"


@pytest.fixture
def page(cast, client):
    give_addresses(cast)
    client.force_login(cast.acme_rep)
    return lambda: client.get(ADDRESS).content.decode()


def chosen(cast, user):
    with cast.scope():
        return dict(NoticePreference.objects.filter(user=user).values_list("partner__name", "how"))


def test_at_once_unless_chosen_otherwise(cast, client, page):
    assert 'value="at_once" required id="id_0-how_0" checked' in page().replace(
        ' aria-describedby="id_0-how_helptext"', ""
    )
    assert "Mails go to <b>acme_rep@example.com</b>" in page()
    answer = client.post(ADDRESS, {"0-how": "daily"}, follow=True)
    assert b"Kept: from now on you are told so." in answer.content
    assert chosen(cast, cast.acme_rep) == {"Alpha Flow": "daily"}
    assert chosen(cast, cast.acme_admin) == {"Alpha Flow": "portal"}
    client.post(ADDRESS, {"0-how": "portal"})
    assert chosen(cast, cast.acme_rep) == {"Alpha Flow": "portal"}


@pytest.mark.parametrize("sent", [{}, {"0-how": "hourly"}, {"0-how": ""}])
def test_what_is_none_of_the_three_is_refused_in_a_sentence(cast, client, page, sent):
    answer = client.post(ADDRESS, sent)
    assert b"Choose one of the three." in answer.content
    assert b'role="alert"' in answer.content
    assert chosen(cast, cast.acme_rep) == {}


def test_of_two_companies_one_chooses_for_each_and_keeps_both_or_none(cast, client, page):
    with cast.scope():
        services.add_member(partner=cast.beta, user=cast.acme_rep, role="partner_user", by=None, at=AT)
    assert "Alpha Flow" in page()
    client.post(ADDRESS, {"0-how": "daily", "1-how": "never"})
    assert chosen(cast, cast.acme_rep) == {}
    client.post(ADDRESS, {"0-how": "daily", "1-how": "portal"})
    assert chosen(cast, cast.acme_rep) == {"Alpha Flow": "daily", "Beta Industrial": "portal"}
    assert chosen(cast, cast.rival_rep) == {}


def test_without_an_address_the_page_says_so(cast, client, page):
    with cast.scope():
        cast.acme_rep.email = ""
        cast.acme_rep.save(update_fields=["email"])
    assert "There is no mail address for you yet" in page()


def test_only_whoever_manages_people_is_led_to_the_webhook(cast, client, page):
    assert "/portal/webhooks/" not in page()
    client.force_login(cast.acme_admin)
    assert "/portal/webhooks/" in page()
