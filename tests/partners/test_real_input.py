"""docs/real-input.md does what it says: its commands run on the real records, and its table holds."""

import re
import shlex
from collections import Counter
from pathlib import Path

import pytest
from django.core.management import call_command

from channelconflict.scope import staff_of
from partners.ingest.kinds import BY_NAME
from partners.models import Account, CrmOpportunity, Partner, Registration, Territory, TerritoryAssignment
from reviews.programs import create_program
from tests import factories

ROOT = Path(__file__).resolve().parent.parent.parent
TEXT = (ROOT / "docs" / "real-input.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"manage\.py import_records (.+)", TEXT)
TABLE = {kind: int(count) for kind, count in re.findall(r"^\| (\w+) \|.*\| (\d+) \|$", TEXT, re.MULTILINE)}


@pytest.fixture
def real(db, real_data):
    """A program with all the real records, entered as its staff."""
    program = create_program(code="real", name="Real records", at=factories.AT)
    for command in COMMANDS:
        words = command.replace("$DATA", str(real_data)).replace("$MAPS", str(ROOT / "docs" / "real-input"))
        call_command("import_records", *shlex.split(words), verbosity=0)
    with staff_of(program.pk):
        yield program


def test_every_map_is_used():
    maps = {path.name for path in (ROOT / "docs" / "real-input").iterdir()}
    assert {name for name in maps if f"$MAPS/{name}" in TEXT} == maps


@pytest.mark.slow
def test_the_real_records_come_in_as_the_table_says(real):
    assert {kind: BY_NAME[kind].model.objects.count() for kind in TABLE} == TABLE
    assert Counter(Partner.objects.values_list("type", flat=True)) == {"reseller": 233, "var": 238, "distributor": 232}
    west = Territory.objects.get(name="Northwest")
    assert west.countries == ["US"]
    assert set(west.subdivisions) == {f"US-{state}" for state in ("ID", "MT", "NV", "OR", "UT", "WA", "WY")}
    assert TerritoryAssignment.objects.filter(direct=True, role="owner").count() == 10
    korean = Account.objects.get(name="Hottechi")
    assert (korean.country, korean.industry, int(korean.annual_revenue)) == ("KR", "technology", 8_170_380_000)
    assert Account.objects.exclude(parent=None).count() == 15
    assert Account.objects.exclude(lei="").count() == 20_000
    opportunities = CrmOpportunity.objects.all()
    assert opportunities.filter(account=None).count() == 1425
    assert opportunities.filter(created_at=None, stage="prospecting", direct=True).count() == 500
    assert opportunities.filter(product_lines=["gtx-pro"]).count() == 1480
    registered = Counter(Registration.objects.values_list("partner__external_id", flat=True))
    assert registered == {"OFFICE-EAST": 137, "OFFICE-WEST": 230}
