"""Who was told of a case beyond the role whose step it is: by hand, or because its time runs out. Never edited."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from channelconflict.database.rights import PROGRAM, RowSecurity
from channelconflict.locked import LockedModel
from channelconflict.models import Row
from partners.models import Program
from reviews.models.case import Case


class EscalationCause(models.TextChoices):
    HAND = "hand", "Handed on by a person"
    AT_RISK = "at_risk", "At risk of missing the promise"
    BREACHED = "breached", "The promise is missed"


class Escalation(LockedModel, Row):
    """One step up: from whose step, to whom, and why. Only a person's takes the step away from the lower role."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="escalations")
    cause = models.CharField(max_length=20, choices=EscalationCause.choices)
    from_role = models.CharField(max_length=30)
    to_role = models.CharField(max_length=30)
    reason = models.TextField(blank=True)
    escalated_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    escalated_at = models.DateTimeField()

    rows: ClassVar = RowSecurity(staff=PROGRAM.staff, staff_writes="INSERT", insert_only=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "cause"], condition=~models.Q(cause="hand"), name="escalated_once_by_time"
            ),
            models.CheckConstraint(
                condition=~models.Q(cause="hand") | (~models.Q(reason="") & models.Q(escalated_by__isnull=False)),
                name="escalated_by_hand_says_who_and_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case} to {self.to_role}"
