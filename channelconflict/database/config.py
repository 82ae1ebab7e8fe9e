"""DATABASES from the environment: the owner's connection, and the login role's that everything else uses."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from channelconflict.database.roles import DATABASE, LOGIN, OWNER

ENGINE = "channelconflict.database"


def databases(env: Mapping[str, str], base_dir: Path) -> dict[str, dict[str, Any]]:
    """Two aliases on one database: `owner` migrates, `default` is what every process works with.

    DATABASE_URL is the owner's address, APP_DATABASE_URL app_login's (derived when absent, with
    APP_DATABASE_PASSWORD). Without either, the embedded server under CHANNELCONFLICT_DATA (default
    var/postgres) is used. A host that must not migrate may have APP_DATABASE_URL alone.
    """
    owner_url, app_url = env.get("DATABASE_URL", ""), env.get("APP_DATABASE_URL", "")
    if not owner_url and not app_url:
        data_dir = str(Path(env.get("CHANNELCONFLICT_DATA") or base_dir / "var" / "postgres").absolute())
        owner = {**_entry({"dbname": DATABASE, "user": OWNER}), "EMBEDDED": data_dir}
        app = {**_entry({"dbname": DATABASE, "user": LOGIN}), "EMBEDDED": data_dir}
        return {"default": _working(app, env), "owner": owner}
    found = {"default": _working(_entry(_app_address(owner_url, app_url, env)), env)}
    if owner_url:
        found["owner"] = _entry(_parse(owner_url, "DATABASE_URL"))
    return found


def _app_address(owner_url: str, app_url: str, env: Mapping[str, str]) -> dict[str, Any]:
    """Where app_login connects: its own address, else the owner's with another user."""
    if app_url:
        return _parse(app_url, "APP_DATABASE_URL")
    address = {**_parse(owner_url, "DATABASE_URL"), "user": LOGIN}
    address.pop("password", None)
    if env.get("APP_DATABASE_PASSWORD"):
        address["password"] = env["APP_DATABASE_PASSWORD"]
    return address


def _parse(url: str, name: str) -> dict[str, Any]:
    try:
        address: dict[str, Any] = conninfo_to_dict(url)
    except ProgrammingError:  # its text repeats the address, and with it the password
        address = {}
    if not address.get("dbname"):
        raise ImproperlyConfigured(f"{name} must look like postgresql://user:password@host:5432/database.") from None
    return address


def _entry(address: dict[str, Any]) -> dict[str, Any]:
    """One entry of DATABASES; what Django has no key for goes to libpq as it is."""
    rest = dict(address)
    return {
        "ENGINE": ENGINE,
        "NAME": rest.pop("dbname"),
        "USER": rest.pop("user", ""),
        "PASSWORD": rest.pop("password", ""),
        "HOST": rest.pop("host", ""),
        "PORT": rest.pop("port", ""),
        "OPTIONS": rest,
    }


def _working(entry: dict[str, Any], env: Mapping[str, str]) -> dict[str, Any]:
    """How a working process keeps connections: a pool of DATABASE_POOL for threads (web), else one a thread."""
    size = env.get("DATABASE_POOL", "")
    if size and not size.isdigit():
        raise ImproperlyConfigured(f"DATABASE_POOL is a number of connections, not {size!r}.")
    entry = {**entry, "ATOMIC_REQUESTS": True, "CONN_HEALTH_CHECKS": True}
    if int(size or 0):
        pool = {"min_size": 1, "max_size": int(size), "timeout": 10}
        return {**entry, "CONN_MAX_AGE": 0, "OPTIONS": {**entry["OPTIONS"], "pool": pool}}
    return {**entry, "CONN_MAX_AGE": 60}
