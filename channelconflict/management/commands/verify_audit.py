"""manage.py verify_audit: read the whole record and say whether anybody bent it, and whether it holds a receipt's head."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from channelconflict.audit import verify
from channelconflict.database.creation import OWNER_ALIAS
from channelconflict.models import AuditEvent


class Command(BaseCommand):
    """Check every link and head of every audit chain."""

    help = "Check every audit chain: edits, gaps, reordering, lost ends. Example: manage.py verify_audit"

    def add_arguments(self, parser: CommandParser) -> None:
        """How many flaws to print, and the log head of a receipt to look for."""
        parser.add_argument(
            "--holds", metavar="HASH", default="", help="the log head of a receipt: is it in the record?"
        )
        parser.add_argument("--most", type=int, default=20, help="print at most so many flaws (default 20)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read as the owner of the tables, who sees all programs."""
        links, flaws = verify(OWNER_ALIAS)
        for flaw in flaws[: options["most"]]:
            self.stderr.write(f"{flaw.chain}, link {flaw.sequence}: {flaw.sentence}")
        if flaws:
            raise CommandError(f"{len(flaws)} flaws in {links} links: the record was changed.")
        if (
            options["holds"]
            and not AuditEvent.objects.using(OWNER_ALIAS).filter(hash=options["holds"].strip()).exists()
        ):
            raise CommandError("No link has this log head: the record it was taken from is not this one any more.")
        self.stdout.write(f"{links} links, every chain whole.")
        if options["holds"]:
            event = AuditEvent.objects.using(OWNER_ALIAS).get(hash=options["holds"].strip())
            self.stdout.write(f"It holds this log head: {event.action} {event.subject_id} at {event.at.isoformat()}.")
