"""What the database itself refuses, whoever writes: one deal protected at a time, shares of 100, paired fields."""

import threading
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, connections, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from uuid_utils.compat import uuid7

from channelconflict.scope import staff_of
from partners import models as m
from tests import factories


def _own(cast, account, *shares):
    with cast.scope(), transaction.atomic():
        for partner, share in zip((cast.alpha, cast.beta), shares, strict=False):
            m.Ownership.objects.create(program=cast.program, account=account, partner=partner, share_pct=share)
        with connection.cursor() as cursor:
            cursor.execute("set constraints all immediate")


def test_shares_of_an_account_sum_to_100(cast):
    with cast.scope():
        account = m.Account.objects.get()
    with pytest.raises(IntegrityError, match="sum to 90"):
        _own(cast, account, 60, 30)
    _own(cast, account, 60, 40)


def _protect(cast, registration, account, deal, days=0):
    period = DateTimeTZRange(factories.AT + timedelta(days=days), factories.AT + timedelta(days=days + 90))
    with cast.scope():
        m.Protection.objects.create(program=cast.program, account=account, product_line="pumps", period=period,
                                    deal=deal, registration=registration)  # fmt: skip


def test_one_deal_is_protected_at_a_time(cast):
    registration = factories.submitted(cast, cast.alpha)
    with cast.scope():
        account = m.Account.objects.get()
    deal = uuid7()
    _protect(cast, registration, account, deal)
    _protect(cast, registration, account, deal, days=30)  # the same deal may overlap itself (a chain, a split)
    with pytest.raises(IntegrityError, match="one_deal_protected_at_a_time"), transaction.atomic():
        _protect(cast, registration, account, uuid7(), days=60)
    _protect(cast, registration, account, uuid7(), days=121)


def test_of_racing_deals_one_is_protected(committed_cast):
    cast, wins = committed_cast, []
    registration = factories.submitted(cast, cast.alpha)
    with cast.scope():
        account = m.Account.objects.get()

    def race():
        try:
            _protect(cast, registration, account, uuid7())
            wins.append(1)
        except IntegrityError:
            pass
        finally:
            connections.close_all()

    racers = [threading.Thread(target=race) for _ in range(8)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    with staff_of(cast.program.pk):
        assert (len(wins), m.Protection.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("model", "values", "name"),
    [
        (
            m.TerritoryAssignment,
            {"direct": True, "partner": "alpha", "territory": "new"},
            "assignment_direct_or_partner",
        ),
        (m.Ownership, {"direct": False, "account": "own"}, "ownership_direct_or_partner"),
        (m.Ownership, {"direct": True, "account": "own", "share_pct": 120}, "ownership_share_is_a_percentage"),
        (m.CrmOpportunity, {"direct": False, "external_id": "O-1", "stage": "open"}, "opportunity_direct_or_partner"),
        (
            m.Territory,
            {"external_id": "T", "name": "T", "employees_min": 9, "employees_max": 1},
            "territory_employees_in_order",
        ),
        (m.Partner, {"external_id": "P-ALPHA", "name": "Twin"}, "partner_external_id"),
    ],
)
def test_impossible_rows_are_refused(cast, model, values, name):
    with cast.scope():
        values = dict(values)
        if values.get("partner"):
            values["partner"] = cast.alpha
        if values.get("account"):
            values["account"] = m.Account.objects.get()
        if values.get("territory"):
            values["territory"] = m.Territory.objects.create(program=cast.program, external_id="T-1", name="T")
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            model.objects.create(program=cast.program, **values)


def test_protection_is_a_period_and_a_submitted_registration_has_a_time(cast):
    with cast.scope():
        registration = factories.draft(cast, cast.alpha, status="submitted")
        with pytest.raises(IntegrityError, match="registration_submitted_has_a_time"), transaction.atomic():
            registration.save()
        registration = factories.draft(cast, cast.alpha, protected_from=factories.AT)
        with pytest.raises(IntegrityError, match="registration_protection_is_a_period"), transaction.atomic():
            registration.save()


def test_a_registration_needs_a_product(cast):
    with pytest.raises(ValidationError, match="Choose at least one product"):
        factories.submitted(cast, cast.alpha, product_lines=[])
