"""Test databases: whichever alias a test asks for, the owner makes one, and every alias of ours points at it.

TEST["MIRROR"] would not do: for a test that names only `default` Django would then make no database at all, and the
test would run on the real one.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connections
from django.db.backends.postgresql import creation as postgresql
from django.db.migrations.loader import MigrationLoader

OWNER_ALIAS = "owner"
TEMPLATE_PREFIX = "template_test_"


_Creation: Any = postgresql.DatabaseCreation  # the stubs know only half of it


class DatabaseCreation(_Creation):  # type: ignore[misc]
    """Lets app_login's alias have a test database that app_login itself could not make."""

    @property
    def _is_owner(self) -> bool:
        return bool(self.connection.alias == OWNER_ALIAS)

    @property
    def _owners(self) -> Any:
        return connections[OWNER_ALIAS].creation

    def _siblings(self) -> Iterator[DatabaseCreation]:
        for connection in connections.all():
            if isinstance(connection.creation, DatabaseCreation) and connection.alias != OWNER_ALIAS:
                yield connection.creation

    def _point_at(self, name: str) -> None:
        self.connection.close()
        self.connection.close_pool()
        settings.DATABASES[self.connection.alias]["NAME"] = name
        self.connection.settings_dict["NAME"] = name

    def test_db_signature(self) -> Any:
        """The same for all our aliases: Django then makes one database for them."""
        return super().test_db_signature() if self._is_owner else self._owners.test_db_signature()

    def create_test_db(self, *args: Any, **kwargs: Any) -> Any:
        """Make the test database as the owner: a copy of the last one, if no migration has changed since."""
        if not self._is_owner:
            return self._owners.create_test_db(*args, **kwargs)
        test, usual = self.connection.settings_dict["TEST"], self.connection.settings_dict["TEST"].get("TEMPLATE")
        if usual or kwargs.get("keepdb"):
            return super().create_test_db(*args, **kwargs)
        template = _template_name()
        with self._nodb_cursor() as cursor:
            known = self._database_exists(cursor, template)
        test["TEMPLATE"] = template if known else None
        try:
            name = super().create_test_db(*args, **kwargs)
        finally:
            test["TEMPLATE"] = usual
        if not known:
            self._keep_as_template(name, template)
        return name

    def _keep_as_template(self, name: str, template: str) -> None:
        """Migrating takes some fifteen seconds, copying a database a fraction of one: keep a copy, drop outdated ones."""
        self.connection.close()
        with self._nodb_cursor() as cursor:
            cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [TEMPLATE_PREFIX])
            for (outdated,) in cursor.fetchall():
                if outdated != template:
                    cursor.execute(f"DROP DATABASE IF EXISTS {self._quote_name(outdated)}")
            # Another worker was faster, or still looks at the database? Then the next run makes it.
            with suppress(DatabaseError):
                cursor.execute(f"CREATE DATABASE {self._quote_name(template)} TEMPLATE {self._quote_name(name)}")

    def _create_test_db(self, *args: Any, **kwargs: Any) -> Any:
        name = super()._create_test_db(*args, **kwargs)
        for sibling in self._siblings():  # before the migrations: no alias may reach the real database from here on
            sibling._point_at(name)
        return name

    def _destroy_test_db(self, test_database_name: str, verbosity: int) -> None:
        self.connection.close_pool()
        with self._nodb_cursor() as cursor:  # a forgotten connection of a test must not keep the database alive
            cursor.execute(f"DROP DATABASE {self.connection.ops.quote_name(test_database_name)} WITH (FORCE)")

    def clone_test_db(self, *args: Any, **kwargs: Any) -> None:
        """Copy the test database as the owner."""
        for sibling in self._siblings():
            sibling.connection.close()
        owners: Any = super() if self._is_owner else self._owners
        owners.clone_test_db(*args, **kwargs)

    def destroy_test_db(
        self, old_database_name: Any = None, verbosity: int = 1, keepdb: bool = False, suffix: Any = None
    ) -> None:
        """Drop the test database as the owner, and point every alias back."""
        if not self._is_owner:
            self._owners.destroy_test_db(old_database_name, verbosity, keepdb, suffix)
            return
        for sibling in self._siblings():
            sibling.connection.close()
            if suffix is None and old_database_name is not None:
                sibling._point_at(old_database_name)
        super().destroy_test_db(old_database_name, verbosity, keepdb, suffix)


def _template_name() -> str:
    """A name that changes with every migration file."""
    found = hashlib.sha256(sys.version.encode())
    loader = MigrationLoader(None, ignore_no_migrations=True)
    for key in sorted(loader.disk_migrations):
        module = sys.modules[type(loader.disk_migrations[key]).__module__]
        found.update(Path(str(module.__file__)).read_bytes())
    return TEMPLATE_PREFIX + found.hexdigest()[:16]
