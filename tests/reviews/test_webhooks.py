"""Notices to a partner's own system: signed and thin, to public addresses alone, and what each answer leads to."""

import os
import re
import socket
import time
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from standardwebhooks.webhooks import Webhook as Verifier
from standardwebhooks.webhooks import WebhookVerificationError

from channelconflict.models import AuditEvent
from channelconflict.scope import acting
from reviews import sending
from reviews.channel import connect, webhooks
from reviews.models import Sending, Webhook, WebhookSecret
from reviews.services.telling import ask_for_test, change_webhook, make_webhook, replace_secret
from reviews.writeback import queue
from reviews.writeback.errors import DeliveryError
from tests.receivers import free_port, webhook_receiver
from tests.reviews.test_sendings import _worker_that_dies_before_it_marks
from tests.reviews.told_outside import details, give_addresses, make_due, send, sendings, told
from tests.test_scope import portal_of


@pytest.fixture
def receiver():
    with webhook_receiver() as receiver:
        yield receiver


def _make(cast, url):
    """Alpha's webhook and its secret. Nobody of Alpha wants mails."""
    give_addresses(cast)
    with cast.scope():
        cast.acme_rep.email = ""
        cast.acme_rep.save(update_fields=["email"])
        secret = make_webhook(partner=cast.alpha, url=url, by=cast.acme_admin, at=timezone.now())
        return Webhook.objects.get(partner=cast.alpha), secret


@pytest.fixture
def hook(cast, receiver):
    return _make(cast, receiver.url)


def test_a_notice_is_told_signed_and_thin(cast, receiver, hook):
    notice = told(cast, subject="Orion is approved", body="A secret reason.")
    assert send(cast) == 1
    (got,) = receiver.got
    (row,) = sendings(cast)
    read = Verifier(hook[1]).verify(got.body, got.headers)
    assert got.headers["webhook-id"] == f"msg_{row.pk}"
    assert read["type"] == "notice.sent"
    assert read["data"] == {
        "notice": str(notice.pk), "kind": "approved", "registration": notice.registration.ref,
        "sent_at": notice.sent_at.isoformat(), "url": f"http://localhost:8000/portal/notices/{notice.pk}/",
    }  # fmt: skip
    assert not re.search("Orion|reason|Alpha|acme|Northwind", got.body.decode(), re.IGNORECASE)
    with pytest.raises(WebhookVerificationError):
        Verifier(hook[1]).verify(got.body + b" ", got.headers)
    assert send(cast) == 0


def test_while_a_secret_is_replaced_both_verify_and_later_the_new_one_alone(cast, receiver, hook):
    webhook, old = hook
    with cast.scope():
        new = replace_secret(webhook=webhook, at_once=False, by=cast.acme_admin, at=timezone.now())
    told(cast)
    send(cast)
    for secret in (old, new):
        Verifier(secret).verify(receiver.got[0].body, receiver.got[0].headers)
    with cast.scope():
        third = replace_secret(webhook=webhook, at_once=True, by=cast.acme_admin, at=timezone.now())
    told(cast)
    send(cast)
    Verifier(third).verify(receiver.got[1].body, receiver.got[1].headers)
    for secret in (old, new):
        with pytest.raises(WebhookVerificationError):
            Verifier(secret).verify(receiver.got[1].body, receiver.got[1].headers)


def test_secrets_stand_in_no_table_and_no_record(cast, receiver, hook, caplog):
    caplog.set_level("DEBUG")
    told(cast)
    send(cast)
    secret = hook[1].removeprefix("whsec_")
    with cast.scope():
        for model in (Webhook, WebhookSecret, Sending, Webhook.history.model):
            assert secret not in str(list(model.objects.values()))
        assert secret not in str(list(AuditEvent.objects.values_list("body", "private")))
    assert secret not in caplog.text
    assert "127.0.0.1" not in "".join(r.getMessage() for r in caplog.records if r.name.startswith("reviews"))


