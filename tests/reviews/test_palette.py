"""What the command palette finds, for whom, and in how many queries; the page that does the same without JavaScript."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from partners.lookup import with_words
from partners.naming import name_key
from tests import factories
from tests.reviews.at_the_desk import many_cases, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(cast):
    return factories.conflict_case(cast)


def found(client, user, words):
    client.force_login(user)
    response = client.get(reverse("review:hits"), {"q": words})
    assert response["Content-Type"] == "application/json"
    return {group["title"]: [hit["label"] for hit in group["hits"]] for group in response.json()["groups"]}


def test_each_sort_is_found_by_what_people_know_of_it(client, cast, case):
    number = case.ref.removeprefix("CF-")
    for words in (case.ref, case.ref.lower(), number.rjust(2, "0"), f" {case.ref} "):
        assert found(client, cast.ada, words) == {"Cases": [case.ref]}, words
    by_account = {"Cases": [case.ref], "Accounts": ["Orion Chemicals Inc."]}
    for words in ("orion", "Orion Chem", "CHEMICALS", "chem"):
        assert found(client, cast.ada, words) == by_account, words
    for words in ("Alpha", "lpha fl", "p-alpha"):
        assert found(client, cast.audrey, words) == {"Partners": ["Alpha Flow"]}, words
    for words in ("", "o", "nobody at all", "\x00", "%", "CF-0", "Inc."):
        assert found(client, cast.ada, words) == {}, words


def test_it_leads_to_what_it_found(client, cast, case):
    client.force_login(cast.ada)
    groups = client.get(reverse("review:hits"), {"q": "orion"}).json()["groups"]
    (hit,), (account,) = (group["hits"] for group in groups)
    assert hit["href"] == reverse("review:case", args=[case.pk])
    assert hit["note"] == "Orion Chemicals Inc. · competing registration · open"
    assert client.get(hit["href"]).status_code == client.get(account["href"]).status_code == 200


def test_of_many_it_shows_eight_of_each_what_is_open_first_in_a_fixed_number_of_queries(client, cast):
    numbers = []
    for begin, count in ((0, 2), (2, 12)):
        many_cases(cast, count, begin=begin)
        client.force_login(cast.carl)
        with CaptureQueriesContext(connection) as queries:
            groups = client.get(reverse("review:hits"), {"q": "customer"}).json()["groups"]
        numbers.append(len(queries))
        assert [len(group["hits"]) for group in groups] == [min(count, 8)] * 2
    assert numbers[0] == numbers[1]


def test_beginnings_come_before_words_within(client, cast):
    with cast.scope():
        for name in ("Zenith Boilers", "Boilers of Aston", "Aston Boilers"):
            factories.account(cast, f"A-{name[:3]}", name)
    assert found(client, cast.ada, "boilers")["Accounts"] == ["Boilers of Aston", "Aston Boilers", "Zenith Boilers"]


def test_words_within_are_found_in_any_order_the_last_one_begun(client, cast):
    with cast.scope():
        factories.account(cast, "A-1", "Zenith Boilers of Aston")
        factories.account(cast, "A-2", "Aston Pumps")
    for words in ("boilers aston", "aston zenith boil", "ZENITH ast", "of aston boilers"):
        assert found(client, cast.ada, words)["Accounts"] == ["Zenith Boilers of Aston"], words
    assert found(client, cast.ada, "aston")["Accounts"] == ["Aston Pumps", "Zenith Boilers of Aston"]
    for words in ("oilers", "boil aston", "zenith pumps"):
        assert found(client, cast.ada, words) == {}, words


def test_nobody_finds_what_is_not_theirs_to_see(client, cast, case):
    other = factories.make_cast("southwind")
    with cast.scope():
        assert with_words(cast.program.pk, name_key("Orion Chem"), 9) != []
    with other.scope():  # the search runs as the owner: it is the search itself that refuses
        assert with_words(cast.program.pk, name_key("Orion Chem"), 9) == []
    for words in ("orion", case.ref, "alpha"):
        theirs = found(client, other.ada, words)
        assert case.ref not in theirs.get("Cases", [])
        client.force_login(cast.acme_rep)
        assert client.get(reverse("review:hits"), {"q": words}).status_code == 404
    client.logout()
    assert client.get(reverse("review:hits"), {"q": "orion"}).status_code == 302


def test_without_javascript_a_page_lists_the_same(client, cast, case):
    client.force_login(cast.ada)
    everything = client.get(reverse("review:find"))
    text = text_of(everything)
    assert "Queue" in text
    assert "Colliding rules" in text
    assert "Record of acts" not in text  # its right is not hers
    shown = client.get(reverse("review:find"), {"q": "orion"}).content.decode()
    assert reverse("review:case", args=[case.pk]) in shown
    assert "Nothing fits these words" in text_of(client.get(reverse("review:find"), {"q": "xyzzy"}))
    assert "at least two letters" in text_of(client.get(reverse("review:find"), {"q": "o"}))
    assert f'href="{reverse("review:find")}"' in shown  # the visible way in, a link
    client.force_login(cast.acme_rep)
    assert "data-palette" not in client.get("/portal/").content.decode()
