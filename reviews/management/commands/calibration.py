"""manage.py calibration: how far the confidence of recommendations can be trusted, by what people decided."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from channelconflict.scope import staff_of
from conflicts.learning.calibration import Bin, Figures, Report
from partners.services import NotPossibleError, program_by_code
from reviews.desk.calibration import bin_line, figures_line, report_of


class Command(BaseCommand):
    """The report of the page, for a terminal or a machine."""

    help = (
        "Compare the confidence of recommendations with how often people followed them: reliability by bins of equal "
        "mass, calibration error, Brier score, by rule, engine and month. Example: manage.py calibration --json"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Which program, and for whom it prints."""
        parser.add_argument("--program", default="", metavar="CODE", help="needed when there is more than one program")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, compare, print."""
        try:
            program = program_by_code(options["program"])
        except NotPossibleError as error:
            raise CommandError(str(error)) from None
        with staff_of(program.pk):
            report = report_of(program)
        if options["json"]:
            self.stdout.write(json.dumps({"program": program.code, **_as_json(report)}))
            return
        self.stdout.writelines(f"{line}\n" for line in _lines(report))


def _as_json(report: Report) -> dict[str, Any]:
    return {
        **_group(report.whole), "abstained": report.abstained, "meaningful": report.meaningful,
        "bins": [_bin(one) for one in report.bins],
        "by_rule": [_group(one) for one in report.by_rule], "by_engine": [_group(one) for one in report.by_engine],
        "by_month": [_group(one) for one in report.by_month],
    }  # fmt: skip


def _group(found: Figures) -> dict[str, Any]:
    low, high = found.followed.interval
    return {
        "name": found.name, "decisions": found.followed.of, "followed": found.followed.part,
        "confidence": round(found.said, 4), "interval": [round(low, 4), round(high, 4)],
        "calibration_error": round(found.error, 4), "brier": round(found.brier, 4),
    }  # fmt: skip


def _bin(one: Bin) -> dict[str, Any]:
    low, high = one.followed.interval
    return {
        "from": one.low, "to": one.high, "confidence": round(one.said, 4), "decisions": one.followed.of,
        "followed": one.followed.part, "interval": [round(low, 4), round(high, 4)],
    }  # fmt: skip


def _lines(report: Report) -> list[str]:
    if not report.whole.followed.of:
        return ["Nobody has decided on a recommended outcome yet: there is nothing to judge by."]
    lines = [f"  {'confidence':<28}{'decisions':>10}{'said':>7}{'followed':>10}  95 % interval"]
    for row in map(bin_line, report.bins):
        lines.append(f"  {row.name:<28}{row.of:>10}{row.said:>7}{row.followed:>10}  {row.interval}")
    lines.append(
        f"  {'':<28}{'decisions':>10}{'said':>7}{'followed':>10}  {'95 % interval':<14}{'error':>7}{'Brier':>7}"
    )
    for group in ((report.whole,), report.by_rule, report.by_engine, report.by_month):
        for found in group:
            row = figures_line(found, found.name)
            lines.append(
                f"  {row.name:<28}{row.of:>10}{row.said:>7}{row.followed:>10}  {row.interval:<14}{row.error:>7}{row.brier:>7}"
            )
    lines.append(f"{report.abstained} recommendations abstained: they named no outcome to follow.")
    if not report.meaningful:
        lines.append("Below 100 decisions chance moves these figures by more than they say.")
    return lines