# --- what an answer leads to ---


def test_410_switches_it_off(cast, receiver, hook):
    receiver.answers = [(410, {})]
    told(cast)
    told(cast)
    send(cast)
    make_due(cast)
    send(cast)
    assert len(receiver.got) == 1
    assert [row.status for row in sendings(cast)] == ["dead", "left_out"]
    with cast.scope():
        webhook = Webhook.objects.get()
        assert (webhook.enabled, webhook.gone_at is not None) == (False, True)
        change_webhook(webhook=webhook, url=webhook.url, enabled=True, by=cast.acme_admin, at=timezone.now())
        assert Webhook.objects.get().gone_at is None


def test_429_is_tried_again_when_the_receiver_says_and_so_is_everything_else_for_it(cast, receiver, hook):
    receiver.answers = [(429, {"retry-after": "7200"})]
    told(cast)
    told(cast)
    send(cast)
    assert len(receiver.got) == 1
    for row in sendings(cast):
        assert row.status == "waiting"
        assert timedelta(minutes=119) < row.due_at - timezone.now() < timedelta(minutes=121)


def test_500_is_tried_by_the_schedule_with_the_same_id_and_a_new_time(cast, receiver, hook):
    receiver.answers = [(500, {}), (200, {})]
    told(cast)
    assert send(cast) == 0
    (row,) = sendings(cast)
    assert row.due_at > timezone.now() + timedelta(seconds=4)
    make_due(cast)
    assert send(cast) == 1
    first, second = receiver.got
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body
    assert details(cast, row) == ["The address answered 500.", ""]


def test_a_redirect_is_not_followed(cast, receiver, hook):
    receiver.answers = [(302, {"location": receiver.url + "/elsewhere"})]
    told(cast)
    assert send(cast) == 0
    assert [got.path for got in receiver.got] == ["/notices"]
    (row,) = sendings(cast)
    assert "redirects are not followed" in details(cast, row)[0]


@pytest.mark.parametrize("answer", ["hang", "drip"])
def test_who_does_not_answer_in_time_holds_nobody(cast, receiver, hook, answer, monkeypatch):
    monkeypatch.setattr(connect, "SECONDS", 0.5)
    receiver.answers = [answer]
    told(cast)
    began = timezone.now()
    assert send(cast) == 0
    assert timezone.now() - began < timedelta(seconds=5)
    assert details(cast, sendings(cast)[0]) == ["No answer within 0.5 seconds."]


def test_nobody_listens(cast):
    _make(cast, f"http://127.0.0.1:{free_port()}/")
    told(cast)
    assert send(cast) == 0
    assert "No connection came about" in details(cast, sendings(cast)[0])[0]


def test_switched_off_nothing_is_queued(cast, receiver, hook):
    with cast.scope():
        change_webhook(webhook=hook[0], url=receiver.url, enabled=False, by=cast.acme_admin, at=timezone.now())
    told(cast)
    send(cast)
    assert (sendings(cast), receiver.got) == ([], [])


def test_a_test_is_sent_once_a_wish(cast, receiver, hook):
    with cast.scope():
        ask_for_test(webhook=hook[0], by=cast.acme_admin, at=timezone.now())
    assert send(cast) == 1
    assert send(cast) == 0
    assert Verifier(hook[1]).verify(receiver.got[0].body, receiver.got[0].headers)["type"] == "notice.test"


def test_mails_go_first_and_a_receiver_gets_one_at_a_time(cast, receiver, hook):
    with cast.scope():
        cast.acme_rep.email = "acme_rep@example.com"
        cast.acme_rep.save(update_fields=["email"])
    told(cast)
    told(cast)
    with cast.scope():
        sending.plan_sendings(cast.program, timezone.now())
    claimed = [queue.claim(sending.QUEUE, cast.program) for _ in range(4)]
    with cast.scope():
        ways = [Sending.objects.get(pk=lease[0]).way for lease in claimed if lease]
    assert ways == ["mail", "mail", "webhook"]


