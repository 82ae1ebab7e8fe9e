"""My company, its own numbers, and changes of the rules: own facts alone, in a fixed number of queries."""

import random
import statistics
from datetime import date, timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from channelconflict.locked import LockedRowError
from channelconflict.models import AuditEvent
from channelconflict.scope import acting
from conflicts.policy_summaries import summarise
from partners import services
from partners.language import choose_language
from partners.models import (
    Agreement,
    MemberRole,
    Partner,
    ProductLine,
    ProtectionTerms,
    Registration,
    Territory,
    TerritoryAssignment,
)
from partners.permissions import scope_of
from partners.services import NotPossibleError
from reviews.announcements import to_acknowledge
from reviews.models import Notice, NoticeKind, PolicyAcknowledgement, PolicyReminder
from reviews.scorecard import scorecard_of
from reviews.services.announcing import acknowledge_policy, remind_partners, send_policy_reminder
from reviews.tasks import remind_of_policy
from tests import factories
from tests.conflicts.policy_life import changed, live, put_in_force, rules_changed
from tests.factories import AT
from tests.reviews.as_time_passes import approved

pytestmark = pytest.mark.django_db


@pytest.fixture
def portal(cast, client):
    """acme_rep of Alpha, signed in."""
    client.force_login(cast.acme_rep)
    return client


def read(client, name, *args, **query):
    """A page as text."""
    page = client.get(reverse(name, args=args), query)
    assert page.status_code == 200
    return page.content.decode()


def queries(client, name, *args):
    """How many queries a page takes."""
    with CaptureQueriesContext(connection) as found:
        read(client, name, *args)
    return len(found)


def papers(cast):
    """Alpha and Beta each have a territory and an agreement of their own; a product needs a certification."""
    with cast.scope():
        controls = ProductLine.objects.get(program=cast.program, code="controls")
        controls.required_certification = "controls-pro"
        services.save_row(controls, by=None, at=AT, action="product_line.recorded")
        for partner, place in ((cast.alpha, "US-TX"), (cast.beta, "US-CA")):
            rule = Territory(
                program=cast.program, external_id=f"T-{partner.name}", name=f"Land of {partner.name}", countries=["US"],
                subdivisions=[place], postal_prefixes=["77", "78"], industries=["325"], employees_min=50, employees_max=999,
                product_lines=["pumps"], named_accounts=["A-ORION"], excluded_accounts=["A-SECRET"], exclusive=True,
                valid_from=date(2025, 1, 1),
            )  # fmt: skip
            services.record_territory(territory=rule, by=None, at=AT)
            services.record_assignment(
                assignment=TerritoryAssignment(program=cast.program, territory=rule, partner=partner), by=None, at=AT
            )
            services.record_agreement(
                agreement=Agreement(program=cast.program, partner=partner, external_id=f"AG2-{partner.name}",
                                    product_lines=["pumps"], valid_from=date(2024, 1, 1), valid_until=date(2024, 12, 31)),
                by=None, at=AT,
            )  # fmt: skip


def change(cast, **words):
    """The rules change for partners."""
    with cast.scope():
        return rules_changed(cast, **words)


# --- my company ---


def test_the_page_shows_what_is_mine_and_nothing_of_anybody_else(cast, portal) -> None:
    papers(cast)
    page = read(portal, "portal:company")
    for words in ("Gold", "AG-P-ALPHA", "All products", "AG2-Alpha Flow", "Ended", "Land of Alpha Flow", "Texas",
                  "Beginning with 77, 78", "50 to 999 employees", "One account that was named to you", "Exclusive",
                  "needed, not on record", "protected for 90 days", "Within 14 days after a decision",
                  "48 open hours to accept"):  # fmt: skip
        assert words in page, words
    for words in ("Beta", "California", "A-SECRET", "A-ORION", "P-BETA"):
        assert words not in page, words
    with acting(scope_of(cast.acme_rep)):  # wall two: the rules of others are not there at all
        assert {rule.name for rule in Territory.objects.all()} == {"Land of Alpha Flow"}


def test_a_new_partner_reads_what_is_not_there_yet(cast, client) -> None:
    with cast.scope():
        bare = services.record_partner(
            partner=Partner(program=cast.program, external_id="P-NEW", name="New One"), by=None, at=AT
        )
        newcomer = factories.rep(bare, "newcomer")
    client.force_login(newcomer)
    page = read(client, "portal:company")
    for words in ("No agreement is on record", "No territory is assigned to you", "ends within 30 days"):
        assert words in page
    assert "No numbers yet" in read(client, "portal:scorecard")


