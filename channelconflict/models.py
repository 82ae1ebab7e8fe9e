"""People, and the memory of what was done. AuditEvent has no foreign keys: it outlives what it speaks of."""

from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models
from uuid_utils.compat import uuid7

from channelconflict.database.rights import OF_PARTNER, PROGRAM_IDS, USER_ID, RowSecurity
from channelconflict.locked import LockedModel

# A partner's people see themselves and their colleagues, and write neither (is_staff stands in this table).
_SELF_AND_COLLEAGUES = f"id = {USER_ID} OR id IN (SELECT user_id FROM partners_membership WHERE {OF_PARTNER})"  # noqa: S608 (constants)


class Row(models.Model):
    """Every table's key: a UUIDv7 made in Python, so that no serial shows in a URL and no INSERT needs RETURNING."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)

    class Meta:
        abstract = True


class User(Row, AbstractUser):
    """Somebody who signs in: vendor staff (`is_staff`) or a partner's user, never both."""

    display_name = models.CharField(max_length=120, blank=True)

    # All that a list of a thousand names needs.
    NAMED: ClassVar = ("username", "display_name", "first_name", "last_name")
    rows: ClassVar = RowSecurity(
        portal=_SELF_AND_COLLEAGUES,
        staff="true",
        staff_writes="INSERT UPDATE",
        login="true",
        login_writes="INSERT UPDATE",
    )

    def __str__(self) -> str:
        return self.display_name or self.get_full_name() or self.username


class AuditEvent(LockedModel):
    """One act: who did what to which subject, chained by hash per case, else per program and day (channelconflict.audit).

    `body` is the canonical text that is hashed; `sequence`, `previous_hash` and `hash` are filled by the database.
    Personal data stand in `private` only, each beside the salt whose hash is in the body, so that they can be erased.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    chain = models.CharField(max_length=80)
    sequence = models.PositiveBigIntegerField(default=0)
    at = models.DateTimeField()
    program_id = models.UUIDField(null=True)
    actor_id = models.UUIDField(null=True)
    action = models.CharField(max_length=60)
    subject_type = models.CharField(max_length=40)
    subject_id = models.UUIDField(null=True)
    body = models.TextField()
    private = models.JSONField(default=dict)
    previous_hash = models.CharField(max_length=64, default="", blank=True)
    hash = models.CharField(max_length=64, default="", blank=True)

    rows: ClassVar = RowSecurity(
        portal=f"actor_id = {USER_ID} AND chain LIKE 'system:%'",  # a partner's act never lands in a case's chain
        portal_writes="INSERT",
        staff=f"program_id = ANY ({PROGRAM_IDS}) OR (program_id IS NULL AND actor_id = {USER_ID})",
        staff_writes="INSERT",
        login="false",
        locked_when="true",
        locked_except=("private",),  # personal data can be erased, by the owner of the tables alone
    )

    class Meta:
        verbose_name = "act"
        verbose_name_plural = "record of acts"
        constraints = [models.UniqueConstraint(fields=["chain", "sequence"], name="audit_chain_sequence")]
        indexes = [
            models.Index(fields=["subject_id", "at"], name="audit_subject"),
            models.Index(fields=["program_id", "-at"], name="audit_program_at"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.subject_type}"


class ChainHead(models.Model):
    """The last link of each audit chain; written by the database trigger alone, which locks it while a link is added."""

    chain = models.CharField(max_length=80, primary_key=True)
    sequence = models.PositiveBigIntegerField()
    hash = models.CharField(max_length=64)

    rows: ClassVar = RowSecurity()

    def __str__(self) -> str:
        return self.chain
