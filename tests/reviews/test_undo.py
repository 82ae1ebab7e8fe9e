"""A decision leaves only when its minutes are over: what is silent until then, who may take it back, what is never sent."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from channelconflict.models import AuditEvent
from conflicts.models import Precedent
from partners.models import Ownership, Protection, Registration
from partners.services import NotPossibleError, change_program, record_agreement, withdraw_registration
from reviews import leaving, pipeline, tasks
from reviews.choices import Choice
from reviews.models import Approval, Decision, Notice, Outbox, Party, TakenBack
from reviews.permissions import NotAllowedError
from reviews.services import StaleCaseError, approve, decide
from reviews.services.decisions import Override
from reviews.services.undo import settle_case, undo_decision
from reviews.states import WrongStateError
from tests import factories
from tests.factories import AT
from tests.reviews.at_the_desk import fresh, opened, said, send, text_of

pytestmark = pytest.mark.django_db
LEAVES = AT + timedelta(minutes=10)
BEFORE = LEAVES - timedelta(seconds=1)


@pytest.fixture
def cast(cast):
    """The product's default: ten minutes."""
    set_minutes(cast, 10)
    return cast


@pytest.fixture
def case(cast):
    return factories.conflict_case(cast)


def set_minutes(cast, minutes):
    with cast.scope():
        cast.program.undo_minutes = minutes
        change_program(program=cast.program, by=cast.pat, at=AT)


def decided(cast, case, at=AT, by=None):
    with cast.scope():
        approve(case=case, by=by or cast.bob, at=at, seen_version=fresh(cast, case).version)
    return fresh(cast, case)


def undone(cast, case, *, by=None, at=BEFORE, seen=None):
    with cast.scope():
        seen = seen or fresh(cast, case).version
        return undo_decision(case=case, by=by or cast.bob, at=at, seen_version=seen)


def seen_today(cast):
    """The facts as they are now: what was found months ago is looked at again before anything leaves."""
    now = timezone.now()
    pipeline.detect(cast.program, now, everything=True)
    return now


def outside(cast):
    """Everything of a decision that anybody but the desk could see."""
    with cast.scope():
        return {
            "statuses": sorted(Registration.objects.values_list("status", "protected_until", "decided_at")),
            "notices": Notice.objects.count(),
            "protection": Protection.objects.count(),
            "support": Ownership.objects.count(),
            "outbox": Outbox.objects.count(),
            "outcomes": sorted(Party.objects.values_list("outcome", "share_pct")),
            "precedents": Precedent.objects.count(),
        }


def acts(case):
    return list(
        AuditEvent.objects.filter(chain=f"case:{case.pk}").order_by("sequence").values_list("action", flat=True)
    )


def test_nothing_leaves_before_its_time_and_everything_at_it(cast, case):
    before = outside(cast)
    waits = decided(cast, case)
    assert (waits.status, waits.settles_at, waits.decided_at, waits.pending) == ("settling", LEAVES, None, [])
    assert outside(cast) == before
    leaving.settle_due(cast.program, BEFORE)
    assert outside(cast) == before
    leaving.settle_due(cast.program, LEAVES + timedelta(minutes=1))
    left = fresh(cast, case)
    assert (left.status, left.settles_at, left.decided_at) == ("decided", None, LEAVES + timedelta(minutes=1))
    with cast.scope():
        assert sorted(Registration.objects.values_list("status", flat=True)) == ["approved", "rejected"]
        assert set(Notice.objects.values_list("sent_at", flat=True)) == {left.decided_at}
        assert Protection.objects.get().period.lower == left.decided_at
        assert Outbox.objects.count() == 2
        assert acts(case)[-2:] == ["case.decided", "case.settled"]
        assert AuditEvent.objects.get(action="registration.approved").actor_id == cast.bob.pk


def test_the_appeal_window_counts_from_when_it_left(cast, case):
    decided(cast, case)
    leaving.settle_due(cast.program, LEAVES)
    for moment, status in (
        (LEAVES + timedelta(days=14), "decided"),  # an appeal of the last second may still be on its way
        (LEAVES + timedelta(days=14) + tasks.FILING_TAKES, "final"),
    ):
        with cast.scope():
            tasks._close_cases(cast.program, moment)
        assert fresh(cast, case).status == status


