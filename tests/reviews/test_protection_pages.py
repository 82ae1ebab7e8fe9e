"""What the portal and the desk show of protections: countdown, what renews, more time, being told."""

import re
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from partners import services
from partners.models import Extension, WaitingParty
from partners.tracker import written
from reviews import pipeline
from tests import factories
from tests.reviews.as_time_passes import DAY, approved, asked, fresh, pass_time, work
from tests.reviews.at_the_desk import said, text_of

pytestmark = pytest.mark.django_db


def ends_in(cast, partner, days, **extra):
    """A deal of the partner's that is protected for so many more days."""
    row = approved(cast, partner, at=timezone.now() - (90 - days) * DAY + DAY / 24, **extra)
    return fresh(cast, row)


def customer(number):
    domain = f"c{number:02}.example"
    return {
        "account_name": f"Customer {number:02} Water Works",
        "account_domain": domain,
        "contact_email": f"x@{domain}",
    }


def page(client, user, name, *args):
    client.force_login(user)
    return text_of(client.get(reverse(name, args=args)))


def counted(client, address):
    with CaptureQueriesContext(connection) as seen:
        assert client.get(address).status_code == 200
    plumbing = ("SAVEPOINT", "RELEASE", "select set_config('role', 'none'")
    return [query["sql"] for query in seen.captured_queries if not query["sql"].startswith(plumbing)]


def test_the_list_counts_down_and_says_what_renews(cast, client):
    ends_in(cast, cast.alpha, 60, **customer(1))
    ends_in(cast, cast.alpha, 20, **customer(2))
    worked = ends_in(cast, cast.alpha, 10, **customer(3))
    work(cast, worked, timezone.now().date())
    text = page(client, cast.acme_rep, "portal:registrations")
    assert "Protected, 61 days left" in text
    assert "Expiring, 21 days left" in text
    first = (timezone.now() + 20 * DAY + DAY / 24 - 30 * DAY).date()
    assert f"renews by itself if you add work done from {written(first)} on" in text
    assert "Protected, 11 days left" in text
    assert f"Your activity of {written(timezone.now().date())} renews it by itself" in text


def test_the_list_asks_no_more_with_more_deals(cast, client):
    client.force_login(cast.acme_rep)
    for number in range(6):
        ends_in(cast, cast.alpha, 20, **customer(number))
    asked_of = counted(client, reverse("portal:registrations"))
    assert len(asked_of) <= 11, "\n".join(asked_of)
    row = ends_in(cast, cast.alpha, 10, **customer(7))
    asked(cast, row, at=timezone.now())
    address = reverse("portal:registration", args=[row.pk])
    client.get(address)  # opening it marks its notice as read
    asked_of = counted(client, address)
    assert len(asked_of) <= 19, "\n".join(asked_of)


def test_more_time_is_asked_for_on_a_page(cast, client):
    row = ends_in(cast, cast.alpha, 10)
    assert "Ask for more time" in page(client, cast.acme_rep, "portal:registration", row.pk)
    address = reverse("portal:extend", args=[row.pk])
    assert "is protected until" in text_of(client.get(address))
    for data, sentence in (
        ({"days": "", "reason": ""}, "Say how many days."),
        ({"days": "91", "reason": "x"}, "Ask for up to 90 days."),
        ({"days": "-1", "reason": "x"}, "greater than or equal to 1"),
        ({"days": "30", "reason": "x" * 2001}, "at most 2000"),
        ({"days": "30", "reason": "  "}, "Say in a sentence"),
    ):
        assert sentence in text_of(client.post(address, data))
    assert client.post(address, {"days": "30", "reason": "The board meets in June."}).status_code == 302
    with cast.scope():
        assert Extension.objects.get().asked_by_id == cast.acme_rep.pk
    text = page(client, cast.acme_rep, "portal:registration", row.pk)
    assert "30 days: asked" in text
    assert "Ask for more time" not in text
    again = client.post(address, {"days": "30", "reason": "Again."}, follow=True)
    assert "You have asked already" in text_of(again)
    assert client.get(address).status_code == 302


def test_nobody_asks_for_another_or_learns_that_it_exists(cast, client):
    row = ends_in(cast, cast.alpha, 10)
    client.force_login(cast.rival_rep)
    for name in ("extend", "tell_me"):
        for method in (client.get, client.post):
            foreign, absent = (method(reverse(f"portal:{name}", args=[pk])) for pk in (row.pk, uuid.uuid4()))
            assert foreign.status_code == absent.status_code == 404
            assert foreign.content == absent.content


def rejected(cast, partner, number):
    with cast.scope():
        row = factories.draft(cast, partner, **customer(number))
        row = services.submit_registration(registration=row, by=None, at=factories.AT)
        row.status, row.decided_at = "rejected", factories.AT
        return services.save_row(row, by=None, at=factories.AT, action="registration.rejected")


