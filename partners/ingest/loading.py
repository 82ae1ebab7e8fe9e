"""load_rows(): checked rows -> models, in one transaction, in bulk, found again by key, each traced to its row."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from django.db import DataError, IntegrityError, connection, transaction
from django.db.models import Q

from channelconflict.audit import record
from channelconflict.models import Row, User
from channelconflict.tasks import nudge
from partners.ingest.columns import Kind
from partners.ingest.kinds import BY_NAME, row_problems
from partners.ingest.parsing import (
    Parsed,
    Parser,
    SourceRow,
    as_json,
    attributes_of_new,
    keys_of,
    missing_columns,
)
from partners.ingest.problems import BadRowsError, RowError
from partners.ingest.references import circular
from partners.ingest.values import Reading
from partners.ingest.writing import Changes, Writer, known_keys, new_names
from partners.models import PENDING, Account, ImportBatch, Ownership, Program, Registration, SourceRecord
from partners.services import DECISION_HOURS

CHUNK = 2000
ROUNDS = 50  # with --skip-bad: how often rows may turn bad because others were left out
# Once a registration was looked at here, its course is this product's to write, not the file's.
COURSE = {"status", "submitted_at", "protected_from", "protected_until"}


@dataclass
class LoadResult:
    """What became of the rows; `errors` are those of rows that were left out."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    errors: list[RowError] = field(default_factory=list)

    @property
    def rejected(self) -> int:
        """How many rows were left out."""
        return len({error.row for error in self.errors})


def load_rows(
    *,
    kind: str,
    rows: Iterable[Mapping[str, Any] | SourceRow],
    program: Program,
    by: User | None,
    at: datetime,
    source_name: str,
    sha256: str = "",
    date_formats: tuple[str, ...] = (),
    skip_bad: bool = False,
    dry_run: bool = False,
    progress: Callable[[int], None] = lambda _: None,
) -> LoadResult:
    """Load all rows or none: BadRowsError names every bad one. The caller has entered the program's staff scope.

    `skip_bad` leaves bad rows out instead (they are in the result's errors); `dry_run` does everything and undoes it.
    """
    if skip_bad and iter(rows) is rows:
        rows = list(rows)  # they are read once more without the bad ones
    reading = Reading(ZoneInfo(program.timezone), date_formats)
    left_out: list[RowError] = []
    for _ in range(ROUNDS):
        skipped = {error.row for error in left_out}
        numbered = (row for row in _numbered(rows) if row.line not in skipped)
        loader = _Loader(BY_NAME[kind], program, by, at, reading, source_name, progress)
        try:
            with transaction.atomic():
                result = loader.load(numbered, sha256, left_out)
                if dry_run:
                    transaction.set_rollback(True)
            return result
        except BadRowsError as error:
            if not skip_bad or any(not bad.row for bad in error.errors):
                raise
            left_out += error.errors
    raise BadRowsError(left_out)


def _numbered(rows: Iterable[Mapping[str, Any] | SourceRow]) -> Iterator[SourceRow]:
    for number, row in enumerate(rows, 1):
        if isinstance(row, SourceRow):
            yield row
        elif isinstance(row, Mapping):
            yield SourceRow(number, row)
        else:
            yield SourceRow(number, {}, problem="is not an object with the columns as its keys")


