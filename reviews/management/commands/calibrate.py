"""manage.py calibrate: count how often deciders did what was recommended, and keep it as the next version."""

import json
from collections import deque
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from channelconflict.scope import staff_of
from conflicts.models import Calibration
from partners.services import NotPossibleError, program_by_code
from reviews.calibrating import bins_of, fit_calibration
from reviews.precedents import keep_missing_precedents
from reviews.services.studies import keep_missing_studies


class Command(BaseCommand):
    """Fit how often deciders agree from the decisions of a program."""

    help = (
        "Fit how often deciders agree, by the confidence of the rules, from the decisions so far; pages tell it from then on. "
        "Also makes precedents and studies of cases decided before. Example: manage.py calibrate --program northwind"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Which program."""
        parser.add_argument("--program", default="", metavar="CODE", help="needed when there is more than one program")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Fit, keep, tell."""
        try:
            program = program_by_code(options["program"])
            with staff_of(program.pk):
                made = sum(1 for _ in keep_missing_precedents(program_id=program.pk))
                deque(keep_missing_studies(program_id=program.pk), maxlen=0)
            with staff_of(program.pk):
                row = fit_calibration(program=program, by=None, at=timezone.now())
        except NotPossibleError as error:
            raise CommandError(str(error)) from None
        self._tell(row, made, options["json"])

    def _tell(self, row: Calibration, made: int, as_json: bool) -> None:
        if as_json:
            told = {"version": row.number, "decisions": row.decisions, "agreed": row.agreed, "error": round(row.error, 4),
                    "holds": row.holds, "bins": row.bins, "precedents_made": made}  # fmt: skip
            self.stdout.write(json.dumps(told))
            return
        for item in bins_of(row):
            low, high = item.interval
            self.stdout.write(
                f"confidence {item.lowest:.2f} to {item.highest:.2f}: deciders agreed in {item.agreed} of {item.n} "
                f"({item.share:.0%}; {low:.0%} to {high:.0%})"
            )
        holds = "holds: pages tell it from now on" if row.holds else "does NOT hold: pages go on as before"
        self.stdout.write(
            f"{row}: {row.agreed} of {row.decisions} decisions as recommended; error on unseen decisions {row.error:.3f}; "
            f"{holds}. {made} precedents made."
        )
