"""rapidfuzz: the likeness of names on the candidates that it is handed, alone or with points for other equal fields."""

from rapidfuzz import fuzz, utils

from benchmarks.identity.peers.given import Given, Row, Scored

SCORERS = {"WRatio": fuzz.WRatio, "token_set_ratio": fuzz.token_set_ratio, "fields": fuzz.WRatio}
POINTS = {"country": 5, "city": 5, "address": 5, "domain": 10, "phone": 10}


def prepare(given: Given) -> dict[str, str]:
    """Names as rapidfuzz's own cleaning leaves them; sets of words do better with their legal forms."""
    name = "name" if given.variant == "token_set_ratio" else "core"
    rows = [*given.left.values(), *given.right.values()]
    return {row["id"]: utils.default_process(row[name]) for row in rows}


def score(given: Given, names: dict[str, str]) -> Scored:
    """0 to 100, and the points."""
    likeness, points = SCORERS[given.variant], POINTS if given.variant == "fields" else {}
    for a, b in given.candidates:
        yield a, b, likeness(names[a], names[b]) + _points(given.left[a], given.right[b], points)


def _points(left: Row, right: Row, points: dict[str, int]) -> int:
    return sum(worth for field, worth in points.items() if left[field] and left[field] == right[field])
