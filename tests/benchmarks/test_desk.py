"""bench desk on a tiny program: pages answer, the copies are real cases, and everything is removed again."""

import pytest

from benchmarks import desk
from benchmarks.desk_stock import Size
from channelconflict.models import User
from partners.models import Program


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_everything_is_measured_and_removed() -> None:
    found = desk.measure(Size(cases=30, staff=10), 2, lambda _: None)
    assert set(found["pages"]) == {*desk.QUEUES, "a case"}
    assert set(found["django"]) == set(desk.PLAIN)
    assert found["bulk"] == {**found["bulk"], "cases": 15, "approved": 15}
    told = "\n".join(desk.lines(found))
    assert "30 cases, 30 of them open, 10 people" in told
    assert "15 of 15 approved in bulk" in told
    assert not Program.objects.filter(code__startswith="bench-").exists()
    assert not User.objects.filter(username__startswith="bench-").exists()