class _Loader:
    """One pass over the rows of one kind."""

    def __init__(
        self,
        kind: Kind,
        program: Program,
        by: User | None,
        at: datetime,
        reading: Reading,
        source_name: str,
        progress: Callable[[int], None],
    ) -> None:
        self.kind, self.program, self.by, self.at, self.progress = kind, program, by, at, progress
        self.parser = Parser(kind, program, reading)
        self.batch = ImportBatch(program=program, kind=kind.name, file_name=source_name[-255:], imported_at=at)
        self.batch.imported_by_id = by.pk if by else None
        self.writer = Writer(self.batch, by, at)
        self.seen: dict[tuple[Any, ...], int] = {}
        self.linked: dict[Any, int] = {}  # records whose parent changed -> their line
        self.result = LoadResult()
        self.digest = hashlib.sha256()

    def load(self, rows: Iterator[SourceRow], sha256: str, left_out: list[RowError]) -> LoadResult:
        """All rows, chunk by chunk; then what only shows in the whole; then the batch and its audit row."""
        with connection.cursor() as cursor:  # two imports into one program at once would race for new external ids
            cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"import:{self.program.pk}"])
        try:
            count = 0
            while chunk := list(islice(rows, CHUNK)):
                count += len(chunk)
                self._chunk(chunk, hashing=not sha256)
                self.progress(count)
            if not self.parser.errors:
                self._check_whole()
        except (IntegrityError, DataError) as error:
            raise BadRowsError([RowError(0, "", _refusal(error))]) from error
        if self.parser.errors:
            raise BadRowsError(sorted(self.parser.errors, key=lambda error: error.row))
        self.result.errors = sorted(left_out, key=lambda error: error.row)
        if count or left_out:
            self._remember(sha256 or self.digest.hexdigest())
        return self.result

    def _chunk(self, chunk: list[SourceRow], *, hashing: bool) -> None:
        if hashing:
            for row in chunk:
                self.digest.update(json.dumps(as_json(row.source), sort_keys=True).encode())
        good = self.parser.parse(chunk)
        keys = [keys_of(self.kind, row) for row in good]
        rows = self._existing(keys)
        known = known_keys(row.pk for row in rows.values()) if self.kind.model is Account else {}
        changes = Changes()
        for key, parsed in zip(keys, good, strict=True):
            self._place(key, parsed, rows, known, changes)
        if not self.parser.errors:
            self.writer.write(self.kind.model, changes)

    def _existing(self, keys: list[tuple[Any, ...]]) -> dict[tuple[Any, ...], Row]:
        """The records that these keys find, locked: what is read here is what gets changed."""
        names = self.kind.key_attributes
        first = Q(**{f"{names[0]}__in": {key[0] for key in keys}})
        rows = (
            self.kind.model._default_manager.filter(first, program=self.program)
            .order_by("pk")
            .select_for_update(no_key=True)
        )
        return {tuple(getattr(row, name) for name in names): row for row in rows}

    def _place(self, key: tuple[Any, ...], row: Parsed, rows: dict[Any, Row], known: Any, changes: Changes) -> None:
        """Decide what one row is: new, a change, nothing new, or bad."""
        earlier, found = self.seen.get(key), rows.get(key)
        self.seen.setdefault(key, row.line)
        if found is None:
            if earlier:
                self.parser.complain(row, "", f"names the same {self.kind.name} as row {earlier}")
                return
            changed = self._new(key, row, rows)
        else:
            changed = self._changed(found, row)
            if changed and earlier:
                self.parser.complain(row, "", f"says something else of the same {self.kind.name} than row {earlier}")
                return
        if row.bad:
            return
        target = rows[key]
        names = self._names(target, row, known)
        for column, problem in row_problems(target) if changed else ():
            self.parser.complain(row, column, problem)
        if not changed and not names:
            self.result.unchanged += 1
            return
        changes.names += names
        changes.sources.append(self._source(row, target))
        if found is None:
            changes.created.append(target)
            self.result.created += 1
            return
        self.result.updated += 1
        if changed:
            changes.updated[target.pk] = target
            changes.fields |= changed

    def _new(self, key: tuple[Any, ...], row: Parsed, rows: dict[Any, Row]) -> set[str]:
        for column in missing_columns(self.kind, row):
            self.parser.complain(row, column, "is missing, and a new record needs it")
        if row.bad:
            return set()
        made = self.kind.model(program=self.program, **attributes_of_new(self.kind, row))
        if self.kind.parent and key[0] in self.parser.promises.ids:
            made.pk = self.parser.promises.ids[key[0]]
        if isinstance(made, Registration):
            made.created_at, made.created_by_id = made.submitted_at or self.at, self.by.pk if self.by else None
            _set_due(made, self.program)
        if hasattr(made, "added_at"):
            made.added_at = self.at
        rows[key] = made
        self._note_parent(made, row)
        return {"new"}

    def _changed(self, found: Row, row: Parsed) -> set[str]:
        """Change the record to what the row says; the attributes that differ."""
        attributes = row.attributes
        assessed = isinstance(found, Registration) and found.assessed_at is not None
        if assessed:
            attributes = {name: value for name, value in attributes.items() if name not in COURSE}
        changed = {name for name, value in attributes.items() if getattr(found, name) != value}
        for name in changed:
            setattr(found, name, attributes[name])
        if not changed:
            return changed
        if hasattr(found, "version"):
            found.version += 1
            changed.add("version")
        if isinstance(found, Registration) and not assessed and changed & COURSE:
            _set_due(found, self.program)
            changed.add("due_at")
        if changed & {f"{self.kind.parent}_id"}:
            self._note_parent(found, row)
        return changed

    def _note_parent(self, target: Row, row: Parsed) -> None:
        if self.kind.parent and getattr(target, f"{self.kind.parent}_id"):
            self.linked[target.pk] = row.line

    def _names(self, target: Row, row: Parsed, known: Any) -> list[Any]:
        if not isinstance(target, Account):
            return []
        return new_names(target, row.cells.get("aliases", ()), known.setdefault(target.pk, set()))

    def _source(self, row: Parsed, target: Row) -> SourceRecord:
        names = [str(row.cells.get(name) or "") for name in self.kind.key]
        return SourceRecord(
            program=self.program,
            batch=self.batch,
            kind=self.kind.name,
            line=row.line,
            external_id=" ".join(names)[:200],
            raw=as_json(row.source.source),
            target_id=target.pk,
        )

    def _check_whole(self) -> None:
        """What no single row shows: parents that never came, circles, shares that do not add up."""
        self.parser.errors += self.parser.broken_promises(self.seen)
        if self.linked:
            for target in circular(self.kind, self.linked):
                problem = f"names a {self.kind.parent} that leads back to the row itself: a circle"
                self.parser.errors.append(RowError(self.linked[target], self.kind.parent, problem))
        if self.kind.model is Ownership:
            self.parser.errors += _share_errors(self.program, self.seen)

    def _remember(self, sha256: str) -> None:
        batch, result = self.batch, self.result
        batch.sha256 = sha256
        batch.created, batch.updated, batch.unchanged = result.created, result.updated, result.unchanged
        batch.rejected = result.rejected
        batch.save(force_insert=True)
        counts = {name: getattr(batch, name) for name in ("created", "updated", "unchanged", "rejected")}
        record(
            action="import.loaded",
            by=self.by,
            at=self.at,
            subject=batch,
            program_id=self.program.pk,
            facts={"kind": batch.kind, "sha256": sha256, **counts},
            private={"file": batch.file_name},
        )
        if result.created + result.updated:
            nudge("reviews.tasks.look_again", self.program.pk)


