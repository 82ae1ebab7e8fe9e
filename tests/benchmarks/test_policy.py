"""bench policy: what is measured decides as the product does, the table says the same, and a peer that is not there is told."""

import sys
from importlib.util import find_spec

import pytest

from benchmarks import policy, policy_backtest
from benchmarks.policy_table import _cells, as_table
from channelconflict.database.creation import OWNER_ALIAS
from conflicts.policy import STANDARD, Policy, conditions
from conflicts.policy.background import against, decider
from conflicts.policy.conditions import TRUE, Group
from partners.models import Program

STANDARD_POLICY = Policy.from_document(STANDARD)


def test_the_cases_can_be_and_every_rule_decides_some():
    cases = policy.random_cases(300, seed=1)
    assert not any(against(case, STANDARD_POLICY) for case in cases)
    decided = [policy.traced(STANDARD_POLICY, case) for case in cases]
    assert {rule.id for rule, _ in decided} == {rule.id for rule in STANDARD_POLICY.rules}
    assert [rule for rule, _ in decided] == [decider(STANDARD_POLICY, case) for case in cases]
    for rule, nodes in decided:
        assert len(nodes) == STANDARD_POLICY.rules.index(rule) + 1
        assert [node.state == TRUE for node in nodes] == [False] * (len(nodes) - 1) + [True]


def test_the_table_has_a_row_a_rule():
    (table,) = [node["content"] for node in as_table(STANDARD_POLICY)["nodes"] if "content" in node]
    assert [row["_id"] for row in table["rules"]] == [rule.id for rule in STANDARD_POLICY.rules]
    assert table["rules"][1]["in-reserved_account"] == "true"
    assert table["rules"][1]["in-reserved_workers"] == ">= 1"
    assert table["rules"][7]["in-lead"] == ">= 15"
    assert set(table["rules"][11].values()) == {"R-12", "", '"R-12"', '"mediate"'}


def test_what_a_table_cannot_say_is_refused():
    with pytest.raises(ValueError, match="cannot say"):
        _cells(Group("not", (conditions.Test("lead", ">", 1),)), {})
    with pytest.raises(ValueError, match="cannot say"):
        _cells(Group("all", (conditions.Test("lead", ">", 1), conditions.Test("lead", "<", 9))), {})


def small(monkeypatch, python, only=("evaluate", "z3")):
    monkeypatch.setattr(policy, "peers_python", lambda: python)
    monkeypatch.setitem(policy.CASES, "small", 300)
    monkeypatch.setitem(policy.REPEATS, "small", 1)
    monkeypatch.setitem(policy.MORE_RULES, "small", ())
    return policy.run("small", lambda _: None, only)


def test_a_run_without_the_peer_says_so(monkeypatch):
    report = small(monkeypatch, "", only=["evaluate", "z3"])
    assert set(report) == {"evaluate", "z3"} < set(policy.PARTS)
    assert sum(report["evaluate"]["deciding"].values()) == 300
    rows = report["z3"]["rows"]
    assert (rows["the standard, unchanged"]["differences"], rows["margin 15 to 20"]["differences"]) == (0, 4)
    text = "\n".join(policy.lines(report))
    assert "NOT MEASURED: zen-engine: the peers' environment is not there: `make peers` makes it" in text
    assert "| margin 15 to 20 | 12 |" in text


def test_a_peer_that_fails_is_told(monkeypatch):
    report = small(monkeypatch, "/nowhere/python", only=["evaluate"])
    assert "NOT MEASURED: zen-engine: " in "\n".join(policy.lines(report))


@pytest.mark.skipif(find_spec("zen") is None, reason="zen-engine is not here: it is only in the peers' environment")
def test_the_peer_decides_alike(monkeypatch):
    found = small(monkeypatch, sys.executable, only=["evaluate"])["evaluate"]["zen"]
    assert found["same"] == 300
    assert found["one_by_one"]["a_second"] > 0 < found["batch"]["a_cpu_second"]


@pytest.mark.django_db(transaction=True, databases=["default", OWNER_ALIAS])
def test_past_cases_are_tried_and_removed(monkeypatch):
    for name, number in (("PARTNERS", 20), ("DISTINCT", 12), ("SAMPLE", 4)):
        monkeypatch.setattr(policy_backtest, name, number)
    monkeypatch.setitem(policy_backtest.CASES, "small", 30)
    report = policy.run("small", lambda _: None, ["backtest"])["backtest"]
    assert (report["cases"], report["different"]) == (30, 12)
    assert set(report["trials"]) == {"what decides", "what blocks", "what is found"}
    for found in report["trials"].values():
        assert found["cases"] == 30
        assert (found["unreadable"], found["unlike_record"]) == (0, 0)
    assert "30 past cases (12 different" in "\n".join(policy.lines({"backtest": report}))
    assert not Program.objects.exists()
