"""Talks: the sides settle or not, a neutral person facilitates, and what either comes to."""

from datetime import timedelta

import pytest

from channelconflict.models import AuditEvent
from partners.models import Registration
from partners.permissions import grant_manager
from partners.services import NotPossibleError, add_activity
from reviews import pipeline, stages
from reviews.choices import Choice
from reviews.facilitators import candidates
from reviews.models import Case, Notice, NoticeKind, ProposalAnswer
from reviews.permissions import NotAllowedError
from reviews.services import approve, decide
from reviews.services.decisions import Override
from reviews.services.mediation import note_entry, stop_talks
from reviews.services.talks import answer_for_direct, answer_proposal
from tests import factories
from tests.factories import AT
from tests.reviews.at_the_desk import fresh
from tests.reviews.in_talks import answers, asked, mediated, proposed, shares

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def case(cast):
    return factories.conflict_case(cast)


def kinds(cast, partner):
    with cast.scope():
        rows = Notice.objects.filter(partner=partner).order_by("sent_at", "pk")
        return [notice.kind for notice in rows]


def approved(cast, case, by, at=AT):
    with cast.scope():
        return approve(case=case, by=by, at=at, seen_version=fresh(cast, case).version)


# --- the informal stage ---


def test_the_clock_stands_while_the_sides_talk_and_goes_on_with_what_was_left(cast):
    factories.submitted(cast, cast.alpha)
    factories.submitted(cast, cast.beta)
    pipeline.detect(cast.program, AT)
    with cast.scope():
        case = Case.objects.get()
    before = cast.program.calendar.hours_between(AT, case.due_at)
    with cast.scope():
        promised = Registration.objects.order_by("submitted_at").last().due_at
    talks = asked(cast, case)
    assert talks.due_at == AT + 7 * DAY  # five open days and a weekend
    now = fresh(cast, case)
    assert (now.status, now.paused_at) == ("informal", AT)
    with cast.scope():
        moved = Registration.objects.order_by("submitted_at").last().due_at
        assert cast.program.calendar.hours_between(promised, moved) == pytest.approx(5 * 24)
    stages.look_after(cast.program, talks.due_at)
    back = fresh(cast, case)
    assert (back.status, back.paused_at) == ("in_review", None)
    assert cast.program.calendar.hours_between(talks.due_at, back.due_at) == pytest.approx(before)
    with cast.scope():
        assert Registration.objects.order_by("submitted_at").last().due_at == moved
        talks.refresh_from_db()
        assert (talks.status, talks.memo) == ("failed", "The deadline passed without an agreement.")
        assert talks.ended_by is None


def test_each_side_is_told_that_there_is_another_claim_and_nothing_of_it(cast, case):
    asked(cast, case)
    with cast.scope():
        for notice in Notice.objects.filter(kind=NoticeKind.ASKED_TO_SETTLE):
            other = cast.beta if notice.partner_id == cast.alpha.pk else cast.alpha
            assert "There is another claim" in notice.body
            theirs = Registration.objects.get(partner=other)
            for secret in (other.name, theirs.ref, theirs.account_name, case.ref):
                mine = Registration.objects.get(partner=notice.partner_id).account_name
                assert secret == mine or secret not in f"{notice.subject} {notice.body}".replace(mine, "")
        assert Notice.objects.filter(kind=NoticeKind.ASKED_TO_SETTLE).count() == 2


def test_an_informal_agreement_is_confirmed_by_somebody_else(cast, case):
    talks = asked(cast, case)
    proposed(cast, talks, Choice("award", str(cast.beta.pk)), by=cast.bob)
    answers(cast, cast.alpha)
    assert fresh(cast, case).status == "informal"
    answers(cast, cast.beta)
    with cast.scope():
        talks.refresh_from_db()
    assert (talks.status, fresh(cast, case).status, fresh(cast, case).pending) == (
        "agreed",
        "in_review",
        ["partner_manager"],
    )
    with pytest.raises(NotAllowedError, match="put its agreement forward"):
        approved(cast, case, cast.bob)
    decision = approved(cast, case, cast.carl)
    assert (str(decision.owner_id), decision.is_override, decision.agreed_in_id) == (str(cast.beta.pk), False, talks.pk)
    assert fresh(cast, case).status == "decided"
    with cast.scope():
        told = Notice.objects.get(partner=cast.beta, kind=NoticeKind.APPROVED)
        assert "Decided under the agreement of every side, confirmed by policy v1." in told.body


