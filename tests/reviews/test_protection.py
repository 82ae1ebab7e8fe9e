"""What time does to protections: renewed on activity, ended without it, reminded of once."""

import json
from collections import Counter
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from channelconflict.models import AuditEvent
from partners import services
from partners.models import Protection, Registration, RegistrationStatus
from reviews import pipeline, protection, tasks
from reviews.models import Case, Notice, NoticeKind, Outbox
from tests import factories
from tests.factories import AT
from tests.reviews.as_time_passes import DAY, ENDS, answered, approved, asked, fresh, pass_time, told, work

pytestmark = pytest.mark.django_db


# --- the end ---


def test_without_activity_it_lapses_and_everybody_concerned_is_told(cast, deal):
    pass_time(cast, ENDS - timedelta(seconds=1))
    assert fresh(cast, deal).status == RegistrationStatus.APPROVED
    pass_time(cast, ENDS)
    pass_time(cast, ENDS + DAY)
    assert fresh(cast, deal).status == RegistrationStatus.EXPIRED
    assert told(cast, deal).count(NoticeKind.EXPIRED) == 1
    with cast.scope():
        assert not Registration.objects.live_at(ENDS).exists()
        assert [row.ended_at for row in Protection.objects.all()] == [ENDS]
        write = Outbox.objects.order_by("-pk").first()
        assert {name: after for name, _, after in write.preview} == {
            "status": "expired", "registered_partner": "", "protected_until": "",
        }  # fmt: skip
        acts = Counter(AuditEvent.objects.filter(subject_id=deal.pk).values_list("action", flat=True))
        assert acts["registration.expired"] == 1


def test_activity_renews_it_under_the_same_deal(cast, deal):
    work(cast, deal, (ENDS - 30 * DAY).date())
    pass_time(cast, ENDS)
    pass_time(cast, ENDS)
    row = fresh(cast, deal)
    assert (row.status, row.protected_until) == (RegistrationStatus.APPROVED, ENDS + 90 * DAY)
    with cast.scope():
        assert row.terms.renewals == 1
        (kept,) = Protection.objects.all()
        assert (kept.deal, kept.period) == (deal.pk, DateTimeTZRange(AT, ENDS + 90 * DAY))
    assert told(cast, deal) == [NoticeKind.RENEWED]


@pytest.mark.parametrize("days", [31, -1])
def test_activity_outside_the_window_renews_nothing(cast, deal, days):
    work(cast, deal, (ENDS - days * DAY).date())
    pass_time(cast, ENDS)
    assert fresh(cast, deal).status == RegistrationStatus.EXPIRED


def test_who_waits_behind_it_is_looked_at_when_it_ends(cast, deal):
    late = factories.submitted(cast, cast.beta, days_ago=-60)
    pipeline.detect(cast.program, AT + 60 * DAY)
    with cast.scope():
        case = Case.objects.get()
    pass_time(cast, ENDS)
    assert fresh(cast, case).status == "closed"
    row = fresh(cast, late)
    assert (row.status, row.protected_from) == (RegistrationStatus.APPROVED, ENDS)


def test_the_case_of_those_who_wait_says_whose_protection_ended(cast, client, deal):
    with cast.scope():
        gamma = factories.partner(cast, "P-GAMMA", "Gamma Process")
    for partner in (cast.beta, gamma):
        factories.submitted(cast, partner, days_ago=-60)
    pipeline.detect(cast.program, AT + 60 * DAY)
    with cast.scope():
        case = Case.objects.get()
    pass_time(cast, ENDS)
    later = fresh(cast, case)
    assert later.version > case.version
    assert later.status == "open"
    with cast.scope():
        assert {p.name for p in case.parties.filter(left_at__isnull=True)} == {"Beta Industrial", "Gamma Process"}
    client.force_login(cast.bob)
    page = client.get(f"/review/cases/{case.pk}/").content.decode()
    assert f"The protection of Alpha Flow ({deal.ref}) ended" in page


