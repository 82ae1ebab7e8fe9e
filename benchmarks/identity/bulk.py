"""Linking many typed companies to many accounts at once: from raw rows to judged matches, in seconds and memory.

Made-up companies whose truth is known, and the labelled set G where it is. Counted: names into keys, Splink's proposals
on DuckDB, the scorer's judgement. Not counted: making up the companies.
"""

import csv
import multiprocessing
import random
import resource
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import groupby, islice
from operator import itemgetter
from pathlib import Path
from typing import Any

from benchmarks.identity.evaluate import best_f1
from benchmarks.identity.names import asked, companies
from benchmarks.identity.peers.memory import peak_mb
from conflicts.identity.bulk import installed
from conflicts.identity.bulk.keys import COLUMNS
from conflicts.identity.evidence import gather
from conflicts.identity.party import Corpus, Party
from conflicts.identity.score import DIFFERENT, SAME, Match, bits_of, decide, probability
from conflicts.identity.score import judge as judge_evidence
from partners.naming import country_code, name_key, registered_domain

SIZES = {"small": (20_000, 4_000), "medium": (250_000, 60_000), "large": (1_000_000, 200_000)}
SEED, KNOWN, WORKERS = 71_077, 0.75, 2
MOST = 2  # accounts of one query that are judged: a third is the right one once in a thousand
PIECE, FILE, CHUNK = 100_000, 25_000, 4_000
RAW = ("name", "typed_domain")
MISSING = "Splink is not installed: pip install -r requirements-bulk.txt"
G = Path(__file__).resolve().parent.parent.parent.parent / "shared" / "data" / "identity"
Row = Mapping[str, str]
Truth = dict[str, str]  # query -> account


def run(scale: str, say: Any) -> dict[str, Any]:
    """Made-up companies at a scale, and G; each in a process of its own, whose peak memory is told."""
    if not installed():
        say(MISSING)
        return {"missing": MISSING}
    accounts, queries = SIZES[scale]
    report: dict[str, Any] = {f"made_up_{accounts}_x_{queries}": _apart(say, made_up, accounts, queries)}
    if (G / "G_queries.csv.gz").exists():
        report["G_76000_x_24000"] = _apart(say, labelled)
    return report


def _apart(say: Any, source: Any, *arguments: int) -> dict[str, Any]:
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_measure, args=(there, source, arguments))
    process.start()
    there.close()
    try:
        while isinstance(told := here.recv(), str):
            say(told)
        return told
    except EOFError:
        raise RuntimeError("The measuring process ended without an answer.") from None
    finally:
        process.join()


def _measure(pipe: Any, source: Any, arguments: tuple[int, ...]) -> None:
    with tempfile.TemporaryDirectory(prefix="bulk-") as folder:
        pipe.send(f"bulk: making {source.__name__} {arguments or ''}")
        truth = source(Path(folder), *arguments)
        pipe.send(link(Path(folder), truth, pipe.send))


# --- who is linked to whom ---


def made_up(folder: Path, accounts: int, queries: int) -> Truth:
    """Raw files of made-up accounts and of what partners type, three quarters of them of those accounts."""
    rng, truth = random.Random(SEED), dict[str, str]()
    _write(folder, "r", companies(accounts, SEED))
    chosen = set(rng.sample(range(accounts), int(queries * KNOWN)))
    known = (row for number, row in enumerate(companies(accounts, SEED)) if number in chosen)
    strangers = islice(companies(queries, SEED + 1), queries - len(chosen))

    def questions() -> Iterator[Row]:
        for number, row in enumerate([*known, *strangers]):
            if number < len(chosen):
                truth[f"q{number}"] = row["id"]
            yield {"id": f"q{number}", **asked(row, rng)}

    _write(folder, "l", questions())
    return truth


def labelled(folder: Path) -> Truth:
    """Raw files of G."""
    from benchmarks.identity.evaluate import read

    accounts, queries = read(G / "G_accounts.csv.gz"), read(G / "G_queries.csv.gz")
    _write(folder, "r", accounts)
    _write(folder, "l", queries)
    held = {row["id"] for row in accounts}
    return {row["id"]: row["true_account_id"] for row in queries if row["true_account_id"] in held}


