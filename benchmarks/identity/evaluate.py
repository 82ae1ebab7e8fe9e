"""How good the resolver is on the labelled files, in memory.

python -m benchmarks.identity.evaluate [folder] [--queries N] [--fit]

The even half of G's queries (by hash) judges; the odd half is for fitting. Names-only sets are pairwise over blocks.
"""

import argparse
import csv
import gzip
import time
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import combinations
from pathlib import Path

from benchmarks.identity.stock import Stock
from conflicts.identity.evidence import gather
from conflicts.identity.fit import Reviewed, fit
from conflicts.identity.party import Corpus, Party
from conflicts.identity.score import SAME, bits_of, decide, judge
from conflicts.identity.weights import SHIPPED, Weights

Row = dict[str, str]
KEPT = {"postal_same": 3.0, "postal_differs": -1.0}


def read(path: Path) -> list[Row]:
    """The rows of a CSV file, gzipped or not."""
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def party(row: Row) -> Party:
    """A row of G."""
    return Party.of(row["name"], country=row["country"], city=row["city"], domain=row["domain"], phone=row["phone"])


def half(row: Row) -> int:
    """0: judges; 1: fits."""
    return zlib.crc32(row["id"].encode()) & 1


def reviewed(stock: Stock, queries: Iterable[Row]) -> list[Reviewed]:
    """The queries with the facts of their candidates, as a person would have said which is right."""
    made = []
    for row in queries:
        query = party(row)
        found = stock.candidates(query)
        facts = [gather(query, stock.parties[key], stock.corpus).facts for key in found]
        right = found.index(row["true_account_id"]) if row["true_account_id"] in found else -1
        made.append(Reviewed(facts, right))
    return made


def best_f1(scored: list[tuple[float, bool]], known: int) -> tuple[float, float, float, float]:
    """(best F1, its precision, its recall, recall at precision >= .98) over all cut-offs; equal scores go together."""
    scored = sorted(scored, reverse=True)
    best, strict, right = (0.0, 0.0, 0.0), 0.0, 0
    for i, (score, good) in enumerate(scored, start=1):
        right += good
        if i < len(scored) and scored[i][0] == score:
            continue
        precision, recall = right / i, right / known
        if precision >= 0.98:
            strict = max(strict, recall)
        if right:
            best = max(best, (2 * precision * recall / (precision + recall), precision, recall))
    return *best, strict


def judge_g(stock: Stock, queries: list[Row], weights: Weights) -> None:
    """Print the figures of G."""
    scored: list[tuple[float, bool]] = []
    known = sum(row["true_account_id"] in stock.parties for row in queries)
    same = same_right = missed = unfound = pairs = families = 0
    verdicts: dict[str, int] = defaultdict(int)
    began = time.perf_counter()
    for row in queries:
        query, truth = party(row), row["true_account_id"]
        found = stock.candidates(query)
        pairs += len(found)
        unfound += truth in stock.parties and truth not in found
        bits = sorted(((gather(query, stock.parties[key], stock.corpus), key) for key in found),
                      key=lambda pair: -bits_of(pair[0], weights))[:12]  # fmt: skip
        decision = decide([(key, judge(evidence, weights=weights)) for evidence, key in bits])
        verdicts[decision.verdict] += 1
        if decision.best is None:
            missed += truth in stock.parties
            continue
        right = decision.best == truth
        scored.append((decision.probability, right))
        if decision.verdict == SAME:
            same += 1
            same_right += right
            families += not right and decision.best.removesuffix("-S") == row["family_id"]
        missed += decision.verdict == "different" and truth in stock.parties
    seconds = time.perf_counter() - began
    f1, precision, recall, strict = best_f1(scored, known)
    print(
        f"G  {len(queries)} queries: best F1 {f1:.4f} ({precision:.4f}/{recall:.4f}); recall at P >= .98 {strict:.4f}"
    )
    print(
        f"   same: {same / len(queries):.4f} of queries, precision {same_right / max(1, same):.5f} ({families} wrong by family)"
    )
    print(
        f"   {dict(verdicts)}; known called different {missed / known:.4f}; not among candidates {unfound / known:.4f}"
    )
    print(f"   {len(queries) / seconds:,.0f} queries/s, {pairs / seconds:,.0f} pairs/s")


