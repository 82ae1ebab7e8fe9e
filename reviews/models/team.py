"""Who is away, and whether cases are handed out by themselves."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from channelconflict.database.rights import PROGRAM
from channelconflict.models import Row
from partners.models import Program


class Absence(Row):
    """Somebody is away from the first to the last day, both included; their cases go to the substitute, if one is named."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="absences")
    from_on = models.DateField()
    until_on = models.DateField()
    substitute = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    entered_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)  # taken back, or back early

    rows: ClassVar = PROGRAM

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(until_on__gte=models.F("from_on")), name="absence_ends_after_it_begins"),
            models.CheckConstraint(
                condition=models.Q(substitute__isnull=True) | ~models.Q(substitute=models.F("user")),
                name="nobody_is_their_own_substitute",
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["program", "until_on"], name="absence_program")]

    def __str__(self) -> str:
        return f"{self.user} from {self.from_on} to {self.until_on}"


class AssignmentRule(Row):
    """Whether a program's cases are assigned by themselves, to whom has the fewest. Without a row they are not."""

    program = models.OneToOneField(Program, on_delete=models.PROTECT, related_name="assignment_rule")
    automatic = models.BooleanField(default=False)
    changed_at = models.DateTimeField()

    rows: ClassVar = PROGRAM

    def __str__(self) -> str:
        return f"assignment in {self.program}"
