"""The queue and the case page: what they show, to whom, in how many queries."""

import math
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from channelconflict.models import AuditEvent
from reviews import pipeline
from reviews.desk.queue import queue_page
from reviews.models import Case, Notice, WorkNote
from reviews.services import claim_case
from tests import factories
from tests.reviews.at_the_desk import ACTS, many_cases, opened, send, text_of, url

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(cast):
    return factories.conflict_case(cast)


# Who gets in


def test_who_is_not_signed_in_is_sent_to_sign_in(client, case):
    for address in (reverse("review:queue"), reverse("review:decided"), url("case", case)):
        response = client.get(address)
        assert response.status_code == 302
        assert response["Location"].startswith(reverse("login"))


def test_the_desk_is_not_there_for_a_partners_people(client, cast, case):
    client.force_login(cast.acme_rep)
    addresses = [reverse(f"review:{name}") for name in ("queue", "decided", "start")]
    addresses += [url(name, case) for name in ("case", *ACTS)]
    for address in addresses:
        assert client.get(address).status_code == 404, address
        assert client.post(address, {"seen_version": 1}).status_code == 404, address


def test_a_case_of_another_program_and_no_case_look_the_same(client, cast, case):
    other = factories.make_cast("southwind")
    client.force_login(other.ada)
    absent = reverse("review:case", args=["01900000-0000-7000-8000-000000000000"])
    foreign = client.get(url("case", case))
    assert foreign.status_code == client.get(absent).status_code == 404
    for name in ACTS:
        assert client.post(url(name, case), {"seen_version": 1, "text": "x"}).status_code == 404
    assert "Orion" not in client.get(reverse("review:queue")).content.decode()
    with cast.scope():
        assert not WorkNote.objects.exists()


# The queue


def test_the_queue_shows_a_case_in_one_line(client, cast, case):
    client.force_login(cast.bob)
    page = text_of(client.get(reverse("review:queue")))
    for shown in ("Orion Chemicals Inc.", case.ref, "Pumps", "competing", "Alpha Flow, Beta Industrial", "USD 40,000"):
        assert shown in page
    assert "Award to Alpha Flow" in page
    assert "for partner manager" in page


def test_the_queue_takes_as_many_queries_for_thirty_cases_as_for_three(client, cast):
    counts = []
    client.force_login(cast.bob)
    for total in (3, 30):
        with cast.scope():
            have = Case.objects.count()
        many_cases(cast, total, begin=have)
        with CaptureQueriesContext(connection) as queries:
            response = client.get(reverse("review:queue"))
        assert len(response.context["page"].rows) == total
        counts.append(len([q for q in queries if not q["sql"].startswith(("SAVEPOINT", "RELEASE"))]))
    assert counts[0] == counts[1]
    assert counts[1] <= 15  # what is sorted, and what a page of it shows, are two


def test_the_default_order_is_open_time_left_times_impact(cast):
    many_cases(cast, 6)
    now = factories.AT + timedelta(hours=5)
    calendar = cast.program.calendar
    with cast.scope():
        cases = list(Case.objects.order_by("number"))
        # One is due on Friday, one after the weekend: the weekend counts for nothing.
        for number, hours in enumerate((100, 40, 90, -3, -30, 60)):
            Case.objects.filter(pk=cases[number].pk).update(
                due_at=calendar.add_hours(now, hours) if hours > 0 else now + timedelta(hours=hours)
            )
        cases = list(Case.objects.order_by("number"))
        shown = [row.ref for row in queue_page(cast.bob, {}, now).rows]

    def urgency(case):
        weight = 1 + math.log(1 + float(case.amount) / 50_000)
        left = calendar.hours_between(now, case.due_at)
        return left * weight if case.due_at < now else left / weight

    assert shown == [case.ref for case in sorted(cases, key=urgency)]


def test_filters_and_search_find_what_they_name(client, cast, case):
    client.force_login(cast.bob)
    with cast.scope():
        claim_case(case=case, by=cast.carl, at=timezone.now())
    expected = {
        "view=mine": 0, "view=step": 1, "view=high": 0, "view=abstained": 0, "view=waiting": 0, "due=8h": 1,
        "kind=competing_registration": 1, "kind=routine": 0, "q=orion": 1, "q=beta ind": 1, f"q={case.ref}": 1,
        f"q={case.number}": 1, "q=nobody": 0, "view=nonsense": 1, "sort=amount": 1, "page=99": 1, "q=%00": 1,
    }  # fmt: skip
    for query, count in expected.items():
        response = client.get(f"{reverse('review:queue')}?{query}")
        assert response.status_code == 200
        assert len(response.context["page"].rows) == count, query
    client.force_login(cast.carl)
    assert len(client.get(reverse("review:queue") + "?view=mine").context["page"].rows) == 1
    assert len(client.get(reverse("review:queue") + "?view=step").context["page"].rows) == 0


