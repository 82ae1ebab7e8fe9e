"""bench identity: one metric for everybody, what the report looks like, and what it says of peers that are not there."""

import csv
import gzip
import re
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from benchmarks.identity import quality, report
from benchmarks.identity.evaluate import best_f1
from benchmarks.identity.goals import goals_of
from benchmarks.identity.labelled import COLUMNS, LabelledSet, best_of
from benchmarks.identity.peers import PEERS, exact, fuzzy
from benchmarks.identity.peers.given import Given

ACCOUNTS = [
    {"id": "a1", "name": "Kalora Pumps GmbH", "country": "DE"},
    {"id": "a2", "name": "Kalora Pumps Ltd", "country": "GB"},
    {"id": "a3", "name": "Velmar Textiles", "country": "FR"},
]
QUERIES = [
    {"id": "q1", "name": "KALORA PUMPS", "country": "GB"},
    {"id": "q2", "name": "Velmar Textils", "country": "FR"},
    {"id": "q3", "name": "Somebody Else", "country": "US"},
]
TRUTH = {"q1": "a2", "q2": "a3", "q3": ""}
LINKING = LabelledSet("G", QUERIES, ACCOUNTS, TRUTH)
LIST = LabelledSet("AIR", ACCOUNTS, [], {"a1": "kalora", "a2": "kalora", "a3": "velmar"})


@pytest.mark.parametrize(
    ("scored", "known", "f1", "precision", "recall", "strict"),
    [
        ([], 3, 0, 0, 0, 0),  # nobody answered
        ([(0.9, False), (0.8, False)], 3, 0, 0, 0, 0),  # no positives
        ([(0.9, True), (0.8, True)], 2, 1, 1, 1, 1),
        ([(0.9, True), (0.5, False), (0.4, True)], 2, 0.8, 2 / 3, 1, 0.5),
        # Equal scores go together: the right one cannot be had without the wrong ones.
        ([(0.9, True), (0.9, False)], 1, 2 / 3, 0.5, 1, 0),
        ([(0.9, False), (0.9, True)], 1, 2 / 3, 0.5, 1, 0),
        ([(0.9, True)], 4, 0.4, 1, 0.25, 0.25),  # what nobody proposed counts as missed
        ([(0.9, False)], 0, 0, 0, 0, 0),  # nothing to be found
    ],
)
def test_metric(scored, known, f1, precision, recall, strict):
    found = best_f1(scored, known)
    wanted = {"f1": f1, "precision": precision, "recall": recall, "recall_at_p98": strict}
    assert found == pytest.approx(wanted)


def test_of_a_query_only_its_best_account_counts_and_no_order_helps_among_equals():
    pairs = [("q1", "a1", 1.0), ("q1", "a2", 1.0), ("q1", "a3", 0.2)]
    assert best_of(pairs) == best_of(reversed(pairs))
    chosen = best_of(pairs)["q1"][2]
    assert chosen in ("a1", "a2")
    assert LINKING.measure([("q1", "a2", 0.9), ("q1", "a1", 0.5), ("q2", "a3", 0.8)])["f1"] == 1
    assert LINKING.measure([("q1", "a1", 0.9), ("q1", "a2", 0.5), ("q2", "a3", 0.8)])["recall"] == 0.5


def test_a_list_is_measured_by_pairs_and_a_part_of_the_queries_by_itself():
    assert LIST.known({"a1", "a2", "a3"}) == 1
    assert LIST.measure([("a1", "a2", 0.9), ("a1", "a3", 0.1)])["f1"] == 1
    assert LINKING.measure([("q1", "a1", 0.9), ("q2", "a3", 0.8)], {"q2"})["f1"] == 1
    assert LINKING.measure([("q2", "a3", 0.8)], set())["recall"] == 0


