"""Rights as they are declared: who sees and writes which rows, and what nobody changes."""

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import IntegrityError, ProgrammingError, connection, connections, models, transaction
from django.test.utils import isolate_apps

from channelconflict.database.policies import apply_rights, declaration, table_sql
from channelconflict.database.rights import PARTNER, PROGRAM, RowSecurity
from tests.database.conftest import ROOT

ME, RIVAL, PROGRAM_A, PROGRAM_B = (uuid.UUID(int=n) for n in range(1, 5))
DEAL = "partner_id uuid, program_id uuid, status text default 'draft', note text default ''"


@pytest.fixture
def deals(wrappers: Any) -> Iterator[Any]:
    """A function that makes the table `deal` with rights, and a cursor of app_login on it, in a transaction."""
    owner, login = wrappers("app_owner", alias="owner"), wrappers("app_login")

    def make(rows: RowSecurity) -> Any:
        with owner.cursor() as cursor:
            cursor.execute(f"drop table if exists deal; create table deal (id serial primary key, {DEAL})")
            cursor.execute(_trigger_function())
            for statement in table_sql("deal", rows):
                cursor.execute(statement)
            for partner, program in ((ME, PROGRAM_A), (RIVAL, PROGRAM_A), (RIVAL, PROGRAM_B)):
                cursor.execute("insert into deal (partner_id, program_id) values (%s, %s)", [partner, program])
            cursor.execute("grant usage on all sequences in schema public to app_login, portal, staff")
        login.ensure_connection()
        login.set_autocommit(False)
        return login.cursor()

    yield make
    if login.connection is not None:
        login.rollback()
    with owner.cursor() as cursor:
        cursor.execute("drop table if exists deal")


def _trigger_function() -> str:
    from channelconflict.database.policies import _function_sql

    return _function_sql()[0]


def become(cursor: Any, role: str, partners: str | None = None, programs: str | None = None) -> Any:
    cursor.execute("select set_config('role', %s, true)", [role])
    for name, ids in (("app.partner_ids", partners), ("app.program_ids", programs)):
        if ids is not None:
            cursor.execute("select set_config(%s, %s, true)", [name, ids])
    return cursor


def count(cursor: Any) -> int:
    cursor.execute("select count(*) from deal")
    return int(cursor.fetchone()[0])


@contextmanager
def refused(cursor: Any, kind: type[Exception], text: str) -> Iterator[None]:
    cursor.execute("savepoint tried")
    with pytest.raises(kind, match=text):
        yield
    cursor.execute("rollback to savepoint tried")


def test_each_role_sees_its_own_rows_and_no_scope_sees_none(deals: Any) -> None:
    cursor = deals(PARTNER)
    with refused(cursor, ProgrammingError, "permission denied"):
        count(cursor)  # app_login itself has no rights at all
    assert count(become(cursor, "portal")) == 0  # a role without ids: unset, then empty
    assert count(become(cursor, "portal", partners="")) == 0
    assert count(become(cursor, "portal", partners=f"{{{ME}}}")) == 1
    assert count(become(cursor, "portal", partners=f"{{{ME},{RIVAL}}}")) == 3
    assert count(become(cursor, "staff")) == 0
    assert count(become(cursor, "staff", programs=f"{{{PROGRAM_A}}}")) == 2
    cursor.connection.rollback()
    with refused(cursor, ProgrammingError, "permission denied"):
        count(cursor)  # the scope ended with its transaction


def test_rows_are_written_only_where_they_are_seen(deals: Any) -> None:
    cursor = deals(RowSecurity(portal=PARTNER.portal, portal_writes="INSERT UPDATE", portal_columns=("note",)))
    become(cursor, "portal", partners=f"{{{ME}}}")
    cursor.execute("insert into deal (partner_id, program_id) values (%s, %s) returning id", [ME, PROGRAM_A])
    with refused(cursor, ProgrammingError, "row-level security"):
        cursor.execute("insert into deal (partner_id) values (%s)", [RIVAL])
    cursor.execute("update deal set note = 'x'")
    assert cursor.rowcount == 2
    with refused(cursor, ProgrammingError, "permission denied"):
        cursor.execute("update deal set partner_id = %s", [RIVAL])
    with refused(cursor, ProgrammingError, "permission denied"):
        cursor.execute("delete from deal")
    with refused(cursor, ProgrammingError, "permission denied"):
        count(become(cursor, "staff"))