def test_what_ends_soon_says_how_many_days_are_left(cast, portal) -> None:
    now = timezone.now()
    with cast.scope():
        for name, days in (("Three", 2.5), ("Fourteen", 10), ("Thirty", 29), ("Later", 60), ("Past", -1)):
            row = factories.draft(cast, cast.alpha, account_name=name)
            services.submit_registration(registration=row, by=cast.acme_rep, at=now - timedelta(days=100))
            row.status, row.decided_at = "approved", now - timedelta(days=99)
            row.protected_from, row.protected_until = row.decided_at, now + timedelta(days=days)
            services.save_row(row, by=None, at=now, action="registration.approved")
    page = read(portal, "portal:company")
    assert page.index("3 days left") < page.index("10 days left") < page.index("29 days left")
    assert "Later" not in page
    assert "Past" not in page


def test_my_company_takes_a_fixed_number_of_queries(cast, portal) -> None:
    papers(cast)
    change(cast)
    read(portal, "portal:company")
    before = queries(portal, "portal:company")
    with cast.scope():
        other = factories.partner(cast, "P-SECOND", "Second Company")
        services.add_member(partner=other, user=cast.acme_rep, role="partner_user", by=None, at=AT)
        for number in range(5):
            factories.rep(cast.alpha, f"colleague{number}")
    assert queries(portal, "portal:company") == before
    assert before <= 20


# --- changes of the rules ---


def test_a_change_is_announced_until_somebody_acknowledges_it(cast, portal) -> None:
    assert "The rules changed" not in read(portal, "portal:registrations")  # the first version announces nothing
    summary = change(cast, at=timezone.now())
    for name in ("portal:registrations", "portal:company"):
        assert "Read what changes for Alpha Flow" in read(portal, name)
    page = read(portal, "portal:policy_change", summary.pk)
    for words in ("Until now", "protected for 90 days", "protected for 45 days", "We have read it"):
        assert words in page
    address = reverse("portal:policy_change", args=[summary.pk])
    assert portal.post(address).status_code == 302
    portal.post(address)  # once more changes nothing
    assert "The rules changed" not in read(portal, "portal:registrations")
    assert "by acme_rep on" in read(portal, "portal:policy_change", summary.pk)
    with cast.scope():
        row = PolicyAcknowledgement.objects.get()
        assert (row.partner, row.acknowledged_by_id) == (cast.alpha, cast.acme_rep.pk)
        assert AuditEvent.objects.filter(action="policy.acknowledged").count() == 1
        assert [one.partner for one in to_acknowledge([cast.alpha, cast.beta])] == [cast.beta]
        row.acknowledged_at = AT
        with pytest.raises(LockedRowError):
            row.save()


def test_what_is_compared_is_what_was_acknowledged_last(cast, portal) -> None:
    first = change(cast, days=60)
    portal.post(reverse("portal:policy_change", args=[first.pk]))
    change(cast, days=45)
    last = change(cast, days=30)
    page = read(portal, "portal:policy_change", last.pk)
    assert "protected for 60 days" in page
    assert "protected for 30 days" in page
    assert "protected for 45 days" not in page
    portal.post(reverse("portal:policy_change", args=[last.pk]))
    assert "The rules changed" not in read(portal, "portal:registrations")  # the one in between is in the last


def test_a_version_that_changes_nothing_for_partners_is_not_announced(cast, portal) -> None:
    with cast.scope():
        row = put_in_force(cast, changed(live(cast), "parameters", margin=33))
        summary = summarise(policy=row, by=cast.pat, at=AT)
    assert "The rules changed" not in read(portal, "portal:registrations")
    assert portal.get(reverse("portal:policy_change", args=[summary.pk])).status_code == 404
    with acting(scope_of(cast.acme_rep)), pytest.raises(NotPossibleError, match="Nothing changed for partners"):
        acknowledge_policy(partner=cast.alpha, summary=summary, by=cast.acme_rep, at=AT)


