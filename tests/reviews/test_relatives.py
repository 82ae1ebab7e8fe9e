"""Relatives that nobody has confirmed, and partners under two names, at the desk."""

import pytest
from django.utils import timezone

from conflicts.models import Claim, Finding
from partners.identity import merge_partners
from partners.models import Account, Registration
from partners.services import add_activity
from reviews import pipeline
from reviews.models import Case, Message
from tests import factories
from tests.reviews.at_the_desk import fresh, opened, said, send, text_of, url

pytestmark = pytest.mark.django_db


@pytest.fixture
def abroad(cast):
    """Alpha registered Orion in the United States, Beta its German namesake, of which nothing else is known."""
    factories.submitted(cast, cast.alpha, days_ago=4)
    factories.submitted(
        cast,
        cast.beta,
        days_ago=1,
        account_name="Orion Chemicals GmbH",
        account_country="DE",
        account_subdivision="",
        account_domain="",
        contact_email="",
    )
    pipeline.detect(cast.program, factories.AT)
    with cast.scope():
        return Case.objects.get()


def test_a_namesake_abroad_is_asked_about_as_a_relative(client, cast, abroad):
    page = opened(client, cast.bob, abroad)
    (question,) = page.context["page"].table.questions
    assert question.relative
    assert "Is ‘Orion Chemicals GmbH’ a relative of ‘Orion Chemicals Inc.’?" in text_of(page)
    assert "identity unconfirmed" in text_of(page)
    with cast.scope():
        assert {f.kind for f in abroad.conflict.findings.filter(gone_at=None)} == {"corporate_family"}


def test_who_may_be_the_company_may_also_be_a_relative(client, cast):
    """The same name and domain abroad: it may be either, so a person is offered both."""
    factories.submitted(cast, cast.alpha, days_ago=4)
    factories.submitted(cast, cast.beta, days_ago=1, account_name="Orion Chemicals GmbH", account_country="DE")
    pipeline.detect(cast.program, factories.AT)
    with cast.scope():
        case = Case.objects.get()
    (question,) = opened(client, cast.bob, case).context["page"].table.questions
    assert not question.relative
    send(client, cast.bob, "identity", case, registration=question.registration_id,
         account=question.account_id, verdict="family")  # fmt: skip
    with cast.scope():
        assert {f.kind for f in case.conflict.findings.filter(gone_at=None)} == {"corporate_family"}


def test_a_confirmed_relative_joins_the_family(client, cast, abroad):
    (question,) = opened(client, cast.bob, abroad).context["page"].table.questions
    answer = send(client, cast.bob, "identity", abroad, registration=question.registration_id,
                  account=question.account_id, verdict="family")  # fmt: skip
    assert said(answer) == ["Kept. The findings and the recommendation were made anew."]
    page = client.get(url("case", abroad))
    assert page.context["page"].table.questions == []
    assert "identity unconfirmed" not in text_of(page)
    with cast.scope():
        claim = Claim.objects.get(partner=cast.beta)
        assert claim.account.parent == Account.objects.get(external_id="A-ORION")
        assert claim.related_account is None
        (finding,) = {(f.kind, f.identity_confirmed) for f in abroad.conflict.findings.filter(gone_at=None)}
        assert finding == ("corporate_family", True)


def test_no_relative_ends_the_case_that_rested_on_it(client, cast, abroad):
    (question,) = opened(client, cast.bob, abroad).context["page"].table.questions
    answer = send(client, cast.bob, "identity", abroad, registration=question.registration_id,
                  account=question.account_id, verdict="different")  # fmt: skip
    assert "closed" in said(answer)[0]
    with cast.scope():
        assert {r.status for r in Registration.objects.all()} == {"approved"}


def test_a_partner_under_two_names_wins_under_both_and_reads_of_its_own_alone(client, cast):
    case = factories.conflict_case(cast)
    with cast.scope():
        gamma = factories.partner(cast, "P-GAMMA", "Gamma Pumps")
        factories.rep(gamma, "gamma_rep")
    factories.submitted(cast, gamma, days_ago=2, product_lines=["pumps", "valves"])
    pipeline.detect(cast.program, factories.AT)
    with cast.scope():
        change = merge_partners(subject=gamma, target=cast.alpha, by=cast.olga, at=factories.AT)
    pipeline.process_change(cast.program, change.pk, factories.AT)
    case = fresh(cast, case)
    send(client, cast.bob, "approve", case)
    with cast.scope():
        outcomes = {p.name: p.outcome for p in case.parties.filter(left_at=None)}
        assert outcomes["Alpha Flow"] == outcomes["Gamma Pumps"] == "owner"
        assert outcomes["Beta Industrial"] == "not_awarded"
        for message in Message.objects.filter(registration__isnull=False):
            assert message.partner_id == message.registration.partner_id


def test_a_rejected_deal_under_a_changed_name_is_a_resubmission(client, cast):
    """Nobody's account before: the first registration made it, and a third spelling is understood as the same."""
    words = {"account_name": "Zenith Gas Works", "account_domain": "zenith-gas.example", "account_city": "Lyon",
             "contact_email": "", "account_country": "FR", "account_subdivision": ""}  # fmt: skip
    first = factories.submitted(cast, cast.alpha, days_ago=4, **words)
    winner = factories.submitted(cast, cast.beta, days_ago=5, **words)
    with cast.scope():
        add_activity(registration=winner, kind="proposal", occurred_on=factories.AT.date(), by=None, at=factories.AT)
    pipeline.detect(cast.program, factories.AT)
    with cast.scope():
        case = Case.objects.get()
    send(client, cast.bob, "approve", case)
    with cast.scope():
        first.refresh_from_db()
    assert first.status == "rejected"
    now = timezone.now()  # the decision was made by the real clock
    again = factories.submitted(
        cast, cast.alpha, days_ago=(factories.AT - now).days, **words | {"account_name": "Zenith Gasworks S.A."}
    )
    pipeline.detect(cast.program, now)
    with cast.scope():
        (found,) = Finding.objects.filter(registration=again, kind="resubmission", gone_at=None)
    assert found.against_id == str(first.pk)
    assert "registered Zenith Gas Works before" in found.sentence or "as Zenith Gas Works" in found.sentence
