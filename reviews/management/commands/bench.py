"""manage.py bench NAME...: benchmarks in programs of their own, removed afterwards."""

import json
from importlib import import_module
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

BENCHMARKS = {"identity": "benchmarks.identity.lookup"}
SCALES = ("small", "medium", "large")


class Command(BaseCommand):
    """Run benchmarks and print what they measured."""

    help = "Measure this installation. Example: manage.py bench identity --scale small --json"

    def add_arguments(self, parser: CommandParser) -> None:
        """Which, and how large."""
        parser.add_argument("names", nargs="*", metavar="NAME", help=f"{', '.join(BENCHMARKS)} (default: all)")
        parser.add_argument("--scale", choices=SCALES, default="small", help="how many records (small)")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run one after the other; progress goes to the error stream."""
        names = options["names"] or list(BENCHMARKS)
        if unknown := [name for name in names if name not in BENCHMARKS]:
            raise CommandError(f"There is no benchmark '{unknown[0]}'; there are: {', '.join(BENCHMARKS)}.")
        report = {}
        for name in names:
            report[name] = import_module(BENCHMARKS[name]).run(options["scale"], self.stderr.write)
        if options["json"]:
            self.stdout.write(json.dumps(report))
            return
        for name, found in report.items():
            self.stdout.write(f"{name} ({options['scale']})")
            self._tell(found, "  ")

    def _tell(self, found: dict[str, Any], indent: str) -> None:
        for key, value in found.items():
            if isinstance(value, dict) and any(isinstance(item, dict) for item in value.values()):
                self.stdout.write(f"{indent}{key}")
                self._tell(value, indent + "  ")
            else:
                plain = ", ".join(f"{k} {v}" for k, v in value.items()) if isinstance(value, dict) else value
                self.stdout.write(f"{indent}{key}: {plain}")