def test_being_told_is_offered_in_the_same_words_whoever_else_is_there(cast, client):
    """Nobody is protected on the first account, Alpha on the second: page and answer are equal."""
    ends_in(cast, cast.alpha, 60, **customer(2))
    pages = []
    client.force_login(cast.rival_rep)
    for number in (1, 2):
        row = rejected(cast, cast.beta, number)
        shown = [client.get(reverse("portal:registration", args=[row.pk]))]
        shown.append(client.post(reverse("portal:tell_me", args=[row.pk]), follow=True))
        texts = [re.sub(rf"{row.number}|Customer \d+|c\d+\.example", "-", text_of(answer)) for answer in shown]
        pages.append((texts, [len(answer.redirect_chain) for answer in shown[1:]]))
    assert pages[0] == pages[1]
    assert "Tell me when it may be registered again" in pages[0][0][0]
    assert "We tell you when the account may be registered again." in pages[0][0][1]
    with cast.scope():
        assert WaitingParty.objects.count() == 2


def test_the_desk_lists_requests_and_answers_them(cast, client):
    row = ends_in(cast, cast.alpha, 10)
    extension = asked(cast, row, at=timezone.now())
    text = page(client, cast.bob, "review:extensions")
    for shown in ("Orion Chemicals", "Alpha Flow", "30 days", "The board meets in June.", "11 days left"):
        assert shown in text
    assert "More time 1" in text
    address = reverse("review:extension", args=[extension.pk])
    assert "Say why in a sentence" in text_of(client.post(address, {"verdict": "grant", "answer": " "}))
    assert client.post(address, {"verdict": "maybe", "answer": "x"}).status_code == 400
    answer = client.post(address, {"verdict": "grant", "answer": "The pilot runs."})
    assert said(answer) == ["Alpha Flow is told: granted."]
    assert fresh(cast, row).protected_until == row.protected_until + 30 * DAY
    assert "Nobody asks for more time" in page(client, cast.bob, "review:extensions")
    assert "The pilot runs." in text_of(client.get(address))
    late = client.post(address, {"verdict": "refuse", "answer": "No."})
    assert late.status_code == 409
    assert "The pilot runs." in page(client, cast.acme_rep, "portal:registration", row.pk)


def test_who_has_an_interest_reads_why_another_answers(cast, client):
    row = ends_in(cast, cast.alpha, 10)
    extension = asked(cast, row, at=timezone.now())
    with cast.scope():
        late = factories.draft(cast, cast.beta)
        services.submit_registration(registration=late, by=None, at=timezone.now())
    pipeline.detect(cast.program, timezone.now())
    text = page(client, cast.ada, "review:extension", extension.pk)
    assert "You manage Alpha Flow, who is against a partner you do not manage" in text
    assert "Beta Industrial · a case is open" in text
    assert "Grant 30 days" not in text
    refused = client.post(reverse("review:extension", args=[extension.pk]), {"verdict": "grant", "answer": "x"})
    assert refused.status_code == 403
    assert "Grant 30 days" not in page(client, cast.audrey, "review:extension", extension.pk)
    assert fresh(cast, extension).status == "asked"


def test_the_desk_asks_no_more_with_more_requests(cast, client):
    client.force_login(cast.bob)
    numbers = []
    for first, last in ((0, 1), (1, 6)):
        for number in range(first, last):
            asked(cast, ends_in(cast, cast.alpha, 10, **customer(number)), at=timezone.now())
        numbers.append(len(counted(client, reverse("review:extensions"))))
    assert numbers[0] == numbers[1] <= 14


def test_requests_of_another_program_are_not_there(cast, client):
    extension = asked(cast, ends_in(cast, cast.alpha, 10), at=timezone.now())
    other = factories.make_cast("southwind")
    client.force_login(other.bob)
    assert client.get(reverse("review:extension", args=[extension.pk])).status_code == 404
    assert client.post(reverse("review:extension", args=[extension.pk]), {"verdict": "grant"}).status_code == 404
    assert "Orion" not in page(client, other.bob, "review:extensions")
    client.force_login(cast.acme_rep)
    assert client.get(reverse("review:extension", args=[extension.pk])).status_code == 404
    assert client.get(reverse("review:extensions")).status_code == 404


def test_an_expired_deal_says_so_to_its_partner(cast, client):
    row = ends_in(cast, cast.alpha, 0)
    pass_time(cast, timezone.now() + DAY)
    text = page(client, cast.acme_rep, "portal:registration", row.pk)
    assert "Expired" in text
    assert "the protection has ended" in text
