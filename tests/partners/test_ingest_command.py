"""import_records from the command line: exit status, sentences, the file of bad rows."""

import csv
import json

import pytest
from django.core.management import CommandError, call_command

from partners.models import Account, Partner, ProductLine, Program

GOOD = "external_id,name,tier\nP-1,Alpha,gold\nP-2,=Beta,silver\n"
BAD = "external_id;name;country;tier\nP-1;Alpha;US;gold\nP-2;Beta;Deutschlnd;bronze\nP-3;Gamma;DE;\n"


@pytest.fixture
def run(program, capsys):
    """run(kind, file, *options) -> what it printed."""

    def run(*arguments, **options):
        call_command("import_records", *map(str, arguments), program="imports", **options)
        return capsys.readouterr().out

    return run


def test_a_good_file_loads_and_says_what_it_did(run, tmp_path):
    path = tmp_path / "partners.csv"
    path.write_text(GOOD)
    assert run("partners", path) == "partners from partners.csv: 2 created, 0 updated, 0 unchanged, 0 rejected.\n"
    report = json.loads(run("partners", path, json=True))
    assert (report["created"], report["unchanged"], report["program"], report["errors"]) == (0, 2, "imports", [])
    assert Partner.objects.get(external_id="P-2").name == "=Beta"


def test_a_bad_file_loads_nothing_and_names_row_and_column(run, tmp_path):
    path = tmp_path / "partners.csv"
    path.write_text(BAD)
    with pytest.raises(CommandError) as error:
        run("partners", path)
    assert str(error.value).splitlines() == [
        "row 3, column country: 'Deutschlnd' is not a two-letter ISO country code (like DE)",
        "row 3, column tier: 'bronze' is no tier of this program (there are: gold, silver)",
        "Nothing was loaded: 1 bad row.",
    ]
    assert not Partner.objects.exists()
    assert list(tmp_path.iterdir()) == [path]


def test_a_bad_file_in_json(run, program, tmp_path, capsys):
    path = tmp_path / "partners.csv"
    path.write_text(BAD)
    with pytest.raises(SystemExit) as stop:
        run("partners", path, json=True)
    report = json.loads(capsys.readouterr().out)
    assert stop.value.code == 1
    assert (report["created"], report["rejected"], report["error_count"]) == (0, 1, 2)
    assert report["errors"][0]["column"] == "country"


def test_skip_bad_keeps_the_bad_rows_in_a_file_that_loads_once_mended(run, tmp_path):
    path = tmp_path / "partners.csv"
    path.write_text(BAD)
    assert "2 created, 0 updated, 0 unchanged, 1 rejected. The bad rows are in" in run("partners", path, skip_bad=True)
    bad = tmp_path / "partners-bad.csv"
    header, row = csv.reader(bad.read_text().splitlines(), delimiter=";")
    assert header == ["external_id", "name", "country", "tier", "bad_row", "bad_because"]
    assert row[:5] == ["P-2", "Beta", "Deutschlnd", "bronze", "3"]
    assert "is not a two-letter ISO country code" in row[5]
    bad.write_text(bad.read_text().replace("Deutschlnd", "DE").replace("bronze", "gold"))
    assert "1 created" in run("partners", bad)
    assert Partner.objects.count() == 3


def test_a_bad_file_that_cannot_be_written_stops_before_anything_is_loaded(run, tmp_path):
    path = tmp_path / "partners.csv"
    path.write_text(BAD)
    with pytest.raises(CommandError, match="Name another place with --bad-file"):
        run("partners", path, skip_bad=True, bad_file=tmp_path / "none" / "bad.csv")
    assert not Partner.objects.exists()


def test_dry_run_says_so_and_changes_nothing(run, tmp_path):
    path = tmp_path / "partners.csv"
    path.write_text(GOOD)
    assert run("partners", path, dry_run=True).endswith("Nothing was changed: this was a dry run.\n")
    assert not Partner.objects.exists()


def test_a_map_and_json_lines(run, tmp_path):
    path, parts = tmp_path / "accounts.jsonl", tmp_path / "map.json"
    path.write_text('{"id": "A-1", "label": "Orion", "rev": 2}\n')
    parts.write_text(
        '{"columns": {"external_id": "id", "name": "label", "annual_revenue": "rev"},'
        ' "multiply": {"annual_revenue": 1000}}'
    )
    assert "1 created" in run("accounts", path, map=parts)
    assert Account.objects.get().annual_revenue == 2000


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"map": "none.json"}, "The map none.json cannot be read"),
        ({"max_rows": 1}, "has more than 1 rows"),
        ({"user": "nobody"}, "There is no user 'nobody' who may import records into imports."),
    ],
)
def test_what_cannot_be_done_is_a_sentence(run, tmp_path, options, sentence):
    path = tmp_path / "partners.csv"
    path.write_text(GOOD)
    with pytest.raises(CommandError, match=sentence):
        run("partners", path, **options)


def test_an_unknown_program_and_no_file(program, tmp_path):
    with pytest.raises(CommandError, match="no program with the code 'other'"):
        call_command("import_records", "tiers", "x.csv", program="other")
    with pytest.raises(CommandError, match="Name the file"):
        call_command("import_records", "tiers", program="imports")
    with pytest.raises(CommandError, match=r"x\.csv cannot be read"):
        call_command("import_records", "tiers", str(tmp_path / "x.csv"), program="imports")
    assert Program.objects.filter(code="imports").exists()
    assert ProductLine.objects.count() == 3


def test_columns_are_shown(capsys, db):
    call_command("import_records", "tiers", columns=True)
    assert "| max_discount_pct | a number with up to 2 decimals from 0 to 100 |  |" in capsys.readouterr().out
