"""Splink on DuckDB: its own blocking, u from random pairs, m by expectation maximisation without labels."""

import logging
from collections import Counter
from itertools import combinations
from typing import Any

import duckdb
import pyarrow
import splink.comparison_level_library as level
from splink import DuckDBAPI, Linker, SettingsCreator, block_on
from splink.comparison_library import CustomComparison, ExactMatch, JaroWinklerAtThresholds

from benchmarks.identity.peers.given import Given, Row, Scored

THREADS, SEED = 2, 7
COMPARED = ("country", "city", "domain", "phone", "postal_code")
NAME = CustomComparison(
    output_column_name="core",
    comparison_levels=[
        level.NullLevel("core"),
        level.ExactMatchLevel("core", term_frequency_adjustments=True),
        level.ExactMatchLevel("ordered", term_frequency_adjustments=True),
        level.JaroWinklerLevel("core", 0.95),
        level.JaroWinklerLevel("core", 0.88),
        level.ArrayIntersectLevel("tokens", 2),
        level.JaroWinklerLevel("core", 0.8),
        level.ElseLevel(),
    ],
)


def prepare(given: Given) -> Linker:
    """Columns for blocking, and a model trained on the records themselves."""
    con = duckdb.connect()
    con.execute(f"set threads = {THREADS}")
    sides = [given.left, given.right] if given.linking else [given.left]
    counts = Counter(token for side in sides for row in side.values() for token in set(row["core"].split()))
    tables = [pyarrow.Table.from_pylist([_record(row, counts) for row in side.values()]) for side in sides]
    backend = DuckDBAPI(con)
    fields = [field for field in COMPARED if any(row[field] for row in given.left.values())]
    address = any(row["address"] for row in given.left.values())
    linker = Linker(
        [backend.register(table) for table in tables],
        _settings(given.linking, fields, address),
        log_level=logging.ERROR,
    )
    _train(linker, fields)
    return linker


def score(given: Given, linker: Linker) -> Scored:
    """Match weights in bits of the pairs that blocking brings together."""
    found = linker.inference.predict(threshold_match_weight=-15, warning_mode="never")
    rows = found.as_pandas_dataframe()[["unique_id_l", "unique_id_r", "match_weight"]]
    for a, b, bits in rows.itertuples(index=False):
        left, right = (b, a) if given.linking and a not in given.left else (a, b)
        yield left, right, round(bits, 4)


def _settings(linking: bool, fields: list[str], address: bool) -> SettingsCreator:
    compared: list[Any] = [NAME, ExactMatch("rarest").configure(term_frequency_adjustments=True)]
    compared += [ExactMatch(f).configure(term_frequency_adjustments=f in ("domain", "city")) for f in fields]
    if address:
        compared.append(JaroWinklerAtThresholds("address", [0.95, 0.85]))
    return SettingsCreator(
        link_type="link_only" if linking else "dedupe_only",
        unique_id_column_name="unique_id",
        comparisons=compared,
        blocking_rules_to_generate_predictions=[
            block_on("core", "place"), block_on("domain"), block_on("phone"), block_on("prefix", "place"),
            block_on("rarest"), block_on("pairs", arrays_to_explode=["pairs"]), block_on("address"),
        ],
        probability_two_random_records_match=1e-5,
        retain_matching_columns=False,
    )  # fmt: skip


def _train(linker: Linker, fields: list[str]) -> None:
    """m of every field from sessions that block on other ones."""
    linker.training.estimate_probability_two_random_records_match(
        [block_on("core", "place"), block_on("domain", "city"), block_on("phone")], recall=0.7
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=2e6, seed=SEED)
    marks = [block_on(field) for field in ("domain", "phone") if field in fields]
    for rule in (block_on("core", "place"), *(marks or [block_on("rarest")])):
        linker.training.estimate_parameters_using_expectation_maximisation(rule, record_sample_proportion=1.0)


def _record(row: Row, counts: Counter[str]) -> dict[str, Any]:
    words = sorted(set(row["core"].split()), key=lambda word: (counts[word], word))
    known = {field: row[field] or None for field in (*COMPARED, "core", "address")}
    return (
        known
        | {
            "unique_id": row["id"],
            "ordered": " ".join(sorted(words)) or None,
            "tokens": words or None,
            "rarest": words[0] if words else None,
            "pairs": [" ".join(sorted(pair)) for pair in combinations(words[:4], 2)] or None,
            "place": row["country"],  # empty counts as equal here, so that lists of names alone have blocks
            "prefix": row["core"][:6] or None,
        }
    )