def test_a_party_reads_nothing_of_it_meanwhile(client, cast, case):
    """The canary: every page of both parties says the same before and within the ten minutes."""
    set_minutes(cast, 240)
    now = seen_today(cast)

    def pages():
        found = []
        for rep, partner in ((cast.acme_rep, cast.alpha), (cast.rival_rep, cast.beta)):
            client.force_login(rep)
            with cast.scope():
                mine = Registration.objects.get(partner=partner)
            addresses = [reverse(f"portal:{name}") for name in ("registrations", "notices")]
            for address in (*addresses, reverse("portal:registration", args=[mine.pk])):
                found.append(text_of(client.get(address)))
        return found

    before = pages()
    decided(cast, case, at=now)
    assert pages() == before
    leaving.settle_due(cast.program, now + timedelta(minutes=241))
    assert pages() != before


def test_settling_twice_or_by_two_workers_does_it_once(cast, case):
    decided(cast, case)
    leaving.settle_due(cast.program, LEAVES)
    after, left = outside(cast), fresh(cast, case)
    for _ in range(2):
        with cast.scope():
            settle_case(case=left, by=None, at=LEAVES)
        leaving.settle(left, by=None, at=LEAVES)
        leaving.settle_due(cast.program, LEAVES)
    assert outside(cast) == after
    assert fresh(cast, case).version == left.version


def test_a_worker_that_dies_in_between_leaves_nothing_half_done(cast, case, monkeypatch, caplog):
    before = outside(cast)
    decided(cast, case)
    with monkeypatch.context() as broken:
        broken.setattr("reviews.services.outcomes.settle", lambda **_: (_ for _ in ()).throw(OSError("killed")))
        leaving.settle_due(cast.program, LEAVES)
    assert "could not leave" in caplog.text
    assert fresh(cast, case).status == "settling"
    assert outside(cast) == before
    leaving.settle_due(cast.program, LEAVES + timedelta(minutes=1))  # the next sweep
    assert fresh(cast, case).status == "decided"


def test_undo_puts_it_back_on_its_old_clock_and_keeps_the_decision(client, cast, case):
    before = outside(cast)
    decided(cast, case)
    back = undone(cast, case)
    assert (back.status, back.pending, back.settles_at) == ("in_review", case.route, None)
    assert (back.due_at, back.at_risk_at, back.paused_at) == (case.due_at, case.at_risk_at, None)
    assert outside(cast) == before
    with cast.scope():
        assert case.assignments.get(released_at=None).user == cast.bob
        taken = TakenBack.objects.get()
        assert (taken.decision, taken.cause, taken.by, taken.at) == (Decision.objects.get(), "undone", cast.bob, BEFORE)
        assert acts(case)[-4:] == ["case.decided", "decision.taken_back", "case.undone", "case.claimed"]
    page = text_of(opened(client, cast.bob, back))
    assert "You took the decision ‘Award to Alpha Flow’ back (2 Mar 2026 10:09 UTC)" in page
    leaving.settle_due(cast.program, LEAVES)
    assert outside(cast) == before


def test_after_an_undo_the_same_or_another_outcome_is_a_decision_of_its_own(cast, case):
    decided(cast, case)
    undone(cast, case)
    decided(cast, case, at=BEFORE)  # the same person: what was approved was taken back with the decision
    with cast.scope():
        first, second = Decision.objects.order_by("number")
        assert (first.is_taken_back, second.is_taken_back) == (True, False)
        assert Approval.objects.filter(approved_by=cast.bob).count() == 2
    leaving.settle_due(cast.program, BEFORE + timedelta(minutes=10))
    assert fresh(cast, case).status == "decided"


def test_who_did_not_decide_it_neither_undoes_nor_sends_it(cast, case):
    waits = decided(cast, case)
    for who in (cast.carl, cast.audrey, cast.pat):
        with cast.scope(), pytest.raises(NotAllowedError):
            undo_decision(case=waits, by=who, at=AT, seen_version=waits.version)
        with cast.scope(), pytest.raises(NotAllowedError):
            leaving.settle(waits, by=who, at=AT, seen_version=waits.version)
    assert fresh(cast, case).status == "settling"


