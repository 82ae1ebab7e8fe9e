"""The embedded server's life: one for many processes, killed, moved, copied, stopped."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from channelconflict.database import server, shelter
from tests.database.conftest import ENSURE, ROOT, ask, cluster, kill, pid_file


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