def test_nobody_is_handed_a_label(tmp_path):
    labelled = [row | {"true_account_id": "a2", "family_id": "f"} for row in QUERIES]
    LabelledSet("G", labelled, ACCOUNTS, TRUTH).hand_out(tmp_path)
    for name in ("left", "right"):
        with (tmp_path / f"{name}.csv").open(newline="") as lines:
            assert tuple(next(csv.reader(lines))) == COLUMNS
    assert not {"true_account_id", "family_id", "cluster_id"} & set(COLUMNS)
    given = Given(tmp_path)
    assert given.linking
    assert given.left["q1"]["core"] == given.right["a1"]["core"] == "kalora pumps"


def test_peers_that_need_nothing(tmp_path):
    LINKING.hand_out(tmp_path)
    pairs = [(query["id"], account["id"]) for query in QUERIES for account in ACCOUNTS]
    (tmp_path / "candidates.csv").write_text("".join(f"{a},{b}\n" for a, b in pairs))
    given = Given(tmp_path)
    assert set(exact.score(given, exact.prepare(given))) == {("q1", "a1", 1.0), ("q1", "a2", 2.0)}
    given = Given(tmp_path, "fields")
    best = best_of(fuzzy.score(given, fuzzy.prepare(given)))
    assert (best["q1"][2], best["q1"][0]) == ("a2", 105)
    assert best["q2"][2] == "a3"
    assert best["q3"][0] < 60


def _labelled(folder: Path) -> Path:
    empty = dict.fromkeys(("city", "domain", "phone", "how_made", "family_id"), "")
    accounts = [empty | row for row in ACCOUNTS]
    queries = [empty | row | {"true_account_id": TRUTH[row["id"]]} for row in QUERIES]
    for name, rows in (("G_accounts", accounts), ("G_queries", queries)):
        with gzip.open(folder / f"{name}.csv.gz", "wt", encoding="utf-8", newline="") as out:
            writer = csv.DictWriter(out, rows[0])
            writer.writeheader()
            writer.writerows(rows)
    return folder


def test_run_beside_peers_each_in_its_process_and_who_is_missing_is_told(tmp_path, monkeypatch):
    chosen = [peer for peer in PEERS if peer.module in ("exact", "fuzzy:WRatio", "splink_em")]
    monkeypatch.setattr(quality, "PEERS", chosen)
    monkeypatch.setattr(quality, "peers_python", lambda: "")
    said: list[str] = []
    found = report.run("small", said.append, ["G"], _labelled(tmp_path))
    rows = {row["who"]: row for row in found["quality"]["G"]["rows"]}
    assert rows["exact normalised name"]["recall"] == 0.5
    assert rows["rapidfuzz WRatio"]["pairs_per_second"] > 0
    assert all(rows[who]["peak_mb"] > 5 for who in ("this resolver", "exact normalised name"))
    assert "f1" not in rows["Splink 5, DuckDB, EM"]
    text = "\n".join(report.lines(found))
    assert re.search(r"^  Splink 5, DuckDB, EM +not measured$", text, re.M)
    told = "NOT MEASURED: Splink 5, DuckDB, EM on G: the peers' environment is not there: `make peers` makes it."
    assert told in text
    assert "G: exact normalised name" in said


def test_a_peer_that_breaks_or_takes_too_long_has_its_sentence(monkeypatch):
    assert quality._failure([sys.executable, "-c", "pass"]) == ""
    assert (
        quality._failure([sys.executable, "-c", "raise ValueError('no such column')"]) == "ValueError: no such column"
    )
    assert "could not be started" in quality._failure(["./no-such-program"])
    monkeypatch.setattr(quality, "LIMIT", 0.2)
    assert quality._failure([sys.executable, "-c", "import time; time.sleep(9)"]) == "took longer than 0.2 s"


def test_without_labelled_files_quality_is_told_to_be_missing(tmp_path):
    found = report.run("small", print, ["G", "NBER"], tmp_path / "none")
    assert found["goals"] == []
    assert list(report.lines(found)) == [
        "QUALITY WAS NOT MEASURED: there are no labelled files in none/ (--data FOLDER says where they are)."
    ]


