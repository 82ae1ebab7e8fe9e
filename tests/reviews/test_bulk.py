"""Many cases approved at once: what the preview refuses, what goes through, and that twice sent is once done."""

import threading
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from channelconflict.models import AuditEvent
from partners.models import Registration
from partners.services import add_activity, save_row
from reviews import pipeline, services
from reviews.bulk import resume_bulks, work_on_bulk
from reviews.choices import Choice
from reviews.models import BulkApproval, BulkState, Case
from reviews.permissions import NotAllowedError
from reviews.services import approve, claim_case, decide
from reviews.services.bulk import MOST, preview_bulk, send_bulk
from reviews.services.decisions import Override
from tests import factories
from tests.factories import AT
from tests.reviews.at_the_desk import said, text_of

pytestmark = pytest.mark.django_db


def worked_cases(cast, count, *, begin=0, close=False):
    """Cases on which Alpha came first and has worked, so that the rules decide; or Beta has worked: a close call."""
    for number in range(begin, begin + count):
        with cast.scope():
            factories.account(cast, f"W-{number:03}", f"Worked {number:03} Water Works")
        names = {"account_name": f"Worked {number:03} Water Works", "account_domain": f"w-{number:03}.example"}
        first = factories.submitted(cast, cast.alpha, days_ago=4, amount=Decimal(10_000), **names)
        second = factories.submitted(cast, cast.beta, days_ago=1, amount=Decimal(10_000), **names)
        with cast.scope():
            worked = second if close else first
            add_activity(registration=worked, kind="technical_validation", occurred_on=AT.date(), by=None, at=AT)
    pipeline.detect(cast.program, AT)
    with cast.scope():
        return list(Case.objects.filter(account__external_id__startswith="W-").order_by("number"))


def previewed(cast, cases, by=None):
    with cast.scope():
        return preview_bulk(program=cast.program, case_ids=[c.pk for c in cases], by=by or cast.bob, at=AT)


def states(cast, bulk):
    with cast.scope():
        return [item.state for item in bulk.items.order_by("number")]


def told(cast, bulk):
    with cast.scope():
        return {item.case.ref: item.told for item in bulk.items.select_related("case")}


def sent(cast, bulk, by=None):
    with cast.scope():
        keys = list(bulk.items.values_list("pk", flat=True))
        send_bulk(bulk=bulk, chosen=keys, by=by or cast.bob, at=AT)
    work_on_bulk(cast.program, bulk.pk)
    with cast.scope():
        bulk.refresh_from_db()
    return bulk


def test_every_case_that_was_shown_is_decided_by_the_same_service(cast):
    cases = worked_cases(cast, 3)
    bulk = sent(cast, previewed(cast, cases))
    assert states(cast, bulk) == ["done"] * 3
    assert bulk.finished_at
    with cast.scope():
        for case in cases:
            case.refresh_from_db()
            assert case.status == "decided"
            assert case.decisions.get().decided_by == cast.bob
            acts = AuditEvent.objects.filter(chain=f"case:{case.pk}").order_by("-sequence")
            assert [act.action for act in acts[:2]] == ["case.settled", "case.decided"]
        acts = list(
            AuditEvent.objects.filter(action__startswith="bulk.").order_by("at", "pk").values_list("action", flat=True)
        )
        assert sorted(acts) == ["bulk.finished", "bulk.previewed", "bulk.sent"]


def test_the_preview_refuses_what_one_may_not_decide_and_what_the_rules_do_not(cast):
    cases = worked_cases(cast, 5)
    close = worked_cases(cast, 1, begin=9, close=True)[-1]
    with cast.scope():
        claim_case(case=cases[1], by=cast.cleo, at=AT)
        override = Override("timing", "They asked for it.")
        decide(
            case=cases[2],
            choice=Choice("reject_all"),
            by=cast.cleo,
            at=AT,
            seen_version=cases[2].version,
            override=override,
        )
    bulk = previewed(cast, [*cases, close], by=cast.carl)
    found = told(cast, bulk)
    assert found[close.ref] == "The rules do not decide this one: open it and decide for yourself."
    assert found[cases[1].ref] == "Cleo is deciding it now."
    assert found[cases[2].ref] == "Somebody chose otherwise than recommended: open it and see why."
    assert found[cases[3].ref] == ""
    for who, why in (
        (cast.ada, "You manage Alpha Flow"),
        (cast.lena, "This step is for"),
        (cast.audrey, "This step is for"),
    ):
        assert why in told(cast, previewed(cast, cases[4:], by=who))[cases[4].ref]


