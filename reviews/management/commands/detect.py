"""manage.py detect: take waiting registrations through, or look at every live claim again."""

import json
from datetime import UTC, datetime, time
from time import perf_counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from channelconflict.scope import staff_of
from conflicts.models import TerritoryOverlap
from conflicts.services import NoPolicyError
from partners.models import Program
from partners.services import NotPossibleError, program_by_code
from reviews import pipeline
from reviews.models import Case


class Command(BaseCommand):
    """Detect conflicts among the registrations of a program."""

    help = (
        "Assess waiting registrations: cases are opened, what nothing stands against is approved. "
        "Example: manage.py detect --program northwind --all --as-of 2026-03-01"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Which program, which rows, which moment."""
        parser.add_argument("--program", default="", metavar="CODE", help="needed when there is more than one program")
        parser.add_argument("--all", action="store_true", help="every live claim, not only waiting registrations")
        parser.add_argument(
            "--as-of", default="", metavar="T", help="evaluate at this date or time (UTC) instead of now"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run, and say what came of it."""
        try:
            program = program_by_code(options["program"])
            started = perf_counter()
            done = pipeline.detect(
                program, moment(options["as_of"]), everything=options["all"], progress=self._progress
            )
        except (NotPossibleError, NoPolicyError) as error:
            raise CommandError(str(error)) from None
        counts = self._counts(program, done) | {"seconds": round(perf_counter() - started, 3)}
        if options["json"]:
            self.stdout.write(json.dumps(counts))
            return
        self.stdout.write(
            f"{counts['claim_sets']} claim sets looked at: {counts['cases']} cases open, {counts['approved']} registrations "
            f"approved without conflict, {counts['territory_overlaps']} overlapping territory rules "
            f"({counts['seconds']} s)."
        )

    def _progress(self, looked: int, of: int) -> None:
        """One line that is written over, on a terminal only."""
        if self.stderr.isatty():
            self.stderr.write(f"\r{looked:,} of {of:,} accounts", ending="\n" if looked == of else "")
            self.stderr.flush()

    def _counts(self, program: Program, done: pipeline.Outcome) -> dict[str, Any]:
        with staff_of(program.pk):
            overlaps = TerritoryOverlap.objects.filter(program=program, gone_at__isnull=True).count()
            kinds: dict[str, int] = {}
            for kind in Case.objects.filter(pk__in=done.cases).values_list("kind", flat=True):
                kinds[kind] = kinds.get(kind, 0) + 1
        return {
            "program": program.code,
            "claim_sets": done.claim_sets,
            "cases": len(done.cases),
            "cases_by_kind": dict(sorted(kinds.items())),
            "approved": len(done.approved),
            "territory_overlaps": overlaps,
        }


def moment(text: str) -> datetime:
    """A date (its end of day, UTC) or a time; now when empty."""
    if not text:
        return timezone.now()
    try:
        at = parse_datetime(text) if len(text) > 10 else None
        day = parse_date(text) if at is None else None
    except ValueError:
        at = day = None
    if at is None and day is None:
        raise CommandError(f"--as-of '{text}' is not a date or time: write 2026-03-01 or 2026-03-01T10:00:00Z.")
    at = at or datetime.combine(day, time(23, 59, 59))
    return at if timezone.is_aware(at) else at.replace(tzinfo=UTC)