def test_a_part_that_cannot_be_measured_does_not_take_the_others_with_it(monkeypatch):
    def broken(scale, say):
        raise RuntimeError("No such table.\nand so on")

    monkeypatch.setattr("benchmarks.identity.lookup.run", broken)
    found = report.run("small", print, ["lookup"])
    assert list(report.lines(found)) == ["NOT MEASURED: lookup: RuntimeError: No such table."]
    monkeypatch.setattr("benchmarks.identity.lookup.run", lambda *_: {"missing": "It is not installed"})
    assert report.run("small", print, ["lookup"])["told"] == ["NOT MEASURED: lookup: It is not installed."]


def _row(who: str, f1: float, **more: float) -> dict[str, object]:
    return {"who": who, "precision": 0.9, "recall": 0.8, "f1": f1, "recall_at_p98": 0.5, **more}


REPORT = {
    "quality": {
        "G": {
            "records": 2000, "accounts": 76000, "known": 1500,
            "rows": [_row("this resolver", 0.97, pairs_per_second=123456.7, peak_mb=480), _row("pg_trgm", 0.88)],
            "unseen": [_row("this resolver", 0.96, same_precision=0.9985, same_share=0.66, missed_known=0.02)],
        },
        "AIR": {
            "records": 692, "accounts": 0, "known": 3175, "unseen": [],
            "rows": [_row("this resolver", 0.81), _row("pg_trgm", 0.7), {"who": "Splink", "failed": "it broke"}],
        },
    },
    "lookup": {
        "accounts": 1000000,
        "lookup": {"1": {"seconds": 3.5, "rare": {"p95_ms": 8.0, "recall": 0.99}, "mid": {"p95_ms": 12.5, "recall": 0.98}}},
    },
    "bulk": {
        "made_up_1000000_x_200000": {"accounts": 1000000, "queries": 200000, "seconds": 71, "peak_mb": 3000, "f1": 0.94},
        "G_76000_x_24000": {"accounts": 76000, "queries": 24000, "seconds": 300, "peak_mb": 3000, "f1": 0.951},
    },
    "told": [],
}  # fmt: skip


def test_goals_are_computed():
    met = {goal["goal"]: goal["met"] for goal in goals_of(REPORT)}
    place = "candidates among 1,000,000 accounts, worst kind of names"
    assert met == {
        "G: recall at precision >= .98": False,
        "G: best F1": False,
        "G: precision of the verdict 'same'": True,
        "G: share of queries with the verdict 'same'": True,
        "G: known accounts called different": False,
        "AIR: best F1 above the best peer measured": True,
        f"{place}: p95 in ms": False,
        f"{place}: recall": False,
        "bulk, 1,000,000 x 200,000: seconds": True,
        "bulk, 1,000,000 x 200,000: memory in MB": True,
        "bulk, 1,000,000 x 200,000: best F1": False,
    }
    assert goals_of({"bulk": {"failed": "not measured"}}) == []


def test_the_report_is_aligned():
    lines = list(report.lines(REPORT | {"goals": goals_of(REPORT)}))
    head = next(line for line in lines if "queries/s" in line)
    ours = next(line for line in lines if line.startswith("  this resolver"))
    assert len(ours) == len(head)
    assert head.index("pairs/s") + len("pairs/s") == ours.index("123,457") + len("123,457")
    assert any(line.startswith("AIR: 692 records, 3,175 pairs") for line in lines)
    assert any(re.fullmatch(r"  bulk, 1,000,000 x 200,000: seconds +< 90 +71  met", line) for line in lines)
    assert sum("NOT MET" in line for line in lines) == 6


def test_an_unknown_part_is_refused_with_the_parts_there_are():
    with pytest.raises(
        CommandError, match=r"There is no part 'GG'; there are: G, NBER, AIR, Early childhood, lookup, bulk"
    ):
        call_command("bench", "identity", only="GG")
