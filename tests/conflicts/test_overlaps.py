"""Colliding rules as work: left to wait by those who may change rules, awake again in time and when they collide otherwise."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from channelconflict.models import AuditEvent
from conflicts.models import TerritoryOverlap
from conflicts.overlaps import examine_territories, snooze_overlap, waiting_overlaps, wake_overlap
from partners import models as m
from partners.services import NotPossibleError, record_assignment, record_territory
from tests.factories import AT
from tests.reviews.at_the_desk import text_of

pytestmark = pytest.mark.django_db
UNTIL = AT.date() + timedelta(7)


def rule(cast, number, partner, **ground):
    values = {"countries": ["US"], "priority": 5, "name": f"West {number}", **ground}
    made = m.Territory(program=cast.program, external_id=f"T-{number}", **values)
    record_territory(territory=made, by=cast.olga, at=AT)
    given = m.TerritoryAssignment(program=cast.program, territory=made, partner=partner, role="owner")
    record_assignment(assignment=given, by=cast.olga, at=AT)
    return made


@pytest.fixture
def colliding(cast):
    with cast.scope():
        rules = [rule(cast, 1, cast.alpha), rule(cast, 2, cast.beta)]
        (overlap,) = examine_territories(program=cast.program, at=AT).standing
    return cast, rules, overlap


@pytest.fixture
def scoped(colliding):
    with colliding[0].scope():
        yield colliding


def asleep(cast, overlap, until=UNTIL):
    return snooze_overlap(overlap=overlap, until=until, reason="After the merger.", by=cast.olga, at=AT)


def test_it_waits_until_its_day_and_says_why(scoped):
    cast, _, overlap = scoped
    row = asleep(cast, overlap)
    assert (row.snoozed_until, row.snoozed_by, row.snooze_reason) == (UNTIL, cast.olga, "After the merger.")
    assert not waiting_overlaps(AT.date())
    assert waiting_overlaps(UNTIL).get() == overlap
    assert AuditEvent.objects.filter(action="overlap.snoozed", subject_id=overlap.pk).count() == 1
    again = examine_territories(program=cast.program, at=AT)
    assert (again.new, again.gone) == (0, 0)
    assert not waiting_overlaps(AT.date()), "looking again wakes nothing"
    assert wake_overlap(overlap=overlap, by=cast.olga, at=AT).snooze_reason == ""
    assert waiting_overlaps(AT.date()).get() == overlap
    with pytest.raises(NotPossibleError, match="does not sleep"):
        wake_overlap(overlap=overlap, by=cast.olga, at=AT)


def test_it_wakes_when_the_rules_collide_otherwise_and_ends_when_they_do_not(scoped):
    cast, (first, _), overlap = scoped
    asleep(cast, overlap)
    seen = AuditEvent.objects.filter(action="territories.examined").count()
    first.name = "The whole West"
    record_territory(territory=first, by=cast.olga, at=AT)
    examine_territories(program=cast.program, at=AT)
    assert AuditEvent.objects.filter(action="territories.examined").count() == seen + 1
    row = waiting_overlaps(AT.date()).get()
    assert "The whole West" in row.sentence
    assert AuditEvent.objects.get(action="overlap.woken", subject_id=row.pk).actor_id is None
    asleep(cast, row)
    first.priority = 9
    record_territory(territory=first, by=cast.olga, at=AT)
    assert examine_territories(program=cast.program, at=AT).gone == 1
    row.refresh_from_db()
    assert (row.gone_at, row.snoozed_until) == (AT, None)
    with pytest.raises(NotPossibleError, match="collide no more"):
        asleep(cast, row)


@pytest.mark.parametrize(
    ("until", "reason", "said"),
    [(AT.date(), "Later.", "does not lie ahead"), (date(2020, 1, 1), "Later.", "1 January 2020"), (UNTIL, " ", "why")],
)
def test_what_is_no_day_or_no_reason_is_refused(scoped, until, reason, said):
    cast, _, overlap = scoped
    with pytest.raises(NotPossibleError, match=said):
        snooze_overlap(overlap=overlap, until=until, reason=reason, by=cast.olga, at=AT)
    assert waiting_overlaps(AT.date()).count() == 1


def test_on_its_page_by_those_who_may_change_rules(client, colliding):
    cast, _, overlap = colliding
    page = reverse("admin:conflicts_territoryoverlap_change", args=[overlap.pk])
    wait = reverse("admin:conflicts_territoryoverlap_snooze", args=[overlap.pk])
    client.force_login(cast.ada)
    assert "Let it wait" not in client.get(page).content.decode()
    assert client.get(wait).status_code == client.post(wait, {"wake": "1"}).status_code == 404

    client.force_login(cast.olga)
    assert wait in client.get(page).content.decode()
    empty = client.post(wait, {}).content.decode()
    assert "Choose the day on which it comes back." in empty
    assert "Say in a sentence why it can wait." in empty
    today = timezone.now().date()
    refused = client.post(wait, {"until": today.isoformat(), "reason": "Later."})
    assert (refused.status_code, "does not lie ahead" in refused.content.decode()) == (409, True)
    done = client.post(wait, {"until": (today + timedelta(9)).isoformat(), "reason": "After the merger."}, follow=True)
    assert "After the merger." in text_of(done)
    listed = reverse("admin:conflicts_territoryoverlap_changelist")
    assert [client.get(listed, {"state": state}).context["cl"].result_count for state in ("open", "asleep", "mended")] == [
        0, 1, 0,
    ]  # fmt: skip
    assert "It is in the list again." in client.post(wait, {"wake": "1"}, follow=True).content.decode()
    with cast.scope():
        assert TerritoryOverlap.objects.get().snoozed_until is None
