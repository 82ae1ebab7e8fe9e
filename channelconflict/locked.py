"""Rows that nobody edits: refused in Python here, and by a database trigger (RowSecurity.insert_only)."""

from typing import Any, NoReturn

from django.db import models


class LockedRowError(Exception):
    """Somebody tried to change or delete a row that is a record of what happened."""


class LockedQuerySet(models.QuerySet):
    """A queryset that can be read and added to, not changed."""

    def update(self, **values: Any) -> NoReturn:
        raise LockedRowError(f"{self.model._meta.verbose_name} rows are a record and cannot be changed.")

    def delete(self) -> NoReturn:
        raise LockedRowError(f"{self.model._meta.verbose_name} rows are a record and cannot be deleted.")


class LockedModel(models.Model):
    """A row that is written once."""

    objects = LockedQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise LockedRowError(f"This {self._meta.verbose_name} is a record and cannot be changed.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise LockedRowError(f"This {self._meta.verbose_name} is a record and cannot be deleted.")
