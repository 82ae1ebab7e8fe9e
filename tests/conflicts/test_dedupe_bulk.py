"""Splink on DuckDB: what it proposes, its bounds, and that the same settings speak Spark's SQL."""

import csv

import pytest

from conflicts.identity.bulk import installed

if not installed():
    pytest.skip("THE EXTRA bulk IS MISSING: pip install -r requirements-bulk.txt", allow_module_level=True)

import sqlglot

from benchmarks.identity import bulk
from conflicts.identity.bulk.keys import COLUMNS
from conflicts.identity.bulk.linking import Linking
from conflicts.identity.bulk.model import settings


def table(folder, rows: list[dict[str, str]], name: str = "records.csv"):
    file = folder / name
    with file.open("w", encoding="utf-8", newline="") as out:
        lines = csv.DictWriter(out, COLUMNS, restval="")
        lines.writeheader()
        lines.writerows(rows)
    return file


def proposals(folder, rows: list[dict[str, str]], pieces: int = 1) -> set[frozenset[str]]:
    linking = Linking(folder, memory="500MB")
    assert linking.load(table(folder, rows)) == len(rows)
    linking.prepare()
    found = [frozenset(pair[:2]) for piece in range(pieces) for pair in linking.pairs(piece + 1, pieces, most=10)]
    linking.close()
    assert len(found) == len(set(found)), "a pair is proposed once"
    return set(found)


def company(owner: str, core: str, **extra: str) -> dict[str, str]:
    return {"owner": owner, "core": core, "country": "US", "city": "Austin", **extra}


STOCK = [
    company("z1", "zenith boilers", domain="zenith.example"),
    company("z2", "zenit boilers"),
    company("z3", "boilers zenith", city="Wácö"),
    company("z3", "zbo"),  # another name of the same account
    company("d1", "something else", domain="shared.example"),
    company("d2", "sth", domain="shared.example"),
    company("i1", "quarry conveyors", lei="5493001KJTIIGC8Y1R12"),
    company("i2", "nothing alike", lei="5493 001kjtiigc8y1r12", country="DE", city="Bonn"),
    company("q", 'quote " and, comma\nand line', domain="q.example"),
    {"owner": "empty"},
    *(company(f"x{number}", f"word{number} works", city=f"town{number}") for number in range(200)),
]


@pytest.mark.parametrize("pieces", [1, 3])
def test_slips_word_order_domains_and_identifiers_are_proposed(tmp_path, pieces: int) -> None:
    found = proposals(tmp_path, STOCK, pieces)
    assert {frozenset(pair) for pair in (("z1", "z2"), ("z1", "z3"), ("d1", "d2"), ("i1", "i2"))} <= found
    assert not any(len(pair) == 1 for pair in found), "names of one account are no pair"
    assert not any("empty" in pair for pair in found)


def test_a_key_that_everybody_shares_is_left_out(tmp_path) -> None:
    rows = [company(f"g{number}", "global sol", city="") for number in range(3000)]
    assert proposals(tmp_path, [*rows, *STOCK]) >= {frozenset({"z1", "z2"})}
    assert not any(key.startswith("g") for pair in proposals(tmp_path, rows) for key in pair)


def test_the_same_settings_speak_the_sql_of_duckdb_and_of_spark() -> None:
    for across in (True, False):
        for dialect in ("duckdb", "spark"):
            made = settings(records=1000, across=across).create_settings_dict(dialect)
            conditions = [
                level["sql_condition"]
                for comparison in made["comparisons"]
                for level in comparison["comparison_levels"]
            ]
            assert len(conditions) > 20
            for condition in conditions:
                if condition != "ELSE":
                    sqlglot.parse_one(condition, read=dialect)
            [rule] = made["blocking_rules_to_generate_predictions"]
            sqlglot.parse_one(rule["blocking_rule"], read=dialect)
            assert rule["arrays_to_explode"] == ["keys"]
    told = str(settings(records=1000).create_settings_dict("spark"))
    assert "jaro_winkler(" in told
    assert "jaro_winkler_similarity" not in told, "that is DuckDB's name"


def test_what_spark_reads_is_written_as_parquet(tmp_path) -> None:
    linking = Linking(tmp_path)
    linking.load(table(tmp_path, STOCK))
    linking.prepare()
    linking.write(tmp_path / "it's.parquet")
    assert (tmp_path / "it's.parquet").stat().st_size > 1000


def test_the_benchmark_links_and_tells_how_well(monkeypatch) -> None:
    monkeypatch.setitem(bulk.SIZES, "small", (600, 120))
    monkeypatch.setattr(bulk, "G", bulk.G / "not there")
    said: list[str] = []
    [found] = bulk.run("small", said.append).values()
    assert (found["accounts"], found["queries"]) == (600, 120)
    assert found["f1"] > 0.85
    assert found["peak_mb"] > 50
    assert set(found["steps"]) == {"normalise", "keys", "propose", "judge"}
    assert said
