"""Notices as mails: who gets which when, over a real mail server; safe headers; once, also over kill -9."""

import os
import re
import signal
import time
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.utils import parseaddr
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, connections, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as trials
from hypothesis import strategies as st

from partners.models import Membership
from partners.permissions import revoke_member
from partners.services import remove_member
from reviews import sending
from reviews.channel import planning
from reviews.channel.kinds import AT_ONCE, group_of
from reviews.channel.mail import compose, one_line
from reviews.models import Enclosure, Notice, NoticeKind, NoticePreference, Sending, Way
from reviews.writeback import queue
from tests.receivers import free_port, mail_server
from tests.reviews.told_outside import BODY, choose, details, give_addresses, make_due, send, sendings, told

DAILY = NoticeKind.RENEWED  # a kind that can wait for the daily mail


@pytest.fixture
def box(settings):
    with mail_server() as box:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", box.port
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.PUBLIC_URL = "https://partners.example.com"
        settings.DEFAULT_FROM_EMAIL = "notices@example.com"
        yield box


@pytest.fixture
def people(cast):
    give_addresses(cast)
    return cast


# --- who gets what ---


def test_a_notice_reaches_its_own_people_once_and_nobody_else(people, box):
    notice = told(people)
    assert send(people) == 1
    assert send(people) == 0
    ((to, _),) = box.raw
    assert to == ["acme_rep@example.com"]
    with people.scope():
        notice.refresh_from_db()
        assert notice.queued_at is not None
        (enclosed,) = Enclosure.objects.filter(notice=notice)
        with pytest.raises(IntegrityError), transaction.atomic():
            Enclosure.objects.create(
                program=people.program, partner=people.alpha, sending=enclosed.sending, notice=notice, user=people.acme_rep
            )  # fmt: skip


def test_what_the_mail_says(people, box):
    with people.scope():
        people.program.reply_to = "channel@example.com"
        people.program.save()
    notice = told(people)
    send(people)
    (mail,) = box.mails
    (row,) = sendings(people)
    assert mail["Subject"] == notice.subject
    assert parseaddr(mail["From"]) == ("Northwind Partners", "notices@example.com")
    assert (mail["To"], mail["Reply-To"]) == ("acme_rep@example.com", "channel@example.com")
    assert mail["Message-ID"] == f"<{row.pk}@partners.example.com>"
    assert mail["List-Id"] == "<notices.northwind.partners.example.com>"
    assert mail["Auto-Submitted"] == "auto-generated"
    url = f"https://partners.example.com/portal/notices/{notice.pk}/"
    text, html = (mail.get_body((kind,)).get_content().replace("\r\n", "\n") for kind in ("plain", "html"))
    assert text.startswith("Your registration is approved.\n\nDecided under rule first of policy v1.")
    assert url in text
    assert f'href="{url}"' in html
    assert "you are one of its people" in text
    assert "/portal/how-you-are-told/" in text
    assert {found.split("/")[2] for found in re.findall(r'https?://[^\s"<]+', html + text)} == {"partners.example.com"}
    assert not re.search(r"<(img|table|script|link|form)|src=|url\(", html)
    assert "Beta" not in text + html
    assert "&" not in text or "&amp;" not in text


@pytest.mark.parametrize(("kind", "partner", "to"), [
    (NoticeKind.APPROVED, "alpha", "acme_rep@example.com"), (NoticeKind.NOT_APPROVED, "beta", "rival_rep@example.com"),
])  # fmt: skip
def test_no_other_partners_user_is_told(people, box, kind, partner, to):
    told(people, kind, partner=getattr(people, partner))
    send(people)
    assert [to for to, _ in box.raw] == [[to]]


def test_the_direct_team_gets_no_mail(people, box):
    with people.scope():
        Notice.objects.create(
            program=people.program, direct=True, registration=told(people).registration, kind="approved", subject="s",
            body="b", sent_at=timezone.now(),
        )  # fmt: skip
    assert send(people) == 1


def _leave(cast):
    with cast.scope():
        remove_member(
            member=Membership.objects.get(partner=cast.alpha, user=cast.acme_rep), by=cast.pat, at=timezone.now()
        )


def _lose_the_right(cast):
    with cast.scope():
        revoke_member(cast.acme_rep, cast.alpha)


def _become_inactive(cast):
    with cast.scope():
        cast.acme_rep.is_active = False
        cast.acme_rep.save(update_fields=["is_active"])


def _want_none(cast):
    choose(cast, "portal")


def _have_no_address(cast):
    with cast.scope():
        cast.acme_rep.email = ""
        cast.acme_rep.save(update_fields=["email"])


