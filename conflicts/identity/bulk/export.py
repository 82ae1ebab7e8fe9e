"""The accounts of a program as a file for DuckDB: one record a name, under the account that stands for it."""

import uuid
from pathlib import Path

from django.db import connection
from psycopg import sql

from conflicts.identity.bulk.keys import COLUMNS

_RECORDS = """
copy (select '' as side, coalesce(a.merged_into_id, a.id) as owner, n.key as core, a.domain, a.country, a.city, a.phone,
             a.lei, a.vat_id, a.duns
        from partners_account a join partners_accountname n on n.account_id = a.id where a.program_id = {program})
to stdout with (format csv)
"""


def write_accounts(program_id: uuid.UUID, file: Path) -> None:
    """Write the accounts that may be seen (as staff of that program) with keys.COLUMNS; streams, so memory stays small."""
    statement = sql.SQL(_RECORDS).format(program=sql.Literal(program_id))  # type: ignore[arg-type]
    connection.ensure_connection()
    with file.open("wb") as out, connection.connection.cursor() as cursor, cursor.copy(statement) as rows:
        out.write((",".join(COLUMNS) + "\n").encode())
        for block in rows:
            out.write(block)
