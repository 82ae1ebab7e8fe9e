"""What waits to be looked at again: written by triggers on the facts, so that no way of changing them can forget it."""

from typing import ClassVar

from django.db import models

from channelconflict.database.rights import PROGRAM, RowSecurity
from partners.models.program import Program


class TouchKind(models.TextChoices):
    """What changed; `subject_id` is its id."""

    ACCOUNT = "account", "What is claimed on an account, or its family"
    IDENTITY = "identity", "What an account is called, or how it is found"
    REGISTRATION = "registration", "What a registration says or rests on"
    NAMED = "named", "Whom a registration names"
    CAPACITY = "capacity", "Whether a registration counts towards its partner's capacity"
    PARTNER = "partner", "A partner, or its papers"
    TIER = "tier", "A partner level"
    TERRITORY = "territory", "A territory rule; `was` is the row before, if it was another"
    PROGRAM = "program", "Something that concerns every claim"


class Touch(models.Model):
    """Something that claims rest on changed. The row goes when what it concerns has been looked at again."""

    id = models.BigAutoField(primary_key=True)
    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=TouchKind.choices)
    subject_id = models.UUIDField()
    was = models.JSONField(null=True)
    at = models.DateTimeField()

    rows: ClassVar = RowSecurity(staff=PROGRAM.staff, staff_writes="DELETE")

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_id}"
