"""manage.py run_exercise FILE...: play exercises against the real engine and compare with what they expect."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from partners.ingest import BadRowsError
from reviews.exercises import BadExerciseError, Report, run


class Command(BaseCommand):
    """Run exercise files; exit status 0 when all pass."""

    help = "Run exercises in a scratch program that leaves no trace. Example: manage.py run_exercise tests/exercises/*.json"

    def add_arguments(self, parser: CommandParser) -> None:
        """The files."""
        parser.add_argument("files", nargs="+", metavar="FILE")
        parser.add_argument("--json", action="store_true", help="print one JSON object a file")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run one after the other."""
        failed = 0
        for name in options["files"]:
            report = self._run(Path(name))
            failed += not report.passed
            if options["json"]:
                self.stdout.write(json.dumps(report.as_json()))
            else:
                self.stdout.write(f"{'passed' if report.passed else 'FAILED'}  {report.name}")
                self.stdout.writelines(f"    {line}" for line in report.differences)
        if failed:
            raise CommandError(f"{failed} of {len(options['files'])} exercises failed.")

    def _run(self, path: Path) -> Report:
        try:
            return run(json.loads(path.read_text(encoding="utf-8")))
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror}.") from None
        except json.JSONDecodeError as error:
            raise CommandError(f"{path}, line {error.lineno}: not JSON ({error.msg}).") from None
        except BadExerciseError as error:
            raise CommandError(f"{path}: {error}") from None
        except BadRowsError as error:
            return Report(path.stem, False, {}, [str(error)])
