"""A bare program to import into, entered as its staff."""

from datetime import UTC, datetime

import pytest

from channelconflict.scope import staff_of
from partners.ingest import load_rows
from partners.models import Program

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


@pytest.fixture
def program(db):
    """A program with product lines and tiers; the test runs in its staff scope."""
    made = Program(code="imports", name="Imports", timezone="Europe/Berlin", created_at=NOW)
    with staff_of(made.pk):
        made.save()
        lines = [{"code": code, "name": code.title()} for code in ("pumps", "valves", "controls")]
        load_rows(kind="product_lines", rows=lines, program=made, by=None, at=NOW, source_name="lines")
        tiers = [
            {"code": "silver", "name": "Silver", "rank": 1, "max_deal_amount": 100000},
            {"code": "gold", "name": "Gold"},
        ]
        load_rows(kind="tiers", rows=tiers, program=made, by=None, at=NOW, source_name="tiers")
        yield made


@pytest.fixture
def load(program):
    """load(kind, *rows, **options) into the program."""

    def load(kind, *rows, **options):
        given = {"by": None, "at": NOW, "source_name": "test"} | options
        return load_rows(kind=kind, rows=list(rows), program=program, **given)

    return load


@pytest.fixture
def base(load):
    """A partner each of two kinds, and two accounts."""
    load(
        "partners",
        {"external_id": "P-1", "name": "Alpha Flow", "tier": "gold"},
        {"external_id": "P-2", "name": "Beta", "distributor": "P-1"},
    )
    load(
        "accounts",
        {"external_id": "A-1", "name": "Orion Chemicals Inc.", "domain": "www.orion.example", "country": "us"},
        {"external_id": "A-2", "name": "Lyra Water", "parent": "A-1"},
    )
