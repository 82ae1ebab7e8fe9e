"""How good the resolver is on the labelled files, in memory: functions that measure, and a command that prints.

python -m benchmarks.identity.evaluate [folder] [--queries N] [--columns name,country] [--fit] [--json]

The even half of G's queries (by hash) judges; the odd half is for fitting. The other sets are pairwise over blocks.
"""

import argparse
import csv
import gzip
import json
import resource
import time
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from typing import Any

from benchmarks.identity.stock import Stock
from conflicts.identity.evidence import Evidence, gather
from conflicts.identity.fit import Reviewed, fit
from conflicts.identity.party import Corpus, Party
from conflicts.identity.score import FAMILY, SAME, STANDARD, Decision, Thresholds, bits_of, decide, judge
from conflicts.identity.weights import SHIPPED, Weights

Row = dict[str, str]
Figures = dict[str, float]
KEPT = {"postal_same": 3.0, "postal_differs": -1.0, "name_acronym": 6.0}  # see conflicts.identity.weights
COLUMNS = ("name", "country", "city", "domain", "phone")
JUDGED = 12  # candidates of a query that are weighed against each other


def read(path: Path) -> list[Row]:
    """The rows of a CSV file, gzipped or not."""
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def party(row: Mapping[str, str], columns: Iterable[str] = COLUMNS) -> Party:
    """A row of G, of which only some columns are known."""
    told = {column: row[column] for column in columns if column != "name"}
    return Party.of(row["name"], **told)  # type: ignore[arg-type]


def half(row: Row) -> int:
    """0: judges; 1: fits."""
    return zlib.crc32(row["id"].encode()) & 1


def read_stock(folder: Path) -> Stock:
    """The accounts of G, indexed."""
    rows = read(folder / "G_accounts.csv.gz")
    return Stock({row["id"]: party(row) for row in rows}, {row["id"]: row["family_id"] for row in rows})


def read_queries(folder: Path, part: int | None = None) -> list[Row]:
    """The queries of G: all, the judging half (0) or the fitting half (1)."""
    return [row for row in read(folder / "G_queries.csv.gz") if part is None or half(row) == part]


def best_f1(scored: Iterable[tuple[float, bool]], known: int) -> Figures:
    """Best F1 over all cut-offs with its precision and recall, and recall at precision >= .98; ties go together."""
    ordered = sorted(scored, reverse=True)
    best, strict, right = (0.0, 0.0, 0.0), 0.0, 0
    for i, (score, good) in enumerate(ordered, start=1):
        right += good
        if i < len(ordered) and ordered[i][0] == score:
            continue
        precision, recall = right / i, right / max(1, known)
        if precision >= 0.98:
            strict = max(strict, recall)
        if right:
            best = max(best, (2 * precision * recall / (precision + recall), precision, recall))
    return {"f1": best[0], "precision": best[1], "recall": best[2], "recall_at_p98": strict}


@dataclass
class Tally:
    """What the decisions on queries came to; `absent_*` is what was said when the right account was struck out."""

    stock: Stock
    scored: list[tuple[float, bool]] = field(default_factory=list)
    verdicts: Counter[str] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)

    def add(self, row: Row, decision: Decision[str], absent: Decision[str]) -> None:
        """Note the decision of a query, and the one without its right account."""
        truth, counts = row["true_account_id"], self.counts
        known = truth in self.stock.parties
        self.verdicts[decision.verdict] += 1
        counts["known"] += known
        counts["missed"] += known and (decision.best is None or decision.verdict == "different")
        counts["missed_by_family"] += known and decision.verdict == FAMILY
        if decision.best is not None:
            self.scored.append((decision.probability, decision.best == truth))
        counts["same_right"] += decision.verdict == SAME and decision.best == truth
        counts["same_relative"] += decision.verdict == SAME and decision.best != truth and self._akin(row, decision)
        counts["relatives"] += self.stock.sizes[row["family_id"]] > known
        counts["absent_same"] += absent.verdict == SAME
        counts["family"] += absent.verdict == FAMILY
        counts["family_right"] += absent.verdict == FAMILY and self._akin(row, absent)

    def _akin(self, row: Row, decision: Decision[str]) -> bool:
        return self.stock.families.get(decision.best or "") == row["family_id"]

    def figures(self) -> Figures:
        """Shares of all queries, unless the name says of what."""
        n, c = max(1, sum(self.verdicts.values())), self.counts
        return {
            **best_f1(self.scored, c["known"]),
            "queries": n,
            "same_share": self.verdicts[SAME] / n,
            "same_precision": c["same_right"] / max(1, self.verdicts[SAME]),
            "same_relatives": c["same_relative"],
            "possible_share": self.verdicts["possible"] / n,
            "family_share": self.verdicts[FAMILY] / n,
            "missed_known": c["missed"] / max(1, c["known"]),
            "known_called_family": c["missed_by_family"] / max(1, c["known"]),
            "absent_same": c["absent_same"] / n,
            "family_precision": c["family_right"] / max(1, c["family"]),
            "family_recall": c["family_right"] / max(1, c["relatives"]),
        }


