"""manage.py replay: make recommendations and decisions again from their memos, and compare to the byte."""

import json
from time import perf_counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from channelconflict.scope import staff_of
from partners.models import Program
from reviews.models import Case
from reviews.replaying import Replayed, Tally, replays


class Command(BaseCommand):
    """Replay what was recommended and decided on."""

    help = (
        "Make every recommendation of these cases, and what their deciders saw, again from the kept memo and policy "
        "version; exit status 1 when anything differs. Example: manage.py replay CF-2041 CF-2042, or manage.py replay --all"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Which cases."""
        parser.add_argument("cases", nargs="*", metavar="CASE", help="numbers, with or without CF-")
        parser.add_argument("--all", action="store_true", help="everything that was ever recommended or decided")
        parser.add_argument("--program", default="", metavar="CODE", help="in this program only")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Replay, and say what came of it."""
        if bool(options["cases"]) == options["all"]:
            raise CommandError("Name the cases, as in CF-2041, or say --all.")
        programs = Program.objects.filter(**({"code": options["program"]} if options["program"] else {}))
        ids = list(programs.order_by("code").values_list("pk", flat=True))
        if not ids:
            raise CommandError(
                f"There is no program {options['program']}." if options["program"] else "There is no program."
            )
        started, tally = perf_counter(), Tally()
        with staff_of(*ids):
            cases = None if options["all"] else [self._case(ids, text) for text in options["cases"]]
            for one in replays(ids, cases):
                tally.count(one)
                self._progress(tally)
        self._tell(tally, round(perf_counter() - started, 3), options["json"])
        if tally.unsound:
            raise SystemExit(1)

    def _case(self, program_ids: list[Any], text: str) -> Case:
        number = text.upper().removeprefix("CF-")
        case = (
            Case.objects.filter(program__in=program_ids, number=int(number)).order_by("pk").first()
            if number.isdigit()
            else None
        )
        if case is None:
            raise CommandError(f"There is no case {text}.")
        return case

    def _progress(self, tally: Tally) -> None:
        """One line that is written over, on a terminal only."""
        done = tally.recommendations + tally.decisions
        if self.stderr.isatty() and done % 100 == 0:
            self.stderr.write(f"\r{done:,} made again", ending="")
            self.stderr.flush()

    def _tell(self, tally: Tally, seconds: float, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps({**tally.as_json(), "seconds": seconds}))
            return
        for one in tally.unsound:
            self.stdout.write(f"{one.kind} {one.ref}: {_said(one)}")
        total = tally.recommendations + tally.decisions
        self.stdout.write(
            f"{total - len(tally.unsound)} of {total} came out the same to the byte "
            f"({tally.recommendations} recommendations, {tally.decisions} decisions, {seconds} s)."
        )


def _said(one: Replayed) -> str:
    """What does not fit, in words."""
    lines = [f"{what} does not fit its hash" for what in one.broken]
    if not one.came.identical:
        how = "the same outcome in other words" if one.came.verdict == "reworded" else "ANOTHER OUTCOME"
        lines.append(f"{how} (differs in {', '.join(one.came.paths)})")
    return "; ".join(lines)
