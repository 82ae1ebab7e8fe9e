"""manage.py bench NAME...: benchmarks on data of their own, removed afterwards."""

import json
from importlib import import_module
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

BENCHMARKS = {
    "confidence": "benchmarks.confidence",
    "desk": "benchmarks.desk",
    "detection": "benchmarks.detection",
    "identity": "benchmarks.identity.report",
    "policy": "benchmarks.policy",
    "portal": "benchmarks.portal",
    "signals": "benchmarks.signals",
    "territories": "benchmarks.territories",
}
SCALES = ("small", "medium", "large")


class Command(BaseCommand):
    """Run benchmarks and print what they measured."""

    help = "Measure this installation. Example: manage.py bench identity --scale small --only G,lookup --json"

    def add_arguments(self, parser: CommandParser) -> None:
        """Which, how large, which parts, and where labelled files are."""
        parser.add_argument("names", nargs="*", metavar="NAME", help=f"{', '.join(BENCHMARKS)} (default: all)")
        parser.add_argument("--scale", choices=SCALES, default="small", help="how many records (small)")
        parser.add_argument("--only", default="", metavar="PART,...", help="some parts of it, e.g. G,NBER,lookup (all)")
        parser.add_argument("--data", type=Path, metavar="FOLDER", help="the labelled files (../shared/data/identity)")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run one after the other; progress goes to the error stream."""
        names = options["names"] or list(BENCHMARKS)
        if unknown := [name for name in names if name not in BENCHMARKS]:
            raise CommandError(f"There is no benchmark '{unknown[0]}'; there are: {', '.join(BENCHMARKS)}.")
        report = {name: self._run(import_module(BENCHMARKS[name]), options) for name in names}
        if options["json"]:
            self.stdout.write(json.dumps(report))
            return
        for name, found in report.items():
            self.stdout.write(f"{name} ({options['scale']})\n\n")
            self.stdout.writelines(f"{line}\n" for line in import_module(BENCHMARKS[name]).lines(found))

    def _run(self, benchmark: Any, options: dict[str, Any]) -> dict[str, Any]:
        only = [part.strip() for part in options["only"].split(",") if part.strip()]
        if unknown := [part for part in only if part not in benchmark.PARTS]:
            raise CommandError(f"There is no part '{unknown[0]}'; there are: {', '.join(benchmark.PARTS)}.")
        found: dict[str, Any] = benchmark.run(options["scale"], self.stderr.write, only, options["data"])
        return found
