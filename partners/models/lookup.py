"""What accounts are found by: their names, domains, phones and identifiers as numbers that an index holds (partners.lookup).

Nothing here is a fact: all of it is derived from Account and AccountName, and can be made again at any time.
"""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from channelconflict.database.rights import PROGRAM, RowSecurity
from channelconflict.models import Row
from partners.models.account import Account, AccountName
from partners.models.program import Program

_DERIVED = RowSecurity(staff=PROGRAM.staff, staff_writes="INSERT UPDATE DELETE")


class AccountKey(models.Model):
    """One name of an account, as keys: whole, in any word order, joined, with its town, and word by word."""

    name = models.OneToOneField(AccountName, on_delete=models.CASCADE, primary_key=True, related_name="+")
    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="+", db_index=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    core = models.BigIntegerField()
    ordered = models.BigIntegerField()
    joined = models.BigIntegerField()
    placed = models.BigIntegerField()
    tokens = ArrayField(models.BigIntegerField())
    made_by = models.PositiveSmallIntegerField(default=0)  # the spelling that made it (lookup.SPELLING)

    rows: ClassVar = _DERIVED

    class Meta:
        indexes = [
            models.Index(fields=["core"], name="account_key_core"),
            models.Index(fields=["ordered"], name="account_key_ordered"),
            models.Index(fields=["joined"], name="account_key_joined"),
            models.Index(fields=["placed"], name="account_key_placed"),
            # Without the pending list: a search would read it from end to end after each import.
            GinIndex(fields=["tokens"], name="account_key_tokens", fastupdate=False),
            models.Index(fields=["made_by"], name="account_key_made_by"),
        ]

    def __str__(self) -> str:
        return f"keys of {self.name_id}"


class AccountMark(Row):
    """A domain, phone number or identifier of an account in its one spelling, as a number."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="+", db_index=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=10)
    mark = models.BigIntegerField()

    rows: ClassVar = _DERIVED

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "kind"], name="account_mark_once")]
        indexes = [models.Index(fields=["mark"], name="account_mark")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.account_id}"


class NameToken(models.Model):
    """A word of account names: in how many it stands, about, and its spellings one letter short.

    The town of a name is a word too (with @), and so are its first letters (with ~).
    """

    key = models.BigIntegerField(primary_key=True)
    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="+", db_index=False)
    token = models.CharField(max_length=64)
    names = models.PositiveIntegerField(default=0)
    variants = ArrayField(models.BigIntegerField(), default=list)

    rows: ClassVar = _DERIVED

    class Meta:
        indexes = [
            GinIndex(fields=["variants"], name="name_token_variants", fastupdate=False),
            models.Index(
                fields=["program", "token"], name="name_token_token", opclasses=["uuid_ops", "varchar_pattern_ops"]
            ),
        ]

    def __str__(self) -> str:
        return self.token