def _set_due(row: Registration, program: Program) -> None:
    """A registration under way is due by the program's calendar; any other has no clock."""
    row.due_at = None
    if row.status in PENDING and row.submitted_at:
        row.due_at = program.calendar.add_hours(row.submitted_at, DECISION_HOURS)


def _share_errors(program: Program, seen: Mapping[tuple[Any, ...], int]) -> Iterator[RowError]:
    """Owners of one account, product scope and period have shares that sum to 100, or none."""
    accounts = {key[0] for key in seen}
    totals: dict[tuple[Any, ...], Any] = {}
    lines: dict[tuple[Any, ...], list[int]] = {}
    rows = Ownership.objects.filter(program=program, account__in=accounts, role="owner", share_pct__isnull=False)
    for row in rows.iterator():
        group = (row.account_id, tuple(sorted(row.product_lines)), row.valid_from, row.valid_until)
        totals[group] = totals.get(group, 0) + row.share_pct
        line = seen.get((row.account_id, row.partner_id, row.role, row.valid_from, row.direct))
        lines.setdefault(group, []).extend([line] if line else [])
    for group, total in totals.items():
        for line in lines[group] if total != 100 else ():
            yield RowError(line, "share_pct", f"the shares of this account's owners sum to {total}, not to 100")


def _refusal(error: Exception) -> str:
    """Which rule of the database the rows break; reached only by what the checks above do not foresee."""
    diagnostics = getattr(error.__cause__, "diag", None)
    name = getattr(diagnostics, "constraint_name", None)
    return f"the rows break the database's rule {name}" if name else "a value does not fit the database"
