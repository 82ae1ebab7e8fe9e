"""match_accounts: the interface that others build on, its bad input, and that it leaves no trace."""

import csv
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from partners.models import Program

BASE = """id,name,domain,country,city
A1,Zephyr Pneumatics Incorporated,zephyr.example,US,Austin
A2,Northgate Water Filtration GmbH,northgate.example,DE,Berlin
"""
QUERIES = """id,name,domain,country
Q1,"ZEPHYR PNEUMATICS, INC.",zephyr.example,US
Q2,Completely Unknown Bakery,,FR
"""


def write(path: Path, text: str) -> str:
    path.write_text(text, encoding="utf-8")
    return str(path)


def match(folder: Path, base: str = BASE, queries: str = QUERIES, **options) -> list[dict[str, str]]:
    base, queries = write(folder / "base.csv", base), write(folder / "queries.csv", queries)
    call_command("match_accounts", base=base, queries=queries, out=str(folder / "out.csv"), **options)
    return answers(folder)


def answers(folder: Path) -> list[dict[str, str]]:
    with (folder / "out.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_the_right_account_comes_first_with_reasons(db, tmp_path) -> None:
    rows = match(tmp_path)
    assert list(rows[0]) == ["query_id", "rank", "account_id", "probability", "verdict", "reasons"]
    assert (rows[0]["query_id"], rows[0]["rank"], rows[0]["account_id"], rows[0]["verdict"]) == (
        "Q1",
        "1",
        "A1",
        "same",
    )
    assert 0.9 < float(rows[0]["probability"]) <= 1
    assert "domain" in rows[0]["reasons"]
    assert not [row for row in rows if row["query_id"] == "Q2" and row["verdict"] == "same"]


def test_it_leaves_no_trace(db, tmp_path) -> None:
    before = Program.objects.count()
    match(tmp_path)
    assert Program.objects.count() == before
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_columns_may_be_missing_and_top_limits(db, tmp_path) -> None:
    base = "id,name\n" + "".join(f"A{i},Zephyr Pneumatics {i}\n" for i in range(9))
    rows = match(tmp_path, base, "id,name\nQ1,Zephyr Pneumatics\n", top=2)
    assert [row["rank"] for row in rows] == ["1", "2"]
    assert match(tmp_path, "id\nA1\n", "id\nQ1\n") == []


def test_odd_names_have_an_answer(db, tmp_path) -> None:
    odd = ["", "x", "🚀", "y" * 10_000, "שלום", "a\0b", "' ; drop table", '"quoted"']
    quoted = [name.replace('"', '""') for name in odd]
    rows = "id,name\n" + "".join(f'Q{i},"{name}"\n' for i, name in enumerate(quoted))
    match(tmp_path, rows.replace("Q", "A"), rows)


def test_pairs_are_judged(db, tmp_path) -> None:
    pairs = "left_id,left_name,left_country,right_id,right_name,right_country\n"
    pairs += "L1,Zephyr Pneumatics Inc,US,R1,Zephyr Pneumatics,US\nL2,Zephyr,US,R2,Bakery of Lyon,FR\n"
    call_command("match_accounts", pairs=write(tmp_path / "pairs.csv", pairs), out=str(tmp_path / "out.csv"))
    first, second = answers(tmp_path)
    assert (first["query_id"], first["account_id"]) == ("L1", "R1")
    assert float(first["probability"]) > float(second["probability"])
    assert second["verdict"] == "different"


@pytest.mark.parametrize(
    ("base", "sentence"),
    [
        ("", "is empty"),
        ("name\nAcme\n", "has no column 'id'"),
        ("id,name\n,Acme\n", "line 2: the id is missing"),
        ("id,name\nA,Acme\nA,Beta\n", "line 3: the id 'A' is also that of line 2"),
        ("id,name\nA\n", "line 2: it has not as many columns"),
        ("id,name\nA,b,c\n", "line 2: it has not as many columns"),
        ("id,name,name\nA,b,c\n", "names the column 'name' twice"),
    ],
)
def test_bad_rows_are_named_and_nothing_is_written(db, tmp_path, base: str, sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        match(tmp_path, base)
    assert not (tmp_path / "out.csv").exists()


def test_bad_files_and_options_are_named(db, tmp_path) -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("match_accounts", base=str(tmp_path / "no"), queries=str(tmp_path / "no"), out=str(tmp_path / "o"))
    with pytest.raises(CommandError, match="--pairs alone"):
        call_command("match_accounts", base="x", out="o")
    with pytest.raises(CommandError, match="1 or more"):
        call_command("match_accounts", base="x", queries="y", out="o", top=0)
    (tmp_path / "latin.csv").write_bytes("id,name\nA,Müller\n".encode("latin-1"))
    with pytest.raises(CommandError, match="UTF-8"):
        call_command("match_accounts", base=str(tmp_path / "latin.csv"), queries="y", out=str(tmp_path / "o"))
