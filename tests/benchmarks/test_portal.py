"""bench portal on a tiny program: pages answer, forms are taken, and everything is removed again."""

import pytest

from benchmarks import portal
from benchmarks.portal_stock import Size
from channelconflict.models import User
from partners.models import Program


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_everything_is_measured_and_removed() -> None:
    found = portal.measure(Size(registrations=120, partners=10, largest=40), 2, lambda _: None)
    assert {"own deals", "a registration", "sending a form"} <= set(found["pages"])
    assert set(found["plain"]) == set(portal.PLAIN)
    told = "\n".join(portal.lines(found))
    assert "120 registrations of 10 partners, 40 of the largest" in told
    assert not Program.objects.filter(code__startswith="bench-").exists()
    assert not User.objects.filter(username__startswith="bench-").exists()
