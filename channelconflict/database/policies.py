"""Turns the declarations of rights.py into row-level security, grants and triggers on the real tables.

apply_rights() is idempotent, runs in one transaction as the tables' owner, and costs one query when nothing changed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, transaction
from django.db.models import Model

from channelconflict.database.rights import CLOSED, THIRD_PARTY, RowSecurity, of_history, of_link_table
from channelconflict.database.roles import LOGIN, MEND, WORKING, complete

_ROLES = {"portal": "portal", "staff": "staff", "login": LOGIN}  # word in RowSecurity -> database role
_PREFIX = "cc_"  # of every policy, trigger and function made here

# All our tables, and all that this room makes on them, as one text: what changed by hand is seen too.
_STATE = f"""
SELECT c.relname::text, md5(concat_ws('|', c.oid, c.relrowsecurity, c.relforcerowsecurity, c.relacl::text,
    (SELECT string_agg(concat_ws(' ', p.polname, p.polcmd, p.polroles::text, pg_get_expr(p.polqual, p.polrelid),
                                 pg_get_expr(p.polwithcheck, p.polrelid)), ',' ORDER BY p.polname)
       FROM pg_policy p WHERE p.polrelid = c.oid),
    (SELECT string_agg(a.attname || a.attacl::text, ',' ORDER BY a.attnum)
       FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attacl IS NOT NULL),
    (SELECT string_agg(concat_ws(' ', t.tgname, t.tgenabled, md5(pg_get_functiondef(t.tgfoid))), ',' ORDER BY t.tgname)
       FROM pg_trigger t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal AND t.tgname LIKE '{_PREFIX}%'))), c.relkind,
    pg_get_userbyid(c.relowner)::text
  FROM pg_class c
 WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p', 'S')
   AND pg_has_role(current_user, c.relowner, 'USAGE')
   AND NOT EXISTS (SELECT FROM pg_depend d
                    WHERE d.objid = c.oid AND d.classid = 'pg_class'::regclass AND d.deptype = 'e')
 ORDER BY c.relname
"""  # noqa: S608 - constants only
_STAMP = f"{_PREFIX}insert_only"  # the function whose comment keeps the hash of the last run


def declared(models: Iterable[type[Model]]) -> dict[str, RowSecurity]:
    """The declaration of each table of these models; a model without one is an error."""
    found = dict(THIRD_PARTY)
    for model in models:
        if model._meta.managed and not model._meta.proxy:
            found[model._meta.db_table] = declaration(model)
    return found


def declaration(model: type[Model]) -> RowSecurity:
    """What the model, its original (of a history) or its source (of a many-to-many table) declares."""
    table = model._meta.db_table
    rows = getattr(model, "rows", None)
    if isinstance(rows, RowSecurity):
        return rows
    if table in THIRD_PARTY:
        return THIRD_PARTY[table]
    original = getattr(model, "instance_type", None)  # simple_history
    if original is not None and original._meta.auto_created:
        history = model._meta.get_field("history").related_model
        assert isinstance(history, type)
        links = _link_declaration(table, "history_id", history, declaration(history))
        return replace(links, insert_only=True)
    if original is not None:
        return of_history(declaration(original))
    source: Any = model._meta.auto_created
    if source:
        column = next(f.column for f in model._meta.fields if f.related_model is source)
        return _link_declaration(table, str(column), source, declaration(source))
    raise ImproperlyConfigured(
        f"The model {model._meta.label} does not say who may see its rows: give it `rows: ClassVar ="
        " RowSecurity(...)`, or its table a line in THIRD_PARTY (channelconflict/database/rights.py)."
    )


def apply_rights(connection: Any, *, force: bool = False) -> bool:
    """Give every table of the database its rights, as its owner; False if all was as it should be already."""
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('channelconflict rights'))")
        check_roles(connection)
        wanted = declared(apps.get_models(include_auto_created=True))
        cursor.execute(_STATE)
        before = cursor.fetchall()
        tables = [(name, owner) for name, _, kind, owner in before if kind != "S"]
        statements = [
            (name, sql) for name, owner in tables for sql in table_sql(name, wanted.get(name, CLOSED), f'"{owner}"')
        ]
        statements += [("", sql) for sql in _schema_sql()]
        cursor.execute(_READ_STAMP, [_STAMP])
        stamp = cursor.fetchone()
        if not force and stamp and stamp[0] == _hash(statements, before):
            return False
        for sql in _function_sql():
            cursor.execute(sql)
        for table, sql in statements:
            _run(cursor, table, sql)
        cursor.execute(_STATE)
        cursor.execute(f"COMMENT ON FUNCTION {_STAMP}() IS '{_hash(statements, cursor.fetchall())}'")
        return True


def check_roles(connection: Any) -> None:
    """Refuse to go on while the working roles are not there or not what they should be."""
    with connection.cursor() as cursor:
        if not complete(cursor):
            raise ImproperlyConfigured(f"The database roles {', '.join(WORKING)} are missing or wrong: run `{MEND}`.")


_READ_STAMP = """
SELECT obj_description(p.oid, 'pg_proc') FROM pg_proc p
 WHERE p.proname = %s AND p.pronamespace = current_schema()::regnamespace
