"""Django's PostgreSQL backend, plus two things: the embedded server starts on the first connection, and a role that
row-level security would not hold is refused at connect. (Django requires the name base.py.)
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db.backends.base.base import NO_DB_ALIAS
from django.db.backends.postgresql import base as postgresql
from django.utils.asyncio import async_unsafe

from channelconflict.database import server
from channelconflict.database.creation import OWNER_ALIAS, DatabaseCreation
from channelconflict.database.roles import REFUSAL, refusal

_Wrapper: Any = postgresql.DatabaseWrapper  # the stubs know only half of it


class DatabaseWrapper(_Wrapper):  # type: ignore[misc]
    """A connection to PostgreSQL: embedded if the settings say EMBEDDED (its data directory), else where they point."""

    creation_class = DatabaseCreation

    def get_connection_params(self) -> dict[str, Any]:
        """Django's parameters; of the embedded server's address only this moment knows."""
        params: dict[str, Any] = super().get_connection_params()
        if self.settings_dict.get("EMBEDDED"):
            params |= server.ensure(self.settings_dict["EMBEDDED"])
        return params

    @async_unsafe
    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """A connection whose role row-level security holds; the owner's alias alone is excepted."""
        connection = self._connect_again(conn_params)
        if self.alias in (OWNER_ALIAS, NO_DB_ALIAS) or getattr(connection, "_role_is_held", False):
            return connection
        try:
            self._check_role(connection)
        except BaseException:
            connection.close()
            if self.pool:
                self.pool.putconn(connection)
            raise
        connection._role_is_held = True  # a pooled connection is asked once, not at each loan
        return connection

    def _connect_again(self, conn_params: dict[str, Any]) -> Any:
        """Connect; if the embedded server was killed since (not stopped), start it and try once more."""
        try:
            return super().get_new_connection(conn_params)
        except self.Database.OperationalError:
            data_dir = self.settings_dict.get("EMBEDDED")
            if not data_dir or not server.crashed(data_dir):
                raise
            return super().get_new_connection(conn_params | server.ensure(data_dir))

    def _check_role(self, connection: Any) -> None:
        sentence = refusal(*connection.execute(REFUSAL).fetchone())
        if not connection.autocommit:
            connection.rollback()
        if sentence:
            raise ImproperlyConfigured(sentence)
