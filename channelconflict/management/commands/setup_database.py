"""manage.py setup_database: roles, tables and rights, from whatever state the database is in."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connections, transaction

from channelconflict.database import roles, server
from channelconflict.database.creation import OWNER_ALIAS
from channelconflict.database.policies import apply_rights


class Command(BaseCommand):
    """Idempotent: it makes what is missing and mends what is wrong."""

    help = "Create the database roles, migrate, and give every table its rights. Safe to run again."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """--print-sql for sites where only a database administrator makes roles."""
        parser.add_argument("--print-sql", action="store_true", help="only print the SQL that makes the roles")

    def handle(self, *args: Any, print_sql: bool, **options: Any) -> None:
        """Roles, migrations, rights, then a look whether the login role is held by them."""
        if OWNER_ALIAS not in connections:
            raise CommandError("Set DATABASE_URL to the address of the tables' owner.")
        owner: Any = connections[OWNER_ALIAS]
        if print_sql:
            self.stdout.write(_script(owner.pg_version))
            return
        try:
            self._make_roles(owner)
            call_command("migrate", database=OWNER_ALIAS, interactive=False, verbosity=options["verbosity"])
            apply_rights(owner, force=True)
            connections["default"].ensure_connection()
        except (ImproperlyConfigured, server.ServerError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write("The database is set up: roles, tables and rights.")

    def _make_roles(self, owner: Any) -> None:
        if owner.settings_dict.get("EMBEDDED"):
            server.mend_roles(owner.settings_dict["EMBEDDED"])
            return
        with owner.cursor() as cursor:
            if not roles.complete(cursor):
                try:
                    with transaction.atomic(using=OWNER_ALIAS):
                        roles.make(cursor, owner.pg_version)
                except DatabaseError as error:
                    why = str(error).splitlines()[0]
                    raise CommandError(
                        f"The owner {owner.settings_dict['USER']} may not make the roles ({why}). Let a database"
                        f" administrator run this, then run `{roles.MEND}` again:\n\n{_script(owner.pg_version)}"
                    ) from error
            self._set_password(owner, cursor)

    def _set_password(self, owner: Any, cursor: Any) -> None:
        """Give app_login the password that it is configured with, if the owner may do that."""
        settings = connections["default"].settings_dict
        if settings["USER"] != roles.LOGIN or not settings["PASSWORD"]:
            return
        scrambled = owner.connection.pgconn.encrypt_password(
            settings["PASSWORD"].encode(), roles.LOGIN.encode(), b"scram-sha-256"
        ).decode()
        try:
            with transaction.atomic(using=OWNER_ALIAS):
                cursor.execute(f"ALTER ROLE {roles.LOGIN} PASSWORD '{scrambled}'")
        except DatabaseError:
            self.stderr.write(f"The owner may not set {roles.LOGIN}'s password; an administrator must have done it.")


def _script(version: int) -> str:
    statements = [*roles.working_sql(version), f"-- then a password: ALTER ROLE {roles.LOGIN} PASSWORD '...'"]
    return ";\n".join(statements)
