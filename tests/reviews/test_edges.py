"""Where things happen at once or out of order: withdrawn under the decider's hands, moved claims, shared deals, races."""

import threading
from datetime import date, timedelta

import pytest
from django.db import connections

from conflicts.models import Claim, Conflict
from partners import services
from partners.models import Account, Ownership, Protection, Registration, Verdict
from reviews import pipeline, tasks
from reviews.choices import Choice
from reviews.models import Case, Notice, PartyOutcome
from reviews.permissions import NotAllowedError, conflict_of_interest
from reviews.services import (
    StaleCaseError,
    answer_request,
    approve,
    current_recommendation,
    decide,
    request_information,
    take_request_back,
)
from reviews.services.decisions import Override
from tests import factories
from tests.factories import AT

WHY = Override("other", "As agreed by telephone.")


def registration_of(cast, partner):
    return Registration.objects.get(partner=partner)


def see_to_the_end(case, choice, *people, at=AT):
    """Decide otherwise than recommended, with as many people as the route takes."""
    for by in people:
        case.refresh_from_db()
        if case.pending:
            decide(case=case, choice=choice, by=by, at=at, seen_version=case.version, override=WHY)
    case.refresh_from_db()
    assert case.status == "decided"


def test_a_page_that_showed_another_recommendation_decides_nothing(cast):
    case = factories.conflict_case(cast)
    seen = case.version
    with cast.scope():
        beta = registration_of(cast, cast.beta)
        services.add_activity(registration=beta, kind="sow_signed", occurred_on=AT.date(), by=None, at=AT)
        services.add_evidence(registration=beta, kind="customer_letter", verified=True, by=None, at=AT)
    tasks.look_again(str(cast.program.pk))
    with cast.scope():
        assert current_recommendation(case).owner == cast.beta
        with pytest.raises(StaleCaseError, match="changed while you were looking"):
            approve(case=case, by=cast.bob, at=AT, seen_version=seen)


def test_nobody_decides_on_a_claim_that_was_withdrawn_a_moment_ago(cast):
    case = factories.conflict_case(cast)
    with cast.scope():
        alpha = registration_of(cast, cast.alpha)
        services.withdraw_registration(registration=alpha, by=cast.acme_rep, at=AT)
        with pytest.raises(StaleCaseError, match="no longer a live claim"):
            approve(case=case, by=cast.bob, at=AT, seen_version=case.version)
        alpha.refresh_from_db()
        assert alpha.status == "withdrawn"


@pytest.mark.parametrize("nudged", [True, False])
def test_the_last_withdrawal_ends_the_case_even_if_its_nudge_is_lost(cast, nudged):
    with cast.scope():
        factories.account(cast, "A-VEGA", "Vega Global", segment="strategic")
    row = factories.submitted(cast, cast.alpha, account_name="Vega Global", account_domain="a-vega.example")
    pipeline.detect(cast.program, AT)
    with cast.scope():
        case = Case.objects.get()
        services.withdraw_registration(registration=row, by=cast.acme_rep, at=case.history.first().history_date)
    if nudged:
        tasks.look_again(str(cast.program.pk))
    else:
        tasks.sweep()
    with cast.scope():
        case.refresh_from_db()
        assert (case.status, case.conflict.status) == ("closed", "dissolved")


def test_an_answer_that_names_another_company_leaves_nobody_behind(cast):
    case = factories.conflict_case(cast)
    with cast.scope():
        request_information(
            case=case, parties=[case.parties.get(partner=cast.alpha)], fields=["account_name", "account_domain", "contact_email"],
            body="Which company is it?", by=cast.bob, at=AT,
        )  # fmt: skip
        alpha = registration_of(cast, cast.alpha)
        moved = {"account_name": "Zebra Foods", "account_domain": "zebra.example", "contact_email": "x@zebra.example"}
        answer_request(registration=alpha, changes=moved, body="It is Zebra.", by=cast.acme_rep, at=AT)
    tasks.process_registration(str(cast.program.pk), str(alpha.pk))
    with cast.scope():
        assert set(Registration.objects.values_list("status", flat=True)) == {"approved"}
        assert {claim.account.name for claim in Claim.objects.all()} == {"Orion Chemicals Inc.", "Zebra Foods"}
        assert Case.objects.get().status == "closed"


def protected_alpha_against_beta(cast):
    """Alpha's deal is protected for a month when Beta registers it too: a case."""
    factories.submitted(cast, cast.alpha, days_ago=30)
    pipeline.detect(cast.program, AT - timedelta(days=30))
    factories.submitted(cast, cast.beta, days_ago=1)
    pipeline.detect(cast.program, AT)


