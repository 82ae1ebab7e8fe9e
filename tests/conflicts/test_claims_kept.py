"""Every source has its claim row, whoever writes it; the row goes with what made it a claim."""

import pytest
from django.db import IntegrityError, connections, transaction

from channelconflict.database.creation import OWNER_ALIAS
from conflicts.models import Claim
from partners import models as m
from partners.identity import merge_accounts, undo_change
from partners.services import save_row
from reviews import pipeline
from tests import factories
from tests.factories import AT

pytestmark = pytest.mark.django_db


def keep(row):
    return save_row(row, by=None, at=AT, action="test.kept")


@pytest.fixture
def account(cast):
    with cast.scope():
        return m.Account.objects.get()


@pytest.fixture
def owned(cast, account):
    with cast.scope():
        return keep(m.Ownership(program=cast.program, account=account, partner=cast.beta, product_lines=["pumps"]))


@pytest.fixture
def sold(cast, account):
    with cast.scope():
        return keep(
            m.CrmOpportunity(
                program=cast.program,
                account=account,
                external_id="O-1",
                direct=True,
                stage="qualified",
                last_activity_at=AT,
            )
        )


def test_owners_and_opportunities_of_the_direct_team_have_one_row_each(cast, account, owned, sold):
    with cast.scope():
        kept = Claim.objects.order_by("source").values_list(
            "source", "ownership", "opportunity", "partner", "direct", "account", "product_lines"
        )
        assert list(kept) == [
            ("opportunity", None, sold.pk, None, True, account.pk, []),
            ("ownership", owned.pk, None, cast.beta.pk, False, account.pk, ["pumps"]),
        ]


def test_a_claim_follows_its_source_and_stays_the_same_row(cast, owned):
    with cast.scope():
        claim = Claim.objects.get()
        owned.account = factories.account(cast, "A-VEGA", "Vega Marine")
        owned.product_lines, owned.partner = ["valves"], cast.alpha
        keep(owned)
        again = Claim.objects.get()
        assert (again.pk, again.account_id, again.partner_id, again.product_lines) == (
            claim.pk, owned.account_id, cast.alpha.pk, ["valves"],
        )  # fmt: skip
        owned.last_activity_at = AT
        keep(owned)
        assert Claim.objects.get().projected_at == again.projected_at  # nothing of the claim changed


def test_what_is_no_claim_any_more_leaves_and_may_come_back(cast, owned, sold):
    with cast.scope():
        owned.role, sold.stage, sold.closed_at = "support", "closed_won", AT
        keep(owned)
        keep(sold)
        assert not Claim.objects.exists()
        owned.role, sold.stage = "owner", "proposal"
        keep(owned)
        keep(sold)
        assert Claim.objects.count() == 2
        sold.direct, sold.partner = False, cast.alpha  # a partner's opportunity is history only
        keep(sold)
        sold.direct, sold.partner, sold.account = True, None, None
        keep(sold)
        assert [claim.source for claim in Claim.objects.all()] == ["ownership"]


@pytest.mark.django_db(transaction=True, databases=["default", OWNER_ALIAS])
def test_a_removed_source_takes_its_claim_along(committed_cast):
    cast = committed_cast
    with cast.scope():
        account = m.Account.objects.get()
        kept = [keep(m.Ownership(program=cast.program, account=account, partner=p)) for p in (cast.alpha, cast.beta)]
    with connections[OWNER_ALIAS].cursor() as cursor:  # nobody removes one in the product: the tables' owner may
        cursor.execute("delete from partners_ownership where id = %s", [kept[0].pk])
    with cast.scope():
        assert Claim.objects.get().ownership_id == kept[1].pk


@pytest.mark.parametrize("change", [{"ownership": None}, {"registration": "x"}, {"source": "opportunity"}])
def test_exactly_the_key_of_its_source_is_set(cast, owned, change):
    registration = factories.submitted(cast, cast.alpha)
    values = {"registration": registration} if "registration" in change else change
    with cast.scope(), pytest.raises(IntegrityError, match="claim_has_its_source"), transaction.atomic():
        Claim.objects.filter(ownership=owned).update(**values)


def test_the_claims_of_a_case_are_of_every_source(cast, owned, sold):
    registration = factories.submitted(cast, cast.alpha)
    done = pipeline.detect(cast.program, AT)
    with cast.scope():
        (case,) = done.cases
        joined = Claim.objects.filter(conflict__cases=case)
        assert {(c.source, c.registration_id or c.ownership_id or c.opportunity_id) for c in joined} == {
            ("registration", registration.pk), ("ownership", owned.pk), ("opportunity", sold.pk),
        }  # fmt: skip
        sold.stage = "closed_lost"
        keep(sold)
    pipeline.look_again(cast.program, AT)
    with cast.scope():
        assert Claim.objects.filter(conflict__cases=case).count() == 2
        owned.role = "support"
        keep(owned)
    pipeline.look_again(cast.program, AT)
    with cast.scope():
        registration.refresh_from_db()
        assert registration.status == "approved"  # nothing stands against it any more


def test_an_owner_of_a_merged_account_stands_on_the_one_that_it_counts_as(cast, account, owned):
    with cast.scope():
        other = factories.account(cast, "A-VEGA", "Vega Marine", domain="vega.example")
    registration = factories.submitted(cast, cast.alpha, account_name="Vega Marine", account_domain="vega.example")
    pipeline.detect(cast.program, AT)
    with cast.scope():
        change = merge_accounts(subject=account, target=other, by=cast.olga, at=AT)
        assert Claim.objects.get(ownership=owned).account_id == account.pk  # undoing is exact
    registered = factories.submitted(cast, cast.alpha, account_name="Vega Marine", account_domain="vega.example",
                                      product_lines=["pumps", "valves"])  # fmt: skip
    pipeline.process_change(cast.program, change.pk, AT)
    pipeline.detect(cast.program, AT)
    with cast.scope():
        conflict = Claim.objects.get(ownership=owned).conflict
        assert {c.registration_id for c in conflict.claims.registered()} == {registration.pk, registered.pk}
        undo_change(change=change, by=cast.olga, at=AT)
    pipeline.process_change(cast.program, change.pk, AT)
    with cast.scope():
        assert Claim.objects.get(ownership=owned).conflict_id is None
