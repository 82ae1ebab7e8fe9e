"""Early warnings in the database: what is read, what is kept, when it ends, and what people do about it."""

import json
from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from channelconflict.models import AuditEvent
from channelconflict.scope import acting
from conflicts.models import Signal, SignalStatus
from conflicts.services import policy_in_force
from conflicts.signals import services
from conflicts.signals.facts import WEEKS
from conflicts.signals.load import last_day, load_histories
from conflicts.signals.measure import Measure
from partners import services as partners_services
from partners.ingest import load_rows
from partners.permissions import grant_manager, scope_of
from partners.services import NotPossibleError
from reviews.tasks import look_for_signals
from tests import factories
from tests.factories import AT

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 1)  # the last whole day at AT


def loaded(cast, kind, rows):
    with cast.scope():
        load_rows(kind=kind, rows=rows, program=cast.program, by=cast.olga, at=AT, source_name=f"{kind}.csv")


def tickets(cast, partner, days, *, escalated=False):
    loaded(cast, "support_tickets", [
        {"external_id": f"S-{partner}-{days_ago}-{n}", "partner": partner, "escalated": escalated,
         "opened_at": (AT - timedelta(days=days_ago)).isoformat(), "subject": "Late parts"}
        for days_ago, number in days.items() for n in range(number)
    ])  # fmt: skip


def surge(cast):
    """A ticket every second week for a year, and nine in the last week."""
    tickets(cast, "P-ALPHA", {**dict.fromkeys(range(30, 380, 14), 1), 2: 9})


def examine(cast, at=AT):
    with cast.scope():
        return services.examine_signals(program=cast.program, at=at)


def only(cast, **which):
    with cast.scope():
        return Signal.objects.select_related("account", "acted_by").get(program=cast.program, **which)


def measure(**changes) -> Measure:
    known = {"kind": "fishing", "key": "line:pumps", "unit": "u", "observed": 9, "expected": 2, "spread": 1, "score": 7,
             "threshold": 3, "since": DAY, "until": DAY, "sentence": "Nine, not two.", "line": "pumps"} | changes  # fmt: skip
    return Measure(**known)


def keep(cast, *measures, at=AT):
    with cast.scope():
        in_force = policy_in_force(cast.program)
        return services.keep_signals(program=cast.program, measures=measures, in_force=in_force, at=at)


# What is read


def test_the_last_whole_day_is_looked_at():
    assert last_day(AT) == DAY
    assert last_day(datetime(2026, 3, 1, 23, 59, 59, tzinfo=UTC)) == DAY
    assert last_day(datetime(2026, 3, 1, 23, 59, 58, tzinfo=UTC)) == date(2026, 2, 28)


def test_events_are_counted_by_weeks_that_end_on_that_day(cast):
    for days_ago in (1, 7, 8, 60):
        factories.submitted(cast, cast.alpha, days_ago=days_ago, product_lines=["pumps", "valves"])
    factories.submitted(cast, cast.beta, days_ago=1, product_lines=["pumps"])
    factories.submitted(cast, None, days_ago=1)
    tickets(cast, "P-BETA", {1: 2, 15: 1})
    tickets(cast, "P-ALPHA", {15: 1}, escalated=True)
    with cast.scope():
        facts = load_histories(cast.program, AT)
    mine = facts.registrations[str(cast.alpha.pk)]
    assert (len(mine), mine[-1], mine[-2], mine[-9], sum(mine)) == (WEEKS, 2, 1, 1, 4)
    assert facts.tickets[str(cast.beta.pk)][-3:] == [1, 0, 2]
    assert facts.escalated == {str(cast.alpha.pk): [0] * (WEEKS - 3) + [1, 0, 0]}
    assert (facts.lines["pumps"][-1], facts.lines["valves"][-1], facts.regions["US"][-1]) == (2, 1, 2)
    assert facts.sellers[str(cast.beta.pk)].name == "Beta Industrial"
    assert facts.names["pumps"] == "Pumps"


