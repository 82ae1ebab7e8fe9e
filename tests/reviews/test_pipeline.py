"""The path of a registration, through the services and against PostgreSQL as the unprivileged role."""

from datetime import timedelta

from conflicts.models import Claim
from partners.models import Account, AccountException, Protection, Registration, Touch
from partners.services import record_exception
from reviews import pipeline, tasks
from reviews.models import Case
from reviews.services import request_information, take_request_back
from tests import factories


def test_two_partners_on_one_account_make_one_case(cast):
    case = factories.conflict_case(cast)
    with cast.scope():
        assert case.kind == "competing_registration"
        assert case.route == ["partner_manager"]
        assert {party.name for party in case.parties.all()} == {"Alpha Flow", "Beta Industrial"}


def test_a_registration_with_nothing_against_it_is_approved(cast):
    registration = factories.submitted(cast, cast.alpha)
    done = pipeline.detect(cast.program, factories.AT)
    with cast.scope():
        registration.refresh_from_db()
        assert done.approved == [registration.pk]
        assert registration.status == "approved"
        assert registration.protected_until is not None
        assert not Case.objects.exists()


def test_a_question_without_an_answer_is_taken_back_and_the_clock_runs_again(cast):
    for partner in (cast.alpha, cast.beta):
        factories.submitted(cast, partner)
    pipeline.detect(cast.program, factories.AT)
    later = factories.AT + timedelta(hours=6)
    with cast.scope():
        case = Case.objects.get()
        due = case.due_at
        (asked,) = request_information(
            case=case, parties=[case.parties.get(partner=cast.beta)], fields=["note"], body="Whom did you meet?",
            by=cast.ada, at=factories.AT,
        )  # fmt: skip
        case.refresh_from_db()
        assert (case.status, case.paused_at) == ("awaiting_information", factories.AT)
        take_request_back(case=case, by=cast.ada, at=later, seen_version=case.version)
        case.refresh_from_db()
        asked.refresh_from_db()
        assert (case.status, case.paused_at, case.due_at) == ("in_review", None, due + timedelta(hours=6))
        assert asked.answered_at == later
        registration = Registration.objects.get(partner=cast.beta)
        assert (registration.status, registration.due_at) == ("in_review", due + timedelta(hours=6))


def test_a_task_that_runs_late_does_not_answer_for_the_party(cast):
    case = factories.conflict_case(cast)
    with cast.scope():
        request_information(case=case, parties=[case.parties.get(partner=cast.beta)], fields=["note"], body="Whom?",
                            by=cast.ada, at=factories.AT)  # fmt: skip
        registration = Registration.objects.get(partner=cast.beta)
    tasks.process_registration(str(cast.program.pk), str(registration.pk))
    with cast.scope():
        case.refresh_from_db()
        assert case.status == "awaiting_information"


def test_an_exception_lets_two_partners_share_one_protected_deal(cast):
    first = factories.submitted(cast, cast.alpha, days_ago=3)
    pipeline.detect(cast.program, factories.AT - timedelta(days=2))
    with cast.scope():
        lifted = AccountException(
            program=cast.program, external_id="X-1", kind="shared visibility", account=Account.objects.get(),
            lifts=["competing_registration"], reason="Both serve the site.", owner_email="carl@vendor.example",
        )  # fmt: skip
        record_exception(exception=lifted, by=None, at=factories.AT)
    second = factories.submitted(cast, cast.beta)
    done = pipeline.detect(cast.program, factories.AT)
    with cast.scope():
        assert done.approved == [second.pk]
        assert {p.deal for p in Protection.objects.all()} == {first.pk}


def test_an_unconfirmed_match_is_judged_together_with_what_it_may_be(cast):
    factories.submitted(cast, cast.alpha, days_ago=1)
    unsure = factories.submitted(
        cast, cast.beta, account_domain="another.example", contact_email="buyer@another.example"
    )
    done = pipeline.detect(cast.program, factories.AT)
    with cast.scope():
        (case,) = Case.objects.all()
        assert done.approved == []
        finding = case.conflict.findings.get(registration=unsure)
        assert (finding.kind, finding.identity_confirmed) == ("competing_registration", False)


def test_waiting_registrations_see_each_other_in_the_sweep(cast):
    for partner in (cast.alpha, cast.beta):
        factories.submitted(cast, partner)
    tasks.sweep()
    with cast.scope():
        assert Case.objects.count() == 1
        assert not Registration.objects.filter(status="approved").exists()


def test_what_could_not_be_looked_at_waits_and_keeps_nothing_else_waiting(cast, monkeypatch):
    with cast.scope():
        vega = factories.account(cast, "A-VEGA", "Vega Global")
    rows = [
        factories.submitted(cast, cast.alpha, days_ago=2),
        factories.submitted(cast, cast.alpha, days_ago=2, account_name="Vega Global", account_domain="a-vega.example",
                            contact_email=""),
    ]  # fmt: skip
    pipeline.look_again(cast.program, factories.AT)
    pipeline.detect(cast.program, factories.AT)
    with cast.scope():
        for row in rows:
            row.refresh_from_db()
            row.amount = 77
            row.save()
        assert Touch.objects.count() == 2
    real = pipeline.examine

    def failing(program, accounts, at):
        if vega.pk in accounts:
            raise RuntimeError("the disk is full")
        return real(program, accounts, at)

    monkeypatch.setattr(pipeline, "examine", failing)
    pipeline.look_again(cast.program, factories.AT, careful=True)
    with cast.scope():
        assert [touch.subject_id for touch in Touch.objects.all()] == [rows[1].pk]
    monkeypatch.setattr(pipeline, "examine", real)
    pipeline.look_again(cast.program, factories.AT, careful=True)
    with cast.scope():
        assert not Touch.objects.exists()


def test_an_approval_is_looked_at_again_when_its_protection_ends(cast):
    registration = factories.submitted(cast, cast.alpha)
    pipeline.detect(cast.program, factories.AT)
    with cast.scope():
        registration.refresh_from_db()
        assert registration.status == "approved"
        claim = Claim.objects.get(registration=registration)
        assert claim.look_again_at is not None
        assert claim.look_again_at <= registration.protected_until


def test_accounts_that_nobody_claims_are_not_looked_at(cast, monkeypatch):
    with cast.scope():
        for number in range(5):
            factories.account(cast, f"A-{number}", f"Nobody's {number}", domain="")
    looked = []
    monkeypatch.setattr(pipeline, "examine", lambda *seen: looked.append(seen))
    pipeline.look_again(cast.program, factories.AT)
    assert looked == []
    with cast.scope():
        assert not Touch.objects.exists()