def test_renewal_gives_way_to_a_deal_that_is_protected_from_then_on(cast, deal):
    """As a gap in the worker's day may leave it: somebody else was protected before the end was settled."""
    other = factories.submitted(cast, cast.beta, days_ago=-91)
    work(cast, deal, (ENDS - 3 * DAY).date())
    now = AT + 91 * DAY
    pipeline.process_registration(cast.program, other.pk, now)
    assert fresh(cast, other).status == RegistrationStatus.APPROVED
    pass_time(cast, now)
    row = fresh(cast, deal)
    assert (row.status, row.protected_until) == (RegistrationStatus.IN_REVIEW, ENDS)
    assert told(cast, deal)[-1] == told(cast, other)[-1] == NoticeKind.LOOKED_AT_AGAIN
    with cast.scope():
        case = Case.objects.get()
        assert (case.kind, case.status) == ("competing_registration", "open")
        assert {p.name for p in case.parties.all()} == {"Alpha Flow", "Beta Industrial"}
        for notice in Notice.objects.filter(kind=NoticeKind.LOOKED_AT_AGAIN):
            rival = "Beta" if notice.partner_id == cast.alpha.pk else "Alpha"
            assert rival not in notice.subject + notice.body


def test_what_had_ended_before_it_was_loaded_ends_in_silence(cast):
    with cast.scope():
        row = factories.draft(cast, cast.alpha, status="approved", submitted_at=AT - 200 * DAY,
                              protected_from=AT - 190 * DAY, protected_until=AT - 100 * DAY)  # fmt: skip
        services.save_row(row, by=None, at=AT, action="registration.loaded")
    pipeline.detect(cast.program, AT)
    pass_time(cast, AT)
    assert fresh(cast, row).status == RegistrationStatus.EXPIRED
    assert told(cast) == []


def test_what_was_loaded_as_protected_renews_and_ends_like_any_other(cast):
    with cast.scope():
        row = factories.draft(cast, cast.alpha, status="approved", submitted_at=AT - 90 * DAY,
                              protected_from=AT - 80 * DAY, protected_until=AT + 10 * DAY)  # fmt: skip
        services.save_row(row, by=None, at=AT, action="registration.loaded")
    pipeline.detect(cast.program, AT)
    work(cast, row, AT.date())
    pass_time(cast, AT)
    pass_time(cast, AT + 10 * DAY)
    assert fresh(cast, row).protected_until == AT + 100 * DAY
    pass_time(cast, AT + 100 * DAY)
    assert told(cast, row) == [NoticeKind.EXPIRING, NoticeKind.RENEWED, NoticeKind.EXPIRED]


def test_the_sweep_looks_after_protections(cast, deal):
    with cast.scope():
        row = fresh(cast, deal)
        now = datetime.now(UTC)
        row.protected_from, row.protected_until = now - 90 * DAY, now - timedelta(minutes=1)
        services.save_row(row, by=None, at=now, action="registration.loaded")
    tasks.sweep()
    assert fresh(cast, deal).status == RegistrationStatus.EXPIRED


def test_what_ended_a_second_ago_renews_before_a_newcomer_is_judged(cast):
    now = datetime.now(UTC)
    held = approved(cast, cast.alpha, at=now - 90 * DAY)
    work(cast, held, now.date())
    late = factories.draft(cast, cast.beta)
    with cast.scope():
        services.submit_registration(registration=late, by=None, at=now)
    tasks.process_registration(str(cast.program.pk), str(late.pk))
    assert fresh(cast, held).protected_until == now + 90 * DAY
    assert fresh(cast, late).status == RegistrationStatus.IN_REVIEW


# --- capacity ---


@pytest.mark.parametrize("end", ["expired", "withdrawn"])
def test_what_ended_makes_room_in_the_capacity_of_the_tier(cast, end):
    with cast.scope():
        tier = cast.alpha.tier
        tier.capacity = 1
        services.save_row(tier, by=None, at=AT, action="tier.recorded")
    if end == "expired":
        first = approved(cast, cast.alpha)
        pass_time(cast, ENDS)
        now = ENDS
    else:
        first = factories.submitted(cast, cast.alpha)
        with cast.scope():
            services.withdraw_registration(registration=first, by=cast.acme_rep, at=AT)
        now = AT + DAY
    assert fresh(cast, first).status == end
    with cast.scope():
        factories.account(cast, "A-LYRA", "Lyra Foods")
        second = services.submit_registration(
            registration=factories.draft(cast, cast.alpha, account_name="Lyra Foods", account_domain="a-lyra.example"),
            by=None, at=now,
        )  # fmt: skip
    pipeline.detect(cast.program, now)
    assert fresh(cast, second).status == RegistrationStatus.APPROVED