def test_gaps_and_claims_are_read_from_what_was_done(cast):
    worked = factories.submitted(cast, cast.alpha, days_ago=200)
    silent = factories.submitted(cast, cast.alpha, days_ago=190, account_name="Nile Works", account_domain="")
    with cast.scope():
        for days_ago in (180, 170, 3):
            on = AT.date() - timedelta(days=days_ago)
            partners_services.add_activity(registration=worked, kind="meeting", occurred_on=on, by=None, at=AT)
        for row in (worked, silent):
            row.status, row.protected_from = "approved", AT - timedelta(days=100)
            row.protected_until = AT + timedelta(days=30)
            partners_services.save_row(row, by=None, at=AT, action="registration.approved")
        facts = load_histories(cast.program, AT)
    claims = {claim.id: claim for claim in facts.claims}
    assert (claims[str(worked.pk)].idle, claims[str(worked.pk)].gap) == (2, 167)
    assert (claims[str(silent.pk)].idle, claims[str(silent.pk)].gap) == (189, None)
    assert claims[str(silent.pk)].promised
    assert facts.gaps["", "", ""].n == 3
    assert facts.gaps[str(cast.alpha.pk), "", ""].n == 3
    assert facts.gaps["", "pumps", "US"].n == 3
    assert facts.probing == {}


def test_what_lay_still_in_the_crm_wakes_with_the_gap_of_its_history(cast):
    row = {"external_id": "O-1", "account": "A-ORION", "owner": "P-ALPHA", "product_lines": ["valves"], "amount": 9000,
           "currency": "USD", "stage": "qualified", "created_at": "2025-01-20T09:00:00Z"}  # fmt: skip
    loaded(cast, "crm_opportunities", [{**row, "last_activity_at": "2025-03-01T09:00:00Z"}])
    loaded(cast, "crm_opportunities", [{**row, "last_activity_at": "2026-02-25T09:00:00Z"}])
    examine(cast)
    signal = only(cast, kind="dormant_wakes")
    assert (signal.observed, signal.partner_id, signal.account.external_id) == (361, cast.alpha.pk, "A-ORION")
    assert "woke on 25 February 2026 after 361 days" in signal.sentence
    assert signal.subject.startswith("opportunity:")


def test_quotes_are_medians_by_week(cast):
    loaded(cast, "quotes", [
        {"external_id": f"Q-{n}", "seller": "P-ALPHA", "account": "A-ORION", "product_line": "valves", "unit_price": 12,
         "currency": "USD", "discount_pct": discount, "valid_from": "2026-02-27"}
        for n, discount in enumerate((5, 7, 30))
    ])  # fmt: skip
    with cast.scope():
        facts = load_histories(cast.program, AT)
    assert facts.quotes == {(str(cast.alpha.pk), "valves"): {0: (7.0, 3)}}


def test_the_queries_are_as_many_for_many_rows_as_for_few(cast):
    numbers = []
    for more in (1, 12):
        tickets(cast, "P-ALPHA", dict.fromkeys(range(10, 10 + 7 * more, 7), more))
        for days_ago in range(more):
            factories.submitted(cast, cast.alpha, days_ago=days_ago * 9 + 1)
        with cast.scope(), CaptureQueriesContext(connection) as queries:
            load_histories(cast.program, AT)
        numbers.append(len(queries))
    assert numbers[0] == numbers[1] <= 10


def test_nothing_of_another_program_is_read(cast):
    other = factories.make_cast("southwind")
    surge(other)
    with cast.scope():
        facts = load_histories(cast.program, AT)
    assert facts.tickets == {}
    assert {seller.name for seller in facts.sellers.values()} == {"Alpha Flow", "Beta Industrial"}
    assert examine(cast).new == ()


# What is kept


