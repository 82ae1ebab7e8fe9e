"""manage.py dedupe_accounts: look through the stock for accounts (or partners) that are one company, and propose clusters."""

import json
import sys
from time import perf_counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from channelconflict.scope import staff_of
from conflicts.duplicates import AUTO, STANDARD_THRESHOLD, cancel_scan, start_scan
from conflicts.models import DuplicateScan, Engine
from conflicts.scanning import work
from partners.models import Program
from partners.services import NotPossibleError, program_by_code

BAR = 40


class Command(BaseCommand):
    """Look for duplicates; a look that was broken off is gone on with."""

    told = 0  # tenths, where no terminal draws the bar
    help = (
        "Look through all accounts of a program for those that are one company; the proposals are reviewed in the admin. "
        "Example: manage.py dedupe_accounts --program northwind --threshold 0.7"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """What to look through, and how."""
        parser.add_argument("--program", default="", metavar="CODE", help="needed when there is more than one program")
        parser.add_argument(
            "--threshold", type=float, default=STANDARD_THRESHOLD, metavar="P",
            help=f"probability from which two are proposed ({STANDARD_THRESHOLD})",
        )  # fmt: skip
        parser.add_argument("--partners", action="store_true", help="partners instead of accounts")
        parser.add_argument(
            "--engine", choices=(AUTO, *Engine.values), default=AUTO,
            help="splink where it is installed and there are 50,000 accounts, else the index (auto)",
        )  # fmt: skip
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Look, with a bar on the error stream, and say what was found."""
        began = perf_counter()
        try:
            program = program_by_code(options["program"])
            scan = self._look(program, options)
        except NotPossibleError as error:
            raise CommandError(str(error)) from None
        found = self._found(program, scan) | {"seconds": round(perf_counter() - began, 1)}
        if options["json"]:
            self.stdout.write(json.dumps(found))
            return
        self.stdout.write(
            f"{found['looked_at']:,} {found['kind']} looked through with {found['engine']} in {found['seconds']} s: "
            f"{found['clusters']:,} possible duplicates of {found['members']:,} {found['kind']}. "
            "Review them in the admin under Possible duplicates."
        )

    def _look(self, program: Program, options: dict[str, Any]) -> DuplicateScan:
        with staff_of(program.pk):
            kind = {"of_partners": options["partners"]}
            scan = DuplicateScan.objects.filter(program=program, finished_at=None, **kind).first()
            scan = scan or start_scan(
                program=program, engine=options["engine"], threshold=options["threshold"], by=None, at=timezone.now(),
                in_background=False, **kind,
            )  # fmt: skip
        try:
            worked = work(program, scan.pk, tell=self._bar)
        except KeyboardInterrupt:
            with staff_of(program.pk):
                cancel_scan(scan=scan, by=None, at=timezone.now())
            raise CommandError("Cancelled; what was proposed before stays.") from None
        if worked is None:
            raise NotPossibleError(f"A worker is looking through the {scan}; the admin shows how far it is.")
        if worked.cancelled_at:
            raise NotPossibleError("Somebody cancelled it; what was proposed before stays.")
        return worked

    def _bar(self, scan: DuplicateScan) -> None:
        share = 1.0 if scan.finished_at else min(0.99, scan.done / max(1, scan.total))
        bar = "#" * round(share * BAR)
        line = f"[{bar:<{BAR}}] {share:4.0%}  {scan.done:,} of {scan.total:,}"
        if sys.stderr.isatty():
            self.stderr.write(f"\r{line}", ending="\n" if scan.finished_at else "")
        elif scan.finished_at or int(share * 10) > self.told:
            self.told = int(share * 10)
            self.stderr.write(line)

    def _found(self, program: Program, scan: DuplicateScan) -> dict[str, Any]:
        with staff_of(program.pk):
            sizes = list(scan.clusters.values_list("size", flat=True))
        return {
            "program": program.code, "kind": "partners" if scan.of_partners else "accounts", "engine": scan.engine,
            "threshold": scan.threshold, "looked_at": scan.total, "clusters": len(sizes), "members": sum(sizes),
            "weights": scan.weights,
        }  # fmt: skip
