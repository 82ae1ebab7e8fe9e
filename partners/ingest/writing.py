"""Bulk writes of one chunk of rows, with field history and lineage; nothing here decides what to write."""

import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import models
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from channelconflict.models import Row, User
from partners.lookup import index_accounts
from partners.models import Account, AccountName, ImportBatch, SourceRecord
from partners.naming import name_key


@dataclass
class Changes:
    """What a chunk of rows comes to."""

    created: list[Row] = field(default_factory=list)
    updated: dict[uuid.UUID, Row] = field(default_factory=dict)
    fields: set[str] = field(default_factory=set)
    names: list[AccountName] = field(default_factory=list)
    sources: list[SourceRecord] = field(default_factory=list)


@dataclass(frozen=True)
class Writer:
    """Writes changes in the name of one import."""

    batch: ImportBatch
    by: User | None
    at: datetime

    def write(self, model: type[Row], changes: Changes) -> None:
        """Insert, update, remember: a fixed number of statements for each."""
        self._create(model, changes.created)
        if changes.updated:
            self._update(model, list(changes.updated.values()), sorted(changes.fields))
        self._create(AccountName, changes.names)
        if model is Account:
            touched = [*(row.pk for row in changes.created), *changes.updated, *(n.account_id for n in changes.names)]
            index_accounts(self.batch.program_id, touched)
        SourceRecord.objects.bulk_create(changes.sources, batch_size=1000)

    def _history(self) -> dict[str, Any]:
        reason = f"imported from {self.batch.file_name[:40]}, batch {self.batch.pk}"
        return {"default_user": self.by, "default_date": self.at, "default_change_reason": reason, "batch_size": 1000}

    def _create(self, model: type[models.Model], rows: list[Any]) -> None:
        if rows:
            bulk_create_with_history(rows, model, **self._history())

    def _update(self, model: type[Row], rows: list[Row], fields: list[str]) -> None:
        # An upsert by id takes one statement a batch; bulk_update's CASE expressions cost ten times as much.
        model._default_manager.bulk_create(
            rows, batch_size=1000, update_conflicts=True, unique_fields=["id"], update_fields=fields
        )
        bulk_update_with_history(rows, model, fields=[], **self._history())


def known_keys(accounts: Iterable[uuid.UUID]) -> dict[uuid.UUID, set[str]]:
    """The name keys that these accounts have."""
    known: dict[uuid.UUID, set[str]] = defaultdict(set)
    for account, key in AccountName.objects.filter(account_id__in=list(accounts)).values_list("account_id", "key"):
        known[account].add(key)
    return known


def new_names(account: Account, aliases: Iterable[str], known: set[str]) -> list[AccountName]:
    """The names that an account is not known by yet; `known` learns them."""
    made = []
    for name in (account.name, *aliases):
        key = name_key(name)
        if key and key not in known:
            known.add(key)
            made.append(AccountName(program_id=account.program_id, account_id=account.pk, name=name, key=key))
    return made