def test_a_split_with_a_protected_deal_shares_it(cast):
    protected_alpha_against_beta(cast)
    with cast.scope():
        case = Case.objects.get()
        choice = Choice("split", shares={str(cast.alpha.pk): 60, str(cast.beta.pk): 40})
        see_to_the_end(case, choice, cast.carl, cast.cleo)
        assert Protection.objects.values("deal").distinct().count() == 1
        assert set(Registration.objects.values_list("status", flat=True)) == {"approved"}
        shares = {n.partner: n.body for n in Notice.objects.filter(kind="shared")}
        assert "Your share is 60 %" in shares[cast.alpha]
        assert "Your share is 40 %" in shares[cast.beta]


def test_a_chain_shares_the_deal_that_one_of_it_holds_and_its_share(cast):
    with cast.scope():
        reseller = factories.partner(cast, "P-RES", "Reseller", distributor=cast.alpha)
    factories.submitted(cast, cast.alpha, days_ago=30)
    pipeline.detect(cast.program, AT - timedelta(days=30))
    factories.submitted(cast, reseller, days_ago=2)
    factories.submitted(cast, cast.beta, days_ago=1)
    pipeline.detect(cast.program, AT)
    with cast.scope():
        case = Case.objects.get()
        see_to_the_end(
            case, Choice("split", shares={str(cast.alpha.pk): 50, str(cast.beta.pk): 50}), cast.carl, cast.cleo
        )
        assert Protection.objects.values("deal").distinct().count() == 1
        outcomes = dict(case.parties.values_list("partner__external_id", "outcome"))
        assert outcomes == dict.fromkeys(["P-ALPHA", "P-RES", "P-BETA"], PartyOutcome.SHARED.value)


def test_an_expired_protection_does_not_stand_in_the_way(cast):
    with cast.scope():
        reseller = factories.partner(cast, "P-RES", "Reseller", distributor=cast.beta)
    factories.submitted(cast, cast.alpha, days_ago=200)
    pipeline.detect(cast.program, AT - timedelta(days=200))  # protected for 90 days, then over
    factories.submitted(cast, cast.beta, days_ago=10)
    pipeline.detect(cast.program, AT - timedelta(days=9))
    late = factories.submitted(cast, reseller, days_ago=1)
    done = pipeline.detect(cast.program, AT)
    with cast.scope():
        assert done.approved == [late.pk]
        deals = dict(Protection.objects.values_list("registration__partner__external_id", "deal"))
        assert deals["P-RES"] == deals["P-BETA"] != deals["P-ALPHA"]


def test_whoever_has_an_interest_says_nothing_about_identity_either(cast):
    factories.submitted(cast, cast.beta, days_ago=4)
    unsure = factories.submitted(cast, cast.alpha, days_ago=1, account_domain="another.example",
                                 contact_email="buyer@another.example")  # fmt: skip
    pipeline.detect(cast.program, AT)
    with cast.scope():
        case = Case.objects.get()
        assert "You manage Alpha Flow" in conflict_of_interest(cast.ada, case)
        with pytest.raises(NotAllowedError, match="You manage Alpha Flow"):
            pipeline.settle_identity(
                case=case, registration=unsure, account=Account.objects.get(external_id="A-ORION"),
                verdict=Verdict.DIFFERENT, by=cast.ada, at=AT, seen_version=case.version,
            )  # fmt: skip


def test_a_managed_partners_own_distributor_is_not_against_it(cast):
    with cast.scope():
        cast.alpha.distributor = cast.beta
        services.record_partner(partner=cast.alpha, by=None, at=AT)
    for partner in (cast.alpha, cast.beta, None):
        factories.submitted(cast, partner)
    pipeline.detect(cast.program, AT)
    with cast.scope():
        assert conflict_of_interest(cast.ada, Case.objects.get()) == ""


def test_only_who_can_answer_is_asked(cast):
    protected_alpha_against_beta(cast)
    with cast.scope():
        case = Case.objects.get()
        with pytest.raises(services.NotPossibleError, match="under way"):
            request_information(case=case, parties=[case.parties.get(partner=cast.alpha)], fields=["note"], body="x",
                                by=cast.bob, at=AT)  # fmt: skip


def test_the_clock_does_not_wait_for_a_party_that_withdrew(cast):
    with cast.scope():
        third = factories.partner(cast, "P-THIRD", "Third")
    factories.submitted(cast, third)
    case = factories.conflict_case(cast)
    with cast.scope():
        request_information(case=case, parties=[case.parties.get(partner=third)], fields=["note"], body="Whom?",
                            by=cast.bob, at=AT)  # fmt: skip
        row = registration_of(cast, third)
        services.withdraw_registration(registration=row, by=cast.acme_rep, at=AT)
    tasks.look_again(str(cast.program.pk))
    with cast.scope():
        case.refresh_from_db()
        assert (case.status, case.paused_at) == ("in_review", None)