def test_a_killed_worker_repeats_once_with_the_same_id(committed_cast, receiver, monkeypatch):
    monkeypatch.setattr(queue, "LEASE", timedelta(milliseconds=200))
    _make(committed_cast, receiver.url)
    told(committed_cast)
    assert os.WIFSIGNALED(_worker_that_dies_before_it_marks(committed_cast.program))
    time.sleep(0.3)
    assert send(committed_cast) == 1
    (row,) = sendings(committed_cast)
    assert [got.headers["webhook-id"] for got in receiver.got] == [f"msg_{row.pk}"] * 2


# --- where to ---


@pytest.mark.parametrize("address", [
    "127.0.0.1", "10.0.0.1", "172.16.5.4", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1", "224.0.0.1", "::1",
    "::", "fe80::1", "fe80::1%eth0", "fc00::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::",
    "2002:a00:1::", "ff02::1", "255.255.255.255", "240.0.0.1", "192.0.2.1", "2001:db8::1", "nonsense", "",
])  # fmt: skip
def test_what_is_not_public(address):
    assert not connect.is_public(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "8.8.8.8", "2606:4700:4700::1111", "::ffff:8.8.8.8"])
def test_what_is_public(address):
    assert connect.is_public(address)


@pytest.mark.parametrize("found", [["10.0.0.1"], ["8.8.8.8", "127.0.0.1"], ["169.254.169.254"], ["::1"], []])
def test_a_name_that_leads_inside_is_refused_before_anything_is_sent(monkeypatch, receiver, found):
    port = int(receiver.url.split(":")[2].split("/")[0])
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda *_, **__: [(socket.AF_INET, 1, 6, "", (ip, port)) for ip in found]
    )
    with pytest.raises(DeliveryError, match="No public address was found for this host"):
        connect.post(f"http://crm.example.com:{port}/", {}, b"{}")
    assert receiver.got == []


