"""Looking at a file in a child process: what it does there, and how long it takes, does no harm here."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from partners.papers.refusing import RefusedFileError
from partners.papers.refusing import mark as _

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 10
DAMAGED = _("cannot be read: it is damaged, or not what its name says.")


class TooSlowError(RefusedFileError):
    """Looking at the file took too long."""


@dataclass(frozen=True)
class Seen:
    """What a file is: its form (pdf, png ...) and the codes of what is strange about it."""

    form: str
    flags: tuple[str, ...] = ()


def look_apart(file: IO[bytes], name: str) -> Seen:
    """Which allowed form a file has, or RefusedFileError. `file` is a file of the system, read from its start."""
    ending = Path(name).suffix[:20]  # the name itself stays out of the list of processes
    form, flags = _ask(file, "look", f"file{ending}")
    return Seen(form, tuple(flags))


def table_apart(file: IO[bytes], most_rows: int) -> list[tuple[int, list[str]]]:
    """The header and rows of a CSV or XLSX, each with its line, or RefusedFileError."""
    return [(line, cells) for line, cells in _ask(file, "table", str(most_rows))]


def _ask(file: IO[bytes], task: str, argument: str) -> Any:
    file.seek(0)
    os.lseek(file.fileno(), 0, os.SEEK_SET)  # what Python has read ahead, the child has not
    command = [sys.executable, "-E", "-s", "-m", "partners.papers.child", task, argument.replace("\0", "")]
    try:
        done = subprocess.run(  # noqa: S603 - our own module, nothing of the file in the command but its cleaned name
            command, stdin=file.fileno(), capture_output=True, cwd=ROOT, timeout=SECONDS, check=False,
            env={"PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8", "PYTHONUTF8": "1"},
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise TooSlowError(_("takes more than %(n)s seconds to read."), n=SECONDS) from None
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        raise RefusedFileError(DAMAGED) from None
    if "refused" in answer:
        words, values = answer["refused"]
        raise RefusedFileError(words, **values)
    return answer["good"]