@pytest.mark.parametrize(("meanwhile", "why"), [
    (_leave, "no access"), (_lose_the_right, "no access"), (_become_inactive, "no access"), (_want_none, "wants no mail"),
    (_have_no_address, "no mail address"),
])  # fmt: skip
def test_who_left_between_queueing_and_sending_gets_nothing(people, box, meanwhile, why):
    told(people)
    with people.scope():
        assert planning.plan_sendings(people.program, timezone.now()) == 1
    meanwhile(people)
    assert send(people) == 0
    (row,) = sendings(people)
    assert (row.status, box.raw) == ("left_out", [])
    assert why in details(people, row)[0]


def test_in_the_portal_only_means_no_mail(people, box):
    choose(people, "portal")
    told(people)
    send(people)
    assert (sendings(people), box.raw) == ([], [])


# --- the daily mail ---


def test_the_daily_mail_groups_what_nobody_has_opened(people, box):
    choose(people, "daily")
    seen = told(people, DAILY, subject="Renewed and read")
    told(people, DAILY, subject="Renewed")
    told(people, NoticeKind.TALK_ENDED, subject="Talk over")
    assert send(people) == 0
    (row,) = sendings(people)
    assert row.way == Way.DAILY
    assert row.due_at.astimezone(ZoneInfo(people.program.timezone)).time() == planning.DAILY_AT
    assert timezone.now() < row.due_at <= timezone.now() + timedelta(days=1)
    with people.scope():
        Notice.objects.filter(pk=seen.pk).update(read_at=timezone.now())
    make_due(people)
    assert send(people) == 1
    (mail,) = box.mails
    text = mail.get_body(("plain",)).get_content()
    assert mail["Subject"] == "2 notices for Alpha Flow"
    assert text.index("Protection") < text.index("Renewed") < text.index("Talks") < text.index("Talk over")
    assert "Renewed and read" not in text
    assert send(people) == 0


def test_nothing_to_tell_is_no_mail(people, box):
    choose(people, "daily")
    notice = told(people, DAILY)
    send(people)
    with people.scope():
        Notice.objects.filter(pk=notice.pk).update(read_at=timezone.now())
    make_due(people)
    assert send(people) == 0
    (row,) = sendings(people)
    assert (row.status, box.raw) == ("left_out", [])


def test_what_comes_while_a_daily_mail_leaves_waits_for_the_next(people, box):
    choose(people, "daily")
    told(people, DAILY)
    send(people)
    make_due(people)
    queue.claim(sending.QUEUE, people.program)
    told(people, DAILY)
    send(people)
    first, second = sendings(people)
    assert (first.status, second.status) == ("sending", "waiting")
    with people.scope():
        assert [row.enclosures.count() for row in (first, second)] == [1, 1]


def test_decisions_and_questions_do_not_wait_for_the_daily_mail(people, box):
    choose(people, "daily")
    for kind in sorted(AT_ONCE):
        told(people, kind, subject=str(kind))
    assert send(people) == len(AT_ONCE)
    assert sorted(mail["Subject"] for mail in box.mails) == sorted(AT_ONCE)


@pytest.mark.parametrize(("zone", "at", "due"), [
    ("UTC", datetime(2026, 3, 2, 7, 59, tzinfo=UTC), datetime(2026, 3, 2, 8, tzinfo=UTC)),
    ("UTC", datetime(2026, 3, 2, 8, 0, tzinfo=UTC), datetime(2026, 3, 3, 8, tzinfo=UTC)),
    ("America/Chicago", datetime(2026, 3, 2, 13, 0, tzinfo=UTC), datetime(2026, 3, 2, 14, tzinfo=UTC)),
    ("America/Chicago", datetime(2026, 3, 7, 20, 0, tzinfo=UTC), datetime(2026, 3, 8, 13, tzinfo=UTC)),  # summer time
    ("Asia/Kolkata", datetime(2026, 3, 2, 20, 0, tzinfo=UTC), datetime(2026, 3, 3, 2, 30, tzinfo=UTC)),
])  # fmt: skip
def test_the_day_begins_where_the_program_is(cast, zone, at, due):
    cast.program.timezone = zone
    assert planning.next_daily(cast.program, at) == due


def test_every_kind_has_a_heading():
    assert {group_of(kind) for kind in NoticeKind.values} == {"Decisions and questions", "Protection", "Talks", "Also"}


# --- what goes wrong ---


@pytest.mark.parametrize(("answer", "status"), [("550 no such user", "dead"), ("451 later", "waiting")])
def test_a_refused_recipient(people, box, answer, status):
    box.answer = answer
    told(people)
    assert send(people) == 0
    (row,) = sendings(people)
    assert row.status == status
    assert details(people, row) == [f"The mail server refused the recipient ({answer[:3]})."]


