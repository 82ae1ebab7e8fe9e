"""An interim measure: all claims of a case stay as they are until a day, and one person speaks to the buyer."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from simple_history.models import HistoricalRecords

from channelconflict.database.rights import PROGRAM
from channelconflict.models import Row
from partners.models import Program
from reviews.models.case import Case, Party


class Hold(Row):
    """One hold of a case. Either somebody of the staff or one side speaks to the buyer.

    `ends_before` maps the ids of registrations whose protection was lengthened to the end that it had before.
    """

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="holds")
    reason = models.TextField()
    coordinator = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    party = models.ForeignKey(Party, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    begun_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    begun_at = models.DateTimeField()
    until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    ends_before = models.JSONField(default=dict, blank=True)
    history = HistoricalRecords(user_db_constraint=False)

    rows: ClassVar = PROGRAM

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=models.Q(ended_at__isnull=True), name="one_hold_a_case"),
            models.CheckConstraint(
                condition=models.Q(coordinator__isnull=True, party__isnull=False)
                | models.Q(coordinator__isnull=False, party__isnull=True),
                name="one_voice_to_the_buyer",
            ),
        ]
        indexes = [
            models.Index(fields=["program", "until"], condition=models.Q(ended_at__isnull=True), name="hold_running"),
        ]

    def __str__(self) -> str:
        return f"hold of {self.case}"

    @property
    def contact(self) -> str:
        """Whom a side can ask at the vendor: the coordinator, else who put the claims on hold."""
        return str(self.coordinator or self.begun_by)
