"""Decisions that never left: taken back by a decider in time, or because the facts changed before they took effect."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from channelconflict.database.rights import PROGRAM, RowSecurity
from channelconflict.locked import LockedModel
from channelconflict.models import Row
from partners.models import Program
from reviews.models.decision import Decision


class TakenBackFor(models.TextChoices):
    """Why a decision did not leave."""

    UNDONE = "undone", "a decider took it back"
    CLAIM_ENDED = "claim_ended", "a claim was withdrawn or ended meanwhile"
    CLAIM_JOINED = "claim_joined", "another claim came in meanwhile"
    OTHER_FACTS = "other_facts", "the facts changed meanwhile"


class TakenBack(LockedModel, Row):
    """A decision stays on the record as it was made; this row beside it says that it never left, and why."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    decision = models.OneToOneField(Decision, on_delete=models.PROTECT, related_name="taken_back")
    cause = models.CharField(max_length=30, choices=TakenBackFor.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    rows: ClassVar = RowSecurity(staff=PROGRAM.staff, staff_writes="INSERT", insert_only=True)

    class Meta:
        verbose_name_plural = "decisions taken back"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(cause="undone", by__isnull=False) | (~models.Q(cause="undone") & models.Q(by=None)),
                name="only_people_undo",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.decision}, taken back"