def test_a_record_is_added_never_changed_by_anybody(deals: Any, wrappers: Any) -> None:
    cursor = deals(RowSecurity(staff=PROGRAM.staff, insert_only=True))
    become(cursor, "staff", programs=f"{{{PROGRAM_A}}}")
    cursor.execute("insert into deal (program_id) values (%s)", [PROGRAM_A])
    with refused(cursor, ProgrammingError, "permission denied"):
        cursor.execute("update deal set note = 'x'")
    cursor.connection.rollback()
    with wrappers("app_owner", alias="owner").cursor() as owners:
        for statement in ("update deal set note = 'x'", "delete from deal"):
            with pytest.raises(IntegrityError, match="never changed or deleted"):
                owners.execute(statement)


def test_a_locked_row_changes_only_in_its_free_columns(deals: Any, wrappers: Any) -> None:
    deals(RowSecurity(staff=PROGRAM.staff, locked_when="OLD.status = 'live'", locked_except=("note",)))
    with wrappers("app_owner", alias="owner").cursor() as owners:
        owners.execute("update deal set status = 'live' where id = 1")
        owners.execute("update deal set note = 'still free'")
        for statement in ("update deal set status = 'draft'", "delete from deal"):
            with pytest.raises(IntegrityError, match="locked"):
                owners.execute(statement)
        owners.execute("delete from deal where id = 2")
        owners.execute("alter table deal alter column status type varchar(30)")  # a migration may do that


def test_a_predicate_is_evaluated_once_a_query_and_uses_the_index(deals: Any, wrappers: Any) -> None:
    cursor = deals(PARTNER)
    with wrappers("app_owner", alias="owner").cursor() as owners:
        owners.execute("create index on deal (partner_id)")
    become(cursor, "portal", partners=f"{{{ME}}}")
    cursor.execute("set local enable_seqscan = off")
    cursor.execute("explain select * from deal")
    plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "InitPlan" in plan
    assert "Index Cond: (partner_id = ANY" in plan


def test_a_declaration_says_what_it_means_or_is_refused() -> None:
    with pytest.raises(ValueError, match="portal_writes"):
        RowSecurity(portal="true", portal_writes="INSERT UPSERT")
    with pytest.raises(ValueError, match="portal_columns"):
        RowSecurity(portal="true", portal_columns=("note",))
    assert RowSecurity(staff="true", insert_only=True).written_by("staff") == ("INSERT",)
    assert RowSecurity().written_by("staff") == ()


@isolate_apps("channelconflict.database")
def test_a_model_without_a_declaration_is_named() -> None:
    class Loose(models.Model):
        class Meta:
            app_label = "database"

    class Source(models.Model):
        rows = RowSecurity(portal=PARTNER.portal, staff="true")
        links = models.ManyToManyField(Loose)

        class Meta:
            app_label = "database"

    with pytest.raises(ImproperlyConfigured, match=r"database\.Loose does not say who may see its rows"):
        declaration(Loose)
    link = declaration(Source.links.through)
    assert "database_source" in link.portal
    assert link.written_by("portal") == ()
    assert link.written_by("staff") == ("INSERT", "DELETE")


# --- the project's own test database ---


@pytest.mark.django_db
def test_the_test_database_is_worked_on_as_the_login_role() -> None:
    with connection.cursor() as cursor:
        cursor.execute("select session_user, current_database()")
        user, name = cursor.fetchone()
    assert user == "app_login"
    assert name.startswith("test_")
    assert connections["owner"].settings_dict["NAME"] == name  # no alias is left on the real one


@pytest.mark.django_db(databases=["owner", "default"])
def test_rights_are_applied_once_and_again_after_tampering() -> None:
    owner = connections["owner"]
    assert apply_rights(owner) is False
    with owner.cursor() as cursor, transaction.atomic(using="owner"):
        cursor.execute("grant select on django_session to portal")
        assert apply_rights(owner) is True
        cursor.execute("select has_table_privilege('portal', 'django_session', 'select')")
        assert cursor.fetchone() == (False,)
        cursor.execute(
            "select c.relname from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'"
            " and not (c.relrowsecurity and c.relforcerowsecurity)"
        )
        assert cursor.fetchall() == []


@pytest.mark.django_db(transaction=True)
def test_a_committing_test_is_cleaned_up_by_the_owner() -> None:
    call_command("flush", interactive=False, verbosity=0)
    assert connections["default"].is_usable() or connections["default"].connection is None


def test_migrations_are_the_owners() -> None:
    with pytest.raises(CommandError, match="owner of the tables"):
        call_command("migrate", database="default")


def test_starting_nothing_costs_nothing(tmp_path: Path) -> None:
    env = os.environ | {"CHANNELCONFLICT_DATA": str(tmp_path / "postgres")}
    subprocess.run([sys.executable, "manage.py", "--help"], cwd=ROOT, env=env, check=True, capture_output=True)
    assert list(tmp_path.iterdir()) == []
