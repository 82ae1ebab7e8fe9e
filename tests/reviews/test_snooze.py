"""Snoozing findings: what sleeps, for how long, who may say so, what wakes it, and that nothing is ever approved by it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from channelconflict.models import AuditEvent
from partners.models import Registration
from partners.services import NotPossibleError, add_activity, record_agreement, save_row
from reviews import pipeline
from reviews.models import Case
from reviews.permissions import NotAllowedError
from reviews.services import StaleCaseError, claim_case, request_information
from reviews.services.snooze import snooze_findings, wake_findings
from reviews.states import WrongStateError
from tests import factories
from tests.factories import AT
from tests.reviews.at_the_desk import fresh, opened, said, send, text_of

pytestmark = pytest.mark.django_db
WEEK = AT + timedelta(days=7)


@pytest.fixture
def case(cast):
    return factories.conflict_case(cast)


def standing(case):
    return case.conflict.findings.filter(gone_at=None)


def snooze(cast, case, findings=None, *, by=None, until=WEEK, at=AT, reason="The buyer is away.", seen=None):
    with cast.scope():
        rows = standing(case) if findings is None else findings
        return snooze_findings(
            case=case, findings=rows, until=until, reason=reason, by=by or cast.bob, at=at,
            seen_version=seen or Case.objects.get(pk=case.pk).version,
        )  # fmt: skip


def look(cast, at):
    pipeline.detect(cast.program, at)
    pipeline.look_again(cast.program, at)


def test_a_case_whose_findings_all_sleep_leaves_the_queue_and_its_clock_stands(client, cast, case):
    with cast.scope():
        claim_case(case=case, by=cast.ada, at=AT)
    slept = snooze(cast, case)
    assert (slept.status, slept.paused_at) == ("snoozed", AT)
    client.force_login(cast.bob)
    assert case.ref not in text_of(client.get(reverse("review:queue")))
    page = text_of(client.get(reverse("review:queue"), {"view": "snoozed"}))
    assert case.ref in page
    assert "snoozed until 9 Mar 2026" in page
    page = text_of(opened(client, cast.bob, case))
    assert "snoozed until 9 Mar 2026 10:00 UTC by you: ‘The buyer is away.’" in page
    assert "Everything that makes this a case is snoozed" in page
    with cast.scope():
        assert not case.assignments.filter(released_at=None).exists()
        acts = [event.action for event in AuditEvent.objects.filter(chain=f"case:{case.pk}").order_by("sequence")]
        assert acts[-4:] == ["case.claimed", "case.findings_snoozed", "case.snoozed", "case.viewed"]
        assert set(Registration.objects.values_list("status", flat=True)) == {"in_review"}


def test_it_comes_back_by_itself_with_the_time_it_had_left(cast):
    factories.submitted(cast, cast.alpha)
    factories.submitted(cast, cast.beta)
    pipeline.detect(cast.program, AT)
    with cast.scope():
        case = Case.objects.get()
    before = cast.program.calendar.hours_between(AT, case.due_at)
    snooze(cast, case)
    look(cast, WEEK - timedelta(minutes=1))
    assert fresh(cast, case).status == "snoozed"
    look(cast, WEEK)
    awake = fresh(cast, case)
    assert (awake.status, awake.paused_at) == ("in_review", None)
    assert cast.program.calendar.hours_between(WEEK, awake.due_at) == pytest.approx(before)
    with cast.scope():
        assert not standing(awake).exclude(snoozed_until=None).exists()


def test_what_the_parties_were_promised_moves_when_it_falls_asleep_and_not_again(cast, case):
    with cast.scope():
        promised = Registration.objects.order_by("submitted_at").last().due_at
    snooze(cast, case)
    with cast.scope():
        moved = Registration.objects.order_by("submitted_at").last().due_at
    assert cast.program.calendar.hours_between(promised, moved) == pytest.approx(5 * 24)
    look(cast, WEEK)
    with cast.scope():
        assert Registration.objects.order_by("submitted_at").last().due_at == moved


def test_snoozing_approves_nobody_and_looking_at_everything_changes_nothing(cast, case):
    snooze(cast, case)
    for everything in (False, True):
        done = pipeline.detect(cast.program, AT + timedelta(days=1), everything=everything)
        assert done.approved == []
    assert fresh(cast, case).status == "snoozed"
    with cast.scope():
        assert set(Registration.objects.values_list("status", flat=True)) == {"in_review"}


def test_one_finding_of_several_sleeps_alone(client, cast, case):
    with cast.scope():
        first = standing(case).order_by("pk")[:1]
        kept = snooze_findings(
            case=case, findings=list(first), until=WEEK, reason="Later.", by=cast.bob, at=AT, seen_version=case.version
        )
        assert kept.status == "open"
        wake_findings(case=kept, findings=standing(case), by=cast.bob, at=AT, seen_version=kept.version)
        assert not standing(case).exclude(snooze_reason="").exists()


def test_another_finding_wakes_the_case_at_once_and_the_first_ones_sleep_on(cast, case):
    snooze(cast, case)
    with cast.scope():
        paper = cast.beta.agreements.get()
        paper.status, paper.version = "suspended", paper.version + 1
        record_agreement(agreement=paper, by=None, at=AT)
    look(cast, AT + timedelta(hours=1))
    awake = fresh(cast, case)
    assert awake.status == "in_review"
    with cast.scope():
        assert standing(awake).get(kind="agreement_inactive").snoozed_until is None


def test_other_evidence_wakes_it(cast, case):
    """Beta brings proof of a signed statement of work: a record that the recommendation did not cite before."""
    snooze(cast, case)
    with cast.scope():
        theirs = Registration.objects.get(partner=cast.beta)
        add_activity(registration=theirs, kind="sow_signed", occurred_on=AT.date(), by=None, at=AT)
    look(cast, AT + timedelta(hours=1))
    assert fresh(cast, case).status == "in_review"


def test_points_that_fade_with_time_do_not_wake_it(cast, case):
    """Alpha's activity is more than 14 days old by then: fewer points, the same outcome, the same records."""
    snooze(cast, case, until=AT + timedelta(days=25))
    look(cast, AT + timedelta(days=20))
    assert fresh(cast, case).status == "snoozed"


