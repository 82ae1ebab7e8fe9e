"""The review desk: what queue and case page show, to whom, in how many queries, and what every button does."""

import pytest
from django.urls import reverse

from channelconflict.models import AuditEvent
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(cast):
    return factories.conflict_case(cast)


def test_smoke(client, cast, case):
    client.force_login(cast.ada)
    page = client.get(reverse("review:queue"))
    assert page.status_code == 200
    page = client.get(reverse("review:case", args=[case.pk]))
    assert page.status_code == 200
    assert AuditEvent
