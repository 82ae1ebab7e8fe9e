"""What people decided, read for learning: drift from nightly look to acknowledgement, calibration, points, commands."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.urls import reverse

from channelconflict.models import AuditEvent
from conflicts.learning.services import acknowledge_alarm, propose_policy, with_points
from conflicts.learning.trial import learn
from conflicts.models import DriftAlarm, PolicyVersion, WeightsProposal
from conflicts.policy import STANDARD, Policy
from conflicts.services import policy_in_force
from partners.services import NotPossibleError
from reviews import practice
from reviews.choices import Choice
from reviews.models import Case
from reviews.permissions import next_step
from reviews.services import current_recommendation, decide, standing_decision
from reviews.services.decisions import Override
from reviews.tasks import look_for_drift
from tests import factories
from tests.conflicts.test_weights import past
from tests.factories import AT
from tests.reviews.at_the_desk import many_cases, said, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def decided(cast):
    """Two cases decided as recommended (Alpha, the first), then five otherwise."""
    many_cases(cast, 7)
    with cast.scope():
        cases = list(Case.objects.order_by("number"))
        for number, case in enumerate(cases):
            settle(cast, case, AT + timedelta(hours=number), follow=number < 2)
    return cases


def settle(cast, case, at, *, follow, reason="rule_wrong"):
    """Take every step of the route: as recommended, or the deal to Beta."""
    choice = Choice("award", str(cast.alpha.pk if follow else cast.beta.pk))
    why = None if follow else Override(reason, "Beta has always served them.")
    while case.pending:
        standing = standing_decision(case, current_recommendation(case))
        able = (p for p in (cast.bob, cast.carl, cast.cleo, cast.rita) if next_step(p, case, standing).role)
        decide(case=case, choice=choice, by=next(able), at=at, seen_version=case.version, override=why)
        case.refresh_from_db()


def look(cast):
    with cast.scope():
        return practice.examine_drift(program=cast.program, at=AT + timedelta(days=1))


def alarms(cast, **words):
    with cast.scope():
        return list(DriftAlarm.objects.filter(**words).select_related("program").order_by("stream", "subject"))


def test_decided_cases_are_read_with_what_was_recommended(cast, decided):
    with cast.scope():
        rows = practice.decided_cases(cast.program)
        assert len(practice.decided_cases(cast.program, newest=3)) == 3
    assert [row.followed for row in rows] == [True, True, False, False, False, False, False]
    assert {row.rule for row in rows} == {"R-08"}
    assert {row.kind for row in rows} == {"competing_registration"}
    assert rows[-1].reason_code == "rule_wrong"
    assert rows[0].recommended == Choice("award", str(cast.alpha.pk), (), {})
    assert 0 < rows[0].confidence <= 1


def test_the_night_finds_drift_once_and_goes_on_counting(cast, decided):
    look_for_drift()
    rows = alarms(cast)
    assert [(row.stream, row.subject) for row in rows] == [
        ("kind", "competing_registration"), ("program", ""), ("rule", "R-08"),
    ]  # fmt: skip
    rule = rows[-1]
    assert rule.sentence == ("R-08 Score: 5 of the latest 5 decisions were otherwise than recommended; 10% is usual.")
    assert (rule.overridden, rule.cases, rule.score, rule.threshold) == (5, 5, 25, 24)
    assert rule.since == AT + timedelta(hours=2)
    assert rule.crossed_at == AT + timedelta(hours=6)
    assert look(cast).new == ()
    assert len(alarms(cast)) == 3
    with cast.scope():
        assert AuditEvent.objects.filter(action="drift.found").count() == 1


def test_acknowledged_a_stream_is_watched_anew_with_what_is_usual_then(cast, decided):
    look(cast)
    first, second, third = alarms(cast)
    at = AT + timedelta(days=2)
    with cast.scope():
        for answer, reason, refusal in (("", "x", "say whether"), ("watch", " ", "in a few words")):
            with pytest.raises(NotPossibleError, match=refusal):
                acknowledge_alarm(alarm=first, answer=answer, reason=reason, by=cast.carl, at=at)
        with pytest.raises(NotPossibleError, match="takes a role"):
            acknowledge_alarm(alarm=first, answer="watch", reason="Seen.", by=cast.audrey, at=at)
        acknowledge_alarm(alarm=first, answer="usual", reason="We sell so now.", by=cast.carl, at=at)
        acknowledge_alarm(alarm=second, answer="watch", reason="A new team; they are told.", by=cast.olga, at=at)
        with pytest.raises(NotPossibleError, match="already"):
            acknowledge_alarm(alarm=first, answer="watch", reason="Again.", by=cast.carl, at=at)
    assert alarms(cast, status="acknowledged")[0].new_usual == 0.3
    assert alarms(cast, status="acknowledged")[1].new_usual == 0.1
    change = look(cast)
    assert (change.new, change.open, change.streams) == ((), 1, 1), "two streams wait for decisions since then"
    assert [row.pk for row in alarms(cast, status="open")] == [third.pk]


def test_the_database_keeps_answer_and_reason_together(cast, decided):
    look(cast)
    with cast.scope(), pytest.raises(IntegrityError), transaction.atomic():
        DriftAlarm.objects.filter(stream="rule").update(status="acknowledged")


def test_the_pages_of_drift(client, cast):
    client.force_login(cast.carl)
    assert "Nothing is decided yet" in text_of(client.get(reverse("review:drift")))
    many_cases(cast, 6)
    with cast.scope():
        for number, case in enumerate(Case.objects.order_by("number")):
            settle(cast, case, AT + timedelta(hours=number), follow=number == 0)
    page = text_of(client.get(reverse("review:drift")))
    assert "Practice follows the rules" in page
    assert "25 of 24" not in page
    look(cast)
    response = client.get(reverse("review:drift"))
    titles = sorted(row.title for row in response.context["page"].open)
    assert titles == ["All cases", "Competing registration cases", "R-08 Score"]
    counted = [item for group in response.context["navigation"] for item in group["items"] if item["label"] == "Drift"]
    assert counted[0]["count"] == 3
    alarm = alarms(cast, stream="rule")[0]
    shown = client.get(reverse("review:drift_alarm", args=[alarm.pk]))
    assert shown.context["page"].reasons == [("Rule wrong or outdated", 5)]
    assert len(shown.context["page"].cases) == 5
    text = text_of(shown)
    for words in ("Sales operations", "5 of 5", "Look at", "As a table", "Rule wrong or outdated"):
        assert words in text
    url = reverse("review:drift_alarm", args=[alarm.pk])
    refused = client.post(url, {"answer": "watch"})
    assert refused.status_code == 400
    assert "it goes on the record" in text_of(refused)
    assert client.post(url, {"answer": "watch", "reason": "Looked into."})["Location"] == url
    assert "Acknowledged by Carl" in text_of(client.get(url))
    assert client.post(url, {"answer": "watch", "reason": "Again."}).status_code == 409


def test_nobody_but_staff_of_the_program_gets_to_these_pages(client, cast, decided):
    look(cast)
    with cast.scope():
        proposal = proposed(cast)
    lists = [reverse(f"review:{name}") for name in ("drift", "calibration", "proposals", "feedback")]
    rows = [reverse("review:drift_alarm", args=[alarms(cast)[0].pk]), reverse("review:proposal", args=[proposal.pk])]
    assert {client.get(address).status_code for address in lists + rows} == {302}
    client.force_login(cast.acme_rep)
    assert {client.get(address).status_code for address in lists + rows} == {404}
    other = factories.make_cast("southwind")
    client.force_login(other.carl)
    assert {client.get(address).status_code for address in rows} == {404}
    assert client.post(rows[0], {"answer": "watch", "reason": "x"}).status_code == 404
    assert client.get(f"{lists[0]}?program=northwind").status_code == 404
    assert client.post(lists[2], {"program": "northwind"}).status_code == 404


def test_the_calibration_report_on_its_page_and_by_command(client, cast, decided):
    client.force_login(cast.carl)
    page = client.get(reverse("review:calibration"))
    report = page.context["page"].report
    assert (report.whole.followed.part, report.whole.followed.of) == (2, 7)
    assert report.whole.error == pytest.approx(report.whole.said - 2 / 7)
    assert [found.name for found in report.by_rule] == ["R-08"]
    assert [found.name for found in report.by_month] == ["2026-03"]
    text = text_of(page)
    for shown in ("few decisions", "March 2026", "R-08 Score", "by rules", "0 is perfect", "7 decisions so far"):
        assert shown in text, shown
    out = StringIO()
    call_command("calibration", "--json", stdout=out)
    told = json.loads(out.getvalue())
    assert (told["decisions"], told["followed"], told["meaningful"]) == (7, 2, False)
    assert told["calibration_error"] == pytest.approx(report.whole.error, abs=1e-4)
    out = StringIO()
    call_command("calibration", stdout=out)
    assert "Below 100 decisions" in out.getvalue()
    with pytest.raises(CommandError, match="nowhere"):
        call_command("calibration", "--program", "nowhere")


def test_without_decisions_there_is_nothing_to_judge_by(client, cast):
    client.force_login(cast.carl)
    assert "Nothing to judge by yet" in text_of(client.get(reverse("review:calibration")))
    out = StringIO()
    call_command("calibration", stdout=out)
    assert "Nobody has decided" in out.getvalue()


def test_the_drift_command_looks_and_tells(cast, decided):
    out = StringIO()
    call_command("drift", "--json", stdout=out)
    told = json.loads(out.getvalue())
    assert told["new"] == 3
    assert {row["sum"] for row in told["streams"]} == {25}
    out = StringIO()
    call_command("drift", stdout=out)
    assert "ALARM R-08 Score: 5 of the latest 5" in out.getvalue()
    assert "3 streams, 0 new alarms, 3 open." in out.getvalue()


# --- the points of the score ---


def proposed(cast, by=None):
    learned = learn(past(120), policy_in_force(cast.program).policy)
    return propose_policy(program=cast.program, learned=learned, by=by, at=AT)


def test_decided_cases_are_learned_from_with_the_facts_that_people_had(cast, decided):
    with cast.scope():
        learned = practice.learn_weights(cast.program)
    assert learned.used == 7
    assert learned.why_not.startswith("7 decided cases rest on the score so far")
    assert {name: seen for name, _, _, seen in learned.points}["earliest"] > 0
    out = StringIO()
    call_command("propose_weights", "--json", stdout=out)
    told = json.loads(out.getvalue())
    assert (told["decisions"], told["draft"]) == (7, "")
    out = StringIO()
    call_command("propose_weights", stdout=out)
    assert "7 decided cases rest on the score." in out.getvalue()
    assert "from 100 on" in out.getvalue()
    with cast.scope():
        assert not WeightsProposal.objects.exists()


def test_other_reasons_teach_nothing(cast):
    many_cases(cast, 1)
    with cast.scope():
        settle(cast, Case.objects.get(), AT, follow=False, reason="relationship")
        assert practice.learn_weights(cast.program).left_out == {"relationship": 1}


def test_a_proposal_is_a_draft_and_changes_nothing(cast):
    with cast.scope():
        in_force = policy_in_force(cast.program)
        row = proposed(cast, by=cast.pat)
        assert (row.policy.status, row.policy.number, row.against) == ("draft", 2, in_force.row)
        assert policy_in_force(cast.program).policy == in_force.policy
        drafted = Policy.from_document(row.policy.document)
        changed = {key for key in in_force.row.document if row.policy.document[key] != in_force.row.document[key]}
        assert changed == {"version", "scoring"}
        assert drafted.scoring != in_force.policy.scoring
        assert with_points(in_force.row.document, in_force.policy) == in_force.row.document
        assert proposed(cast, by=cast.pat) == row, "the same points are not kept twice"
        assert PolicyVersion.objects.count() == 2
        with pytest.raises(NotPossibleError, match="change the program's rules"):
            proposed(cast, by=cast.bob)
        few = learn(past(3), in_force.policy)
        with pytest.raises(NotPossibleError, match="3 decided cases rest"):
            propose_policy(program=cast.program, learned=few, by=cast.pat, at=AT)


def test_the_pages_of_proposals(client, cast, monkeypatch):
    client.force_login(cast.bob)
    page = text_of(client.get(reverse("review:proposals")))
    assert "No proposal yet" in page
    assert "Learn from decisions" not in page
    client.force_login(cast.pat)
    response = client.post(reverse("review:proposals"), {"program": cast.program.code})
    assert "0 decided cases rest on the score so far" in said(response)[0]
    learned = learn(past(120), Policy.from_document(STANDARD))
    monkeypatch.setattr("reviews.learning_views.learn_weights", lambda _program: learned)
    response = client.post(reverse("review:proposals"), {"program": cast.program.code})
    shown = client.get(response["Location"])
    text = text_of(shown)
    for words in (
        "Points kept as policy v2",
        "First to register",
        "Proof of work: meeting",
        "as people chose",
        "0% (0 of",
    ):
        assert words in text, words
    assert any(point.moved for point in shown.context["page"].points)
    assert "policy v2" in text_of(client.get(reverse("review:proposals")))
