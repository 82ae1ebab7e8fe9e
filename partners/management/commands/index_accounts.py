"""manage.py index_accounts: make what accounts are found by anew, after an upgrade that spells names otherwise."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from channelconflict.scope import NOBODY, acting
from partners.indexing import Remade, is_stale, remake
from partners.models import Program
from partners.services import NotPossibleError, program_by_code


class Command(BaseCommand):
    """Keys, marks and words of accounts, in step with the spelling of today."""

    help = (
        "Make the keys that accounts are found by anew where they are of an older spelling. It may be stopped and run "
        "again, while others work. Example: manage.py index_accounts --program northwind"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Which programs, and how much."""
        parser.add_argument("--program", default="", metavar="CODE", help="this one only (default: every program)")
        parser.add_argument("--all", action="store_true", help="everything, also what is of today's spelling")
        parser.add_argument("--check", action="store_true", help="only say what is to do; exit status 1 if anything is")

    def handle(self, *args: Any, **options: Any) -> None:
        """One program after the other; progress goes to the error stream."""
        try:
            programs = [program_by_code(options["program"])] if options["program"] else _every_program()
        except NotPossibleError as error:
            raise CommandError(str(error)) from None
        if options["check"]:
            self._check([program.code for program in programs if is_stale(program)])
            return
        held = sum(self._remake(program, anew=options["all"]) for program in programs)
        if held:
            raise CommandError(f"{held:,} accounts were being written by others: run it again.")

    def _check(self, stale: list[str]) -> None:
        if stale:
            raise CommandError(f"Accounts are indexed by an older spelling: {', '.join(stale)}. Run index_accounts.")
        self.stdout.write("Accounts are indexed by the spelling of today.")

    def _remake(self, program: Program, *, anew: bool) -> int:
        started = last = time.monotonic()
        done = Remade()
        for done in remake(program, anew=anew):
            if time.monotonic() - last > 5:
                last = time.monotonic()
                self.stderr.write(f"{program.code}: {done.accounts:,} accounts")
        self.stdout.write(
            f"{program.code}: {done.accounts:,} accounts made anew, {done.words:,} counts of words mended "
            f"({time.monotonic() - started:.1f} s)."
        )
        return done.held


def _every_program() -> list[Program]:
    with acting(NOBODY):
        return list(Program.objects.order_by("code"))
