"""A program that exists inside one transaction: match_accounts and benchmarks fill it, search it, and leave no trace."""

import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import connection, transaction
from uuid_utils.compat import uuid7

from channelconflict.scope import staff_of
from partners.lookup import Index
from partners.models import Account, Program
from partners.naming import name_key

CHUNK = 5000
FIELDS = ("name", "domain", "country", "city", "postal_code", "phone", "lei", "vat_id", "duns")
LENGTHS: dict[str, int] = {f.name: f.max_length for f in Account._meta.fields if f.name in FIELDS and f.max_length}


@contextmanager
def scratch_program(at: datetime) -> Iterator[Program]:
    """A program to load accounts into, as its staff; everything is rolled back at the end."""
    code = f"scratch-{uuid.uuid4().hex[:12]}"
    program: Any = Program(id=uuid7(), code=code, name=code, created_at=at)
    with transaction.atomic():
        with staff_of(program.pk):
            program.save_without_historical_record(force_insert=True)
            yield program
        transaction.set_rollback(True)


_ACCOUNTS = """
insert into partners_account (program_id, id, external_id, name, domain, country, city, postal_code, phone, lei, vat_id,
                              duns, subdivision, industry, unit, segment)
select %s, r.*, '', '', '', 'standard' from unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[],
                                               %s::text[], %s::text[], %s::text[], %s::text[], %s::text[]) as r
"""
_NAMES = """
insert into partners_accountname (program_id, id, account_id, name, key)
select %s, r.* from unnest(%s::uuid[], %s::uuid[], %s::text[], %s::text[]) as r
"""


def load_accounts(
    program: Program, rows: Iterable[Mapping[str, str]], progress: Callable[[int], None] = lambda _: None
) -> dict[uuid.UUID, str]:
    """Load accounts (FIELDS, and `id` as their reference) without history or audit; their ids with the references."""
    rows, loaded, index = iter(rows), dict[uuid.UUID, str](), Index(program.pk)
    while chunk := list(islice(rows, CHUNK)):
        accounts = {uuid7(): {name: row.get(name, "")[: LENGTHS[name]] for name in FIELDS} for row in chunk}
        refs = dict(zip(accounts, (row["id"] for row in chunk), strict=True))
        names = [(uuid7(), pk, row["name"], key) for pk, row in accounts.items() if (key := name_key(row["name"]))]
        with connection.cursor() as cursor:
            columns: list[Any] = [list(accounts), list(refs.values())]
            columns += [[row[name] for row in accounts.values()] for name in FIELDS]
            cursor.execute(_ACCOUNTS, [program.pk, *columns])
            cursor.execute(_NAMES, [program.pk, *([list(c) for c in zip(*names, strict=True)] or [[]] * 4)])
        index.bring_in_step(accounts, [(pk, account, key) for pk, account, _, key in names], {}, {})
        loaded |= refs
        progress(len(loaded))
    return loaded
