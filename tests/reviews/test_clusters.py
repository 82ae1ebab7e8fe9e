"""A claim set keeps its case: claims join it and leave it, a merge makes one of two, a split parts it; all is kept."""

import pytest

from conflicts.models import Claim, Conflict, Finding
from partners import models as m
from partners.identity import Parts, merge_accounts, split_account, undo_change
from partners.services import withdraw_registration
from reviews import pipeline
from reviews.models import Case
from reviews.states import UNDECIDED
from tests import factories
from tests.factories import AT

pytestmark = pytest.mark.django_db
OLD = {"account_name": "Old Star Chemistry", "account_domain": "oldstar.example"}


@pytest.fixture
def case(cast):
    return factories.conflict_case(cast)


def members(case):
    claims = Claim.objects.registered().filter(conflict__cases=case)
    return set(claims.values_list("registration", flat=True))


def parties(case):
    return set(case.parties.filter(left_at=None).values_list("partner__external_id", flat=True))


def test_a_new_claim_joins_the_open_case_and_a_withdrawn_one_leaves_it(cast, case):
    with cast.scope():
        gamma = factories.partner(cast, "P-GAMMA", "Gamma Pumps")
        before, version = members(case), case.version
        rep = factories.rep(gamma, "gamma_rep")
    third = factories.submitted(cast, gamma)
    done = pipeline.process_registration(cast.program, third.pk, AT)
    with cast.scope():
        assert done.cases == [case.pk]
        assert members(case) == before | {third.pk}
        assert parties(case) == {"P-ALPHA", "P-BETA", "P-GAMMA"}
        found = Finding.objects.filter(conflict=case.conflict, registration=third)
        assert found.filter(gone_at=None).exists()
        case.refresh_from_db()
        assert case.version > version  # who saw it without Gamma must look again
        withdraw_registration(registration=third, by=rep, at=AT)
    pipeline.look_again(cast.program, AT)
    with cast.scope():
        assert Case.objects.get().pk == case.pk
        assert members(case) == before
        assert parties(case) == {"P-ALPHA", "P-BETA"}
        assert found.exists()
        assert not found.filter(gone_at=None).exists()  # kept, as what was found then
        assert case.parties.get(partner=gamma).left_at == AT


def test_merged_accounts_join_their_cases_and_undoing_parts_them(cast, case):
    with cast.scope():
        orion = m.Account.objects.get()
        old = factories.account(cast, "A-OLD", "Old Star Chemistry", domain="oldstar.example")
        here = members(case)
    there = {factories.submitted(cast, partner, **OLD).pk for partner in (cast.alpha, cast.beta)}
    (other,) = (pk for pk in pipeline.detect(cast.program, AT).cases if pk != case.pk)
    with cast.scope():
        assert members(Case.objects.get(pk=other)) == there
        change = merge_accounts(subject=old, target=orion, by=cast.olga, at=AT)
    pipeline.process_change(cast.program, change.pk, AT)
    with cast.scope():
        assert Case.objects.get(status__in=UNDECIDED).pk == case.pk  # the older one
        assert members(case) == here | there
        ended = Conflict.objects.get(cases=other)
        assert ended.status == "dissolved"
        assert ended.findings.exists()
        undo_change(change=change, by=cast.olga, at=AT)
    pipeline.process_change(cast.program, change.pk, AT)
    with cast.scope():
        again = Case.objects.exclude(pk=case.pk).get(status__in=UNDECIDED)
        assert (members(case), members(again)) == (here, there)
        assert again.pk != other  # what was over stays over
        assert again.conflict.account_id == old.pk
        assert Case.objects.count() == 3


def test_a_split_leaves_the_case_to_those_who_stay(cast, case):
    with cast.scope():
        orion = m.Account.objects.get()
        gamma, delta = (factories.partner(cast, f"P-{name}", name) for name in ("GAMMA", "DELTA"))
        stay = members(case)
    leave = [factories.submitted(cast, partner, account_domain="") for partner in (gamma, delta)]
    pipeline.detect(cast.program, AT)
    with cast.scope():
        assert members(case) == stay | {one.pk for one in leave}
        change = split_account(
            account=orion,
            name="Lyra Optik GmbH",
            parts=Parts(registrations=frozenset(one.pk for one in leave)),
            by=cast.olga,
            at=AT,
            reason="Sold.",
        )
    pipeline.process_change(cast.program, change.pk, AT)
    with cast.scope():
        other = Case.objects.exclude(pk=case.pk).get(status__in=UNDECIDED)
        assert (members(case), members(other)) == (stay, {one.pk for one in leave})
        assert (parties(case), parties(other)) == ({"P-ALPHA", "P-BETA"}, {"P-GAMMA", "P-DELTA"})
        case.refresh_from_db()
        assert case.status in UNDECIDED