def test_a_server_that_is_away_is_tried_again_and_a_person_helps_in_the_end(people, settings, client, box):
    settings.EMAIL_PORT = free_port()
    told(people)
    assert send(people) == 0
    (row,) = sendings(people)
    assert row.status == "waiting"
    assert row.due_at > timezone.now() + timedelta(seconds=4)
    for _ in queue.SCHEDULE:
        make_due(people)
        send(people)
    (row,) = sendings(people)
    assert (row.status, row.tries) == ("dead", 10)
    assert set(details(people, row)) == {"The mail server could not be reached."}
    settings.EMAIL_PORT = box.port
    address = f"/admin/reviews/sending/{row.pk}/change/"
    client.force_login(people.audrey)
    assert b"Send it again" not in client.get(address).content
    client.post(address)
    assert sendings(people)[0].status == "dead"
    client.force_login(people.olga)
    assert b"Send it again" in client.get(address).content
    client.post(address, {"act": "again"})
    assert sendings(people)[0].status == "waiting"
    assert send(people) == 1
    assert box.mails[0]["Message-ID"] == f"<{row.pk}@partners.example.com>"


# --- headers ---

NASTY = st.text(st.characters(codec="utf-8"), max_size=80) | st.sampled_from(
    ["a\r\nBcc: x@example.com", "a\nSubject: b", "\u202egnp.exe", "=?utf-8?q?a?=", 'x", <y@example.com>', "\x00\x85\u2028b",
     "é" * 400]
)  # fmt: skip


@given(NASTY)
def test_one_line_is_one_line(text):
    line = one_line(text)
    assert len(line.splitlines()) <= 1
    assert line == line.strip()
    assert not set(line) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200f\u200e")
    assert len(line) <= 180


@pytest.mark.django_db
@trials(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(subject=NASTY, name=NASTY, body=NASTY)
def test_no_text_adds_a_header(cast, subject, name, body):
    cast.program.name = name
    cast.acme_rep.email = "rep@example.com"
    row = Sending(program=cast.program, partner=cast.alpha, user=cast.acme_rep, way=Way.MAIL)
    notice = Notice(program=cast.program, partner=cast.alpha, kind="approved", subject=subject, body=body)
    raw = compose(row, [notice]).message().as_bytes()
    mail = message_from_bytes(raw, policy=policy.default)
    assert sorted(name.lower() for name in mail) == sorted([
        "content-type", "mime-version", "subject", "from", "to", "date", "message-id", "list-id", "list-unsubscribe",
        "auto-submitted", "x-auto-response-suppress",
    ])  # fmt: skip
    assert mail["To"] == "rep@example.com"
    assert parseaddr(mail["From"])[1] == parseaddr(str(compose(row, [notice]).from_email))[1]
    assert len(raw.split(b"\n\n", 1)[0].splitlines()) < 40


def test_an_address_that_is_none_needs_a_person(people, box):
    with people.scope():
        people.acme_rep.email = "x@example.com\nBcc: y@example.com"
        people.acme_rep.save(update_fields=["email"])
    told(people)
    assert send(people) == 0
    (row,) = sendings(people)
    assert (row.status, box.raw) == ("dead", [])


# --- over kill -9 ---


def _worker_that_dies_before_it_marks(program):
    """A worker process that is killed at the moment when what it sent would be marked as sent."""
    connections.close_all()
    pid = os.fork()
    if pid:
        return os.waitpid(pid, 0)[1]
    try:
        queue._finish = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
        sending.send_notices(program)
    finally:
        os._exit(0)


def test_a_worker_killed_between_sending_and_marking_repeats_once_with_the_same_id(committed_cast, box, monkeypatch):
    monkeypatch.setattr(queue, "LEASE", timedelta(milliseconds=200))
    give_addresses(committed_cast)
    for _ in range(3):
        told(committed_cast)
        assert os.WIFSIGNALED(_worker_that_dies_before_it_marks(committed_cast.program))
        time.sleep(0.3)
        while send(committed_cast):
            pass
    ids = [mail["Message-ID"] for mail in box.mails]
    assert sorted(ids) == sorted([f"<{row.pk}@partners.example.com>" for row in sendings(committed_cast)] * 2)
    assert {row.status for row in sendings(committed_cast)} == {"delivered"}


def test_a_choice_is_ones_own(people):
    with people.scope():
        assert NoticePreference.objects.get(user=people.acme_admin).how == "portal"
        assert not NoticePreference.objects.filter(user=people.acme_rep).exists()
    assert BODY.startswith("Your registration")