def _write(folder: Path, side: str, rows: Iterable[Row]) -> None:
    rest = iter(rows)
    for number in range(1_000_000):
        part = list(islice(rest, FILE))
        if not part:
            return
        with (folder / f"raw-{side}-{number}.csv").open("w", encoding="utf-8", newline="") as file:
            lines = csv.DictWriter(file, ("id", "name", "domain", "country", "city", "phone"), extrasaction="ignore")
            lines.writeheader()
            lines.writerows(part)


# --- linking ---


def link(folder: Path, truth: Truth, say: Any) -> dict[str, Any]:
    """Link and measure."""
    from conflicts.identity.bulk.linking import Linking

    steps: dict[str, float] = {}
    before = cpu_seconds()
    workers = list[float]()
    with multiprocessing.get_context("spawn").Pool(WORKERS) as pool, _timed(steps, "normalise", say):
        files = pool.map(normalise, sorted(folder.glob("raw-*.csv")), chunksize=1)
        workers.append(workers_mb())
    linking = Linking(folder, across=True, memory="1GB", threads=WORKERS)
    with _timed(steps, "keys", say):
        records = linking.load(*files)
        linking.prepare()
    with _timed(steps, "propose", say):
        queries = int(linking.con.execute("select count(*) from loaded where side = 'l'").fetchall()[0][0])
        pieces = -(-queries // PIECE)
        pairs = [pair[:2] for piece in range(pieces) for pair in linking.pairs(piece + 1, pieces, most=MOST)]
    with _timed(steps, "judge", say):
        ranked = judge(linking, pairs, folder, workers)
    linking.close()
    sizes = {
        "accounts": records - queries, "queries": queries, "cpu_seconds": cpu_seconds() - before,
        "peak_mb": round(peak_mb() + max(workers)),
    }  # fmt: skip
    return _report(ranked, pairs, truth, steps, sizes)


@contextmanager
def _timed(steps: dict[str, float], name: str, say: Any) -> Iterator[None]:
    began = time.perf_counter()
    yield
    steps[name] = round(time.perf_counter() - began, 1)
    say(f"bulk: {name} {steps[name]} s")


def normalise(file: Path) -> Path:
    """Names into keys, domains into the registered ones, countries into codes: what the product does when it writes."""
    side, done = file.name.split("-")[1], file.with_name(file.name.replace("raw", "keyed"))
    with file.open(encoding="utf-8", newline="") as raw, done.open("w", encoding="utf-8", newline="") as keyed:
        lines = csv.writer(keyed)
        lines.writerow((*COLUMNS, *RAW))
        for row in csv.DictReader(raw):
            lines.writerow((
                side, row["id"], name_key(row["name"]), registered_domain(row["domain"]), country_code(row["country"]),
                row["city"], row["phone"], "", "", "", row["name"], row["domain"],
            ))  # fmt: skip
    return done


_PAIRS = """
create table sides as
select l.owner as query, r.owner as account, l.name, l.typed_domain, l.country, l.city, l.phone, coalesce(ld.n, 0),
       r.name, r.typed_domain, r.country, r.city, r.phone, coalesce(rd.n, 0), cores.core, coalesce(cores.n, 1)
  from chosen join loaded l on l.owner = chosen.query and l.side = 'l'
              join loaded r on r.owner = chosen.account and r.side = 'r'
  left join cores on cores.core = r.core left join domains ld on ld.domain = l.domain
  left join domains rd on rd.domain = r.domain
 order by query
"""
_COUNTED = """
create table cores as select core, count(*) as n from loaded where side = 'r' group by core;
create table domains as select domain, count(*) as n from loaded where side = 'r' and domain is not null group by domain;
create table held as select unnest(list_distinct(string_split(core, ' '))) as word from loaded where side = 'r'
"""


def judge(
    linking: Any, pairs: list[tuple[str, str]], folder: Path, held: list[float]
) -> dict[str, list[tuple[str, Match]]]:
    """The proposed accounts of each query, judged by the scorer in worker processes; `held`: the memory of those."""
    con, chosen = linking.con, folder / "chosen.csv"
    with chosen.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("query", "account"), *pairs])
    for statement in (
        *_COUNTED.split(";"),
        f"create table chosen as from read_csv('{chosen}', all_varchar = true)",
        _PAIRS,
    ):
        con.execute(statement).fetchall()
    total = con.execute("select count(*) from loaded where side = 'r'").fetchall()[0][0]
    words = dict(con.execute("select word, count(*) from held group by word").fetchall())
    ranked: dict[str, list[tuple[str, Match]]] = defaultdict(list)
    rows = con.execute("select * from sides")
    chunks = iter(lambda: rows.fetchmany(CHUNK), [])
    with multiprocessing.get_context("spawn").Pool(WORKERS, _begin, (total, words)) as pool:
        for chunk in pool.imap_unordered(_judged, chunks):
            for query, account, found in chunk:
                ranked[query].append((account, found))
        held.append(workers_mb())
    return ranked