def test_every_decider_of_the_route_may_undo(cast, case):
    why = Override("relationship", "The buyer asked for Beta.")
    with cast.scope():
        decide(case=case, choice=Choice("award", str(cast.beta.pk)), by=cast.bob, at=AT, seen_version=case.version,
               override=why)  # fmt: skip
    decided(cast, case, by=cast.carl)
    assert undone(cast, case, by=cast.bob).status == "in_review"


def test_too_late_is_said_in_a_sentence(cast, case):
    waits = decided(cast, case)
    with pytest.raises(NotPossibleError, match=r"is leaving: it could be undone until 10:10 UTC"):
        undone(cast, case, at=LEAVES)
    leaving.settle_due(cast.program, LEAVES)
    with pytest.raises(NotPossibleError, match=r"left at 2 Mar 2026 10:10 UTC: its parties may have read it"):
        undone(cast, case, at=LEAVES)
    with cast.scope(), pytest.raises(NotPossibleError, match="left at"):
        settle_case(case=waits, by=cast.bob, at=LEAVES, seen_version=waits.version)


def test_what_is_not_decided_and_a_stale_page_are_refused(cast, case):
    with pytest.raises(WrongStateError):
        undone(cast, case)
    waits = decided(cast, case)
    with pytest.raises(StaleCaseError):
        undone(cast, case, seen=waits.version - 1)


def test_a_registration_withdrawn_meanwhile_stops_it_before_anybody_has_looked(client, cast, case):
    waits = decided(cast, case)
    with cast.scope():
        theirs = Registration.objects.get(partner=cast.alpha)
        withdraw_registration(registration=theirs, by=cast.acme_rep, at=AT)
        back = settle_case(case=waits, by=None, at=LEAVES)
        assert (back.status, back.pending) == ("in_review", case.route)
        assert TakenBack.objects.get().cause == "claim_ended"
        assert not Notice.objects.exclude(registration=theirs).exists()
    page = text_of(opened(client, cast.bob, back))
    assert (
        "did not leave (2 Mar 2026 10:10 UTC): a claim was withdrawn or ended meanwhile. The route begins again."
        in page
    )


def test_the_worker_looks_once_more_before_it_lets_a_decision_leave(cast, case):
    """Beta withdraws: nothing stands against Alpha any more, and the rule approves it, not the decision."""
    decided(cast, case)
    with cast.scope():
        theirs = Registration.objects.get(partner=cast.beta)
        withdraw_registration(registration=theirs, by=cast.rival_rep, at=AT)
    leaving.settle_due(cast.program, LEAVES)
    assert fresh(cast, case).status == "closed"
    with cast.scope():
        assert TakenBack.objects.get().cause == "claim_ended"
        assert Registration.objects.get(partner=cast.alpha).status == "approved"
        assert not Precedent.objects.exists()


def test_other_facts_take_it_back_as_soon_as_they_are_seen(client, cast, case):
    waits = decided(cast, case)
    with cast.scope():
        paper = cast.beta.agreements.get()
        paper.status, paper.version = "suspended", paper.version + 1
        record_agreement(agreement=paper, by=None, at=AT)
    with cast.scope():
        sent = leaving.settle(waits, by=cast.bob, at=BEFORE, seen_version=waits.version)
        assert sent.status == "in_review"
        assert TakenBack.objects.get().cause == "other_facts"
        assert set(Registration.objects.values_list("status", flat=True)) == {"in_review"}
    assert "the facts changed meanwhile" in text_of(opened(client, cast.bob, case))


def test_another_claim_joins_the_case_within_the_minutes(cast, case):
    decided(cast, case)
    with cast.scope():
        gamma = factories.partner(cast, "P-GAMMA", "Gamma Supply")
    new = factories.draft(cast, gamma)
    with cast.scope():
        factories.services.submit_registration(registration=new, by=None, at=AT + timedelta(minutes=2))
    pipeline.detect(cast.program, AT + timedelta(minutes=3))
    assert fresh(cast, case).status == "in_review"
    with cast.scope():
        assert TakenBack.objects.get().cause == "claim_joined"


