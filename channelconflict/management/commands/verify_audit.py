"""manage.py verify_audit: read the whole record and say whether anybody bent it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from channelconflict.audit import verify
from channelconflict.database.creation import OWNER_ALIAS


class Command(BaseCommand):
    """Check every link and head of every audit chain."""

    help = "Check every audit chain: edits, gaps, reordering, lost ends. Example: manage.py verify_audit"

    def add_arguments(self, parser: CommandParser) -> None:
        """How many flaws to print."""
        parser.add_argument("--most", type=int, default=20, help="print at most so many flaws (default 20)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read as the owner of the tables, who sees all programs."""
        links, flaws = verify(OWNER_ALIAS)
        for flaw in flaws[: options["most"]]:
            self.stderr.write(f"{flaw.chain}, link {flaw.sequence}: {flaw.sentence}")
        if flaws:
            raise CommandError(f"{len(flaws)} flaws in {links} links: the record was changed.")
        self.stdout.write(f"{links} links, every chain whole.")
