"""manage.py import_records KIND FILE: bring a file of records into a program, all rows or none."""

import csv
import json
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from channelconflict.models import User
from channelconflict.scope import staff_of
from partners.ingest import KINDS, BadRowsError, LoadResult, RowError, UnreadableFileError, load_rows
from partners.ingest.applying import MappedTable, mapped_table
from partners.ingest.columns import columns_as_markdown
from partners.ingest.kinds import BY_NAME
from partners.ingest.parsing import as_json
from partners.ingest.problems import SHOWN, sentences
from partners.ingest.reading import BAD_COLUMNS, MAX_ROWS
from partners.models import Program
from partners.permissions import may
from partners.services import NotPossibleError, program_by_code

LONG = 2000  # rows from which on progress is told


class Command(BaseCommand):
    """See docs/import.md for the columns of each kind and for maps."""

    help = "Import records of one kind from a CSV, XLSX, JSON or JSON lines file. Bad rows: nothing is loaded."

    def add_arguments(self, parser: CommandParser) -> None:
        """What to import, into which program, and what to do about bad rows."""
        parser.add_argument("kind", choices=KINDS, metavar="KIND", help=f"one of {', '.join(KINDS)}")
        parser.add_argument("file", nargs="?", type=Path, metavar="FILE", help="CSV, XLSX, JSON or JSON lines")
        parser.add_argument("--program", default="", metavar="CODE", help="the program, if there are several")
        parser.add_argument("--map", type=Path, metavar="FILE", help="JSON: how the file's columns become ours")
        parser.add_argument("--dry-run", action="store_true", help="check everything, change nothing")
        parser.add_argument("--skip-bad", action="store_true", help="load the good rows, write the bad ones to a file")
        parser.add_argument("--bad-file", type=Path, metavar="FILE", help="which (default: NAME-bad.csv beside FILE)")
        parser.add_argument("--max-rows", type=int, default=MAX_ROWS, help=f"refuse longer files ({MAX_ROWS:,})")
        parser.add_argument("--user", default="", metavar="NAME", help="who imports (default: the product itself)")
        parser.add_argument("--columns", action="store_true", help="show the columns of KIND and stop")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, kind: str, file: Path | None, **options: Any) -> None:
        """Load the file, and say what became of its rows; exit status 1 when nothing was loaded."""
        if options["columns"]:
            self.stdout.write(columns_as_markdown(BY_NAME[kind]))
            return
        if file is None:
            raise CommandError("Name the file to import.")
        started = time.monotonic()
        try:
            program = program_by_code(options["program"])
            by = _user(options["user"], program)
            table = mapped_table(
                Path(file), BY_NAME[kind], options["map"] and Path(options["map"]), max_rows=options["max_rows"]
            )
            result = self._load(table, program, by, options)
            bad_file = _write_bad(table, result, options) if result.errors and not options["dry_run"] else None
        except (NotPossibleError, UnreadableFileError) as error:
            raise CommandError(str(error)) from error
        except BadRowsError as error:
            self._refuse(error, kind, options)
            return
        report = {
            "kind": kind,
            "file": file.name,
            "program": program.code,
            "created": result.created,
            "updated": result.updated,
            "unchanged": result.unchanged,
            "rejected": result.rejected,
            "dry_run": options["dry_run"],
            "bad_file": str(bad_file) if bad_file else None,
            "errors": _as_objects(result.errors),
            "seconds": round(time.monotonic() - started, 2),
        }
        self._tell(report, result.errors, as_object=options["json"])

    def _load(self, table: MappedTable, program: Program, by: User | None, options: dict[str, Any]) -> LoadResult:
        bad_file = _bad_path(table, options)
        if options["skip_bad"] and not options["dry_run"]:
            _check_writable(bad_file)  # before anything is loaded, not after
        with staff_of(program.pk, by=by):
            return load_rows(
                kind=table.kind.name,
                rows=table,
                program=program,
                by=by,
                at=timezone.now(),
                source_name=table.table.path.name,
                sha256=table.table.sha256,
                date_formats=table.map.date_formats,
                skip_bad=options["skip_bad"],
                dry_run=options["dry_run"],
                progress=self._progress,
            )

    def _progress(self, count: int) -> None:
        if count >= LONG:
            self.stderr.write(f"{count:,} rows read")

    def _tell(self, report: dict[str, Any], errors: list[RowError], *, as_object: bool) -> None:
        if as_object:
            self.stdout.write(json.dumps(report))
            return
        for line in sentences(errors):
            self.stderr.write(line)
        counts = ", ".join(f"{report[name]:,} {name}" for name in ("created", "updated", "unchanged", "rejected"))
        tail = " Nothing was changed: this was a dry run." if report["dry_run"] else ""
        bad = f" The bad rows are in {report['bad_file']}." if report["bad_file"] else ""
        self.stdout.write(f"{report['kind']} from {report['file']}: {counts}.{bad}{tail}")

    def _refuse(self, error: BadRowsError, kind: str, options: dict[str, Any]) -> None:
        rows = len({bad.row for bad in error.errors})
        if options["json"]:
            report: dict[str, Any] = {"kind": kind, "created": 0, "updated": 0, "unchanged": 0, "rejected": rows}
            report |= {"error_count": len(error.errors), "errors": _as_objects(error.errors)}
            self.stdout.write(json.dumps(report))
            sys.exit(1)
        lines = "\n".join(sentences(error.errors))
        raise CommandError(f"{lines}\nNothing was loaded: {rows:,} bad row{'s' if rows > 1 else ''}.")


