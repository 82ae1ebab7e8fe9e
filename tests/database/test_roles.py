"""Roles and connections: who is refused, what is mended, where addresses come from."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError
from django.db.utils import ConnectionHandler

from channelconflict.database import roles, server
from channelconflict.database.config import databases
from tests.database.conftest import ENSURE, ROOT, ask, kill


@pytest.mark.parametrize(
    ("user", "making"),
    [
        ("app_owner", ""),
        ("postgres", ""),
        ("bypasser", "create role bypasser login bypassrls"),
        ("climber", "create role climber login noinherit in role app_owner"),
    ],
)
@pytest.mark.parametrize("options", [{}, {"pool": {"min_size": 1, "max_size": 2, "timeout": 5}}])
def test_a_role_that_rights_would_not_hold_is_refused(
    wrappers: Any, shared: Path, user: str, making: str, options: dict[str, Any]
) -> None:
    ask(shared, "create table if not exists owned (id int); alter table owned owner to app_owner")
    if making and not ask(shared, f"select 1 from pg_roles where rolname = '{user}'"):
        ask(shared, making)
    refused = wrappers(user, **options)
    with pytest.raises(ImproperlyConfigured) as error:
        refused.ensure_connection()
    assert user in str(error.value)
    assert "python manage.py setup_database" in str(error.value)
    wrappers(user, alias="owner").ensure_connection()  # only the owner's alias is excepted


def test_the_login_role_may_work_also_from_a_pool(wrappers: Any) -> None:
    for options in ({}, {"pool": {"min_size": 1, "max_size": 2}}):
        working = wrappers("app_login", **options)
        for _ in range(3):
            with working.cursor() as cursor:
                cursor.execute("select session_user")
                assert cursor.fetchone() == ("app_login",)
            working.close()


def test_a_killed_server_is_started_by_the_next_connection_a_stopped_one_is_not(
    data_dir: Path, django_db_blocker: Any
) -> None:
    entries = databases({"CHANNELCONFLICT_DATA": str(data_dir)}, ROOT)
    with django_db_blocker.unblock():
        working = ConnectionHandler(entries)["default"]
        working.ensure_connection()
        kill(data_dir)
        working.close()
        working.ensure_connection()
        assert working.is_usable()
        working.close()
        stop = ENSURE.replace("ensure(", "stop(").replace("['host']", "")
        subprocess.run([sys.executable, "-c", stop, data_dir], cwd=ROOT, check=True)  # `manage.py db stop` elsewhere
        with pytest.raises(OperationalError):
            working.ensure_connection()
    assert server.status(data_dir) is None


def test_roles_are_made_once_and_mended(shared: Path) -> None:
    ask(shared, "alter role app_login bypassrls inherit; alter role portal login")
    server.mend_roles(shared)
    server.mend_roles(shared)
    found = ask(
        shared,
        "select rolname, rolcanlogin, rolinherit, rolsuper, rolbypassrls from pg_roles"
        " where rolname in ('app_login', 'portal', 'staff', 'app_owner') order by 1",
    )
    assert found == [
        ("app_login", True, False, False, False),
        ("app_owner", True, True, False, False),
        ("portal", False, True, False, False),
        ("staff", False, True, False, False),
    ]
    assert ask(shared, roles.COMPLETE) == [(True,)]
    assert ask(shared, "set role portal; set role staff; select current_user", user="app_login") is None
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        ask(shared, "set role app_owner", user="app_login")


def test_the_printed_sql_makes_the_roles_and_may_run_again(shared: Path) -> None:
    env = os.environ | {"CHANNELCONFLICT_DATA": str(shared), "DATABASE_URL": "", "APP_DATABASE_URL": ""}
    command = [sys.executable, "manage.py", "setup_database", "--print-sql"]
    script = subprocess.check_output(command, cwd=ROOT, env=env, text=True)
    ask(shared, "drop owned by portal; drop role portal; alter role staff login")
    ask(shared, script)
    ask(shared, script)
    assert ask(shared, roles.COMPLETE) == [(True,)]


def test_addresses_come_from_the_environment(tmp_path: Path) -> None:
    embedded = databases({}, tmp_path)
    assert embedded["default"]["EMBEDDED"] == str(tmp_path / "var" / "postgres")
    assert (embedded["default"]["USER"], embedded["owner"]["USER"]) == ("app_login", "app_owner")
    url = "postgresql://boss:secret@db.example:5433/deals?sslmode=require"
    found = databases({"DATABASE_URL": url, "APP_DATABASE_PASSWORD": "p", "DATABASE_POOL": "4"}, tmp_path)
    assert found["owner"]["OPTIONS"] == {"sslmode": "require"}
    default = found["default"]
    assert (default["USER"], default["PASSWORD"], default["HOST"], default["PORT"], default["NAME"]) == (
        "app_login", "p", "db.example", "5433", "deals",
    )  # fmt: skip
    assert default["OPTIONS"]["pool"]["max_size"] == 4
    assert default["CONN_MAX_AGE"] == 0
    assert "owner" not in databases({"APP_DATABASE_URL": url}, tmp_path)
    with pytest.raises(ImproperlyConfigured) as error:
        databases({"DATABASE_URL": "mysql://me:secret@x/y"}, tmp_path)
    assert "secret" not in str(error.value)
