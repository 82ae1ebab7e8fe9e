"""pg_trgm in the product's own PostgreSQL: a scratch table that goes with the connection, a GIN index, similarity >= .3."""

import os

import django
from django.db import connections

from benchmarks.identity.peers.given import Given, Scored
from benchmarks.identity.peers.memory import peak_mb

_FIND = """
    select id, similarity(core, %(core)s) + case when country = %(country)s then 0.05 else 0 end as score
    from bench_trigrams where core %% %(core)s order by score desc limit 10
"""
_JOIN = """
    select a.id, b.id, similarity(a.core, b.core) from bench_trigrams a join bench_trigrams b on a.core %% b.core
    where a.id < b.id
"""


def prepare(given: Given) -> None:
    """Load the accounts (or the one list) and index them."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "channelconflict.settings")
    django.setup()
    with connections["owner"].cursor() as cursor:
        # Temporary tables live in buffers of the session: as many as shared_buffers is by default.
        cursor.execute("set temp_buffers = '128MB'; set pg_trgm.similarity_threshold = 0.3; set work_mem = '64MB'")
        cursor.execute("create temporary table bench_trigrams (id text primary key, core text, country text)")
        with cursor.copy("copy bench_trigrams from stdin") as copy:
            for row in given.right.values():
                copy.write_row((row["id"], row["core"], row["country"]))
        cursor.execute("create index on bench_trigrams using gin (core gin_trgm_ops)")
        cursor.execute("analyze bench_trigrams")


def score(given: Given, _: None) -> Scored:
    """Ask query by query, or join the list with itself."""
    pairs = []
    with connections["owner"].cursor() as cursor:
        if given.linking:
            for key, row in given.left.items():
                cursor.execute(_FIND, row)
                pairs += [(key, account, likeness) for account, likeness in cursor.fetchall()]
        else:
            cursor.execute(_JOIN, {})
            pairs = cursor.fetchall()
    return pairs


def elsewhere_mb() -> float:
    """What the server's process for this connection has held, with the buffers that it touched."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        return peak_mb(cursor.fetchone()[0])