# --- mediation ---


def test_accepted_by_both_it_goes_the_way_that_such_a_decision_goes(cast, case):
    assert case.route == ["partner_manager"]
    talks = mediated(cast, case)
    assert fresh(cast, case).status == "mediation"
    proposed(cast, talks)
    with cast.scope():
        parts = {a.partner_id: (a.outcome, a.share_pct) for a in ProposalAnswer.objects.all()}
    assert parts == {cast.alpha.pk: ("shared", 60), cast.beta.pk: ("shared", 40)}
    answers(cast, cast.beta)
    answers(cast, cast.alpha)
    now = fresh(cast, case)
    assert (now.status, now.handed_to, now.pending) == ("in_review", "channel_lead", ["channel_lead"])  # a split is its
    with pytest.raises(NotAllowedError, match="This step is for channel lead"):
        approved(cast, case, cast.bob)
    decision = approved(cast, case, cast.carl)
    assert (decision.action, decision.is_override, decision.agreed_in_id) == ("split", False, talks.pk)
    with cast.scope():
        assert set(Registration.objects.values_list("status", flat=True)) == {"approved"}
        acts = [e.action for e in AuditEvent.objects.filter(chain=f"case:{case.pk}").order_by("sequence")]
        wanted = [
            "case.mediation_opened",
            "case.outcome_proposed",
            "case.proposal_accepted",
            "case.resumed",
            "case.agreed",
        ]
        assert [act for act in acts if act in wanted] == wanted
    assert kinds(cast, cast.alpha) == ["in_mediation", "proposed", "agreed", "shared"]


def test_new_evidence_after_the_agreement_starts_the_route_anew_and_keeps_the_agreement(cast, case):
    talks = mediated(cast, case)
    proposed(cast, talks)
    for partner in (cast.alpha, cast.beta):
        answers(cast, partner)
    with cast.scope():
        theirs = Registration.objects.get(partner=cast.beta)
        add_activity(registration=theirs, kind="sow_signed", occurred_on=AT.date(), by=None, at=AT)
    pipeline.detect(cast.program, AT + HOUR)
    assert fresh(cast, case).pending == ["channel_lead"]
    assert approved(cast, case, cast.carl, AT + HOUR).agreed_in_id == talks.pk


def test_to_decide_otherwise_than_agreed_is_an_override_even_as_recommended(cast, case):
    talks = mediated(cast, case)
    proposed(cast, talks)
    for partner in (cast.alpha, cast.beta):
        answers(cast, partner)
    award = Choice("award", str(cast.alpha.pk))  # what the rules recommend
    with cast.scope(), pytest.raises(NotPossibleError, match="choose the reason"):
        decide(case=case, choice=award, by=cast.carl, at=AT, seen_version=fresh(cast, case).version)
    with cast.scope():
        why = Override("agreement_clause", "The agreement forbids shares.")
        made = decide(
            case=case, choice=award, by=cast.carl, at=AT, seen_version=fresh(cast, case).version, override=why
        )
    assert (made.is_override, made.agreed_in_id, fresh(cast, case).pending) == (True, None, ["second:channel_lead"])


def test_declined_then_another_proposal_then_failed_and_decided_by_others(cast, case):
    talks = mediated(cast, case, facilitator=cast.cleo)
    proposed(cast, talks, by=cast.cleo)
    answers(cast, cast.beta, "declined", "We need half.")
    with cast.scope():
        assert [p.status for p in talks.proposals.all()] == ["declined"]
        mine = ProposalAnswer.objects.get(partner=cast.alpha)
        with pytest.raises(NotPossibleError, match="This proposal is closed"):
            answer_proposal(answer=mine, verdict="accepted", comment="", by=cast.acme_rep, at=AT)
    second = proposed(cast, talks, shares(cast, 50), by=cast.cleo)
    assert second.number == 2
    with cast.scope():
        seen = fresh(cast, case).version
        with pytest.raises(NotPossibleError, match="Write the memo"):
            stop_talks(mediation=talks, memo=" ", by=cast.cleo, at=AT, seen_version=seen)
        stop_talks(mediation=talks, memo="Alpha wants it all.", by=cast.cleo, at=AT, seen_version=seen)
    assert fresh(cast, case).status == "in_review"
    with pytest.raises(NotAllowedError, match="You mediated this case"):
        approved(cast, case, cast.cleo)
    decision = approved(cast, case, cast.bob)
    assert (decision.agreed_in_id, str(decision.owner_id)) == (None, str(cast.alpha.pk))
    assert kinds(cast, cast.beta)[:4] == ["in_mediation", "proposed", "proposed", "talk_ended"]