"""


def _hash(statements: Any, state: Any) -> str:
    return hashlib.sha256(repr((statements, state, _function_sql())).encode()).hexdigest()


def _run(cursor: Any, table: str, sql: str) -> None:
    try:
        cursor.execute(sql)
    except DatabaseError as error:
        raise ImproperlyConfigured(f"The rights declared for the table {table} cannot be given: {error}") from error


def _link_declaration(table: str, column: str, source: type[Model], rows: RowSecurity) -> RowSecurity:
    key = source._meta.pk
    assert key is not None
    return of_link_table(rows, table, column, source._meta.db_table, str(key.column))


def table_sql(table: str, rows: RowSecurity, owner: str = "CURRENT_USER") -> list[str]:
    """All statements that give one table its rights, whatever it had before."""
    name = f'"{table}"'
    sql = [
        f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
        f"REVOKE ALL ON {name} FROM PUBLIC, {', '.join(WORKING)}",
        *_policy(name, "owner", owner, "true", "true"),  # FORCE binds the owner too
    ]
    for word, role in _ROLES.items():
        predicate = rows.predicate(word)
        sql += _policy(name, word, role, predicate, rows.check(word))
        if predicate:
            writes = [_column_grant(verb, rows) if word == "portal" else verb for verb in rows.written_by(word)]
            sql.append(f"GRANT {', '.join(['SELECT', *writes])} ON {name} TO {role}")
    return sql + _trigger_sql(table, rows)


def _policy(name: str, word: str, role: str, predicate: str, check: str) -> list[str]:
    """One policy a role for all commands: the grants say which of them it may use at all."""
    drop = f"DROP POLICY IF EXISTS {_PREFIX}{word} ON {name}"
    if not predicate:
        return [drop]
    return [drop, f"CREATE POLICY {_PREFIX}{word} ON {name} TO {role} USING ({predicate}) WITH CHECK ({check})"]


def _column_grant(verb: str, rows: RowSecurity) -> str:
    if verb != "UPDATE" or not rows.portal_columns:
        return verb
    return f"UPDATE ({', '.join(f'{chr(34)}{column}{chr(34)}' for column in rows.portal_columns)})"


def _trigger_sql(table: str, rows: RowSecurity) -> list[str]:
    function = f'"{_PREFIX}lock_{table}"'
    sql = [
        f'DROP TRIGGER IF EXISTS {_PREFIX}insert_only ON "{table}"',
        f'DROP TRIGGER IF EXISTS {_PREFIX}lock ON "{table}"',
        f"DROP FUNCTION IF EXISTS {function}()",
    ]
    if rows.insert_only:
        sql.append(
            f'CREATE TRIGGER {_PREFIX}insert_only BEFORE UPDATE OR DELETE ON "{table}"'
            f" FOR EACH ROW EXECUTE FUNCTION {_PREFIX}insert_only()"
        )
    if rows.locked_when:
        sql.append(_lock_function(function, rows))
        sql.append(
            f'CREATE TRIGGER {_PREFIX}lock BEFORE UPDATE OR DELETE ON "{table}"'
            f" FOR EACH ROW EXECUTE FUNCTION {function}()"
        )
    return sql


def _lock_function(function: str, rows: RowSecurity) -> str:
    # The condition stands in the function, not in the trigger's WHEN: PostgreSQL would otherwise refuse every
    # later migration that changes the type of a column in it.
    free = ", ".join(f"'{column}'" for column in rows.locked_except)
    return f"""
CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    IF NOT ({rows.locked_when}) THEN
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    ELSIF TG_OP = 'UPDATE' AND to_jsonb(OLD) - ARRAY[{free}]::text[] = to_jsonb(NEW) - ARRAY[{free}]::text[] THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'This row of % is locked: it can no longer be changed or deleted.', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $body$"""


def _function_sql() -> list[str]:
    return [
        f"""
CREATE OR REPLACE FUNCTION {_PREFIX}insert_only() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    RAISE EXCEPTION 'Rows of % are a record: they are added, never changed or deleted.', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $body$"""
    ]


def _schema_sql() -> list[str]:
    """What is the same for the whole schema: only its owner creates in it, and anybody may draw a number."""
    roles = ", ".join(WORKING)
    return [
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
        f"GRANT USAGE ON SCHEMA public TO {roles}",
        f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {roles}",
    ]
