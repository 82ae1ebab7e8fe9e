"""Changes of the rules that partners were told of: who has acknowledged them, and who was reminded.

What is announced is the PolicySummary itself; who has not acknowledged is whoever has no row here.
"""

from typing import ClassVar

from django.db import models

from channelconflict.database.rights import PARTNER, PROGRAM, RowSecurity
from channelconflict.locked import LockedModel
from channelconflict.models import Row
from conflicts.models import PolicySummary
from partners.models import Partner, Program


class PolicyAcknowledgement(LockedModel, Row):
    """One of a partner's people has read a change of the rules. Once a partner and version; never changed."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="policy_acknowledgements")
    summary = models.ForeignKey(PolicySummary, on_delete=models.PROTECT, related_name="acknowledgements")
    acknowledged_at = models.DateTimeField()
    acknowledged_by_id = models.UUIDField(editable=False)

    rows: ClassVar = RowSecurity(
        portal=PARTNER.portal, portal_writes="INSERT", staff=PROGRAM.staff, staff_writes="", insert_only=True
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["summary", "partner"], name="policy_acknowledged_once")]
        indexes = [models.Index(fields=["partner", "-acknowledged_at"], name="policy_acknowledged_by")]

    def __str__(self) -> str:
        return f"{self.summary_id} by {self.partner_id}"


class PolicyReminder(Row):
    """Staff remind whoever has not acknowledged a change. `sent` = how many were told, once a worker has done it."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    summary = models.ForeignKey(PolicySummary, on_delete=models.PROTECT, related_name="reminders")
    asked_at = models.DateTimeField()
    asked_by_id = models.UUIDField(editable=False)
    sent_at = models.DateTimeField(null=True, blank=True)
    sent = models.PositiveIntegerField(default=0)

    rows: ClassVar = RowSecurity(staff=PROGRAM.staff, locked_when="OLD.sent_at IS NOT NULL")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["summary"], condition=models.Q(sent_at__isnull=True), name="one_open_policy_reminder"
            )
        ]
        indexes = [models.Index(fields=["summary", "-asked_at"], name="policy_reminder_latest")]

    def __str__(self) -> str:
        return f"reminder of {self.summary_id}"
