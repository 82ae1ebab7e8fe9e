"""Throwaway clusters for the tests of the database floor."""

import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db.utils import ConnectionHandler

from channelconflict.database import server, shelter
from channelconflict.database.config import databases

ROOT = Path(__file__).resolve().parent.parent.parent
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