# --- reminders ---


def test_reminders_come_once_each_and_say_what_renews(cast, deal):
    for left in (31, 30, 29, 14, 14, 13, 3, 1):
        pass_time(cast, ENDS - left * DAY)
    with cast.scope():
        rows = list(Notice.objects.filter(kind=NoticeKind.EXPIRING).order_by("sent_at"))
    assert [row.sent_at for row in rows] == [ENDS - days * DAY for days in (30, 14, 3)]
    assert [row.subject.split(" in ")[1] for row in rows] == ["30 days", "14 days", "3 days"]
    first, second = rows[0].body, rows[1].body
    assert "renews by itself if you did dated work on the deal from 1 May 2026 on" in first
    assert "up to 90 more days, with a reason, from 17 May 2026 on" in first
    assert "up to 90 more days, with a reason, now" in second


def test_missed_days_are_not_made_up_for(cast, deal):
    pass_time(cast, ENDS - 10 * DAY)
    pass_time(cast, ENDS - 9 * DAY)
    with cast.scope():
        (row,) = Notice.objects.filter(kind=NoticeKind.EXPIRING)
    assert row.subject.endswith("the protection ends in 10 days")


def test_a_reminder_says_when_nothing_is_to_do(cast, deal):
    work(cast, deal, (ENDS - 20 * DAY).date())
    pass_time(cast, ENDS - 14 * DAY)
    with cast.scope():
        assert "Your activity of 11 May 2026 renews it by itself" in Notice.objects.get(kind=NoticeKind.EXPIRING).body


# --- day by day ---


@contextmanager
def one_example():
    """One example's rows do not meet the next one's."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.mark.slow
@settings(max_examples=2, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    activities=st.sets(st.integers(0, 400), max_size=12),
    missed=st.sets(st.integers(1, 300), max_size=40),
    extension=st.none() | st.integers(1, 90),
)
def test_a_life_day_by_day(cast, activities, missed, extension):
    """Never protected longer than the policy allows, never renewed without activity, each reminder at most once."""
    worked = {(AT + day * DAY).date() for day in activities}
    with one_example():
        row = approved(cast, cast.alpha)
        ends, renewals, extra = ENDS, 0, 0
        for now in (AT + day * DAY for day in range(1, 365)):
            if now.date() in worked and ends > now:
                work(cast, row, now.date())
            if extension and not extra and ends - 14 * DAY <= now < ends:
                answered(cast, asked(cast, row, at=now, days=extension), granted=True, by=cast.bob, at=now)
                extra, ends = extension, ends + extension * DAY
            if (now - AT).days in missed or not protection.look_after(cast.program, now):
                continue
            while fresh(cast, row).protected_until > ends:
                assert {(ends - back * DAY).date() for back in range(31)} & worked
                ends, renewals = ends + 90 * DAY, renewals + 1
        last = fresh(cast, row)
        assert (last.status, last.protected_until) == (RegistrationStatus.EXPIRED, ends)
        assert renewals <= 2
        assert ends <= AT + (90 + 2 * 90 + extra) * DAY
        said = reminders_of(cast, row)
        assert set(said.values()) == {1}
        assert told(cast, row).count(NoticeKind.EXPIRING) == len(said)


def reminders_of(cast, row) -> Counter:
    """How often each reminder was sent, by the end that it was about and the days before it."""
    with cast.scope():
        acts = AuditEvent.objects.filter(action="protection.reminded", subject_id=row.terms.pk)
        facts = [json.loads(act.body)["facts"] for act in acts]
        return Counter((fact["until"], fact["days"]) for fact in facts)
