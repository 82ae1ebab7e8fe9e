"""Rules as a decision table of GoRules' JDM: a row a rule, a column a fact, the first row that fits decides."""

from typing import Any

from conflicts.policy import Policy
from conflicts.policy.conditions import Condition, Group, Test

FIRST, TABLE, LAST = "facts", "rules", "answer"


def as_table(policy: Policy) -> dict[str, Any]:
    """The whole decision: facts in, the id of the rule that decides and its action out. An unknown fact is null there,
    and fits no cell but an empty one, as an unknown fact holds no test here."""
    facts = list(dict.fromkeys(name for rule in policy.rules for name in rule.facts))
    content = {
        "hitPolicy": "first",
        "inputs": [{"id": f"in-{name}", "name": name, "field": name} for name in facts],
        "outputs": [{"id": f"out-{name}", "name": name, "field": name} for name in ("rule", "action")],
        "rules": [
            {
                "_id": rule.id,
                **{f"in-{name}": "" for name in facts},
                **_cells(rule.when, policy.numbers),
                "out-rule": _text(rule.id),
                "out-action": _text(rule.then.action),
            }
            for rule in policy.rules
        ],
    }
    nodes = [
        {"id": FIRST, "type": "inputNode", "name": FIRST, "position": {"x": 0, "y": 0}},
        {"id": TABLE, "type": "decisionTableNode", "name": TABLE, "position": {"x": 1, "y": 0}, "content": content},
        {"id": LAST, "type": "outputNode", "name": LAST, "position": {"x": 2, "y": 0}},
    ]
    pairs = ((FIRST, TABLE), (TABLE, LAST))
    edges = [{"id": f"{a}-{b}", "sourceId": a, "targetId": b, "type": "edge"} for a, b in pairs]
    return {"nodes": nodes, "edges": edges}


def _cells(condition: Condition, numbers: dict[str, int]) -> dict[str, str]:
    """Only what a row can say: tests of different facts that all hold."""
    tests = condition.parts if isinstance(condition, Group) and condition.how == "all" else (condition,)
    cells: dict[str, str] = {}
    for test in tests:
        if not isinstance(test, Test) or f"in-{test.fact}" in cells:
            raise ValueError(f"A row of a table cannot say {condition}.")
        cells[f"in-{test.fact}"] = _cell(test, numbers)
    return cells


def _cell(test: Test, numbers: dict[str, int]) -> str:
    wanted = numbers[test.parameter] if test.parameter else test.value
    if test.op == "=":
        return _text(wanted)
    if test.op in ("<", "<=", ">", ">="):
        return f"{test.op} {wanted}"
    raise ValueError(f"A cell of a table cannot say {test}.")


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f'"{value}"' if isinstance(value, str) else str(value)
