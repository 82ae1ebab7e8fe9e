"""A file of JSON lines: one line a write. The key in each line makes a repeated write a no-op."""

import fcntl
import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings

from reviews.writeback.errors import DeliveryError

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,99}")


def path_of(name: str) -> Path:
    """Where a file target of this name writes. Names are checked here too: no target chooses its own folder."""
    if not _NAME.fullmatch(name):
        raise DeliveryError(f"'{name}' is no name for a file target: small letters, digits, - and _.", permanent=True)
    return Path(settings.FILE_TARGET_DIR) / f"{name}.jsonl"


def apply(*, name: str, key: str, write: Mapping[str, Any]) -> str:
    """Append the write unless a line with its key is there; safe over kill -9 at any instant.

    A line counts when its newline is on disk. A writer killed in the middle of a line leaves a tail without newline,
    which the next writer cuts off before it looks for the key, all under one lock on the file.
    """
    path = path_of(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        content = file.read()
        whole = content.rfind(b"\n") + 1
        if whole != len(content):
            file.truncate(whole)
            content = content[:whole]
        if f'{{"key":"{key}",'.encode() in content:
            return "already there"
        file.write(json.dumps({"key": key, **write}, separators=(",", ":"), default=str).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())
    return "written"
