"""A file of JSON lines: one line a write. The key in each line makes a repeated write a no-op."""

import fcntl
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings as django_settings


def path_of(settings: Mapping[str, Any], name: str) -> Path:
    """Where a file target writes: its own `path` setting, else a file of its name under FILE_TARGET_DIR."""
    given = settings.get("path")
    return Path(given) if given else Path(django_settings.FILE_TARGET_DIR) / f"{name}.jsonl"


def apply(*, settings: Mapping[str, Any], name: str, key: str, write: Mapping[str, Any]) -> str:
    """Append the write unless a line with its key is there; safe over kill -9 at any instant.

    A line counts when its newline is on disk. A writer killed in the middle of a line leaves a tail without newline,
    which the next writer cuts off before it looks for the key, all under one lock on the file.
    """
    path = path_of(settings, name)
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
