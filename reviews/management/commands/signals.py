"""manage.py signals: look for early warnings now, as every night."""

import json
from time import perf_counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from channelconflict.scope import staff_of
from conflicts.models import Signal
from conflicts.services import NoPolicyError
from conflicts.signals.services import examine_signals
from partners.services import NotPossibleError, program_by_code
from reviews.management.commands.detect import moment


class Command(BaseCommand):
    """Look at a program's histories and say what stands out."""

    help = (
        "Compare histories of partners, prices, tickets and claims with what is usual; raise and end signals. "
        "Example: manage.py signals --program northwind --as-of 2026-03-01"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Which program, which moment."""
        parser.add_argument("--program", default="", metavar="CODE", help="needed when there is more than one program")
        parser.add_argument("--as-of", default="", metavar="T", help="look at this date or time (UTC) instead of now")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Look, keep, tell."""
        at = moment(options["as_of"])
        started = perf_counter()
        try:
            program = program_by_code(options["program"])
            with staff_of(program.pk):
                change = examine_signals(program=program, at=at)
                standing = list(
                    Signal.objects.filter(program=program, gone_at__isnull=True).exclude(status="closed")
                    .order_by("severity", "-found_at", "-id").values("kind", "severity", "owner", "status", "sentence")
                )  # fmt: skip
        except (NotPossibleError, NoPolicyError) as error:
            raise CommandError(str(error)) from None
        seconds = round(perf_counter() - started, 3)
        found = {"program": program.code, "new": len(change.new), "gone": len(change.gone), "standing": len(standing)}
        if options["json"]:
            self.stdout.write(json.dumps({**found, "seconds": seconds, "signals": standing}))
            return
        for signal in standing:
            self.stdout.write(f"{signal['severity']} {signal['kind']} ({signal['status']}): {signal['sentence']}")
        self.stdout.write(f"{found['new']} new, {found['gone']} gone, {found['standing']} standing ({seconds} s).")
