"""record(): the only writer of AuditEvent, and the check that nobody bent the record since.

The chain (one a case, one a program and day for all else) is linked by a database trigger at insert:
hash = sha256(previous hash, sequence, body). A chain sees edits, gaps and reordering, but not the loss of its last
rows: those show against the head table here, and against exported heads later (TRUST 3).
"""

import hashlib
import json
import secrets
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import models

from channelconflict.models import AuditEvent, ChainHead, User


def canonical(value: Mapping[str, Any]) -> str:
    """One text for one meaning: sorted keys, no spaces, plain types (dates and ids as their text)."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)


def record(
    *,
    action: str,
    by: User | None,
    at: datetime,
    subject: models.Model,
    program_id: uuid.UUID | None = None,
    case_id: uuid.UUID | None = None,
    facts: Mapping[str, Any] | None = None,
    private: Mapping[str, str] | None = None,
) -> AuditEvent:
    """Add one act to the record, inside the caller's transaction.

    `by` None means the product itself. `facts` are ids, codes, numbers and dates; whatever may name a person or quote
    a party goes into `private`, of which only salted hashes are chained. Write case acts before system acts in one
    transaction: both lock their chain's head, and one order of locks cannot deadlock.
    """
    kept = {name: {"salt": secrets.token_hex(16), "value": value} for name, value in (private or {}).items()}
    body = {
        "action": action,
        "actor": str(by.pk) if by else None,
        "at": at.astimezone(UTC).isoformat(),
        "facts": dict(facts or {}),
        "private": {name: _sealed(entry) for name, entry in kept.items()},
        "program": str(program_id) if program_id else None,
        "subject": f"{subject._meta.model_name}:{subject.pk}",
    }
    chain = f"case:{case_id}" if case_id else f"system:{program_id or 'all'}:{at.astimezone(UTC):%Y-%m-%d}"
    return AuditEvent.objects.create(
        chain=chain,
        at=at,
        program_id=program_id,
        actor_id=by.pk if by else None,
        action=action,
        subject_type=str(subject._meta.model_name),
        subject_id=subject.pk if isinstance(subject.pk, uuid.UUID) else None,
        body=canonical(body),
        private=kept,
    )


def explain(row: Any, *, by: User | None, at: datetime, reason: str) -> None:
    """Tell the row's field history who changes it, when and why (simple-history reads these from the row)."""
    row._history_user, row._history_date, row._change_reason = by, at, reason[:100]


def head_at(*, subject: models.Model, action: str) -> str:
    """The hash of the first such act about a subject, if whoever asks may read it ("" = not): it seals all before it."""
    rows = AuditEvent.objects.filter(subject_id=subject.pk, action=action).order_by("at", "id")
    return rows.values_list("hash", flat=True).first() or ""


@dataclass(frozen=True)
class Flaw:
    """One thing wrong with the record: the chain, the link's number, and what was found in a sentence."""

    chain: str
    sequence: int
    sentence: str


def verify(using: str) -> tuple[int, list[Flaw]]:
    """Read every chain on the database alias `using` (which must see all rows) and return (links read, flaws)."""
    heads = {head.chain: head for head in ChainHead.objects.using(using).iterator()}
    flaws: list[Flaw] = []
    links, chain, last, number = 0, "", "", 0
    events = AuditEvent.objects.using(using).order_by("chain", "sequence").iterator(chunk_size=5000)
    for event in events:
        if event.chain != chain:
            flaws += _head_flaws(heads.pop(chain, None), chain, number, last)
            chain, last, number = event.chain, "", 0
        links += 1
        flaws += _link_flaws(event, number + 1, last)
        last, number = event.hash, event.sequence
    flaws += _head_flaws(heads.pop(chain, None), chain, number, last)
    flaws += [Flaw(name, head.sequence, "every link of this chain is gone") for name, head in heads.items()]
    return links, flaws


def _link_flaws(event: AuditEvent, expected: int, previous: str) -> Iterator[Flaw]:
    if event.sequence != expected:
        yield Flaw(event.chain, event.sequence, f"link {expected} is missing")
    elif event.previous_hash != previous:
        yield Flaw(event.chain, event.sequence, "this link does not follow from the one before it")
    if event.hash != link_hash(event.previous_hash, event.sequence, event.body):
        yield Flaw(event.chain, event.sequence, "the text of this link was changed")
    elif not _columns_agree(event):
        yield Flaw(event.chain, event.sequence, "a column of this link was changed")


def _head_flaws(head: ChainHead | None, chain: str, sequence: int, last: str) -> Iterator[Flaw]:
    if not chain:
        return
    if head is None:
        yield Flaw(chain, sequence, "the head of this chain is gone")
    elif (head.sequence, head.hash) != (sequence, last):
        yield Flaw(chain, sequence, f"the chain ends at link {sequence}, its head says {head.sequence}")


def link_hash(previous: str, sequence: int, body: str) -> str:
    """sha256 of the previous link's hash, this link's number and its text, one a line (as the trigger computes it)."""
    return hashlib.sha256(f"{previous}\n{sequence}\n{body}".encode()).hexdigest()


def _columns_agree(event: AuditEvent) -> bool:
    try:
        body = json.loads(event.body)
        return _agree(event, body)
    except (ValueError, KeyError, TypeError, AttributeError):  # a forged body need not even be one
        return False


def _agree(event: AuditEvent, body: Any) -> bool:
    return (
        body["action"] == event.action
        and body["actor"] == (str(event.actor_id) if event.actor_id else None)
        and body["at"] == event.at.astimezone(UTC).isoformat()
        and body["program"] == (str(event.program_id) if event.program_id else None)
        and _subject_agrees(event, body["subject"])
        and all(body["private"].get(name) == _sealed(entry) for name, entry in event.private.items())
    )


def _subject_agrees(event: AuditEvent, subject: str) -> bool:
    kind, _, key = subject.partition(":")
    if event.subject_id is None:  # only a key that is no UUID is not kept in the column
        return kind == event.subject_type and len(key) != len(str(uuid.UUID(int=0)))
    return (kind, key) == (event.subject_type, str(event.subject_id))


def _sealed(entry: Mapping[str, str]) -> str:
    return hashlib.sha256((entry["salt"] + entry["value"]).encode()).hexdigest()
