"""manage.py flush: Django's, as the owner of the tables; the login role may not empty them."""

from typing import Any

from django.core.management.base import CommandParser
from django.core.management.commands import flush
from django.db import connections

from channelconflict.database.creation import OWNER_ALIAS


class Command(flush.Command):
    """Also what empties the tables after a test that really commits, whichever alias that test may use."""

    def add_arguments(self, parser: CommandParser) -> None:
        """Django's arguments, with the owner's connection as default."""
        super().add_arguments(parser)
        parser.set_defaults(database=OWNER_ALIAS)

    def handle(self, **options: Any) -> None:
        """Flush over a connection of our own: Django bars the test's from an alias that it did not name."""
        usual = connections[OWNER_ALIAS]
        private = connections[OWNER_ALIAS] = usual.copy()
        private.connect()
        try:
            super().handle(**options | {"database": OWNER_ALIAS})
        finally:
            private.close()
            connections[OWNER_ALIAS] = usual