def test_who_is_left_alone_with_a_question_is_approved_without_an_answer(cast):
    case = factories.conflict_case(cast)
    with cast.scope():
        request_information(case=case, parties=[case.parties.get(partner=cast.beta)], fields=["note"], body="Whom?",
                            by=cast.bob, at=AT)  # fmt: skip
        alpha = registration_of(cast, cast.alpha)
        services.withdraw_registration(registration=alpha, by=cast.acme_rep, at=AT)
    tasks.look_again(str(cast.program.pk))
    with cast.scope():
        case.refresh_from_db()
        beta = registration_of(cast, cast.beta)
        assert (case.status, beta.status, beta.requested_fields) == ("closed", "approved", [])
        assert not beta.messages.filter(answered_at__isnull=True).exists()


def test_a_loser_reads_that_another_claim_had_priority_even_if_it_was_no_registration(cast):
    with cast.scope():
        owned = Ownership(program=cast.program, account=Account.objects.get(), partner=cast.beta,
                          valid_from=date(2025, 1, 1), last_activity_at=AT - timedelta(days=3), share_pct=100)  # fmt: skip
        services.save_row(owned, by=None, at=AT, action="ownership.recorded")
    factories.submitted(cast, cast.alpha, days_ago=1)
    pipeline.detect(cast.program, AT)
    with cast.scope():
        case = Case.objects.get()
        approve(case=case, by=cast.bob, at=AT, seen_version=case.version)
        body = Notice.objects.get().body
        assert "Another claim had priority." in body
        assert "Decided under rule R-06" in body
        assert "Beta" not in body


def test_an_override_is_told_as_a_persons_decision(cast):
    case = factories.conflict_case(cast)
    with cast.scope():
        see_to_the_end(case, Choice("award", str(cast.beta.pk)), cast.bob, cast.carl)
        assert all(
            "Decided by a person who reviewed it under policy v1." in notice.body for notice in Notice.objects.all()
        )


def test_what_a_party_was_promised_waits_with_the_case(cast):
    for partner in (cast.alpha, cast.beta):
        factories.submitted(cast, partner)
    pipeline.detect(cast.program, AT)
    with cast.scope():
        case = Case.objects.get()
        request_information(case=case, parties=[case.parties.get(partner=cast.alpha)], fields=["note"], body="Whom?",
                            by=cast.bob, at=AT)  # fmt: skip
        take_request_back(case=case, by=cast.bob, at=AT + timedelta(days=1))
        case.refresh_from_db()
        assert {row.due_at for row in Registration.objects.all()} == {case.due_at}


def test_a_draft_that_was_never_sent_is_nobodys_business(cast):
    with cast.scope():
        draft = factories.draft(cast, cast.alpha, account_name="Never Sent Ltd", account_domain="never.example")
        services.save_draft(registration=draft, by=cast.acme_rep, at=AT)
        services.withdraw_registration(registration=draft, by=cast.acme_rep, at=AT)
    pipeline.detect(cast.program, AT)
    with cast.scope():
        assert not Account.objects.filter(name__startswith="Never").exists()


def test_proof_on_a_protected_deal_reaches_the_open_case(cast):
    protected_alpha_against_beta(cast)
    with cast.scope():
        alpha = registration_of(cast, cast.alpha)
        before = current_recommendation(Case.objects.get()).result["rule_id"]
        services.add_activity(registration=alpha, kind="meeting", occurred_on=AT.date(), by=cast.acme_rep, at=AT)
    pipeline.detect(cast.program, AT, everything=True)
    with cast.scope():
        assert before != current_recommendation(Case.objects.get()).result["rule_id"] == "R-05"


def test_two_workers_make_one_account_of_one_new_customer(committed_cast):
    cast = committed_cast
    rows = [
        factories.submitted(cast, partner, account_name="Brand New Co", account_domain="brandnew.example")
        for partner in (cast.alpha, cast.beta)
    ]
    start, failed = threading.Barrier(2), []

    def work(row):
        try:
            start.wait()
            pipeline.process_registration(cast.program, row.pk, AT)
        except Exception as error:
            failed.append(error)
        finally:
            connections.close_all()

    workers = [threading.Thread(target=work, args=(row,)) for row in rows]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    tasks.sweep()
    with cast.scope():
        assert failed == []
        assert Account.objects.filter(name="Brand New Co").count() == 1
        assert Conflict.objects.count() == 1


def test_looking_again_at_the_same_facts_changes_nothing(cast):
    case = factories.conflict_case(cast)
    with cast.scope():
        before = (case.version, current_recommendation(case).pk)
    pipeline.detect(cast.program, AT + timedelta(minutes=5), everything=True)
    with cast.scope():
        case.refresh_from_db()
        assert (case.version, current_recommendation(case).pk) == before
