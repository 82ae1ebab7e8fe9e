"""Pairs that may be one company, proposed by Splink on DuckDB: bounded memory (the rest goes to disk), piece by piece."""

import csv
import logging
import os
from collections.abc import Iterator
from pathlib import Path

import duckdb
from splink import DuckDBAPI, Linker

from conflicts.identity.bulk import keys
from conflicts.identity.bulk.model import LIKELY_ENOUGH, settings

_LOAD = "create table loaded as select (row_number() over (order by side)) - 1 as record, * from ({rows})"
_BEST = """
select a.owner, b.owner, max(match_weight) as weight from {pairs} p
  join model a on a.unique_id = p.unique_id_l join model b on b.unique_id = p.unique_id_r
 group by a.owner, b.owner
qualify row_number() over (partition by a.owner order by weight desc, b.owner) <= {most}
"""


class Linking:
    """Records of companies in one DuckDB database, and the pairs among them. `folder` takes what memory does not."""

    def __init__(self, folder: Path, *, across: bool = False, memory: str = "2GB", threads: int = 0) -> None:
        self.across = across
        self.con = duckdb.connect()
        self._run(f"set memory_limit = '{memory}'")
        self._run(f"set threads = {threads or os.cpu_count() or 2}")
        self._run(f"set temp_directory = '{folder}'")
        self._run("set preserve_insertion_order = false")

    def load(self, *files: Path) -> int:
        """Read CSV files with keys.COLUMNS (and others, which stay in `loaded`); the number of records."""
        rows = " union all ".join(f"from {_csv(file)}" for file in files)
        self._run(_LOAD.format(rows=rows))
        return self._one("select count(*) from loaded")

    def prepare(self) -> int:
        """Make keys and columns of the model; the number of records that have anything in common with others."""
        for statement in (keys.RECORDS, keys.WORDS, keys.COUNTS, keys.NAMES):
            self._run(statement)
        self._drop("words", "records")
        self._run(keys.keyed(self._one("select count(*) from names")))
        self._run(keys.SHARED.format(across=str(self.across).lower()))
        self._run(keys.MODEL)
        self._drop("names", "keyed", "shared")
        records = self._one("select count(*) from model")
        made = settings(records=records, across=self.across)
        self.linker = Linker(DuckDBAPI(self.con).register("model"), made, log_level=logging.ERROR)
        return records

    def pairs(self, piece: int = 1, pieces: int = 1, *, most: int) -> Iterator[tuple[str, str, float]]:
        """Pairs of owners with Splink's weight in bits, of piece 1..pieces of the records, the best `most` of each."""
        found = self.linker.inference.predict_chunk(
            left_chunk=(piece, pieces), right_chunk=(1, 1), threshold_match_weight=LIKELY_ENOUGH, warning_mode="never"
        )
        yield from self._run(_BEST.format(pairs=found.physical_name, most=most))
        found.drop_table_from_database_and_remove_from_cache()

    def write(self, file: Path) -> None:
        """Write what the model works on as Parquet, for Splink on Spark (docs/dedupe.md)."""
        self._run(f"copy model to '{_quoted(file)}' (format parquet)")

    def close(self) -> None:
        """Give memory and files back."""
        self.con.close()

    def _run(self, statement: str) -> list[tuple]:
        # Read to the end: DuckDB does nothing else on a connection with an open answer.
        return self.con.execute(statement).fetchall()

    def _one(self, statement: str) -> int:
        return int(self._run(statement)[0][0])

    def _drop(self, *tables: str) -> None:
        for table in tables:
            self._run(f"drop table {table}")


def _csv(file: Path) -> str:
    """The file as DuckDB reads it: its dialect is said, as guessing fails on what people type."""
    with file.open(encoding="utf-8", newline="") as lines:
        columns = ", ".join(f"'{name}': 'varchar'" for name in next(csv.reader(lines)))
    dialect = "auto_detect = false, header = true, delim = ',', quote = '\"', escape = '\"', nullstr = ''"
    return f"read_csv('{_quoted(file)}', {dialect}, columns = {{{columns}}})"


def _quoted(file: Path) -> str:
    return str(file).replace("'", "''")
