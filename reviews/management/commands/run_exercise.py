"""manage.py run_exercise FILE...: play exercises against the real engine and compare with what they expect."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from reviews.exercise_file import BadExerciseError, read_file
from reviews.exercises import Report, run


class Command(BaseCommand):
    """Run exercise files; exit status 0 when all pass."""

    help = "Run exercises, leaving no trace. Example: manage.py run_exercise reviews/training/exercises/*.json"

    def add_arguments(self, parser: CommandParser) -> None:
        """The files."""
        parser.add_argument("files", nargs="+", metavar="FILE")
        parser.add_argument("--json", action="store_true", help="print one JSON object a file")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run one after the other; a broken file fails, and the others still run."""
        failed = 0
        for name in options["files"]:
            report = _run(Path(name))
            failed += not report.passed
            if options["json"]:
                self.stdout.write(json.dumps(report.as_json()))
                continue
            self.stdout.write(f"{'passed' if report.passed else 'FAILED'}  {report.name}")
            for line in report.differences:
                self.stdout.write(f"    {line}")
        if failed:
            raise CommandError(f"{failed} of {len(options['files'])} exercises failed.")


def _run(path: Path) -> Report:
    try:
        return run(read_file(path))
    except BadExerciseError as error:
        return Report(path.stem, False, {}, str(error).splitlines())
