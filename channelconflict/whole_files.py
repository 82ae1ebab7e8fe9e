"""A storage on a disk that keeps a file whole or not at all, and never writes over one."""

import contextlib
import os
import tempfile
from pathlib import Path
from typing import Any

from django.core.files.storage import FileSystemStorage

PART = "part-"  # how a file begins that is still being written


class WholeFileStorage(FileSystemStorage):
    """Written beside its place, flushed to the disk, then linked there at once: a crash leaves a part that is swept."""

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        """Names are hashes of the content: what lies there is the same."""
        return name

    def _save(self, name: str, content: Any) -> str:
        target = Path(self.path(name))
        target.parent.mkdir(parents=True, exist_ok=True)
        descriptor, part = tempfile.mkstemp(dir=target.parent, prefix=PART)
        try:
            with os.fdopen(descriptor, "wb") as file:
                for chunk in content.chunks():
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            with contextlib.suppress(FileExistsError):
                os.link(part, target)
        finally:
            os.unlink(part)
        _flush(target.parent)
        return name


def _flush(folder: Path) -> None:
    """The name is on the disk too, before anybody is told that the file is."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
