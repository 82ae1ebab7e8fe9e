"""The database floor: the embedded server's life, roles, refusal at connect, rights. Own throwaway clusters."""

import os
import shutil
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import IntegrityError, OperationalError, ProgrammingError, connection, connections, models, transaction
from django.db.utils import ConnectionHandler
from django.test.utils import isolate_apps

from channelconflict.database import roles, server, shelter
from channelconflict.database.config import databases
from channelconflict.database.policies import apply_rights, declaration, table_sql
from channelconflict.database.rights import PARTNER, PROGRAM, RowSecurity

ROOT = Path(__file__).resolve().parent.parent
ENSURE = "import sys; from channelconflict.database import server; print(server.ensure(sys.argv[1])['host'])"


@contextmanager
def cluster(asked: Path) -> Iterator[Path]:
    """A data directory whose server, shelter and files are gone afterwards."""
    try:
        yield asked
    finally:
        data = shelter.locate(asked)
        server.stop(asked)
        if data is not None and data != asked:
            shutil.rmtree(data.parent)


@pytest.fixture
def data_dir(tmp_path: Path) -> Iterator[Path]:
    with cluster(tmp_path / "postgres") as asked:
        yield asked


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One running cluster for the tests that leave it as it was."""
    with cluster(tmp_path_factory.mktemp("shared") / "postgres") as asked:
        server.ensure(asked)
        yield asked


def ask(asked: Path, sql: str, user: str = "postgres", dbname: str = "channelconflict") -> Any:
    """One answer from the server that ensure() finds, asked for anew."""
    server._known.clear()
    with psycopg.connect(**server.ensure(asked), user=user, dbname=dbname, autocommit=True) as found:
        cursor = found.execute(sql)
        return cursor.fetchall() if cursor.description else None


def pid_file(asked: Path) -> Path:
    data = shelter.locate(asked)
    assert data is not None
    return data / "postmaster.pid"


def kill(asked: Path) -> None:
    os.kill(int(pid_file(asked).read_text().split()[0]), signal.SIGKILL)


# --- the server's life ---


def test_eight_processes_start_one_server_that_outlives_them(data_dir: Path) -> None:
    started = [
        subprocess.Popen([sys.executable, "-c", ENSURE, data_dir], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        for _ in range(8)
    ]
    hosts = [process.communicate(timeout=60)[0] for process in started]
    assert [process.returncode for process in started] == [0] * 8
    assert len(set(hosts)) == 1
    data = shelter.locate(data_dir)
    assert data is not None
    postmasters = [p for p in server._processes(data) if p.ppid() == 1 or "-D" in p.cmdline()]
    assert len(postmasters) == 1
    assert ask(data_dir, "show timezone") == [("UTC",)]


def test_a_killed_server_starts_again_with_its_data(data_dir: Path) -> None:
    ask(data_dir, "create table kept as select 1 as one")
    kill(data_dir)
    assert pid_file(data_dir).exists()
    assert ask(data_dir, "select one from kept") == [(1,)]


def test_a_reused_process_number_is_not_taken_for_the_server(data_dir: Path) -> None:
    server.ensure(data_dir)
    left = pid_file(data_dir).read_text()
    server.stop(data_dir)
    # The number in the file is now that of a living process which is not PostgreSQL: this one.
    pid_file(data_dir).write_text(left.replace(left.split()[0], str(os.getpid()), 1))
    assert ask(data_dir, "select 1") == [(1,)]


def test_a_cleaned_temporary_directory_is_survived(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "_PATIENCE", 0.3)
    host = server.ensure(data_dir)["host"]
    (Path(host) / ".s.PGSQL.5432").unlink()
    assert ask(data_dir, "select 1") == [(1,)]


def test_a_copied_directory_is_a_server_of_its_own(data_dir: Path, tmp_path: Path) -> None:
    ask(data_dir, "checkpoint")
    data, number = shelter.locate(data_dir), pid_file(data_dir).read_text().split()[0]
    assert data is not None
    with cluster(tmp_path / "copy") as copy:
        shutil.copytree(data, copy, ignore=shutil.ignore_patterns(".s.*"))  # with the running server's postmaster.pid
        assert ask(copy, "select 1") == [(1,)]
        assert ask(copy, "show data_directory") != ask(data_dir, "show data_directory")
    assert ask(data_dir, "select 1") == [(1,)]
    assert pid_file(data_dir).read_text().split()[0] == number  # the neighbour was left alone


def test_a_long_path_gets_a_short_socket(tmp_path: Path) -> None:
    with cluster(tmp_path / ("a" * 60) / ("b b'" * 15) / "postgres") as asked:
        assert ask(asked, "select 1") == [(1,)]


def test_a_private_parent_stays_private(tmp_path: Path) -> None:
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    with cluster(private / "clone" / "var" / "postgres") as asked:
        assert ask(asked, "select 1") == [(1,)]
        data = shelter.locate(asked)
        assert data is not None
        assert (data == asked) == (os.getuid() != 0)  # root's server runs as somebody who cannot enter here
        assert os.stat(data).st_uid != 0
    assert private.stat().st_mode & 0o777 == 0o700


def test_a_foreign_directory_gets_a_shelter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state = tmp_path / "state"
    monkeypatch.setattr(shelter, "_shelters", lambda _asked: [state / "channelconflict" / "1-abc"])
    var = tmp_path / "var"
    var.mkdir()
    (var / "postgres").mkdir()  # something else is there already
    monkeypatch.setattr(shelter.Account, "reaches", lambda *_: True)
    data, _ = shelter.choose(var / "postgres")
    assert data == state / "channelconflict" / "1-abc" / "data"
    assert (var / f"postgres.{os.getuid()}.location").read_text().strip() == str(data)


def test_a_moved_clone_takes_its_shelter_along_a_copied_one_gets_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = tmp_path / "state"
    monkeypatch.setattr(shelter, "_shelters", lambda asked: [state / shelter._digest(asked)])
    monkeypatch.setattr(shelter.Account, "reaches", lambda *_: True)
    asked = tmp_path / "first" / "var" / "postgres"
    asked.parent.mkdir(parents=True)
    data = shelter.take_shelter(asked, shelter.account_for(None))
    data.mkdir()
    (data / "PG_VERSION").write_text("18")
    assert shelter.locate(asked) == data
    shutil.copytree(tmp_path / "first", tmp_path / "copy")
    assert shelter.locate(tmp_path / "copy" / "var" / "postgres") is None
    (tmp_path / "first").rename(tmp_path / "moved")
    assert shelter.locate(tmp_path / "moved" / "var" / "postgres") == data
    assert shelter.locate(tmp_path / "copy" / "var" / "postgres") is None


def test_binaries_out_of_reach_are_copied_with_their_libraries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = shelter.binaries(tmp_path, shelter.account_for(None)).parent.parent
    copy = tmp_path / "copy"
    shelter._copy_package(package, copy)
    said = subprocess.check_output([copy / package.name / "pginstall" / "bin" / "postgres", "-V"], text=True)
    assert said.startswith("postgres (PostgreSQL)")
    assert not (copy / package.name / "pginstall" / "include").exists()
    linked = subprocess.run([copy / package.name / "pginstall" / "bin" / "psql", "-V"], capture_output=True)
    assert linked.returncode == 0  # finds libpq beside it


def test_stop_ends_it_and_says_whether_it_ran(data_dir: Path) -> None:
    assert server.stop(data_dir) is False
    server.ensure(data_dir)
    assert server.status(data_dir) is not None
    assert server.stop(data_dir) is True
    data = shelter.locate(data_dir)
    assert data is not None
    assert not server._processes(data)
    assert not pid_file(data_dir).exists()
    assert server.status(data_dir) is None
    assert server.stop(data_dir) is False


def test_a_half_made_cluster_is_finished(data_dir: Path) -> None:
    ask(data_dir, "drop database channelconflict", dbname="postgres")
    assert ask(data_dir, "select current_user", user="app_owner") == [("app_owner",)]


def test_it_leaves_no_process_after_stop(data_dir: Path) -> None:
    server.ensure(data_dir)
    number = int(pid_file(data_dir).read_text().split()[0])
    server.stop(data_dir)
    assert not psutil.pid_exists(number) or psutil.Process(number).status() == psutil.STATUS_ZOMBIE


# --- roles and connections ---


@pytest.fixture
def wrappers(shared: Path, django_db_blocker: Any) -> Iterator[Any]:
    """Connections of our backend to the shared cluster, by user name, alias and options."""
    made: list[Any] = []

    def wrapper(user: str, alias: str = "default", **options: Any) -> Any:
        entry = databases({"CHANNELCONFLICT_DATA": str(shared)}, ROOT)["default"] | {"USER": user, "OPTIONS": options}
        if options.get("pool"):
            entry["CONN_MAX_AGE"] = 0
        made.append(ConnectionHandler({"default": entry, alias: entry})[alias])
        return made[-1]

    with django_db_blocker.unblock():
        yield wrapper
        for one in made:
            one.close()
            one.close_pool()


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


# --- rights ---

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
    began = time.monotonic()
    env = os.environ | {"CHANNELCONFLICT_DATA": str(tmp_path / "postgres")}
    subprocess.run([sys.executable, "manage.py", "--help"], cwd=ROOT, env=env, check=True, capture_output=True)
    assert list(tmp_path.iterdir()) == []
    assert time.monotonic() - began < 20
