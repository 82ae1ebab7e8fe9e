"""The company that two records keep, and two partners who registered it under two names."""

import pytest

from partners import models as m
from partners.identity import merge_accounts
from reviews import pipeline
from tests import factories
from tests.factories import AT
from tests.staff_site import as_


@pytest.fixture
def pat(cast):
    return as_(cast.pat)


@pytest.fixture
def orion(cast):
    with cast.scope():
        return m.Account.objects.get(external_id="A-ORION")


@pytest.fixture
def old(cast):
    """The same company as somebody else keeps it."""
    with cast.scope():
        return factories.account(cast, "", "Old Star Chemistry", domain="oldstar.example")


@pytest.fixture
def registered(cast, orion, old):
    """Alpha has registered Orion, Beta the same company under its old name."""
    first = factories.submitted(cast, cast.alpha, days_ago=2)
    second = factories.submitted(
        cast, cast.beta, days_ago=1, account_name="Old Star Chemistry", account_domain="oldstar.example"
    )
    pipeline.detect(cast.program, AT)
    return first, second


@pytest.fixture
def merged(cast, orion, old, registered):
    with cast.scope():
        return merge_accounts(subject=old, target=orion, by=cast.olga, at=AT, reason="Renamed in 2019.")
