"""Secret keys: from the environment, or made once under var/."""

import os
import secrets
from pathlib import Path


def load_or_make_key(path: Path) -> str:
    """Return the key kept in `path`, made at random on first use (mode 0600; several processes may start at once)."""
    if path.exists():
        return path.read_text().strip()
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(secrets.token_urlsafe(50))
    try:
        os.link(draft, path)  # fails when another process was first: then its key counts
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_text().strip()