def test_nobody_acknowledges_for_somebody_else(cast) -> None:
    summary = change(cast)
    with acting(scope_of(cast.acme_rep)), pytest.raises(NotPossibleError, match="own people"):
        acknowledge_policy(partner=cast.beta, summary=summary, by=cast.acme_rep, at=AT)
    words = {"program": cast.program, "summary": summary, "acknowledged_at": AT, "acknowledged_by_id": cast.ada.pk}
    for scope, partner in ((scope_of(cast.acme_rep), cast.beta), (scope_of(cast.ada), cast.alpha)):
        with pytest.raises(DatabaseError), acting(scope), transaction.atomic():
            PolicyAcknowledgement.objects.create(partner=partner, **words)


def test_staff_see_who_has_not_and_remind_them_once_a_day(cast, portal, client) -> None:
    now = timezone.now()
    summary = change(cast, at=now)
    with cast.scope():
        gone = factories.partner(cast, "P-GONE", "Gone Away", status="ended")
    portal.post(reverse("portal:policy_change", args=[summary.pk]))
    desk = type(client)()
    desk.force_login(cast.olga)
    page = read(desk, "review:policy_changes")
    for words in (
        "1 of 2 partners have acknowledged it",
        "Not yet (1)",
        "Acknowledged (1)",
        "Beta Industrial",
        "Remind",
    ):
        assert words in page, words
    assert "Gone Away" not in page
    assert "acme_rep" in read(desk, "review:policy_changes", show="done")
    assert "No partner fits" in read(desk, "review:policy_changes", q="nobody")
    address = reverse("review:policy_changes")
    assert (
        "A worker writes the reminders"
        in desk.post(address, {"program": cast.program.code}, follow=True).content.decode()
    )
    with cast.scope():
        reminder = PolicyReminder.objects.get()
    for _ in range(2):  # a task may run twice
        remind_of_policy(str(cast.program.pk), str(reminder.pk))
    with cast.scope():
        notice = Notice.objects.get(kind=NoticeKind.RULES_CHANGED)
        assert (notice.partner, notice.policy) == (cast.beta, summary)
        assert notice.pk.version == 7
        assert abs((notice.pk.int >> 80) - notice.sent_at.timestamp() * 1000) < 2
        assert fresh(reminder).sent == 1
        assert not Notice.objects.filter(partner=gone).exists()
    assert "wait a day" in desk.post(address, {"program": cast.program.code}, follow=True).content.decode()
    beta = type(client)()
    beta.force_login(cast.rival_rep)
    assert "Read what changes" in read(beta, "portal:notice", notice.pk)
    assert notice.subject in read(beta, "portal:notices").replace("&#x27;", "'")
    lead = type(client)()
    lead.force_login(cast.carl)
    assert (
        "Only people who may change" in lead.post(address, {"program": cast.program.code}, follow=True).content.decode()
    )


def fresh(row):
    """The row as the database has it now."""
    return type(row).objects.get(pk=row.pk)


def test_each_company_is_reminded_in_its_language(cast) -> None:
    with cast.scope():
        admin = factories.rep(cast.alpha, "acme_admin", MemberRole.ADMIN)
    with acting(scope_of(admin)):
        choose_language(partner=cast.alpha, language="de", by=admin, at=AT)
    change(cast)
    with cast.scope():
        reminder = remind_partners(program=cast.program, by=cast.olga, at=AT)
        assert send_policy_reminder(reminder=reminder, at=AT) == 2
        told = {notice.partner: notice for notice in Notice.objects.filter(kind=NoticeKind.RULES_CHANGED)}
    assert (told[cast.alpha].language, told[cast.beta].language) == ("de", "en")
    assert "Die Regeln" in told[cast.alpha].subject
    assert "Lesen Sie" in told[cast.alpha].body
    assert "Read what changes" in told[cast.beta].body


def test_however_many_partners_are_reminded_in_one_statement(cast) -> None:
    """No loop over partners: the number of queries is the same for two and for two thousand."""
    change(cast)
    counts = []
    for number in (0, 2000):
        with cast.scope():
            Partner.objects.bulk_create(
                Partner(program=cast.program, external_id=f"P-{i}", name=f"Partner {i}") for i in range(number)
            )
            reminder = remind_partners(program=cast.program, by=cast.olga, at=AT + timedelta(days=2 * len(counts)))
            with CaptureQueriesContext(connection) as found:
                told = send_policy_reminder(reminder=reminder, at=AT)
        assert told == number + 2
        counts.append(len(found))
    assert counts[0] == counts[1]


# --- own numbers ---