def test_what_changed_since_the_preview_is_refused_and_the_rest_goes_through(cast):
    cases = worked_cases(cast, 4)
    bulk = previewed(cast, cases)
    with cast.scope():
        approve(case=cases[0], by=cast.carl, at=AT, seen_version=cases[0].version)  # somebody was quicker
        claim_case(case=cases[1], by=cast.carl, at=AT)  # another version of it
        theirs = Registration.objects.get(partner=cast.alpha, parties__case=cases[2])
        theirs.status = "withdrawn"
        save_row(theirs, by=None, at=AT, action="test.withdrawn")
    bulk = sent(cast, bulk)
    assert states(cast, bulk) == ["changed", "changed", "changed", "done"]
    assert "changed while you were looking" in told(cast, bulk)[cases[0].ref]
    assert "is no longer a live claim" in told(cast, bulk)[cases[2].ref]
    with cast.scope():
        assert Case.objects.get(pk=cases[2].pk).status == "open"
        assert not cases[2].decisions.exists()


def test_another_recommendation_than_the_shown_one_is_a_change_too(cast):
    (case,) = worked_cases(cast, 1)
    bulk = previewed(cast, [case])
    with cast.scope():
        theirs = Registration.objects.get(partner=cast.beta, parties__case=case)
        add_activity(registration=theirs, kind="first_contact", occurred_on=AT.date(), by=None, at=AT)
    pipeline.look_again(cast.program, AT)
    with cast.scope():
        bulk.items.update(case_version=Case.objects.get(pk=case.pk).version)  # if a version did not tell it
    assert states(cast, sent(cast, bulk)) == ["changed"]
    with cast.scope():
        assert not case.decisions.exists()


def test_a_right_that_is_gone_by_then_approves_nothing(cast):
    (case,) = worked_cases(cast, 1)
    bulk = previewed(cast, [case])
    with cast.scope():
        cast.bob.groups.clear()
    assert states(cast, sent(cast, bulk)) == ["not_possible"]


def test_twice_sent_is_once_done_and_only_by_whom_it_was_shown(cast):
    cases = worked_cases(cast, 2)
    bulk = previewed(cast, cases)
    with cast.scope(), pytest.raises(NotAllowedError):
        send_bulk(bulk=bulk, chosen=[], by=cast.carl, at=AT)
    sent(cast, bulk)
    sent(cast, bulk)
    resume_bulks(cast.program)
    with cast.scope():
        assert [case.decisions.count() for case in cases] == [1, 1]
        assert AuditEvent.objects.filter(action="bulk.sent").count() == 1


def test_many_are_for_two_workers(cast, monkeypatch):
    asked = []
    monkeypatch.setattr(services.bulk, "nudge", lambda task, *_ids: asked.append(task))
    monkeypatch.setattr(services.bulk, "MANY", 2)
    for begin, count, tasks in ((0, 2, ["approve_bulk"]), (2, 3, ["approve_bulk", "help_with_bulk"])):
        sent(cast, previewed(cast, worked_cases(cast, count, begin=begin)[begin:]))
        assert [task.removeprefix("reviews.tasks.") for task in asked] == tasks
        asked.clear()


def test_a_lost_nudge_is_found_by_the_sweep(cast):
    cases = worked_cases(cast, 1)
    bulk = previewed(cast, cases)
    with cast.scope():
        send_bulk(bulk=bulk, chosen=list(bulk.items.values_list("pk", flat=True)), by=cast.bob, at=AT)
    resume_bulks(cast.program)
    assert states(cast, bulk) == ["done"]


def test_one_cases_trouble_keeps_nobody_waiting(cast, monkeypatch):
    from reviews.services import bulk as services

    cases = worked_cases(cast, 2)
    bulk = previewed(cast, cases)
    real = services.approve

    def failing(*, case, **rest):
        if case.pk == cases[0].pk:
            raise RuntimeError("out of luck")
        return real(case=case, **rest)

    monkeypatch.setattr(services, "approve", failing)
    assert states(cast, sent(cast, bulk)) == ["failed", "done"]


# The pages


def press(client, user, *cases, **data):
    client.force_login(user)
    return client.post(reverse("review:new_bulk"), {"case": [str(case.pk) for case in cases], **data}, follow=True)


