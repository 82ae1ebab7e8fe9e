"""The bytes of evidence: in the storage `evidence`, under program, partner and hash. The row is written after them.

A crash between the two leaves bytes that no row names; `sweep` finds them. A partner's bytes are its own: whether
somebody else brought the same file shows in no answer and in no time.
"""

import hashlib
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import IO, Any

from django.core.files import File
from django.core.files.storage import Storage, storages
from django.db import transaction

from partners.models import EvidenceFile, Program

ORPHANED_AFTER = timedelta(hours=1)
_BLOCK = 64 * 1024


@dataclass(frozen=True)
class Brought:
    """A file that was looked at and may be kept: its cleaned name, form, size, hash, flags, and its bytes."""

    name: str
    form: str
    size: int
    sha256: str
    flags: tuple[str, ...]
    file: Any  # a Django file, read from its start


def storage() -> Storage:
    """Where the bytes lie: settings.STORAGES["evidence"]."""
    return storages["evidence"]


def digest(file: IO[bytes]) -> str:
    """The sha256 of a file, read from its start piece by piece."""
    found = hashlib.sha256()
    file.seek(0)
    while block := file.read(_BLOCK):
        found.update(block)
    return found.hexdigest()


def place(program_id: uuid.UUID, partner_id: uuid.UUID | None, sha256: str = "") -> str:
    """The name in the storage; without a hash the partner's folder."""
    return "/".join(filter(None, (str(program_id), str(partner_id or "direct"), sha256)))


def lock_files(program_id: uuid.UUID, partner_id: uuid.UUID | None) -> None:
    """One at a time for a partner until the transaction ends: what counts its bytes, adds to them, or sweeps them."""
    key = int.from_bytes(hashlib.sha256(place(program_id, partner_id).encode()).digest()[:7], "big")
    with transaction.get_connection().cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [key])


def keep_bytes(program_id: uuid.UUID, partner_id: uuid.UUID | None, brought: Brought) -> None:
    """Put them into the storage, whole, unless they are there."""
    name = place(program_id, partner_id, brought.sha256)
    if not storage().exists(name):
        brought.file.seek(0)
        storage().save(name, File(brought.file))


def open_bytes(file: EvidenceFile) -> File:
    """The bytes of a file, to be sent."""
    return storage().open(place(file.program_id, file.partner_id, file.sha256))


def sweep(program: Program, at: datetime) -> int:
    """Delete what no row names any more, or never did; how many. The caller has entered the program's staff scope."""
    try:
        folders, _ = storage().listdir(str(program.pk))
    except FileNotFoundError:
        return 0
    return sum(_sweep_folder(program, folder, at) for folder in folders)


def _sweep_folder(program: Program, folder: str, at: datetime) -> int:
    partner_id = None if folder == "direct" else uuid.UUID(folder)
    with transaction.atomic():
        lock_files(program.pk, partner_id)
        named = EvidenceFile.objects.filter(program=program, partner=partner_id)
        kept = set(named.exclude(evidence__withdrawn_at__isnull=False, evidence__withdrawn_because="").values_list(
            "sha256", flat=True
        ))  # fmt: skip
        _, names = storage().listdir(place(program.pk, partner_id))
        gone = 0
        for name in sorted(set(names) - kept):
            path = f"{place(program.pk, partner_id)}/{name}"
            if at - storage().get_modified_time(path) > ORPHANED_AFTER:
                storage().delete(path)
                gone += 1
        return gone
