"""The review desk: what queue and case page show, to whom, in how many queries, and what every button does."""

import math
import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from channelconflict.models import AuditEvent
from partners.models import Registration
from reviews import desk, pipeline
from reviews.desk.queue import queue_page
from reviews.models import Case, Decision, Message, Notice, Outbox, WorkNote
from reviews.services import claim_case
from tests import factories

pytestmark = pytest.mark.django_db
ACTS = ("claim", "release", "approve", "decide", "ask", "note", "identity")


@pytest.fixture
def case(cast):
    return factories.conflict_case(cast)


def url(name, case):
    return reverse(f"review:{name}", args=[case.pk])


def text_of(response):
    """The page as people read it: no tags, single spaces."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def opened(client, user, case):
    client.force_login(user)
    return client.get(url("case", case))


def send(client, user, name, case, **data):
    client.force_login(user)
    return client.post(url(name, case), {"seen_version": case.version, **data})


def said(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


def fresh(cast, case):
    with cast.scope():
        return Case.objects.get(pk=case.pk)


def many_cases(cast, count, *, begin=0):
    for number in range(begin, count):
        with cast.scope():
            factories.account(cast, f"A-{number:03}", f"Customer {number:03} Water Works")
        names = {"account_name": f"Customer {number:03} Water Works", "account_domain": f"a-{number:03}.example"}
        factories.submitted(cast, cast.alpha, days_ago=2, amount=Decimal(10_000 * (number + 1)), **names)
        factories.submitted(cast, cast.beta, days_ago=1, **names)
    pipeline.detect(cast.program, factories.AT)


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
    assert counts[1] <= 12


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
    assert counts[1] <= 30


def test_the_preview_of_a_notice_names_nothing_of_the_other(client, cast, case):
    page = opened(client, cast.bob, case).context["page"]
    letters = {letter.to: " ".join([letter.subject, *letter.paragraphs]) for letter in page.letters}
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


# Deciding


def test_approving_decides_and_shows_the_outcome(client, cast, case):
    response = send(client, cast.bob, "approve", case)
    assert response["Location"] == url("case", case)
    assert "is decided" in said(response)[0]
    page = text_of(client.get(url("case", case)))
    with cast.scope():
        decision = Decision.objects.get()
        assert Outbox.objects.count() == 2
    for shown in (
        "Award to Alpha Flow",
        "Bob",
        decision.snapshot_sha256,
        "in review → approved",
        "what each side was told",
    ):
        assert shown in page.replace("in_review", "in review"), shown
    listed = text_of(client.get(reverse("review:decided")))
    assert "Award to Alpha Flow" in listed
    assert "0 of 2 written" in listed
    assert "Orion" not in text_of(client.get(reverse("review:queue")))


def test_a_manager_with_an_interest_reads_why_the_button_is_off(client, cast, case):
    page = opened(client, cast.ada, case)
    assert "You manage Alpha Flow" in text_of(page)
    assert page.context["page"].panel.approve.disabled
    refused = send(client, cast.ada, "approve", case)
    assert refused.status_code == 403
    assert "You manage Alpha Flow" in text_of(refused)
    assert fresh(cast, case).status == "open"


def test_a_step_for_another_role_says_whose_it_is(client, cast, case):
    page = opened(client, cast.lena, case)
    assert "This step is for partner manager." in text_of(page)
    assert send(client, cast.lena, "approve", case).status_code == 403


def test_an_auditor_reads_and_does_nothing(client, cast, case):
    page = opened(client, cast.audrey, case)
    panel = page.context["page"].panel
    assert all(button.disabled for button in (panel.approve, panel.owner, panel.share, panel.ask, panel.claim))
    for name, data in (("claim", {}), ("note", {"text": "x"}), ("approve", {})):
        refused = send(client, cast.audrey, name, case, **data)
        assert refused.status_code == 403, name
        assert "Your role reads cases" in text_of(refused) or "This step is for" in text_of(refused)
    assert fresh(cast, case).version == case.version


def test_a_stale_decision_is_refused_with_what_changed_and_keeps_what_was_typed(client, cast, case):
    with cast.scope():
        claim_case(case=case, by=cast.carl, at=timezone.now())
    answer = send(
        client, cast.bob, "decide", case, form="owner", owner=str(cast.beta.pk), reason_code="relationship",
        reason_text="The buyer asked for Beta on Monday.",
    )  # fmt: skip
    page = text_of(answer)
    assert answer.status_code == 409
    assert "changed while you were looking at it" in page
    assert re.search(r"taken – Carl", page)
    html = answer.content.decode()
    assert "The buyer asked for Beta on Monday." in html
    assert re.search(rf'name="owner" value="{cast.beta.pk}"[^>]*checked', html)
    assert f'name="seen_version" value="{case.version + 1}"' in html
    assert f'name="seen_version" value="{case.version}"' not in html
    with cast.scope():
        assert not Decision.objects.exists()


def test_another_owner_waits_for_a_second_person_who_sees_who_chose_what_and_why(client, cast, case):
    answer = send(
        client, cast.bob, "decide", case, form="owner", owner=str(cast.beta.pk), reason_code="evidence_wrong",
        reason_text="The validation was at another site.",
    )  # fmt: skip
    assert "a second person" in said(answer)[0]
    mine = opened(client, cast.bob, case)
    assert "You have already approved this decision" in text_of(mine)
    page = opened(client, cast.carl, case)
    waiting = page.context["page"].panel.waiting
    assert (waiting.title, waiting.by, waiting.reason) == (
        "Award to Beta Industrial",
        "Bob",
        "Evidence wrong or outdated",
    )
    assert "The validation was at another site." in text_of(page)
    assert page.context["page"].panel.approve.label == "Approve: Award to Beta Industrial"
    send(client, cast.carl, "approve", fresh(cast, case))
    with cast.scope():
        assert Registration.objects.get(partner=cast.beta).status == "approved"
        assert Registration.objects.get(partner=cast.alpha).status == "rejected"
    assert "Otherwise than recommended" in text_of(client.get(url("case", case)))
    assert "override" in text_of(client.get(reverse("review:decided")))


def test_an_override_without_its_reason_is_refused_beside_the_field(client, cast, case):
    answer = send(client, cast.bob, "decide", case, form="owner", owner=str(cast.beta.pk), reason_text="because")
    assert answer.status_code == 400
    assert "Choose the reason for deciding otherwise." in text_of(answer)
    assert ">because</textarea>" in answer.content.decode().replace("\n", "")


def test_a_split_must_sum_to_a_hundred(client, cast, case):
    reason = {"form": "share", "mode": "split", "reason_code": "other", "reason_text": "They worked together."}
    page = opened(client, cast.bob, case)
    names = list(page.context["forms"]["share"].share_names)[:2]
    answer = send(client, cast.bob, "decide", case, **reason, **dict(zip(names, ("60", "30"), strict=True)))
    assert answer.status_code == 400
    assert "must sum to 100" in text_of(answer)
    assert 'value="60"' in answer.content.decode()
    send(client, cast.bob, "decide", case, **reason, **dict(zip(names, ("60", "40"), strict=True)))
    page = opened(client, cast.carl, case).context["page"]
    assert page.panel.waiting.title == "Split Alpha Flow 60 %, Beta Industrial 40 %"
    assert {letter.chip.text for letter in page.letters} == {"shared"}


def test_a_co_sell_names_owner_and_support(client, cast, case):
    reason = {"form": "share", "mode": "co_sell", "reason_code": "other", "reason_text": "Both are needed."}
    answer = send(client, cast.bob, "decide", case, **reason)
    assert answer.status_code == 400
    assert "Choose who owns the deal." in text_of(answer)
    send(client, cast.bob, "decide", case, **reason, owner=str(cast.alpha.pk), support=[str(cast.beta.pk)])
    page = opened(client, cast.carl, case).context["page"]
    assert page.panel.waiting.title == "Co-sell: Alpha Flow owns, Beta Industrial supports"


def test_asking_pauses_the_clock_and_says_for_whom_it_waits(client, cast, case):
    page = opened(client, cast.bob, case)
    beta = next(side for side in desk.sides_of(page.context["page"].case) if side.name == "Beta Industrial")
    asked = {"parties": [beta.party_id], "body": "Please date your meetings.", "fields_wanted": ["note", "place"]}
    assert send(client, cast.bob, "ask", case, **{**asked, "parties": []}).status_code == 400
    answer = send(client, cast.bob, "ask", case, **asked)
    assert "Asked Beta Industrial" in said(answer)[0]
    with cast.scope():
        assert Message.objects.get().requested_fields == ["note", "account_country", "account_subdivision"]
    page = text_of(client.get(url("case", case)))
    assert "waits for Beta Industrial" in page
    assert "Please date your meetings." in page
    assert "waits for Beta Industrial" in text_of(client.get(reverse("review:queue")))
    refused = send(client, cast.bob, "approve", fresh(cast, case))
    assert refused.status_code == 409
    assert fresh(cast, case).status == "awaiting_information"


def test_a_note_stays_inside(client, cast, case):
    assert send(client, cast.bob, "note", case, text="  ").status_code == 400
    send(client, cast.bob, "note", case, text="Called <b>Alpha</b>.")
    assert "Called &lt;b&gt;Alpha&lt;/b&gt;." in client.get(url("case", case)).content.decode()
    with cast.scope():
        assert WorkNote.objects.get().author == cast.bob


def test_giving_back_what_one_does_not_hold_is_refused(client, cast, case):
    assert send(client, cast.bob, "release", case).status_code == 409
    send(client, cast.bob, "claim", case)
    assert send(client, cast.carl, "claim", case).status_code == 409
    answer = send(client, cast.bob, "release", case)
    assert answer["Location"] == reverse("review:queue")
    assert fresh(cast, case).status == "open"


def test_who_follows_the_address_of_an_act_lands_on_the_case(client, cast, case):
    client.force_login(cast.bob)
    for name in ACTS:
        assert client.get(url(name, case))["Location"] == url("case", case)


# Who is who


@pytest.fixture
def unsure(cast):
    """Beta typed a name that may be Orion, under another domain: a person says first."""
    factories.submitted(cast, cast.alpha, days_ago=4)
    factories.submitted(cast, cast.beta, days_ago=1, account_name="Orion Chemicals Inc", account_domain="other.example")
    pipeline.detect(cast.program, factories.AT)
    with cast.scope():
        return Case.objects.get()


def test_a_possible_match_is_asked_and_the_answer_is_final(client, cast, unsure):
    page = opened(client, cast.bob, unsure)
    (question,) = page.context["page"].table.questions
    assert "Is ‘Orion Chemicals Inc’ the same company" in text_of(page)
    assert "identity unconfirmed" in text_of(page)
    said_so = {"registration": question.registration_id, "account": question.account_id}
    answer = send(client, cast.bob, "identity", unsure, **said_so, verdict="same")
    assert said(answer) == ["Kept. The findings and the recommendation were made anew."]
    page = client.get(url("case", unsure))
    assert page.context["page"].table.questions == []
    assert "identity unconfirmed" not in text_of(page)
    again = send(client, cast.bob, "identity", fresh(cast, unsure), **said_so, verdict="different")
    assert again.status_code == 409


def test_not_the_same_dissolves_a_case_that_rested_on_it(client, cast, unsure):
    (question,) = opened(client, cast.bob, unsure).context["page"].table.questions
    said_so = {"registration": question.registration_id, "account": question.account_id, "verdict": "different"}
    assert send(client, cast.audrey, "identity", unsure, **said_so).status_code == 403
    answer = send(client, cast.bob, "identity", unsure, **said_so)
    assert "closed" in said(answer)[0]
    assert "closed without a decision" in text_of(client.get(url("case", unsure)))
    with cast.scope():
        assert set(Registration.objects.values_list("status", flat=True)) == {"approved"}