def test_an_empty_queue_says_what_will_come(client, cast):
    client.force_login(cast.bob)
    assert "The queue is empty" in text_of(client.get(reverse("review:queue")))
    assert "Nothing is decided yet" in text_of(client.get(reverse("review:decided")))
    assert "Nothing found for" in text_of(client.get(reverse("review:queue") + "?q=zzz"))


def test_start_queue_takes_the_first_case_that_nobody_holds(client, cast):
    many_cases(cast, 2)
    with cast.scope():
        first, second = [row.ref for row in queue_page(cast.bob, {}, timezone.now()).rows]
        claim_case(case=Case.objects.get(number=int(first[3:])), by=cast.carl, at=timezone.now())
    client.force_login(cast.bob)
    response = client.post(reverse("review:start"))
    with cast.scope():
        taken = Case.objects.get(number=int(second[3:]))
    assert response["Location"] == url("case", taken)
    assert "you are deciding" in text_of(client.get(response["Location"]))
    client.force_login(cast.cleo)
    assert client.post(reverse("review:start"))["Location"] == reverse("review:queue")
    assert client.get(reverse("review:start")).status_code == 302


# The case page


def test_the_case_page_shows_what_a_decision_needs(client, cast, case):
    page = text_of(opened(client, cast.bob, case))
    for shown in (
        "Orion Chemicals Inc. · Pumps", "competing registration", case.ref, "policy v1", "Claims side by side",
        "Technical validation", "ORION CHEMICALS, INCORPORATED", "same account", "AG-P-ALPHA", "Unrestricted",
        "Award to Alpha Flow", "First to register", "30 – 0", "Why not Beta Industrial", "Partner manager", "Timeline",
        "Another claim had priority", "How the rules went", "[E1]",
    ):  # fmt: skip
        assert shown in page, shown


def test_the_case_page_takes_as_many_queries_for_six_claims_as_for_two(client, cast, case):
    counts = []
    for more in (0, 4):
        for number in range(more):
            with cast.scope():
                partner = factories.partner(cast, f"P-{number}", f"Partner {number} Trading")
            registration = factories.submitted(cast, partner, days_ago=1)
            with cast.scope():
                factories.services.add_activity(
                    registration=registration, kind="meeting", occurred_on=factories.AT.date(), by=None, at=factories.AT
                )
        pipeline.detect(cast.program, factories.AT)
        opened(client, cast.bob, case)  # the first reading goes on the record
        with CaptureQueriesContext(connection) as queries:
            response = client.get(url("case", case))
        assert len(response.context["page"].table.columns) == 2 + more
        counts.append(len([q for q in queries if not q["sql"].startswith(("SAVEPOINT", "RELEASE"))]))
    assert counts[0] == counts[1]
    assert counts[1] <= 38


def test_the_preview_of_a_notice_names_nothing_of_the_other(client, cast, case):
    page = opened(client, cast.bob, case).context["page"]
    letters = {letter.to: f"{letter.subject} {letter.body}" for letter in page.letters}
    assert "is approved" in letters["Alpha Flow"]
    assert "is not approved" in letters["Beta Industrial"]
    for name, other in (("Alpha Flow", "Beta"), ("Beta Industrial", "Alpha")):
        assert other not in letters[name]


def test_what_is_previewed_is_what_is_sent(client, cast, case):
    page = opened(client, cast.bob, case).context["page"]
    promised = {(letter.to, letter.subject) for letter in page.letters}
    send(client, cast.bob, "approve", case)
    with cast.scope():
        sent = {(str(n.partner), n.subject) for n in Notice.objects.select_related("partner")}
    assert promised == sent


def test_reading_a_case_is_on_the_record_once_in_ten_minutes(client, cast, case):
    for _ in range(3):
        opened(client, cast.bob, case)
    opened(client, cast.carl, case)
    with cast.scope():
        assert AuditEvent.objects.filter(action="case.viewed", subject_id=case.pk).count() == 2


def test_no_page_has_inline_style_or_script(client, cast, case):
    client.force_login(cast.bob)
    for address in (reverse("review:queue"), reverse("review:decided"), url("case", case)):
        html = client.get(address).content.decode()
        assert not re.search(r"<script(?![^>]*\bsrc=)|\son\w+=|\sstyle=|<style", html), address
