"""The program's own page: its calendar is what clocks run on, its staff alone change it, and days that are none are named."""

from datetime import UTC, date, datetime

import pytest
from django.db.utils import ProgrammingError
from django.urls import reverse

from channelconflict.models import AuditEvent
from partners.models import Program
from partners.services import NotPossibleError, change_program
from tests import factories
from tests.factories import AT
from tests.reviews.at_the_desk import text_of

pytestmark = pytest.mark.django_db
TYPED = {
    "name": "Northwind", "timezone": "Europe/Berlin", "open_weekdays": ["1", "2", "3", "4"],
    "seen_version": "1", "holidays": "2026-12-25\n2026-12-24\n2026-12-25", "lead_offer_hours": "24", "undo_minutes": "5",
    "settle_days": "7", "breach_days": "180", "opinion_share": "12", "resubmissions": "3",
    "why": "As the works council agreed.",
}  # fmt: skip


def page_of(cast):
    return reverse("admin:partners_program_change", args=[cast.program.pk])


def test_a_new_calendar_is_what_clocks_run_on(client, cast):
    client.force_login(cast.pat)
    assert "Europe/Berlin" in client.get(page_of(cast)).content.decode()
    assert client.post(page_of(cast), TYPED).status_code == 302
    program = Program.objects.get(pk=cast.program.pk)
    assert (program.name, program.timezone, program.lead_offer_hours) == ("Northwind", "Europe/Berlin", 24)
    assert program.breach_days == 180
    assert (program.opinion_share, program.opinion_high_impact) == (12, False)
    assert (program.undo_minutes, program.settle_days, program.open_weekdays) == (5, 7, [1, 2, 3, 4])
    assert program.holidays == [date(2026, 12, 24), date(2026, 12, 25)]
    wednesday = datetime(2026, 12, 23, 11, tzinfo=UTC)  # then a holiday and a weekend of three days
    assert program.calendar.add_hours(wednesday, 24) == datetime(2026, 12, 28, 11, tzinfo=UTC)
    with cast.scope():
        assert AuditEvent.objects.filter(action="program.changed", subject_id=program.pk).count() == 1
        assert program.history.latest().history_change_reason == "As the works council agreed."
    assert client.post(page_of(cast), TYPED | {"seen_version": "2"}).status_code == 302
    with cast.scope():
        assert AuditEvent.objects.filter(action="program.changed").count() == 1, "the same again is no change"


def test_of_two_editors_the_second_is_told(client, cast):
    client.force_login(cast.pat)
    assert client.post(page_of(cast), TYPED).status_code == 302
    late = client.post(page_of(cast), TYPED | {"seen_version": "1", "name": "Late", "holidays": ""})
    assert "Pat changed this meanwhile" in text_of(late)
    program = Program.objects.get(pk=cast.program.pk)
    assert (program.name, program.version, len(program.holidays)) == ("Northwind", 2, 2)


def test_what_is_wrong_is_named_and_nothing_is_kept(client, cast):
    client.force_login(cast.pat)
    wrong = TYPED | {
        "open_weekdays": [],
        "holidays": "2026-02-30\nXmas",
        "timezone": "Mars/Base",
        "lead_offer_hours": "0",
        "settle_days": "31",
    }
    text = text_of(client.post(page_of(cast), wrong))
    for words in (
        "“2026-02-30” is no day",
        "“Xmas” is no day",
        "Choose at least one open weekday",
        "greater than or equal",
        "less than or equal to 30",
    ):
        assert words in text
    assert Program.objects.get(pk=cast.program.pk).name == "Northwind Partners"
    cast.program.timezone = "Mars/Base"
    with cast.scope(), pytest.raises(NotPossibleError, match="no time zone"):
        change_program(program=cast.program, by=cast.pat, at=AT)


def test_only_those_who_may_change_the_rules_of_this_program(client, cast):
    south = factories.make_cast("southwind")
    client.force_login(cast.ada)
    assert client.get(page_of(cast)).status_code == 200
    assert client.post(page_of(cast), TYPED).status_code == 403
    client.force_login(cast.pat)
    assert client.get(page_of(south)).status_code == client.post(page_of(south), TYPED).status_code == 404
    with pytest.raises(ProgrammingError, match="row-level security"), cast.scope():
        Program.objects.filter(pk=south.program.pk).update(name="Taken over")
