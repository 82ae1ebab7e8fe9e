"""manage.py drift: look now, as every night, whether people part from the rules."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from channelconflict.scope import staff_of
from conflicts.models import DriftAlarm
from partners.services import NotPossibleError, program_by_code
from reviews.practice import decided_cases, examine_drift, measured, rule_titles, title_of


class Command(BaseCommand):
    """Look at the decisions of a program and say how every stream stands."""

    help = (
        "Add up overrides in every stream of decisions (all, by rule, by kind of case) and raise an alarm where there are "
        "far more than usual. Example: manage.py drift --program northwind --json"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Which program, and for whom it prints."""
        parser.add_argument("--program", default="", metavar="CODE", help="needed when there is more than one program")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Look, keep, tell."""
        try:
            program = program_by_code(options["program"])
        except NotPossibleError as error:
            raise CommandError(str(error)) from None
        with staff_of(program.pk):
            change = examine_drift(program=program, at=timezone.now())
            titles = rule_titles(program)
            streams = [
                {"stream": title_of(one.stream, one.subject, titles), "decisions": one.watched.seen, "sum": one.watched.score,
                 "threshold": one.plan.threshold, "usual": one.plan.usual, "overridden": one.watched.overridden,
                 "of": one.watched.cases}
                for one in measured(program, decided_cases(program))
            ]  # fmt: skip
            open_alarms = list(DriftAlarm.objects.filter(program=program, status="open").order_by("found_at", "pk"))
        told = {"program": program.code, "new": len(change.new), "open": [row.sentence for row in open_alarms]}
        if options["json"]:
            self.stdout.write(json.dumps({**told, "streams": streams}))
            return
        for one in streams:
            self.stdout.write(
                f"{one['stream']}: {one['decisions']} decisions, sum {one['sum']} of {one['threshold']}"
                f" ({one['overridden']} of {one['of']} overridden since it rose; {one['usual']:.0%} is usual)"
            )
        self.stdout.writelines(f"ALARM {row.sentence}\n" for row in open_alarms)
        self.stdout.write(f"{change.streams} streams, {len(change.new)} new alarms, {change.open} open.")
