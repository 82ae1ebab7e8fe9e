"""Equal names: without legal form, case and punctuation. Among accounts of one name the one in the same country is better."""

from collections import defaultdict
from itertools import combinations

from benchmarks.identity.peers.given import Given, Row, Scored

Index = dict[str, list[Row]]


def prepare(given: Given) -> Index:
    """Accounts (or the one list) by name."""
    index: Index = defaultdict(list)
    for row in given.right.values():
        if row["core"]:
            index[row["core"]].append(row)
    return index


def score(given: Given, index: Index) -> Scored:
    """Every account of the same name; 2 if the country is the same, else 1."""
    if given.linking:
        for key, row in given.left.items():
            for found in index.get(row["core"], ()):
                yield key, found["id"], 1.0 + (found["country"] == row["country"])
        return
    for rows in index.values():
        for a, b in combinations(rows, 2):
            yield a["id"], b["id"], 1.0
