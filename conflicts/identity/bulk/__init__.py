"""The whole stock at once: pairs of accounts that may be one company, judged by the scorer, gathered into clusters.

`model`, `keys` and `linking` need the optional extra (requirements-bulk.txt: Splink on DuckDB); the rest does without.
"""

from importlib.util import find_spec


def installed() -> bool:
    """Whether the extra is there."""
    return find_spec("splink") is not None and find_spec("duckdb") is not None
