"""manage.py db start|stop|status: the embedded PostgreSQL server of this project."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections

from channelconflict.database import server


class Command(BaseCommand):
    """Start, stop or look at the embedded server; it otherwise starts by itself and outlives every process."""

    help = "Start, stop or show the embedded PostgreSQL server (used when DATABASE_URL is not set)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """One word: what to do."""
        parser.add_argument("action", choices=["start", "stop", "status"])

    def handle(self, *args: Any, action: str, **options: Any) -> None:
        """Do it, and say where the server listens."""
        data_dir = connections["default"].settings_dict.get("EMBEDDED")
        if not data_dir:
            raise CommandError("DATABASE_URL is set, so there is no embedded server to start or stop.")
        try:
            if action == "stop":
                self.stdout.write("stopped" if server.stop(data_dir) else "was not running")
                return
            address = server.ensure(data_dir) if action == "start" else server.status(data_dir)
        except server.ServerError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"running: host={address['host']} port={address['port']}" if address else "not running")