def test_looking_again_at_unchanged_facts_takes_nothing_back(cast, case):
    waits = decided(cast, case)
    for everything in (False, True):
        pipeline.detect(cast.program, AT + timedelta(minutes=5), everything=everything)
    assert fresh(cast, case).version == waits.version


def test_without_minutes_it_leaves_at_once(cast, case):
    set_minutes(cast, 0)
    assert decided(cast, case).status == "decided"
    with cast.scope():
        assert Notice.objects.count() == 2


def test_at_the_desk(client, cast, case):
    """Decide by the form, see until when, undo from the queue, decide again, send it now."""
    seen_today(cast)
    case = fresh(cast, case)
    answer = send(client, cast.bob, "approve", case)
    assert said(answer) == []  # the bar says it, once
    waits = fresh(cast, case)
    when = f"it leaves at {waits.settles_at:%H:%M} UTC"
    for page in (client.get(answer["Location"]), client.get(reverse("review:queue"))):
        assert when in text_of(page)
        assert f'datetime="{waits.settles_at.isoformat()[:16]}' in page.content.decode()
    case_page = text_of(client.get(answer["Location"]))
    for words in ("what each side will read", "Nothing is written before the decision leaves.", "Send now"):
        assert words in case_page
    assert "leaves" in text_of(client.get(reverse("review:decided")))
    theirs = opened(client, cast.carl, case)
    assert "Only those who decided the case can undo it" in text_of(theirs)
    assert "is decided. Nothing has left" not in text_of(client.get(reverse("review:queue")))
    assert send(client, cast.carl, "undo", waits).status_code == 403
    back = send(client, cast.bob, "undo", waits)
    assert said(back) == [f"Undone: nothing of {case.ref} has left. It is yours again, and its clock ran on."]
    assert send(client, cast.bob, "undo", waits).status_code == 409
    send(client, cast.bob, "approve", fresh(cast, case))
    sent = send(client, cast.bob, "send_now", fresh(cast, case))
    assert said(sent)[-1] == f"{case.ref} has left: notices and writes are on their way."
    assert fresh(cast, case).status == "decided"


def test_the_next_case_of_the_view_opens_by_itself(client, cast, case):
    with cast.scope():
        for name in ("Vega", "Lyra"):
            factories.account(cast, f"A-{name.upper()}", f"{name} Water")
            for partner in (cast.alpha, cast.beta):
                typed = {"account_name": f"{name} Water", "account_domain": f"a-{name.lower()}.example", "amount": 900}
                factories.submitted(cast, partner, **typed)
    pipeline.detect(cast.program, AT)
    client.force_login(cast.bob)
    first = client.post(reverse("review:start"), {"sort": "amount"})["Location"]
    assert first == reverse("review:case", args=[case.pk])
    answer = send(client, cast.bob, "approve", fresh(cast, case))
    second = answer["Location"]
    assert second not in (first, reverse("review:queue"))
    page = text_of(client.get(second))
    assert f"{case.ref} Orion Chemicals Inc. is decided. Nothing has left yet" in page
    assert "you are deciding" in page
    elsewhere = send(client, cast.bob, "note", fresh(cast, case), text="Seen again.")
    assert elsewhere["Location"] == first


def _offers(sql: str) -> bool:
    return "settling" in sql or sql.startswith('SELECT "reviews_approval"."case_id"')


def test_the_offer_to_undo_costs_a_page_one_query_and_two_more_while_something_leaves(client, cast, case):
    client.force_login(cast.bob)
    addresses = [reverse("review:queue"), reverse("review:case", args=[case.pk])]
    counts = {}
    for state in ("open", "settling"):
        assert fresh(cast, case).status == state
        for address in addresses:
            client.get(address)
            with CaptureQueriesContext(connection) as queries:
                client.get(address)
            counts[state, address] = sum(_offers(query["sql"]) for query in queries), len(queries)
        if state == "open":
            decided(cast, case, at=timezone.now())
    queue, page = addresses
    assert [counts["open", queue][0], counts["settling", queue][0], counts["open", page][0]] == [1, 3, 1]
    assert all(counts["settling", address][1] <= counts["open", address][1] for address in addresses)