def _as_objects(errors: Iterable[RowError]) -> list[dict[str, Any]]:
    shown = list(errors)[:SHOWN]
    return [{"row": bad.row, "column": bad.column, "value": bad.value, "sentence": str(bad)} for bad in shown]


def _user(name: str, program: Program) -> User | None:
    if not name:
        return None
    user = User.objects.filter(username=name, is_active=True).first()
    if user is None or not may(user, "import_records", program):
        raise NotPossibleError(f"There is no user '{name}' who may import records into {program.code}.")
    return user


def _bad_path(table: MappedTable, options: dict[str, Any]) -> Path:
    path = table.table.path
    return Path(options["bad_file"] or path.with_name(f"{Path(path.name.removesuffix('.gz')).stem}-bad.csv"))


def _check_writable(path: Path) -> None:
    try:
        with path.open("a", encoding="utf-8"):
            pass
        if path.stat().st_size == 0:
            path.unlink()
    except OSError as error:
        raise NotPossibleError(
            f"Bad rows could not be kept: {path} cannot be written ({error.strerror})."
            " Name another place with --bad-file."
        ) from error


def _write_bad(table: MappedTable, result: LoadResult, options: dict[str, Any]) -> Path:
    """The bad rows as they came, with their line and what is wrong; mended, the file loads like the first one."""
    because: dict[int, list[str]] = {}
    for error in result.errors:
        because.setdefault(error.row, []).append(str(error).split(": ", 1)[1] if not error.column else str(error))
    wanted = [row for row in table.table if row.line in because]
    columns = list(table.table.columns) or list(dict.fromkeys(name for row in wanted for name in row.source))
    path = _bad_path(table, options)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=table.table.delimiter or ",")
        writer.writerow([*columns, *BAD_COLUMNS])
        for row in wanted:
            cells = [_cell(row.source.get(name)) for name in columns]
            writer.writerow([*cells, row.line, "; ".join(because[row.line])])
    return path


def _cell(value: Any) -> str:
    plain = as_json(value)
    if isinstance(plain, list) and not any(isinstance(entry, dict | list) for entry in plain):
        return ";".join(map(str, plain))
    return "" if plain is None else plain if isinstance(plain, str) else json.dumps(plain, ensure_ascii=False)