def test_from_the_informal_stage_to_mediation(cast, case):
    first = asked(cast, case)
    second = mediated(cast, case, at=AT + DAY)
    with cast.scope():
        first.refresh_from_db()
    assert (first.status, first.memo, second.status) == ("failed", "Taken on to a mediation.", "open")
    now = fresh(cast, case)
    assert (now.status, now.paused_at) == ("mediation", AT + DAY)
    proposed(cast, second, at=AT + DAY)
    for partner in (cast.alpha, cast.beta):
        answers(cast, partner, at=AT + DAY)
    assert fresh(cast, case).status == "in_review"


# --- who ---


def test_only_somebody_with_no_tie_to_a_side_facilitates(cast, case):
    with cast.scope():
        chain = factories.partner(cast, "P-DIST", "Distributor One")
        cast.beta.distributor = chain
        cast.beta.save()
        grant_manager(cast.rita, chain)
        found = {one.user: one.why_not for one in candidates(fresh(cast, case), [])}
    assert found[cast.ada] == "manages Alpha Flow"
    assert found[cast.rita] == "manages Distributor One, of the chain of a side"
    assert found[cast.lena] == found[cast.cleo] == ""
    assert cast.pat not in found
    assert cast.audrey not in found
    for who, match in ((cast.ada, "manages Alpha Flow"), (cast.pat, "Choose who facilitates")):
        with pytest.raises(NotPossibleError, match=match):
            mediated(cast, case, facilitator=who)


def test_whoever_alone_can_decide_does_not_facilitate(cast):
    case = _large(cast)
    with cast.scope():
        found = {one.user: one.why_not for one in candidates(case, [])}
    assert found[cast.rita] == "is the only one who can decide it as revenue lead"


def _large(cast):
    factories.submitted(cast, cast.alpha, days_ago=2, amount=300_000)
    factories.submitted(cast, cast.beta, days_ago=1)
    pipeline.detect(cast.program, AT)
    with cast.scope():
        return Case.objects.get()


def test_who_has_an_interest_or_only_reads_asks_nobody(cast, case):
    for who in (cast.ada, cast.audrey):
        with pytest.raises(NotAllowedError):
            asked(cast, case, by=who)
        with pytest.raises(NotAllowedError):
            mediated(cast, case, by=who)


def test_only_the_facilitator_runs_a_mediation(cast, case):
    talks = mediated(cast, case)
    with pytest.raises(NotAllowedError, match="Lena facilitates this mediation"):
        proposed(cast, talks, by=cast.bob)
    with cast.scope(), pytest.raises(NotAllowedError):
        stop_talks(mediation=talks, memo="No.", by=cast.rita, at=AT, seen_version=fresh(cast, case).version)
    with cast.scope(), pytest.raises(NotAllowedError):
        note_entry(mediation=talks, kind="minutes", text="x", by=cast.bob, at=AT)


def test_the_direct_team_is_answered_for_by_somebody_else_than_who_proposes(cast):
    factories.submitted(cast, cast.alpha, days_ago=2)
    factories.submitted(cast, None, days_ago=1)
    pipeline.detect(cast.program, AT)
    with cast.scope():
        case = Case.objects.get()
    talks = mediated(cast, case)
    proposed(cast, talks, Choice("co_sell", str(cast.alpha.pk), ("direct",)))
    with cast.scope():
        theirs = ProposalAnswer.objects.get(direct=True)
        ours = ProposalAnswer.objects.get(direct=False)
        words = {"verdict": "accepted", "comment": "", "at": AT}
        for who, answer, match in (
            (cast.lena, theirs, "answers for none"), (cast.audrey, theirs, "reads cases"), (cast.bob, ours, "for itself"),
        ):  # fmt: skip
            with pytest.raises(NotAllowedError, match=match):
                answer_for_direct(answer=answer, by=who, **words)
        answer_for_direct(answer=theirs, by=cast.bob, **words)
    answers(cast, cast.alpha)
    assert fresh(cast, case).status == "in_review"
    assert approved(cast, case, cast.carl).action == "co_sell"
