"""The kinds agree with the models, the policy, the exercises and their reference."""

import json
from pathlib import Path

import pytest

from conflicts.policy import KINDS as FINDINGS
from partners.countries import COUNTRIES
from partners.ingest import KINDS
from partners.ingest.columns import columns_as_markdown
from partners.ingest.kinds import BY_NAME, FINDING_KINDS
from partners.ingest.references import target_of
from reviews.training.shelf import FOLDER

ROOT = Path(__file__).resolve().parent.parent.parent
EXERCISES = sorted(FOLDER.glob("*.json"))


def test_an_exception_may_lift_every_kind_of_finding():
    assert set(FINDING_KINDS) == {*FINDINGS, "territory_overlap"}


@pytest.mark.parametrize("kind", BY_NAME.values(), ids=lambda kind: kind.name)
def test_every_column_fits_its_field(kind):
    fields = {field.attname: field for field in kind.model._meta.concrete_fields}
    for column in kind.columns:
        field = fields[column.attribute]
        length = getattr(column.type, "length", 0)
        assert not length or not field.max_length or length <= field.max_length, column.name
    assert set(kind.key_attributes) <= set(fields)


def test_kinds_come_before_what_refers_to_them():
    for place, name in enumerate(KINDS):
        targets = {target_of(column) for column in BY_NAME[name].columns} - {"", name}
        assert targets <= set(KINDS[:place])


@pytest.mark.parametrize("path", EXERCISES, ids=lambda path: path.stem)
def test_exercises_use_these_columns(path):
    for kind, rows in json.loads(path.read_text())["records"].items():
        for row in rows:
            assert set(row) <= set(BY_NAME[kind].by_name)


def test_the_reference_is_up_to_date():
    text = (ROOT / "docs" / "import.md").read_text()
    stale = [name for name, kind in BY_NAME.items() if columns_as_markdown(kind) not in text]
    assert not stale, f"docs/import.md: replace the tables of {stale} by what import_records KIND --columns prints"


def test_there_are_250_countries():
    assert len(COUNTRIES) == 250