def test_from_the_queue_to_the_result_by_its_forms(client, cast):
    cases = worked_cases(cast, 3)
    client.force_login(cast.bob)
    queue = client.get(reverse("review:queue")).content.decode()
    assert queue.count('form="bulk"') == 3
    page = press(client, cast.bob, *cases)
    assert "Nothing is approved yet" in text_of(page)
    assert text_of(page).count("your word decides it") == 3
    bulk = page.context["page"].bulk
    keys = [line.key for line in page.context["page"].lines]
    address = reverse("review:bulk", args=[bulk.pk])
    none = client.post(address, {"item": []})
    assert none.status_code == 409
    assert "Choose at least one case that can be approved." in text_of(none)
    after = client.post(address, {"item": keys[:2]}, follow=True)
    assert "0 of 2 approved." in text_of(after)
    assert 'http-equiv="refresh"' in after.content.decode()
    work_on_bulk(cast.program, bulk.pk)
    after = client.get(address)
    assert "2 of 2 approved." in text_of(after)
    assert "left out" in text_of(after)
    assert 'http-equiv="refresh"' not in after.content.decode()


def test_all_of_a_view_in_its_order(client, cast):
    worked_cases(cast, 3)
    page = press(client, cast.bob, everything="1", q="Worked 001")
    assert [line.row.account for line in page.context["page"].lines] == ["Worked 001 Water Works"]
    nothing = press(client, cast.bob)
    assert "Choose at least one case" in text_of(nothing)
    assert "Choose at least one case" in text_of(press(client, cast.bob, case=["x", "0"]))


def test_a_reader_selects_nothing_and_a_stranger_sees_nothing(client, cast):
    cases = worked_cases(cast, 1)
    bulk = previewed(cast, cases)
    client.force_login(cast.audrey)
    assert 'id="bulk"' not in client.get(reverse("review:queue")).content.decode()
    page = client.get(reverse("review:bulk", args=[bulk.pk]))
    assert 'name="item"' not in page.content.decode()
    assert client.post(reverse("review:bulk", args=[bulk.pk]), {"item": []}).status_code == 403
    other = factories.make_cast("southwind")
    client.force_login(other.bob)
    assert client.get(reverse("review:bulk", args=[bulk.pk])).status_code == 404
    assert "Choose at least one case" in said(client.post(reverse("review:new_bulk"), {"case": [str(cases[0].pk)]}))[0]
    client.force_login(cast.acme_rep)
    assert client.get(reverse("review:bulk", args=[bulk.pk])).status_code == 404
    assert client.post(reverse("review:new_bulk"), {"case": [str(cases[0].pk)]}).status_code == 404


def test_previewing_and_showing_take_as_many_queries_for_six_as_for_two(client, cast):
    cases = worked_cases(cast, 6)
    with cast.scope():  # two of them have a decision that waits for the rest of the route
        for case in cases[:2]:
            case.route = case.pending = ["partner_manager", "channel_lead"]
            save_row(case, by=None, at=AT, action="test.routed")
            approve(case=case, by=cast.bob, at=AT, seen_version=case.version)
    counts = []
    client.force_login(cast.carl)
    for some in (cases[:2], cases):
        with CaptureQueriesContext(connection) as queries:
            response = client.post(reverse("review:new_bulk"), {"case": [str(case.pk) for case in some]})
        with CaptureQueriesContext(connection) as shown:
            client.get(response["Location"])
        counts.append((len(queries), len(shown)))
    assert counts[0] == counts[1]
    assert counts[0][1] < 20


def test_more_than_it_takes_is_refused(cast):
    (case,) = worked_cases(cast, 1)
    with pytest.raises(Exception, match="500 cases at the most"):
        previewed(cast, [case] * (MOST + 1))


def test_a_preview_that_nobody_sent_is_forgotten(cast):
    cases = worked_cases(cast, 1)
    old = previewed(cast, cases)
    with cast.scope():
        preview_bulk(program=cast.program, case_ids=[cases[0].pk], by=cast.bob, at=AT.replace(day=4))
        assert not BulkApproval.objects.filter(pk=old.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_one_bulk_take_each_case_once(committed_cast):
    cast = committed_cast
    cases = worked_cases(cast, 4)
    bulk = previewed(cast, cases)
    with cast.scope():
        send_bulk(bulk=bulk, chosen=list(bulk.items.values_list("pk", flat=True)), by=cast.bob, at=AT)

    def work():
        try:
            work_on_bulk(cast.program, bulk.pk)
        finally:
            connection.close()

    both = [threading.Thread(target=work) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert set(states(cast, bulk)) == {BulkState.DONE}
    with cast.scope():
        bulk.refresh_from_db()
        assert bulk.finished_at
        assert [case.decisions.count() for case in cases] == [1] * 4