def test_the_numbers_are_those_of_my_registrations(cast, portal) -> None:
    now = timezone.now()
    with cast.scope():
        for status, days in (("approved", 5), ("expired", 200), ("rejected", 20), ("withdrawn", 30), ("submitted", 1),
                             ("approved", 500)):  # fmt: skip
            row = factories.draft(cast, cast.alpha)
            services.submit_registration(registration=row, by=None, at=now - timedelta(days=days))
            row.status = status
            if status in ("approved", "rejected", "expired"):
                row.decided_at = row.submitted_at + timedelta(hours=1)
            services.save_row(row, by=None, at=now, action="test")
            if status == "expired":
                services.add_activity(registration=row, kind="meeting", occurred_on=now.date(), by=None, at=now)
                terms = ProtectionTerms(program=cast.program, partner=cast.alpha, registration=row, renewals=1)
                services.save_row(terms, by=None, at=now, action="test")
        factories.submitted(cast, cast.beta)
    with acting(scope_of(cast.acme_rep)):
        card = scorecard_of(cast.alpha, now)
    whole = card.whole
    assert (whole.registered, whole.approved, whole.not_approved, whole.withdrawn, whole.under_way) == (5, 2, 1, 1, 1)
    assert (whole.lapsed, whole.renewed, whole.proved, whole.promised, whole.in_time) == (1, 1, 1, 3, 3)
    assert whole.in_time_share == "100 %"
    assert sum(row.registered for row in card.quarters) == 5
    page = read(portal, "portal:scorecard")
    assert page.count("<rect") >= 2 * len(card.quarters)
    assert "Together" in page
    assert portal.get(reverse("portal:scorecard"), {"partner": str(cast.beta.pk)}).status_code == 404


def test_the_median_is_in_open_hours_of_the_program(cast) -> None:
    """The database's arithmetic against the calendar's, across weekends, a holiday and the hour of summer time."""
    dice, now = random.Random(7), AT.replace(month=11, day=20)
    cast.program.timezone, cast.program.holidays = "Europe/Berlin", [date(2026, 5, 1), date(2026, 7, 3)]
    hours = []
    with cast.scope():
        services.change_program(program=cast.program, by=cast.pat, at=AT)
        for _ in range(31):
            row = factories.draft(cast, cast.alpha)
            sent = now - timedelta(minutes=dice.randrange(1, 500_000))
            services.submit_registration(registration=row, by=None, at=sent)
            row.status, row.decided_at = "rejected", min(now, sent + timedelta(minutes=dice.randrange(1, 9000)))
            services.save_row(row, by=None, at=now, action="test")
            hours.append(cast.program.calendar.hours_between(sent, row.decided_at))
        card = scorecard_of(fresh(cast.alpha), now)
    assert card.whole.median_hours == pytest.approx(statistics.median(hours), abs=1e-6)


def test_twenty_thousand_registrations_are_one_quick_query(cast, portal) -> None:
    first = factories.submitted(cast, cast.alpha)
    own = {"id": "gen_random_uuid()", "number": "'R-' || n", "status": "'rejected'",
           "submitted_at": "now() - n * interval '25 minutes'", "decided_at": "now() - n * interval '20 minutes'"}  # fmt: skip
    columns = [f.column for f in Registration._meta.concrete_fields]
    with cast.scope(), connection.cursor() as cursor:
        cursor.execute(
            f"insert into partners_registration ({', '.join(columns)})"
            f" select {', '.join(own.get(c, c) for c in columns)}"
            " from partners_registration, generate_series(1, 20000) n where id = %s", [first.pk],
        )  # fmt: skip
    with CaptureQueriesContext(connection) as found:
        assert "20000" in read(portal, "portal:scorecard")
    mine = [q for q in found if "percentile_cont" in q["sql"]]
    assert len(mine) == 1
    assert float(mine[0]["time"]) < 2  # seconds, on a busy machine; docs/portal.md says how it was measured
    assert len(found) <= 13


def test_a_member_of_several_companies_sees_each(cast, portal) -> None:
    with cast.scope():
        second = factories.partner(cast, "P-SECOND", "Second Company")
        services.add_member(partner=second, user=cast.acme_rep, role="partner_user", by=None, at=AT)
        approved(cast, second)
    page = read(portal, "portal:company")
    assert "My companies" in page
    assert "AG-P-SECOND" in page
    assert "Second Company" in read(portal, "portal:scorecard", partner=str(second.pk))