_corpus = Corpus(1)


def _begin(total: int, words: dict[str, int]) -> None:
    global _corpus
    _corpus = Corpus(total, words)


def _judged(rows: list[tuple[Any, ...]]) -> list[tuple[str, str, Match]]:
    """What the scorer says of pairs; how common names and domains are comes with them."""
    cores, domains = dict[str, int](), dict[str, int]()
    corpus = Corpus(_corpus.total, _corpus.tokens, cores, domains)
    judged = []
    for query, several in groupby(rows, key=itemgetter(0)):
        found = []
        for _, account, *sides in several:
            # A phone is read where both have one: reading it costs as much as reading the name.
            phones = sides[4] and sides[10]
            typed, candidate = _party(sides[:5], phones), _party(sides[6:11], phones)
            domains[typed.domain], domains[candidate.domain] = sides[5], sides[11]
            cores[sides[12]] = sides[13]
            found.append((account, gather(typed, candidate, corpus)))
        best = max(found, key=lambda pair: bits_of(pair[1]))
        for account, evidence in found:  # the verdict is that of the best one
            bits = bits_of(evidence)
            light = Match(bits, probability(bits), DIFFERENT, ())
            judged.append((query, account, judge_evidence(best[1], explain=False) if account == best[0] else light))
    return judged


def _party(side: Sequence[str | None], phones: Any) -> Party:
    name, domain, country, city, phone = (text or "" for text in side)
    return Party.of(name, country=country, city=city, domain=domain, phone=phone if phones else "")


def _report(
    ranked: Mapping[str, list[tuple[str, Match]]], pairs: list[Any], truth: Truth, steps: dict[str, float], sizes: Any
) -> dict[str, Any]:
    """How many queries found their account, by the best candidate of each."""
    scored, same, right = [], 0, 0
    for query, found in ranked.items():
        decision = decide(sorted(found, key=lambda pair: (-pair[1].bits, pair[0])))
        scored.append((decision.probability, decision.best == truth.get(query)))
        if decision.verdict == SAME:
            same, right = same + 1, right + (decision.best == truth.get(query))
    proposed = sum(truth.get(query) == account for query, account in pairs) / len(truth)
    return sizes | {
        "seconds": round(sum(steps.values()), 1), "steps": steps, "pairs": len(pairs),
        "proposed_recall": round(proposed, 4),
        **{name: round(value, 4) for name, value in best_f1(scored, len(truth)).items()},
        "same_share": round(same / sizes["queries"], 4), "same_precision": round(right / max(1, same), 5),
    }  # fmt: skip


def workers_mb() -> float:
    """The most that each of the living worker processes has held, together."""
    return sum(peak_mb(worker.pid or 0) for worker in multiprocessing.active_children())


def cpu_seconds() -> int:
    """Processor seconds of this process and its workers, which other programs on the machine do not lengthen."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return round(sum(one.ru_utime + one.ru_stime for one in used))