def test_a_name_is_resolved_once_and_the_connection_goes_there(monkeypatch, receiver):
    """A second answer of the name server (rebinding) has nothing to say: only the judged address is spoken to."""
    asked, port, real = [], int(receiver.url.split(":")[2].split("/")[0]), socket.getaddrinfo

    def resolve(host, *rest, **more):
        if host != "crm.example.com":  # an address is connected to as it is
            return real(host, *rest, **more)
        asked.append(host)
        return [(socket.AF_INET, 1, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    assert connect.post(f"http://crm.example.com:{port}/x", {}, b"{}", loopback=True).status == 200
    assert asked == ["crm.example.com"]
    assert receiver.got[0].headers["host"] == f"crm.example.com:{port}"


@pytest.mark.parametrize("url", [
    "http://crm.example.com/", "https://10.0.0.1/", "https://[::1]/", "https://intranet/", "https://user:pw@crm.example.com/",
    "https://crm.example.com/#x", "ftp://crm.example.com/", "crm.example.com", "", "https://", "https://crm.example.com:0/",
    "https://crm.example.com:99999/", "https://crm.exämple.com/", "https://crm.example.com/a b", "https://127.1/",
    "https://crm.example.com/" + "x" * 500, "https://[::", "https://2130706433/", "https://localhost/", "javascript:alert(1)",
])  # fmt: skip
def test_addresses_that_are_refused_when_they_are_typed(settings, url):
    settings.WEBHOOK_LOOPBACK = False
    assert webhooks.why_no_address(url)


@pytest.mark.parametrize(
    "url", ["https://crm.example.com/notices?x=1", "https://8.8.8.8:8443/", "https://a.b.example:444"]
)
def test_addresses_that_are_taken(settings, url):
    settings.WEBHOOK_LOOPBACK = False
    assert webhooks.why_no_address(url) == ""


@pytest.mark.parametrize(("text", "seconds"), [
    ("120", 120), (" 5 ", 5), ("Mon, 02 Mar 2026 10:01:00 GMT", 60), ("Mon, 02 Mar 2026 09:00:00 GMT", 0), ("soon", 0),
    ("", 0), ("-3", 0), ("9" * 50, 10**8), ("²", 0),
])  # fmt: skip
def test_retry_after(text, seconds):
    assert webhooks.waits(text, datetime(2026, 3, 2, 10, tzinfo=UTC)) == timedelta(seconds=seconds)


# --- who manages it ---


def test_the_database_shows_a_webhook_to_whoever_manages_it_alone(cast, receiver, hook):
    told(cast)
    send(cast)
    seen = {}
    for name, user, partner in (
        ("admin", cast.acme_admin, cast.alpha), ("user", cast.acme_rep, cast.alpha), ("rival", cast.rival_rep, cast.beta),
    ):  # fmt: skip
        with acting(portal_of(partner, user=user)):
            seen[name] = [model.objects.count() for model in (Webhook, WebhookSecret, Sending, Webhook.history.model)]
    assert seen == {"admin": [1, 1, 1, 1], "user": [0, 0, 0, 0], "rival": [0, 0, 0, 0]}


def test_the_pages_of_a_webhook(cast, client, receiver):
    give_addresses(cast)
    client.force_login(cast.acme_rep)
    assert b"Your partner admin manages this" in client.get("/portal/webhooks/").content
    client.post("/portal/webhooks/", {"partner": str(cast.alpha.pk), "url": receiver.url})
    with cast.scope():
        assert not Webhook.objects.exists()
    client.force_login(cast.acme_admin)
    refused = client.post("/portal/webhooks/", {"partner": str(cast.alpha.pk), "url": "http://crm.example.com/x"})
    assert b"The address must begin with https://." in refused.content
    assert b'value="http://crm.example.com/x"' in refused.content
    made = client.post("/portal/webhooks/", {"partner": str(cast.alpha.pk), "url": receiver.url})
    (secret,) = re.findall(r"whsec_[A-Za-z0-9+/=]+", made.content.decode())
    assert made["Cache-Control"] == "no-store"
    with cast.scope():
        webhook = Webhook.objects.get()
    address = f"/portal/webhooks/{webhook.pk}/"
    assert b"whsec_" not in client.get(address).content + client.get("/portal/webhooks/").content
    assert b"Choose one of your companies" in client.post(
        "/portal/webhooks/", {"partner": str(cast.alpha.pk), "url": receiver.url}
    ).content  # fmt: skip
    client.post(address, {"act": "test"})
    send(cast)
    Verifier(secret).verify(receiver.got[0].body, receiver.got[0].headers)
    assert b"Sent" in client.get(address).content
    replaced = client.post(address, {"act": "secret", "seen_version": "2"})
    assert b"whsec_" in replaced.content
    again = client.post(address, {"act": "secret", "seen_version": "2"}, follow=True)  # the page was loaded again
    assert b"whsec_" not in again.content
    assert b"Somebody changed the webhook meanwhile" in again.content
    client.post(address, {"act": "change", "url": receiver.url, "seen_version": "3"})
    with cast.scope():
        assert not Webhook.objects.get().enabled
    client.force_login(cast.rival_rep)
    assert client.get(address).status_code == 404


def test_pages_ask_a_fixed_number_of_questions(cast, client, receiver, hook):
    for _ in range(3):
        told(cast)
    send(cast)
    client.force_login(cast.acme_admin)
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as seen:
            assert client.get(f"/portal/webhooks/{hook[0].pk}/").status_code == 200
            assert client.get("/portal/how-you-are-told/").status_code == 200
        counts.append(len(seen))
        for _ in range(5):
            told(cast)
        send(cast)
    assert counts[0] == counts[1]
    assert counts[0] <= 45
