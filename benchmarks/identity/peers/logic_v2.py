"""nomenklatura's logic-v2 (the matcher of OpenSanctions) on the candidates that it is handed, its standard weights."""

from followthemoney import EntityProxy, model
from nomenklatura.matching import LogicV2

from benchmarks.identity.peers.given import Given, Row, Scored

Entities = dict[str, EntityProxy]


def prepare(given: Given) -> tuple[Entities, Entities]:
    """Companies as entities; ids differ between the sides, as the library remembers names by id."""
    name = "name" if given.linking else "core"  # a list of names alone does better without legal forms
    left = {key: _entity(f"left-{key}", row, name) for key, row in given.left.items()}
    right = {key: _entity(f"right-{key}", row, name) for key, row in given.right.items()} if given.linking else left
    return left, right


def score(given: Given, prepared: tuple[Entities, Entities]) -> Scored:
    """Query against account; in one list, where neither is the query, the mean of both directions."""
    left, right = prepared
    setting = LogicV2.default_config()
    for a, b in given.candidates:
        found = LogicV2.compare(left[a], right[b], setting).score
        if not given.linking:
            found = (found + LogicV2.compare(right[b], left[a], setting).score) / 2
        yield a, b, round(found, 6)


def _entity(key: str, row: Row, name: str) -> EntityProxy:
    made = model.make_entity("Company")
    made.id = key
    made.add("name", row[name])
    made.add("country", row["country"])
    made.add("address", ", ".join(part for part in (row["address"], row["city"], row["postal_code"]) if part))
    made.add("registrationNumber", row["phone"])  # it does not read phones; as an identifier an equal one counts
    return made
