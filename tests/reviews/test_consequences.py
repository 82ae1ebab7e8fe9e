"""What an option would mean, held against what a decision then does."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from conflicts.recommend.answer import Option
from partners.models import Ownership, Registration
from reviews.choices import Choice
from reviews.desk.consequences import choice_for, consequences
from reviews.desk.material import cases, gather
from reviews.models import Notice
from reviews.services import approve, decide
from reviews.services.decisions import Override
from tests import factories
from tests.factories import AT
from tests.reviews.at_the_desk import fresh, opened, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(cast):
    return factories.conflict_case(cast)


def material(cast, case):
    return gather(cast.bob, cases().get(pk=case.pk), AT)


def means(m, option):
    return {item.what: item.sentence for item in consequences(m, option)}


def option_of(m, action, owner=""):
    return next(o for o in m.answer.options if (o.action, o.owner) == (action, owner))


def test_what_is_recommended_means_what_approving_it_does(cast, case):
    with cast.scope():
        m = material(cast, case)
        said = means(m, m.answer.options[0])
        approve(case=case, by=cast.bob, at=AT, seen_version=case.version)
        won, lost = (Registration.objects.get(partner=one) for one in (cast.alpha, cast.beta))
        told = {notice.registration_id: notice for notice in Notice.objects.all()}
        assert won.protected_until == AT + timedelta(days=90)
        assert said["Protection"] == f"{won.ref} is protected for 90 days, until {won.protected_until:%-d %b %Y}."
        assert "is approved" in told[won.pk].subject
        assert "Another claim had priority" in told[lost.pk].body
    assert said["Told"] == (
        "Alpha Flow is told that its registration is approved. "
        "Beta Industrial is told that its registration is not approved because another claim had priority, never whose."
    )
    assert said["Approvals"] == "Decided by partner manager. It follows the recommendation."
    assert said["Support"] == "Nobody gets a support role."


def test_a_co_sell_means_the_support_role_that_it_records(cast):
    factories.submitted(cast, cast.alpha, days_ago=4)
    factories.submitted(cast, None, days_ago=1, by=cast.ada)
    from reviews import pipeline

    pipeline.detect(cast.program, AT)
    with cast.scope():
        case = cases().get()
        m = material(cast, case)
        said = means(m, option_of(m, "co_sell")) if m.answer.action != "co_sell" else means(m, m.answer.options[0])
        until = AT + timedelta(days=90)
        assert said["Support"] == f"Direct team supports the account until {until:%-d %b %Y}."
        choice = Choice("co_sell", str(cast.alpha.pk), ("direct",))
        why = Override("relationship", "Both are needed there.")
        for person in (cast.carl, cast.cleo):
            current = fresh(cast, case)
            if current.pending:
                decide(case=current, choice=choice, by=person, at=AT, seen_version=current.version, override=why)
        kept = Ownership.objects.get(role="support", direct=True)
        assert kept.valid_until == until.date()


def test_another_option_is_an_override_and_asking_settles_nothing(cast, case):
    with cast.scope():
        m = material(cast, case)
        other = means(m, option_of(m, "award", str(cast.beta.pk)))
        assert "a coded reason, a sentence, and a second person" in other["Approvals"]
        assert other["Told"].startswith(
            "Alpha Flow is told that its registration is not approved because another claim"
        )
        ask = means(m, option_of(m, "request_information"))
        assert ask["Protection"] == "Nothing is protected and nothing ends: every claim stays as it is."
        assert "clock stands" in ask["Approvals"]
        nobody = means(m, option_of(m, "reject_all"))
        assert nobody["Protection"] == "No registration is protected."
        assert "never whose" not in nobody["Told"]


def test_every_option_can_be_told_without_asking_the_database(cast, case):
    with cast.scope():
        m = material(cast, case)
        _ = m.answer, m.policy, m.facts
        with CaptureQueriesContext(connection) as queries:
            told = [consequences(m, option) for option in m.answer.options]
        assert not queries
        assert all(len(item) in (4, 5) for item in told)
        assert choice_for(m, Option("award", "", "", chosen=False)) is None


def test_the_page_tells_them_until_it_is_decided(client, cast, case):
    page = text_of(opened(client, cast.bob, case))
    assert "What it means if chosen" in page
    assert "is protected for 90 days" in page
    with cast.scope():
        approve(case=case, by=cast.bob, at=AT, seen_version=fresh(cast, case).version)
    assert "What it means if chosen" not in text_of(opened(client, cast.bob, case))
