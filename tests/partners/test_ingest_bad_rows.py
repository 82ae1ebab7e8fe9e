"""A bad row is told in a sentence, loads nothing, and can be left out."""

import pytest

from partners.ingest import BadRowsError
from partners.models import ImportBatch

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


@pytest.mark.parametrize(
    ("kind", "row", "sentence"),
    [
        (
            "accounts",
            {"external_id": "X", "name": "X", "country": "Deutschlnd"},
            "row 1, column country: 'Deutschlnd' is not a two-letter ISO country code (like DE)",
        ),
        ("accounts", {"external_id": "X"}, "row 1, column name: is missing, and a new record needs it"),
        (
            "accounts",
            {"external_id": "X", "name": " "},
            "row 1, column name: is empty; expected is text, up to 500 characters",
        ),
        (
            "accounts",
            {"external_id": "X", "name": "a\0b"},
            "row 1, column name: contains a NUL character, which is not text",
        ),
        (
            "accounts",
            {"external_id": "X", "name": "\ud800"},
            "row 1, column name: contains half a character (a lone surrogate), which is not text",
        ),
        (
            "accounts",
            {"external_id": "X", "name": "X", "employees": float("inf")},
            "row 1, column employees: is no finite number",
        ),
        ("partners", {"external_id": "Direct", "name": "X"}, "row 1, column external_id: is direct, the word for"),
        ("accounts", "text", "row 1: is not an object with the columns as its keys"),
        (
            "agreements",
            {"external_id": "X", "partner": "P-9"},
            "row 1, column partner: 'P-9' is no partner of this program",
        ),
        (
            "agreements",
            {"external_id": "X", "partner": "P-1", "product_lines": ["pmps"]},
            "row 1, column product_lines: 'pmps' is no product line of this program (there are: controls, pumps",
        ),
        (
            "agreements",
            {"external_id": "X", "partner": "P-1", "valid_from": "2026-02-01", "valid_until": "2026-01-01"},
            "row 1, column valid_until: 2026-01-01 comes before valid_from 2026-02-01",
        ),
        (
            "partners",
            {"external_id": "X", "name": "X", "tier": "platinum"},
            "row 1, column tier: 'platinum' is no tier of this program (there are: gold, silver)",
        ),
        (
            "territories",
            {"external_id": "X", "name": "X", "named_accounts": ["A-1", "A-9"]},
            "row 1, column named_accounts: 'A-9' is no account of this program",
        ),
        (
            "territories",
            {"external_id": "X", "name": "X", "employees_min": 9, "employees_max": 1},
            "row 1, column employees_max: 1 comes before employees_min 9",
        ),
        (
            "exceptions",
            {"external_id": "X", "account": "A-1", "reason": "r", "owner_email": "a@b.example", "lifts": ["typo"]},
            "row 1, column lifts: '['typo']' has an entry that is not one of duplicate_registration",
        ),
        ("registrations", {**DEAL, "product_lines": []}, "row 1, column product_lines: is empty; expected is list"),
        ("registrations", {**DEAL, "product_lines": ";"}, "row 1, column product_lines: is empty; expected is list"),
        (
            "registrations",
            {**DEAL, "submitted_at": None},
            "row 1, column submitted_at: is empty; a registration with the status",
        ),
        (
            "registrations",
            {**DEAL, "status": "approved", "protected_from": "2026-03-01"},
            "row 1, column protected_until: protected_from and protected_until are given together or not at all",
        ),
        (
            "registrations",
            {**DEAL, "protected_from": "2026-03-01", "protected_until": "2026-03-01"},
            "row 1, column protected_until: 2026-02-28 is not after protected_from",
        ),
        (
            "activities",
            {"registration": "R-9", "kind": "meeting", "occurred_on": "2026-01-01"},
            "row 1, column registration: 'R-9' is no registration of this program",
        ),
        (
            "ownerships",
            {"account": "A-1", "owner": "P-1", "share_pct": 0},
            "row 1, column share_pct: is 0; leave it empty",
        ),
        ("tiers", {"code": "x", "name": "X", "rank": 99999}, "row 1, column rank: '99999' is out of range"),
        (
            "partners",
            {"external_id": "P-9", "name": "Self", "distributor": "P-9"},
            "row 1, column distributor: is the record itself",
        ),
        (
            "ownerships",
            {"account": "A-1", "owner": "P-1", "share_pct": 60},
            "row 1, column share_pct: the shares of this account's owners sum to 60.00, not to 100",
        ),
    ],
)
def test_a_bad_row_gets_a_sentence_and_nothing_is_loaded(load, base, kind, row, sentence):
    before = ImportBatch.objects.count()
    found = problems(load, kind, row)
    assert len(found) == 1
    assert found[0].startswith(sentence)
    assert ImportBatch.objects.count() == before


def test_an_unknown_key_of_a_row_is_named(load, base):
    (found,) = problems(load, "tiers", {"code": "x", "name": "X", "colour": "red"})
    assert found == (
        "row 1, column colour: tiers have no such column, only code, name, rank, max_deal_amount,"
        " capacity, max_discount_pct"
    )


def test_every_bad_row_is_told_and_the_text_stops_at_fifty(load):
    rows = [{"external_id": f"A-{n}", "name": "X", "country": "??"} for n in range(60)]
    with pytest.raises(BadRowsError) as caught:
        load("accounts", *rows)
    assert len(caught.value.errors) == 60
    assert str(caught.value).splitlines()[-1] == "... and 10 more."


def test_a_key_said_twice(load, base):
    row = {"external_id": "A-5", "name": "Five"}
    assert counts(load("accounts", row, row)) == (1, 0, 1)
    assert problems(load, "accounts", row, {**row, "name": "Fünf"}) == [
        "row 2: says something else of the same accounts than row 1"
    ]


def test_skip_bad_leaves_out_bad_rows_and_what_hangs_on_them(load):
    rows = [
        {"external_id": "A-1", "name": "One"},
        {"external_id": "A-2", "name": "Two", "country": "??"},
        {"external_id": "A-3", "name": "Three", "parent": "A-2"},
        {"external_id": "A-4", "name": "Four", "parent": "A-3"},
        {"external_id": "A-5", "name": "Five", "parent": "A-1"},
    ]
    result = load("accounts", *rows, skip_bad=True)
    assert counts(result) == (2, 0, 0)
    assert {error.row for error in result.errors} == {2, 3, 4}
    assert result.rejected == 3
    assert ImportBatch.objects.get(kind="accounts").rejected == 3
