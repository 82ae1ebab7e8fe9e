"""The labelled files: what everybody who is measured is given (never the labels), and who is right.

A set is either a linking (queries against accounts) or one list in which some records belong together.
"""

import csv
import random
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.identity.evaluate import Figures, Row, best_f1, half, read
from partners.naming import city_key, phone_key, read_name, registered_domain

COLUMNS = ("id", "name", "core", "country", "city", "domain", "phone", "address", "postal_code")
SEED = 19691
CHILDHOOD = "Early childhood"
TITLES = ("G", "NBER", "AIR", CHILDHOOD)
Scored = Iterable[tuple[str, str, float]]


@dataclass(frozen=True)
class LabelledSet:
    """Rows without labels; `truth` says of a query its account ("" if none), of a record its cluster."""

    title: str
    left: list[Row]
    right: list[Row]
    truth: Mapping[str, str]

    @property
    def linking(self) -> bool:
        """Queries against accounts?"""
        return bool(self.right)

    def known(self, asked: set[str]) -> int:
        """How many right answers there are: queries with an account, or pairs that belong together."""
        if self.linking:
            accounts = {row["id"] for row in self.right}
            return sum(self.truth[key] in accounts for key in asked)
        sizes = Counter(self.truth[key] for key in asked)
        return sum(n * (n - 1) // 2 for n in sizes.values())

    def measure(self, pairs: Scored, asked: set[str] | None = None) -> Figures:
        """Precision, recall, F1 of scored pairs, by the same function for everybody; of a query its best pair counts."""
        asked = {row["id"] for row in self.left} if asked is None else asked
        chosen = [pair for pair in pairs if pair[0] in asked]
        if self.linking:
            scored = [(score, self.truth[query] == account) for query, (score, _, account) in best_of(chosen).items()]
        else:
            scored = [(score, self.truth[a] == self.truth[b]) for a, b, score in chosen]
        return best_f1(scored, self.known(asked))

    def unseen(self) -> set[str]:
        """The queries that no weight was fitted on."""
        return {row["id"] for row in self.left if half(row) == 0}

    def sampled(self, count: int) -> "LabelledSet":
        """A linking with so many of its queries; a list stays whole, as it is compared with itself."""
        if not self.linking or count >= len(self.left):
            return self
        return replace(self, left=random.Random(SEED).sample(self.left, count))

    def hand_out(self, folder: Path) -> None:
        """Write the rows as left.csv and, for a linking, right.csv."""
        for name, rows in (("left", self.left), ("right", self.right)):
            if rows:
                with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as out:
                    writer = csv.DictWriter(out, COLUMNS, restval="", extrasaction="ignore")
                    writer.writeheader()
                    writer.writerows(cleaned(row) for row in rows)


def best_of(pairs: Scored) -> dict[str, tuple[float, int, str]]:
    """Of every query its best account; among equal scores a hash of the account decides, so that no order helps."""
    best: dict[str, tuple[float, int, str]] = {}
    for query, account, score in pairs:
        offer = (score, zlib.crc32(account.encode()), account)
        if query not in best or offer > best[query]:
            best[query] = offer
    return best


def cleaned(row: Row) -> Row:
    """A row with our own cleaning beside the raw name: it helps every peer."""
    country = row.get("country", "")
    return {
        **row,
        "core": read_name(row["name"]).core,
        "city": city_key(row.get("city", "")),
        "domain": registered_domain(row.get("domain", "")),
        "phone": phone_key(row.get("phone", ""), country),
    }


def read_set(folder: Path, title: str, count: int) -> LabelledSet:
    """G (of which `count` queries are sampled) or one of the lists; FileNotFoundError where the files are not."""
    if title == "G":
        return _read_g(folder, count)
    return _read_childhood(folder) if title == CHILDHOOD else _read_names(folder, title)


def _read_g(folder: Path, count: int) -> LabelledSet:
    queries = read(folder / "G_queries.csv.gz")
    truth = {row["id"]: row["true_account_id"] for row in queries}
    return LabelledSet("G", queries, read(folder / "G_accounts.csv.gz"), truth).sampled(count)


def _read_names(folder: Path, title: str) -> LabelledSet:
    """NBER and AIR: names alone."""
    rows = read(folder / f"{title.lower()}_names.csv")
    return LabelledSet(title, rows, [], {row["id"]: row["cluster_id"] for row in rows})


def _read_childhood(folder: Path) -> LabelledSet:
    """Early childhood sites: name, address, postal code, phone."""
    rows = read(folder / "early_childhood.csv")
    plain = [
        {"id": r["Id"], "name": r["Site name"], "address": r["Address"], "postal_code": r["Zip"], "phone": r["Phone"]}
        for r in rows
    ]
    return LabelledSet(CHILDHOOD, plain, [], {row["Id"]: row["True Id"] for row in rows})
