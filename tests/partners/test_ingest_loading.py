"""Rows become records: all or none, once, with their history, their source and one act on the record."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from channelconflict.models import AuditEvent
from partners.ingest import KINDS, BadRowsError
from partners.models import (
    Account,
    AccountException,
    AccountName,
    Activity,
    Evidence,
    ImportBatch,
    Ownership,
    Partner,
    PriceQuote,
    Registration,
    SourceRecord,
    Territory,
    TerritoryAssignment,
)
from reviews.training.shelf import FOLDER

EXERCISES = sorted(FOLDER.glob("0*.json"))
DEAL = {
    "external_id": "R-1",
    "partner": "P-1",
    "account_name": "Orion",
    "product_lines": ["pumps"],
    "submitted_at": "2026-02-27T12:00:00Z",
}


def counts(result):
    return result.created, result.updated, result.unchanged


def problems(load, kind, *rows, **options):
    with pytest.raises(BadRowsError) as caught:
        load(kind, *rows, **options)
    return [str(error) for error in caught.value.errors]


def test_an_account_comes_in_with_names_history_source_and_act(load, program):
    row = {
        "external_id": "A-1",
        "name": "ORION Chemicals, Inc.",
        "domain": "WWW.orion.example",
        "aliases": "Orion; OC AG",
    }
    assert counts(load("accounts", row, source_name="accounts.csv")) == (1, 0, 0)
    account = Account.objects.get()
    assert (account.domain, account.segment, account.country) == ("orion.example", "standard", "")
    assert set(account.names.values_list("key", flat=True)) == {"orion chem", "orion", "oc"}
    batch = ImportBatch.objects.get(kind="accounts")
    assert account.history.get().history_change_reason == f"imported from accounts.csv, batch {batch.pk}"
    source = SourceRecord.objects.get(target_id=account.pk)
    assert (source.batch_id, source.line, source.external_id, source.raw) == (batch.pk, 1, "A-1", row)
    act = AuditEvent.objects.get(subject_id=batch.pk)
    facts = json.loads(act.body)["facts"]
    assert act.action == "import.loaded"
    assert (facts["kind"], facts["created"], facts["sha256"]) == ("accounts", 1, batch.sha256)


def test_the_same_rows_again_write_nothing(load, base, program):
    rows = {
        "agreements": {"external_id": "AG", "partner": "P-1", "product_lines": ["pumps"], "max_discount_pct": 15},
        "territories": {"external_id": "T", "name": "T", "countries": ["US"], "named_accounts": ["A-1"]},
        "territory_assignments": {"territory": "T", "assignee": "direct"},
        "ownerships": {"account": "A-1", "owner": "P-1", "valid_from": "2025-01-01", "share_pct": "100"},
        "quotes": {"external_id": "Q", "seller": "P-1", "account": "A-1", "product_line": "pumps", "unit_price": 9.5},
        "crm_opportunities": {"external_id": "O", "owner": "direct", "stage": "open", "created_at": "2026-01-01"},
        "registrations": DEAL,
        "activities": {"registration": "R-1", "kind": "meeting", "occurred_on": "2026-02-01"},
        "evidence": {"registration": "R-1", "kind": "customer letter", "verified": True},
        "support_tickets": {"external_id": "S", "partner": "P-1", "opened_at": "2026-01-01T00:00:00Z"},
        "exceptions": {
            "external_id": "E",
            "account": "A-1",
            "lifts": ["account_owned"],
            "reason": "Agreed.",
            "owner_email": "a@b.example",
        },
    }
    first = {kind: counts(load(kind, row)) for kind, row in rows.items()}
    assert set(first.values()) == {(1, 0, 0)}
    before = SourceRecord.objects.count(), Registration.history.count(), Territory.objects.get().version
    assert {counts(load(kind, row)) for kind, row in rows.items()} == {(0, 0, 1)}
    assert before == (SourceRecord.objects.count(), Registration.history.count(), Territory.objects.get().version)


def test_a_changed_row_changes_only_what_it_says(load, base):
    assert counts(load("partners", {"external_id": "P-1", "status": "suspended"})) == (0, 1, 0)
    partner = Partner.objects.get(external_id="P-1")
    assert (partner.name, partner.status, partner.tier.code) == ("Alpha Flow", "suspended", "gold")
    newest = partner.history.order_by("-history_date", "-history_id").first()
    assert partner.history.count() == 2
    assert newest.status in ("suspended", "active")
    assert counts(load("partners", {"external_id": "P-1", "tier": None})) == (0, 1, 0)
    assert Partner.objects.get(external_id="P-1").tier is None


def test_a_versioned_row_counts_its_versions(load, base):
    load("territories", {"external_id": "T", "name": "T"})
    load("territories", {"external_id": "T", "name": "T", "countries": "US;CA"})
    territory = Territory.objects.get()
    assert (territory.version, territory.countries) == (2, ["US", "CA"])


def test_a_new_alias_alone_is_an_update_and_old_names_stay(load, base):
    assert counts(load("accounts", {"external_id": "A-1", "aliases": ["OC Group"]})) == (0, 1, 0)
    assert counts(load("accounts", {"external_id": "A-1", "name": "Orion Holding"})) == (0, 1, 0)
    keys = set(AccountName.objects.filter(account__external_id="A-1").values_list("key", flat=True))
    assert keys == {"orion chem", "oc grp", "orion hldg"}


def test_parents_may_stand_anywhere_in_the_file(load):
    rows = [
        {"external_id": f"A-{n}", "name": f"Name {n}", "parent": f"A-{n + 1}" if n < 9 else None} for n in range(10)
    ]
    assert counts(load("accounts", *rows)) == (10, 0, 0)
    assert Account.objects.get(external_id="A-3").parent.external_id == "A-4"
    assert Account.history.count() == 10  # none was written twice to get its parent


def test_a_parent_that_never_comes_and_circles_are_refused(load, base):
    assert problems(load, "accounts", {"external_id": "X", "name": "X", "parent": "NOBODY"}) == [
        "row 1, column parent: 'NOBODY' is no account of this program"
    ]
    circle = [{"external_id": a, "name": a, "parent": b} for a, b in ("XY", "YZ", "ZX")]
    assert problems(load, "accounts", *circle)[0].endswith("names a parent that leads back to the row itself: a circle")
    assert len(problems(load, "accounts", *circle)) == 3
    assert problems(load, "partners", {"external_id": "P-1", "distributor": "P-2"})  # P-2 buys through P-1
    assert not Account.objects.filter(external_id__in=["X", "Y", "Z"]).exists()


def test_dry_run_checks_everything_and_changes_nothing(load, program):
    before = ImportBatch.objects.count(), AuditEvent.objects.count()
    assert counts(load("accounts", {"external_id": "A", "name": "A"}, dry_run=True)) == (1, 0, 0)
    assert problems(load, "accounts", {"external_id": "A", "name": "A", "parent": "Q"}, dry_run=True)
    assert before == (ImportBatch.objects.count(), AuditEvent.objects.count())
    assert not Account.objects.exists()


def test_no_rows_leave_no_trace(load, program):
    before = ImportBatch.objects.count()
    assert counts(load("accounts")) == (0, 0, 0)
    assert ImportBatch.objects.count() == before


def test_direct_and_partner_are_told_apart(load, base):
    load("territories", {"external_id": "T", "name": "T"})
    load(
        "territory_assignments",
        {"territory": "T", "assignee": "DIRECT"},
        {"territory": "T", "assignee": "P-1", "role": "support"},
    )
    found = TerritoryAssignment.objects.values_list("direct", "partner__external_id", "role")
    assert set(found) == {(True, None, "owner"), (False, "P-1", "support")}
    exception = {
        "external_id": "E",
        "account": "A-1",
        "lifts": "account_owned",
        "reason": "r",
        "owner_email": "a@b.example",
    }
    load("exceptions", {**exception, "party": "P-1"}, {**exception, "external_id": "F"})
    assert set(AccountException.objects.values_list("partner__external_id", "direct")) == {
        ("P-1", False),
        (None, False),
    }


def test_a_registration_keeps_what_was_typed_and_gets_its_clock(load, base):
    load("registrations", {**DEAL, "account_domain": "WWW.Orion.example", "amount": "40000", "currency": "usd"})
    row = Registration.objects.get()
    assert (row.account_domain, row.amount, row.currency) == ("WWW.Orion.example", Decimal("40000"), "USD")
    assert row.created_at == row.submitted_at == datetime(2026, 2, 27, 12, tzinfo=UTC)
    assert row.due_at == datetime(2026, 3, 3, 12, tzinfo=UTC)  # a Friday; the weekend does not count
    assert list(Registration.objects.awaiting_assessment()) == [row]
    load("registrations", {**DEAL, "external_id": "R-2", "partner": "direct", "status": "draft", "submitted_at": None})
    draft = Registration.objects.get(external_id="R-2")
    assert (draft.direct, draft.partner, draft.due_at) == (True, None, None)


def test_the_course_of_an_assessed_registration_is_ours(load, base):
    load("registrations", DEAL)
    Registration.objects.update(status="approved", assessed_at=datetime(2026, 3, 1, tzinfo=UTC))
    assert counts(load("registrations", DEAL)) == (0, 0, 1)
    assert counts(load("registrations", {**DEAL, "note": "Bigger now."})) == (0, 1, 0)
    row = Registration.objects.get()
    assert (row.status, row.note) == ("approved", "Bigger now.")


def test_proof_belongs_to_the_partner_of_its_registration(load, base):
    load("registrations", DEAL, {**DEAL, "external_id": "R-2", "partner": "direct"})
    load(
        "activities", *({"registration": r, "kind": "sow_signed", "occurred_on": "2026-02-01"} for r in ("R-1", "R-2"))
    )
    load("evidence", {"registration": "R-1", "kind": "customer_letter", "verified": "yes", "note": "=HYPERLINK()"})
    assert set(Activity.objects.values_list("partner__external_id", flat=True)) == {"P-1", None}
    evidence = Evidence.objects.get()
    assert (evidence.partner.external_id, evidence.verified, evidence.note) == ("P-1", True, "=HYPERLINK()")


def test_shares_of_a_split_come_in_together(load, base):
    split = [
        {"account": "A-1", "owner": owner, "share_pct": 50, "product_lines": ["pumps"]} for owner in ("P-1", "direct")
    ]
    assert counts(load("ownerships", *split)) == (2, 0, 0)
    assert set(Ownership.objects.values_list("share_pct", flat=True)) == {Decimal(50)}


def test_quotes_and_days(load, base):
    load(
        "quotes",
        {
            "external_id": "Q",
            "seller": "direct",
            "account": "A-2",
            "product_line": "pumps",
            "unit_price": "1.2345",
            "valid_until": "2026-12-31",
        },
    )
    quote = PriceQuote.objects.get()
    assert (quote.unit_price, quote.product_line, quote.valid_until) == (Decimal("1.2345"), "pumps", date(2026, 12, 31))


def test_the_number_of_queries_does_not_grow_with_the_rows(load, base):
    def cost(many, start):
        rows = [{"external_id": f"A-{start + n}", "name": f"Name {n}", "parent": "A-1"} for n in range(many)]
        with CaptureQueriesContext(connection) as queries:
            load("accounts", *rows)
        return len(queries)

    assert cost(3, 100) == cost(900, 200) < 30


@pytest.mark.parametrize("path", EXERCISES, ids=lambda path: path.stem)
def test_the_records_of_an_exercise_load_in_the_order_of_kinds(load, program, path):
    records = json.loads(path.read_text())["records"]
    for kind in KINDS:
        rows = records.get(kind, [])
        result = load(kind, *rows)
        assert result.created + result.updated + result.unchanged == len(rows)


def test_times_are_the_programs_where_none_are_given(load, base):
    load("registrations", {**DEAL, "submitted_at": "2026-02-27 12:00"})
    assert Registration.objects.get().submitted_at == datetime(2026, 2, 27, 11, tzinfo=UTC)
    assert Registration.objects.get().created_at < datetime.now(UTC) + timedelta(days=1)
