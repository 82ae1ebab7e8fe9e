"""The four database roles: who they are, the SQL that makes them, and who may never connect.

app_owner owns the tables and migrates. app_login is what processes connect as: it owns nothing, inherits
nothing, and becomes `portal` or `staff` inside a transaction (channelconflict.scope).
"""

from __future__ import annotations

from typing import Any

OWNER = "app_owner"
LOGIN = "app_login"
SCOPES = ("portal", "staff")
WORKING = (LOGIN, *SCOPES)
DATABASE = "channelconflict"
MEND = "python manage.py setup_database"

_BARE = "NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION"
_WISHES = {
    LOGIN: ("LOGIN NOINHERIT", "NOT rolcanlogin OR rolinherit"),
    "portal": ("NOLOGIN INHERIT", "rolcanlogin"),
    "staff": ("NOLOGIN INHERIT", "rolcanlogin"),
}
_ANY_POWER = "rolsuper OR rolbypassrls OR rolcreatedb OR rolcreaterole OR rolreplication"

# One query a new connection. 'MEMBER' = may become, so a role that could SET ROLE to a mightier one is refused too.
REFUSAL = """
SELECT session_user::text,
       (SELECT r.rolname::text FROM pg_catalog.pg_roles r
         WHERE (r.rolsuper OR r.rolbypassrls) AND pg_has_role(session_user, r.oid, 'MEMBER')
         ORDER BY r.rolname <> session_user, r.rolname LIMIT 1),
       (SELECT c.relname::text FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
         WHERE c.relkind IN ('r', 'p') AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
           AND pg_has_role(session_user, c.relowner, 'MEMBER') LIMIT 1)
"""


def refusal(role: str, mighty: str | None, table: str | None) -> str:
    """Why this role may not work on partner data, with the command that mends it; "" = it may."""
    if not mighty and not table:
        return ""
    if mighty:
        why = "is" if mighty == role else f"may become {mighty}, which is"
        why += " a superuser or has BYPASSRLS"
    else:
        why = f"owns the table {table} or may become its owner"
    return (
        f"The database role {role} {why}, so row-level security would not hold it. Processes connect as {LOGIN}: "
        f"run `{MEND}`, and let APP_DATABASE_URL name that role (DATABASE_URL is the owner's)."
    )


def owner_sql(version: int) -> list[str]:
    """SQL that makes the embedded server's owner (elsewhere the owner is whoever DATABASE_URL names)."""
    return [_create(OWNER, "LOGIN CREATEDB NOSUPERUSER NOBYPASSRLS NOCREATEROLE")]


def working_sql(version: int) -> list[str]:
    """SQL for app_login, portal and staff: makes what is missing, mends what is wrong, may run again and again."""
    found = []
    for role, (kind, wrong) in _WISHES.items():
        found.append(_create(role, f"{kind} {_BARE}"))
        # Only when it is wrong: even a harmless NOSUPERUSER is refused to anybody but a superuser.
        found.append(
            f"DO $$ BEGIN IF EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = '{role}'"
            f" AND ({wrong} OR {_ANY_POWER})) THEN ALTER ROLE {role} {kind} {_BARE}; END IF; END $$"
        )
    # PostgreSQL 15 has no options on a membership: NOINHERIT of the role itself does it there.
    options = " WITH INHERIT FALSE, SET TRUE" if version >= 160000 else ""
    found += [_grant(scope, options) for scope in SCOPES]
    return found


def _create(role: str, attributes: str) -> str:
    """CREATE ROLE that tolerates an existing one, and a neighbour who makes it in the same moment."""
    return (
        f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = '{role}') THEN"
        f" CREATE ROLE {role} {attributes}; END IF;"
        " EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
    )


def _grant(scope: str, options: str) -> str:
    fine = " AND NOT m.inherit_option AND m.set_option" if options else ""
    return (
        "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_catalog.pg_auth_members m"
        f" WHERE m.roleid = '{scope}'::regrole AND m.member = '{LOGIN}'::regrole{fine})"
        f" THEN GRANT {scope} TO {LOGIN}{options}; END IF; END $$"
    )


# Is everything as working_sql() would leave it? One row of true or false; needs no rights.
COMPLETE = f"""
SELECT (SELECT count(*) = 3 AND bool_and(
               CASE WHEN rolname = '{LOGIN}' THEN rolcanlogin AND NOT rolinherit ELSE NOT rolcanlogin END
               AND NOT ({_ANY_POWER}))
          FROM pg_catalog.pg_roles WHERE rolname IN ('{LOGIN}', 'portal', 'staff'))
   AND (SELECT count(DISTINCT s.rolname) = 2 FROM pg_catalog.pg_auth_members m
          JOIN pg_catalog.pg_roles s ON s.oid = m.roleid JOIN pg_catalog.pg_roles l ON l.oid = m.member
         WHERE l.rolname = '{LOGIN}' AND s.rolname IN ('portal', 'staff'))
"""  # noqa: S608 - constants only


def complete(cursor: Any) -> bool:
    """Do the working roles exist with the right attributes?"""
    cursor.execute(COMPLETE)
    return bool(cursor.fetchone()[0])


def make(cursor: Any, version: int, *, owner: bool = False) -> None:
    """Make or mend the roles with this cursor, whose role must be allowed to."""
    for statement in (owner_sql(version) if owner else []) + working_sql(version):
        cursor.execute(statement)
