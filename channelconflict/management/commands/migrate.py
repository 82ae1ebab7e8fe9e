"""manage.py migrate: Django's, as the owner of the tables, and afterwards every table has its declared rights."""

from typing import Any

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import CommandError, CommandParser
from django.core.management.commands import migrate
from django.db import connections

from channelconflict.database.creation import OWNER_ALIAS
from channelconflict.database.policies import apply_rights, check_roles, declared


class Command(migrate.Command):
    """Migrate, then apply row-level security, grants and triggers: no table is ever open in between."""

    def add_arguments(self, parser: CommandParser) -> None:
        """Django's arguments, with the owner's connection as default."""
        super().add_arguments(parser)
        parser.set_defaults(database=OWNER_ALIAS)

    def handle(self, *args: Any, **options: Any) -> None:
        """Check that every model says who may see it, migrate, give the rights."""
        if options["database"] != OWNER_ALIAS or OWNER_ALIAS not in connections:
            raise CommandError("Migrations run as the owner of the tables: set DATABASE_URL, leave --database out.")
        try:
            declared(apps.get_models(include_auto_created=True))
            check_roles(connections[OWNER_ALIAS])  # migrations grant rights to them
            super().handle(*args, **options)
            if not options["plan"] and not options["check_unapplied"]:
                apply_rights(connections[OWNER_ALIAS])
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from error