def measure_g(
    stock: Stock,
    queries: Sequence[Row],
    weights: Weights = SHIPPED,
    columns: Iterable[str] = COLUMNS,
    thresholds: Thresholds = STANDARD,
) -> Figures:
    """Resolve queries against the accounts; only `columns` of the queries are known. Shares, and numbers a second."""
    began = time.perf_counter()
    typed = [party(row, columns) for row in queries]
    found = [stock.candidates(query) for query in typed]
    looked_up = time.perf_counter()
    tally, pairs, unfound = Tally(stock), 0, 0
    for row, query, keys in zip(queries, typed, found, strict=True):
        truth = row["true_account_id"]
        pairs += len(keys)
        unfound += truth in stock.parties and truth not in keys
        gathered = ((gather(query, stock.parties[key], stock.corpus), key) for key in keys)
        best = _best(gathered, weights)
        judged = [(key, judge(evidence, weights=weights)) for evidence, key in best]
        others = [pair for pair in judged if pair[0] != truth]
        tally.add(row, decide(judged[:JUDGED], thresholds), decide(others[:JUDGED], thresholds))
    ended = time.perf_counter()
    return {
        **tally.figures(),
        "unfound": unfound / max(1, tally.counts["known"]),
        "pairs_per_second": pairs / (ended - looked_up),
        "queries_per_second": len(queries) / (ended - began),
    }


def _best(gathered: Iterable[tuple[Evidence, str]], weights: Weights) -> list[tuple[Evidence, str]]:
    return sorted(gathered, key=lambda pair: -bits_of(pair[0], weights))[: JUDGED + 1]