def blocks(stock: Stock) -> Iterator[tuple[str, str]]:
    """Pairs that share a word which at most 200 names have (or a whole key), each once."""
    seen: set[tuple[str, str]] = set()
    for (kind, _), keys in stock.keys.items():
        if len(keys) > 200 or kind == "initials":
            continue
        for pair in combinations(sorted(set(keys)), 2):
            if pair not in seen:
                seen.add(pair)
                yield pair


def judge_pairs(title: str, parties: dict[str, Party], cluster: dict[str, str], weights: Weights) -> None:
    """Print pairwise figures of a set of clusters."""
    stock = Stock(parties)
    # Equal names in one list are what is looked for here, not accounts that compete for a query.
    corpus = Corpus(len(parties), stock.corpus.tokens)
    sizes: dict[str, int] = defaultdict(int)
    for key in parties:
        sizes[cluster[key]] += 1
    known = sum(n * (n - 1) // 2 for n in sizes.values())
    began = time.perf_counter()
    scored = []
    for a, b in blocks(stock):
        one = bits_of(gather(parties[a], parties[b], corpus), weights)
        two = bits_of(gather(parties[b], parties[a], corpus), weights)  # neither is the query
        scored.append((round((one + two) / 2, 3), cluster[a] == cluster[b]))
    seconds = time.perf_counter() - began
    f1, precision, recall, strict = best_f1(scored, known)
    reached = sum(good for _, good in scored) / known
    print(f"{title}: best F1 {f1:.4f} ({precision:.3f}/{recall:.3f}), recall at P >= .98 {strict:.3f}; "
          f"blocks hold {reached:.3f} of {known} pairs; {len(scored) / seconds:,.0f} pairs/s")  # fmt: skip


def judge_names(folder: Path, title: str, weights: Weights) -> None:
    """NBER and AIR: names alone."""
    rows = read(folder / f"{title.lower()}_names.csv")
    judge_pairs(title, {r["id"]: Party.of(r["name"]) for r in rows}, {r["id"]: r["cluster_id"] for r in rows}, weights)


def judge_childhood(folder: Path, weights: Weights) -> None:
    """Early childhood sites: name, street as far as it fits into a city, postal code, phone."""
    rows = read(folder / "early_childhood.csv")
    parties = {
        r["Id"]: Party.of(r["Site name"], city=r["Address"], postal_code=r["Zip"], phone=r["Phone"]) for r in rows
    }
    judge_pairs("Early childhood", parties, {r["Id"]: r["True Id"] for r in rows}, weights)


def main() -> None:
    """Run everything and print it."""
    options = argparse.ArgumentParser()
    options.add_argument("folder", nargs="?", default="../shared/data/identity", type=Path)
    options.add_argument("--queries", type=int, default=24000)
    options.add_argument("--fit", action="store_true", help="learn weights on the other half and print them")
    options.add_argument("--skip-g", action="store_true")
    chosen = options.parse_args()
    weights = SHIPPED
    if not chosen.skip_g:
        began = time.perf_counter()
        stock = Stock({row["id"]: party(row) for row in read(chosen.folder / "G_accounts.csv.gz")})
        queries = read(chosen.folder / "G_queries.csv.gz")[: chosen.queries]
        print(f"{len(stock.parties)} accounts read and indexed in {time.perf_counter() - began:.1f} s")
        if chosen.fit:
            weights = fit(
                reviewed(stock, [q for q in queries if half(q)]), version=f"fitted-{len(queries) // 2}", kept=KEPT
            )
            print(
                weights.version,
                weights.start,
                "\n".join(f'        "{n}": {b},' for n, b in weights.bits.items()),
                sep="\n",
            )
        judge_g(stock, [q for q in queries if not half(q)], weights)
    for title in ("NBER", "AIR"):
        judge_names(chosen.folder, title, weights)
    judge_childhood(chosen.folder, weights)


if __name__ == "__main__":
    main()