def test_a_finding_whose_sentence_changes_is_another_one(cast, case):
    snooze(cast, case)
    with cast.scope():
        first = Registration.objects.get(partner=cast.alpha)
        first.product_lines = ["pumps", "valves"]
        save_row(first, by=None, at=AT, action="test.changed")
    look(cast, AT + timedelta(hours=1))
    with cast.scope():
        assert standing(fresh(cast, case)).filter(snoozed_until=None).exists()
    assert fresh(cast, case).status == "in_review"


def test_a_person_wakes_it(client, cast, case):
    slept = snooze(cast, case)
    response = send(client, cast.bob, "wake_findings", slept)
    assert said(response) == [f"{case.ref} is awake: the clock runs again."]
    assert fresh(cast, case).status == "in_review"


def test_by_the_form_for_a_week_a_month_or_until_a_date(client, cast, case):
    client.force_login(cast.bob)
    page = opened(client, cast.bob, case).content.decode()
    assert 'id="do-snooze"' in page
    with cast.scope():
        ids = [" ".join(str(f.pk) for f in standing(case).filter(sentence=s)) for s in
               standing(case).values_list("sentence", flat=True).distinct()]  # fmt: skip
    refused = send(client, cast.bob, "snooze_findings", case, findings=ids, how_long="date", reason="Later.")
    assert refused.status_code == 400
    assert "Choose the date" in text_of(refused)
    refused = send(client, cast.bob, "snooze_findings", case, findings=ids, how_long="7")
    assert "Say in a sentence why it can wait." in text_of(refused)
    late = send(
        client, cast.bob, "snooze_findings", case, findings=ids, how_long="date", until="2020-01-01", reason="x"
    )
    assert late.status_code == 409
    assert "Choose a day after today" in text_of(late)
    done = send(client, cast.bob, "snooze_findings", case, findings=ids, how_long="30", reason="The buyer is away.")
    assert done.status_code == 302
    assert fresh(cast, case).status == "snoozed"


def test_who_may_not_decide_may_not_snooze(cast, case):
    for who in (cast.audrey, cast.ada, cast.lena):  # reads only; manages Alpha alone; another role
        with pytest.raises(NotAllowedError):
            snooze(cast, case, by=who)
    assert fresh(cast, case).status == "open"


def test_a_stale_page_a_question_and_a_resubmission_are_refused(cast, case):
    with pytest.raises(StaleCaseError):
        snooze(cast, case, seen=case.version + 1)
    with cast.scope(), pytest.raises(NotPossibleError):
        snooze_findings(
            case=case, findings=[], until=WEEK, reason="Later.", by=cast.bob, at=AT, seen_version=case.version
        )
    with cast.scope():
        request_information(
            case=case, parties=case.parties.all(), fields=["note"], body="Who signs?", by=cast.bob, at=AT
        )
    with pytest.raises(WrongStateError):
        snooze(cast, case)


def test_the_case_page_asks_no_more_with_snoozed_findings(client, cast, case):
    client.force_login(cast.bob)
    counts = []
    for _ in range(2):
        opened(client, cast.bob, case)
        with CaptureQueriesContext(connection) as queries:
            opened(client, cast.bob, case)
        counts.append(len(queries))
        if fresh(cast, case).status == "open":
            snooze(cast, case)
    assert counts[1] <= counts[0]  # whom one could put on hold with is not read while it sleeps