@dataclass(frozen=True)
class Clusters:
    """A labelled set: records, and which cluster each belongs to."""

    parties: Mapping[str, Party]
    cluster: Mapping[str, str]

    def known(self) -> int:
        """How many pairs belong together."""
        sizes = Counter(self.cluster[key] for key in self.parties)
        return sum(n * (n - 1) // 2 for n in sizes.values())


def read_names(folder: Path, title: str) -> Clusters:
    """NBER and AIR: names alone."""
    rows = read(folder / f"{title.lower()}_names.csv")
    return Clusters({r["id"]: Party.of(r["name"]) for r in rows}, {r["id"]: r["cluster_id"] for r in rows})


def read_childhood(folder: Path) -> Clusters:
    """Early childhood sites: name, street as far as it fits into a city, postal code, phone."""
    rows = read(folder / "early_childhood.csv")
    parties = {
        r["Id"]: Party.of(r["Site name"], city=r["Address"], postal_code=r["Zip"], phone=r["Phone"]) for r in rows
    }
    return Clusters(parties, {r["Id"]: r["True Id"] for r in rows})


def blocks(parties: Mapping[str, Party]) -> list[tuple[str, str]]:
    """Pairs that share a word which at most 200 names have (or a whole key), each once."""
    return list(_blocks(Stock(parties)))


def _blocks(stock: Stock) -> Iterator[tuple[str, str]]:
    seen: set[tuple[str, str]] = set()
    for (kind, _), keys in stock.keys.items():
        if len(keys) > 200 or kind == "initials":
            continue
        for pair in combinations(sorted(set(keys)), 2):
            if pair not in seen:
                seen.add(pair)
                yield pair


def measure_pairs(made: Clusters, weights: Weights = SHIPPED) -> Figures:
    """Judge the blocked pairs of a labelled set."""
    stock, parties, cluster = Stock(made.parties), made.parties, made.cluster
    # Equal names in one list are what is looked for here, not accounts that compete for a query.
    corpus = Corpus(len(parties), stock.corpus.tokens)
    pairs, known = list(_blocks(stock)), made.known()
    began = time.perf_counter()
    scored = []
    for a, b in pairs:
        one = bits_of(gather(parties[a], parties[b], corpus), weights)
        two = bits_of(gather(parties[b], parties[a], corpus), weights)  # neither is the query
        scored.append((round((one + two) / 2, 3), cluster[a] == cluster[b]))
    seconds = time.perf_counter() - began
    reached = sum(good for _, good in scored) / max(1, known)
    return {
        **best_f1(scored, known),
        "records": len(parties),
        "pairs": len(pairs),
        "known": known,
        "reached": reached,
        "pairs_per_second": len(pairs) / seconds if seconds else 0.0,
    }


def thinned(row: Row) -> tuple[str, ...]:
    """Half of the queries keep their columns, of the others each column goes with even odds: files often lack some."""
    chance = zlib.crc32(f"columns of {row['id']}".encode())
    if chance & 1:
        return COLUMNS
    return ("name", *(column for i, column in enumerate(COLUMNS[1:], start=1) if chance >> i & 1))


def reviewed(stock: Stock, queries: Iterable[Row]) -> list[Reviewed]:
    """Thinned queries with the facts of their candidates, as a person would have said which is right."""
    made = []
    for row in queries:
        query = party(row, thinned(row))
        found = stock.candidates(query)
        facts = [gather(query, stock.parties[key], stock.corpus).facts for key in found]
        right = found.index(row["true_account_id"]) if row["true_account_id"] in found else -1
        made.append(Reviewed(facts, right))
    return made


def peak_mb() -> float:
    """The most memory that this process has held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def tell(title: str, figures: Figures) -> str:
    """The figures of a set in lines for people."""
    f: dict[str, float] = defaultdict(float, figures)
    lines = [
        f"{title}: best F1 {f['f1']:.4f} ({f['precision']:.4f}/{f['recall']:.4f}), "
        f"recall at P >= .98 {f['recall_at_p98']:.4f}; {f['pairs_per_second']:,.0f} pairs/s"
    ]
    if "same_share" in figures:
        lines += [
            f"   same {f['same_share']:.4f} of queries at precision {f['same_precision']:.5f} ({f['same_relatives']:.0f} "
            f"relatives); possible {f['possible_share']:.4f}, family {f['family_share']:.4f}",
            f"   known accounts: {f['missed_known']:.4f} called different, {f['known_called_family']:.4f} called family, "
            f"{f['unfound']:.4f} not among candidates",
            f"   when the right account is struck out: same {f['absent_same']:.5f} of queries; family at precision "
            f"{f['family_precision']:.4f}, recall {f['family_recall']:.4f}",
            f"   {f['queries_per_second']:,.0f} queries/s in memory",
        ]
    else:
        lines.append(
            f"   {f['pairs']:,.0f} pairs hold {f['reached']:.3f} of the {f['known']:,.0f} that belong together"
        )
    return "\n".join(lines)


def _fitted(stock: Stock, folder: Path) -> Weights:
    learned = reviewed(stock, read_queries(folder, 1))
    weights = fit(learned, version=f"fitted-{len(learned)}", kept=KEPT)
    print(f'    version="{weights.version}",\n    start={weights.start},')
    print("\n".join(f'        "{name}": {bits},' for name, bits in weights.bits.items()))
    return weights


def main() -> None:
    """Run everything and print it."""
    options = argparse.ArgumentParser()
    options.add_argument("folder", nargs="?", default="../shared/data/identity", type=Path)
    options.add_argument("--queries", type=int, default=24000, help="of G's half")
    options.add_argument(
        "--half", type=int, choices=(0, 1), default=0, help="of G: 0 judges, 1 the weights were fitted on"
    )
    options.add_argument("--different", type=float, default=STANDARD.different, help="below this nobody is asked")
    options.add_argument("--columns", default=",".join(COLUMNS), help="what is known of a query, such as name,country")
    options.add_argument("--fit", action="store_true", help="learn weights on the other half, print and use them")
    options.add_argument("--only", default="G,NBER,AIR,childhood", help="which sets")
    options.add_argument("--json", action="store_true", help="plain numbers by set, and the peak memory")
    chosen = options.parse_args()
    wanted, columns, weights = chosen.only.split(","), chosen.columns.split(","), SHIPPED
    made: dict[str, Any] = {}
    if "G" in wanted:
        stock = read_stock(chosen.folder)
        weights = _fitted(stock, chosen.folder) if chosen.fit else weights
        made["G"] = measure_g(
            stock, read_queries(chosen.folder, chosen.half)[: chosen.queries], weights, columns,
            Thresholds(different=chosen.different),
        )  # fmt: skip
    for title in ("NBER", "AIR"):
        if title in wanted:
            made[title] = measure_pairs(read_names(chosen.folder, title), weights)
    if "childhood" in wanted:
        made["childhood"] = measure_pairs(read_childhood(chosen.folder), weights)
    if chosen.json:
        print(json.dumps(made | {"peak_mb": peak_mb()}))
    else:
        print("\n".join(tell(title, figures) for title, figures in made.items()), f"\npeak memory {peak_mb():,.0f} MB")


if __name__ == "__main__":
    main()