def test_a_surge_is_raised_once_with_its_numbers_and_owner(cast):
    surge(cast)
    change = examine(cast)
    signal = only(cast)
    assert change.new == (signal.pk,)
    assert (signal.kind, signal.partner_id, signal.observed, signal.status) == (
        "ticket_surge",
        cast.alpha.pk,
        9,
        "open",
    )
    assert signal.score >= signal.threshold == 4
    assert signal.sentence.startswith("Alpha Flow: 9 support tickets in the last")
    assert (signal.owner, signal.until, signal.series[-1]) == ("partner_manager", DAY, ["2026-02-23", 9.0])
    again = examine(cast, AT + timedelta(hours=5))
    assert (again.new, again.gone, again.standing) == ((), (), 1)
    assert only(cast).seen_at == AT + timedelta(hours=5)


def test_a_partner_without_a_manager_is_the_channel_leads(cast):
    tickets(cast, "P-BETA", {**dict.fromkeys(range(30, 380, 14), 1), 2: 9})
    examine(cast)
    assert only(cast).owner == "channel_lead"
    with cast.scope():
        grant_manager(cast.bob, cast.beta)
    examine(cast)
    assert only(cast).owner == "partner_manager"


def test_it_ends_by_itself_when_its_cause_is_gone_and_may_come_again(cast):
    surge(cast)
    examine(cast)
    later = AT + timedelta(days=60)
    change = examine(cast, later)
    signal = only(cast)
    assert change.gone == (signal.pk,)
    assert (signal.status, signal.outcome, signal.gone_at) == ("closed", "gone", later)
    keep(cast, measure(kind="ticket_surge", key=signal.subject, partner=str(cast.alpha.pk), line=""), at=later)
    with cast.scope():
        assert Signal.objects.filter(subject=signal.subject).count() == 2


def test_the_database_allows_one_standing_signal_a_subject(cast):
    keep(cast, measure())
    signal = only(cast)
    signal.pk = None
    signal._state.adding = True
    with pytest.raises(IntegrityError, match="signal_once"), cast.scope(), transaction.atomic():
        Signal(**{f.attname: getattr(signal, f.attname) for f in Signal._meta.fields if f.name != "id"}).save(
            force_insert=True
        )


def test_a_weak_measure_keeps_a_signal_up_but_raises_none(cast):
    weak = measure(score=2)
    assert keep(cast, weak).new == ()
    keep(cast, measure())
    assert keep(cast, weak).standing == 1
    assert only(cast).score == 2
    assert keep(cast).gone


def test_what_a_person_closed_is_not_raised_again_while_it_lasts(cast):
    keep(cast, measure())
    with cast.scope():
        services.close_signal(signal=only(cast), outcome="false_alarm", reason="The fair.", by=cast.carl, at=AT)
    assert keep(cast, measure()).new == ()
    signal = only(cast)
    assert (signal.status, signal.outcome, signal.gone_at, signal.acted_by) == (
        "closed",
        "false_alarm",
        None,
        cast.carl,
    )
    keep(cast)
    assert only(cast).outcome == "false_alarm"
    assert len(keep(cast, measure()).new) == 1


def test_a_look_that_changes_something_is_on_the_record(cast):
    keep(cast, measure())
    keep(cast, measure())
    keep(cast)
    with cast.scope():
        events = AuditEvent.objects.filter(action="signals.examined").order_by("sequence")
        bodies = [json.loads(event.body)["facts"] for event in events]
    assert [(len(body["new"]), len(body["gone"])) for body in bodies] == [(1, 0), (0, 1)]


# What people do


