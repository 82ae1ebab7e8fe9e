"""Who is measured beside this resolver, each with the best sensible setting that we found.

A module has `prepare(given)` (what is done once: reading, indexing, training) and `score(given, prepared)` (answering).
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Peer:
    """One competitor. `handed`: it has no search of its own and scores the candidates that this resolver found."""

    name: str
    module: str  # and after a colon which of its variants
    setting: str
    handed: bool = False
    extra: bool = False  # needs the peers' environment


PEERS = (
    Peer(
        "exact normalised name", "exact",
        "names equal without legal form, case and punctuation (our cleaning); the country decides between equal ones",
    ),
    Peer(
        "rapidfuzz WRatio", "fuzzy:WRatio",
        "names without legal forms (our cleaning; better than raw names on all four sets), on our candidates",
        handed=True,
    ),
    Peer(
        "rapidfuzz token_set_ratio", "fuzzy:token_set_ratio",
        "raw names (better than without legal forms on G and NBER), on our candidates",
        handed=True,
    ),
    Peer(
        "rapidfuzz WRatio + fields", "fuzzy:fields",
        "WRatio of the names, and points for what is equal: 5 country, city, address; 10 domain, phone",
        handed=True,
    ),
    Peer(
        "pg_trgm", "trigrams",
        "PostgreSQL, GIN index, names without legal forms, similarity >= .3, .05 for an equal country; its own search; "
        "memory is client and server process with the buffers it touched",
    ),
    Peer(
        "recordlinkage ECM", "ecm",
        "Jaro-Winkler and q-grams of names at .8 and .9, fields equal or different, learned without labels, on our candidates",
        handed=True, extra=True,
    ),
    Peer(
        "nomenklatura logic-v2", "logic_v2",
        "companies with raw name, country, city and address, phone as an identifier; lists: names without legal forms, "
        "mean of both directions; on our candidates",
        handed=True, extra=True,
    ),
    Peer(
        "Splink 5, DuckDB, EM", "splink_em",
        "two threads; its own blocking on name, rare words, prefix, domain, phone; term frequencies; learned without labels",
        extra=True,
    ),
)  # fmt: skip
