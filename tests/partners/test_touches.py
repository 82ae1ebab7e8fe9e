"""Every fact that findings rest on leaves a waiting row when it changes, whichever way it changes."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.db import connection

from partners import models as m
from partners import services
from partners.models import Touch
from tests import factories
from tests.factories import AT

touch = import_module("partners.migrations.0004_touch")


@pytest.fixture
def facts(cast):
    """One row of each kind, and nothing that waits."""
    program = cast.program
    with cast.scope():
        registration = factories.submitted(cast, cast.alpha)
        account = m.Account.objects.get()
        rows = {
            "account": account,
            "registration": registration,
            "partner": cast.alpha,
            "tier": m.Tier.objects.get(),
            "productline": m.ProductLine.objects.first(),
            "agreement": m.Agreement.objects.filter(partner=cast.alpha).get(),
            "ownership": m.Ownership(program=program, account=account, partner=cast.beta),
            "crmopportunity": m.CrmOpportunity(
                program=program, account=account, external_id="O-1", direct=True, stage="qualified"
            ),
            "pricequote": m.PriceQuote(
                program=program, account=account, external_id="Q-1", partner=cast.beta, product_line="pumps",
                unit_price=10, currency="USD",
            ),
            "accountexception": m.AccountException(
                program=program, account=account, external_id="X-1", kind="shared", lifts=["account_owned"],
                reason="Agreed.", owner_email="carl@vendor.example",
            ),
            "territory": m.Territory(program=program, external_id="T-1", name="Texas", countries=["US"], priority=10),
        }  # fmt: skip
        for row in rows.values():
            if row._state.adding:
                services.save_row(row, by=None, at=AT, action="test.made")
        rows["territoryassignment"] = m.TerritoryAssignment(
            program=program, territory=rows["territory"], partner=cast.beta, role="owner"
        )
        services.save_row(rows["territoryassignment"], by=None, at=AT, action="test.made")
        rows["activity"] = services.add_activity(
            registration=registration, kind="meeting", occurred_on=AT.date(), by=None, at=AT
        )
        rows["evidence"] = services.add_evidence(registration=registration, kind="customer_letter", by=None, at=AT)
        Touch.objects.all().delete()
    return rows


CHANGES = [
    ("account", {"segment": "strategic"}, {("account", "account")}),
    ("account", {"domain": "new.example"}, {("identity", "account")}),
    ("registration", {"amount": 5}, {("registration", "registration")}),
    ("registration", {"account_name": "Another"}, {("registration", "registration"), ("named", "registration")}),
    ("registration", {"status": "withdrawn"}, {("registration", "registration"), ("capacity", "registration")}),
    ("registration", {"assessed_at": AT}, set()),
    ("partner", {"status": "suspended"}, {("partner", "partner")}),
    ("partner", {"country": "DE"}, set()),
    ("tier", {"capacity": 3}, {("tier", "tier")}),
    ("productline", {"required_certification": "pro"}, {("program", "program")}),
    ("agreement", {"status": "suspended"}, {("partner", "partner")}),
    ("ownership", {"valid_until": AT.date()}, {("account", "account")}),
    ("crmopportunity", {"last_activity_at": AT - timedelta(days=1)}, {("account", "account")}),
    ("pricequote", {"unit_price": 11}, {("account", "account")}),
    ("accountexception", {"lifts": ["co_sell"]}, {("account", "account")}),
    ("territory", {"exclusive": True}, {("territory", "territory")}),
    ("territoryassignment", {"role": "support"}, {("territory", "territory"), ("partner", "beta")}),
    ("activity", {"note": "On site."}, {("registration", "registration")}),
    ("evidence", {"verified": True}, {("registration", "registration")}),
]


@pytest.mark.parametrize(("kind", "change", "expected"), CHANGES, ids=[f"{k}-{next(iter(c))}" for k, c, _ in CHANGES])
def test_a_change_waits_for_whom_it_concerns(cast, facts, kind, change, expected):
    names = {row.pk: name for name, row in facts.items()} | {cast.program.pk: "program", cast.beta.pk: "beta"}
    with cast.scope():
        type(facts[kind])._default_manager.filter(pk=facts[kind].pk).update(
            **change
        )  # past save(): only the trigger sees it
        assert {(t.kind, names[t.subject_id]) for t in Touch.objects.all()} == expected


def test_every_watched_table_is_tried(cast):
    tables = {table for table, *_ in touch.TOUCHES}
    assert tables == {kind for kind, *_ in CHANGES} | {"accountname"}  # names come and go: the next test
    assert tables == {model._meta.model_name for model in services.WATCHED}


def test_a_name_that_comes_or_goes_concerns_who_may_mean_it(cast, facts):
    with cast.scope():
        services.record_account(account=facts["account"], by=None, at=AT, aliases=("Another Name",))
        assert {(t.kind, t.subject_id) for t in Touch.objects.all()} == {("identity", facts["account"].pk)}
        Touch.objects.all().delete()
        m.AccountName.objects.filter(key="another name").delete()
        assert {t.kind for t in Touch.objects.all()} == {"identity"}


def test_a_moved_record_concerns_both_accounts(cast, facts):
    with cast.scope():
        other = factories.account(cast, "A-VEGA", "Vega Works")
        Touch.objects.all().delete()
        m.Ownership.objects.update(account=other)
        assert {t.subject_id for t in Touch.objects.all()} == {other.pk, facts["account"].pk}


def test_a_rule_that_changed_is_kept_as_it_was(cast, facts):
    with cast.scope():
        m.Territory.objects.update(countries=["DE"])
        assert Touch.objects.get().was["countries"] == ["US"]


def test_new_and_deleted_records_wait_too(cast, facts):
    with cast.scope():
        services.remove_assignment(assignment=facts["territoryassignment"], by=None, at=AT)
        assert {t.kind for t in Touch.objects.all()} == {"territory", "partner"}
        Touch.objects.all().delete()
        services.add_activity(
            registration=facts["registration"], kind="proposal", occurred_on=AT.date(), by=None, at=AT
        )
        assert {t.kind for t in Touch.objects.all()} == {"registration"}


def test_a_partner_that_adds_proof_writes_what_waits_and_reads_nothing_of_it(cast, facts):
    with connection.cursor() as cursor:
        cursor.execute("select has_table_privilege('portal', 'partners_touch', 'select')")
        assert cursor.fetchone() == (False,)