def test_a_signal_is_acknowledged_snoozed_closed_and_opened_again(cast):
    keep(cast, measure())
    signal, tomorrow = only(cast), AT.date() + timedelta(days=1)
    with cast.scope():
        signal = services.acknowledge_signal(signal=signal, by=cast.ada, at=AT)
        assert (signal.status, signal.acted_by, signal.acted_at) == ("acknowledged", cast.ada, AT)
        signal = services.snooze_signal(signal=signal, until=tomorrow, reason=" The fair. ", by=cast.ada, at=AT)
        assert (signal.status, signal.snoozed_until, signal.reason) == ("snoozed", tomorrow, "The fair.")
        signal = services.close_signal(signal=signal, outcome="true", reason="", by=cast.carl, at=AT)
        assert (signal.status, signal.outcome, signal.snoozed_until) == ("closed", "true", None)
        signal = services.reopen_signal(signal=signal, by=cast.carl, at=AT)
        assert (signal.status, signal.outcome) == ("open", "")
        acts = AuditEvent.objects.filter(subject_id=signal.pk).order_by("sequence").values_list("action", flat=True)
        assert list(acts) == ["signal.acknowledged", "signal.snoozed", "signal.closed", "signal.reopened"]


def test_a_snooze_ends_on_its_day_if_the_cause_stands_and_before_if_not(cast):
    keep(cast, measure(), measure(key="line:valves"))
    day = AT.date() + timedelta(days=7)
    with cast.scope():
        for signal in Signal.objects.all():
            services.snooze_signal(signal=signal, until=day, reason="The fair.", by=cast.ada, at=AT)
    keep(cast, measure(), at=AT + timedelta(days=3))
    assert only(cast, subject="line:pumps").status == SignalStatus.SNOOZED
    assert only(cast, subject="line:valves").outcome == "gone"
    keep(cast, measure(), at=AT + timedelta(days=7))
    assert only(cast, subject="line:pumps").status == SignalStatus.OPEN


def test_what_is_refused_says_why(cast):
    keep(cast, measure())
    signal = only(cast)
    refused = [
        ("has to lie ahead", services.snooze_signal, {"until": AT.date(), "reason": "x"}),
        ("why it can wait", services.snooze_signal, {"until": AT.date() + timedelta(days=1), "reason": " "}),
        ("something to it", services.close_signal, {"outcome": "gone", "reason": ""}),
        ("the signal is open", services.reopen_signal, {}),
    ]
    with cast.scope():
        for sentence, service, values in refused:
            with pytest.raises(NotPossibleError, match=sentence):
                service(signal=signal, by=cast.ada, at=AT, **values)
    keep(cast)
    with cast.scope(), pytest.raises(NotPossibleError, match="is gone since 2 Mar 2026"):
        services.acknowledge_signal(signal=signal, by=cast.ada, at=AT)


# The command, the night, the walls


def test_the_command_looks_and_tells(cast):
    surge(cast)
    out = StringIO()
    call_command("signals", "--as-of", "2026-03-01", "--json", stdout=out)
    told = json.loads(out.getvalue())
    assert (told["new"], told["gone"], told["standing"]) == (1, 0, 1)
    assert told["signals"][0]["kind"] == "ticket_surge"
    out = StringIO()
    call_command("signals", "--as-of", "2026-03-01T23:59:59Z", stdout=out)
    assert "Alpha Flow: 9 support tickets" in out.getvalue()
    assert "0 new, 0 gone, 1 standing" in out.getvalue()
    with pytest.raises(CommandError, match="no program with the code 'nowhere'"):
        call_command("signals", "--program", "nowhere")


def test_the_night_looks_at_every_program(cast, caplog):
    other = factories.make_cast("southwind")
    with other.scope():
        m_policy = policy_in_force(other.program).row
        m_policy.status, m_policy.retired_at = "retired", factories.AT
        m_policy.save()
    look_for_signals()
    assert "looking for signals failed in program southwind" in caplog.text
    assert "northwind" not in caplog.text


def test_a_partners_people_and_other_programs_see_no_signal(cast):
    keep(cast, measure(partner=str(cast.alpha.pk), key=f"partner:{cast.alpha.pk}"))
    other = factories.make_cast("southwind")
    with other.scope():
        assert not Signal.objects.exists()
    with pytest.raises(Exception, match="permission denied"), acting(scope_of(cast.acme_rep)):
        list(Signal.objects.all())
