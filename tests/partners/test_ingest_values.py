"""Each cell is read, or its sentence says what was expected."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from partners.ingest import kinds
from partners.ingest.values import (
    BadValueError,
    Choice,
    Country,
    Day,
    DealStage,
    Domain,
    Email,
    Flag,
    ListOf,
    Moment,
    Number,
    Party,
    Reading,
    Text,
)

CELL = datetime.fromisoformat("2026-03-02T09:00:00")  # a cell of a workbook has no zone
BERLIN = Reading(ZoneInfo("Europe/Berlin"))
DOTTED = Reading(ZoneInfo("UTC"), ("%d-%m-%y",))
MONEY, WHOLE, PERCENT = Number(18, 2), Number(9, 0), Number(5, 2, highest=100)


@pytest.mark.parametrize(
    ("column", "value", "read"),
    [
        (Text(5), "  =1+1 ", "=1+1"),  # a formula is data
        (Text(9), 77002, "77002"),
        (Text(9), 77002.0, "77002"),
        (Text(10), date(2026, 3, 31), "2026-03-31"),
        (Country(), " de ", "DE"),
        (kinds.SUBDIVISION, "us-ca", "US-CA"),
        (kinds.CURRENCY, "eur", "EUR"),
        (kinds.DUNS, "15-048-3782", "150483782"),
        (Domain(), "https://www.Orion.example/about", "orion.example"),
        (Domain(), "buyer@shop.orion.co.uk", "orion.co.uk"),
        (Domain(), "gmail.com", "gmail.com"),
        (Choice(("closed_lost", "sow_signed")), "SOW signed", "sow_signed"),
        (DealStage(), "Closed Won", "closed_won"),
        (Flag(), "Yes", True),
        (Flag(), 0, False),
        (Flag(), 1.0, True),
        (MONEY, "1234.5", Decimal("1234.50")),
        (MONEY, 1e6, Decimal("1000000.00")),
        (MONEY, 0.1 + 0.2, Decimal("0.30")),
        (WHOLE, "2822.0", 2822),
        (Day(), "2026-03-31", date(2026, 3, 31)),
        (Day(), CELL, date(2026, 3, 2)),
        (Day(), "2026-03-31T09:00:00Z", date(2026, 3, 31)),
        (Moment(), "2026-03-02T09:00:00Z", datetime(2026, 3, 2, 9, tzinfo=UTC)),
        (Moment(), "2026-03-02T09:00:00", datetime(2026, 3, 2, 8, tzinfo=UTC)),
        (Moment(), "2026-07-02", datetime(2026, 7, 1, 22, tzinfo=UTC)),
        (Moment(), CELL, datetime(2026, 3, 2, 8, tzinfo=UTC)),
        (Party(), "Direct", "direct"),
        (ListOf(Country()), "de; FR;;de", ["DE", "FR"]),
        (ListOf(Text(9)), ["a", "b", "a", None], ["a", "b"]),
        (ListOf(Text(9)), 325, ["325"]),
    ],
)
def test_a_cell_is_read(column, value, read):
    assert column.read(value, BERLIN) == read


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        (Country(), "Deutschlnd", "is not a two-letter ISO country code (like DE)"),
        (Country(), "UK", "is not a two-letter ISO country code"),
        (kinds.SUBDIVISION, "California", "is not an ISO 3166-2 state or province (like US-CA)"),
        (kinds.CODE, "GTX Pro", "is not a code of small letters"),
        (Text(3), "four", "is 4 characters long; 3 are allowed"),
        (Text(3), {"a": 1}, "is not a text"),
        (Text(3), True, "is not a text"),
        (Email(), "nobody", "is not an e-mail address"),
        (Choice(("a", "b")), "c", "is not one of a, b"),
        (DealStage(), "Won", "write closed_won or closed_lost"),
        (Flag(), "maybe", "is not true or false"),
        (MONEY, "1,234.56", "is not a number with up to 2 decimals, 0 or more (written like 1234.56)"),
        (MONEY, "12.345", "is not a number with up to 2 decimals"),
        (MONEY, "NaN", "is not a number"),
        (MONEY, "Infinity", "is not a number"),
        (MONEY, "1e999999", "is not a number"),
        (MONEY, "1_000", "is not a number"),
        (MONEY, "-1", "is out of range"),
        (MONEY, "1" * 30, "is out of range"),
        (MONEY, True, "is not a number"),
        (WHOLE, "2.5", "is not a whole number"),
        (MONEY, 12.345, "is not a number with up to 2 decimals"),
        (WHOLE, 2.5, "is not a whole number"),
        (PERCENT, "101", "a number with up to 2 decimals from 0 to 100 is expected"),
        (Day(), "31.03.2026", "is not a date (like 2026-03-31)"),
        (Day(), 46000, "is not a date"),
        (Moment(), "soon", "is not a date and time"),
        (Moment(), "0001-01-01", "is not between the years 1900 and 9998"),
        (ListOf(Country()), "de;xx", "has an entry that is not a two-letter ISO country code"),
    ],
)
def test_what_is_wrong_with_a_cell_is_a_sentence(column, value, expected):
    with pytest.raises(BadValueError) as error:
        column.read(value, BERLIN)
    assert expected in str(error.value)


def test_a_date_format_is_tried_before_iso():
    assert Day().read("20-10-16", DOTTED) == date(2016, 10, 20)
    assert Day().read("2016-10-20", DOTTED) == date(2016, 10, 20)
    with pytest.raises(BadValueError, match="nor of the map's date_format %d-%m-%y"):
        Day().read("10/20/16", DOTTED)
