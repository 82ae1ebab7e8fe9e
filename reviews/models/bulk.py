"""Approving many cases at once: what somebody was shown, and what became of each case."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from channelconflict.database.rights import PROGRAM, RowSecurity
from channelconflict.models import Row
from conflicts.models import Recommendation
from partners.models import Program
from reviews.models.case import Case


class BulkState(models.TextChoices):
    OFFERED = "offered", "Can be approved"
    REFUSED = "refused", "Not in bulk"
    LEFT_OUT = "left_out", "Left out"
    WAITING = "waiting", "Waits"
    DONE = "done", "Approved"
    CHANGED = "changed", "Changed since"
    NOT_POSSIBLE = "not_possible", "Not possible any more"
    FAILED = "failed", "Failed"


class BulkApproval(Row):
    """Cases that somebody means to approve as recommended: previewed, sent once, worked through by a worker."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    previewed_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    rows: ClassVar = RowSecurity(staff=PROGRAM.staff, staff_writes="INSERT UPDATE DELETE")

    class Meta:
        indexes = [
            models.Index(fields=["program"], condition=models.Q(sent_at__isnull=False, finished_at__isnull=True),
                         name="bulk_unfinished"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"bulk approval by {self.asked_by}"


class BulkItem(Row):
    """One case of a bulk approval: the version and the recommendation that were shown, and how it ended."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    bulk = models.ForeignKey(BulkApproval, on_delete=models.CASCADE, related_name="items")
    number = models.PositiveSmallIntegerField()
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    case_version = models.PositiveIntegerField()
    recommendation = models.ForeignKey(Recommendation, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=20, choices=BulkState.choices)
    told = models.TextField(blank=True)  # why not, in a sentence
    ended_at = models.DateTimeField(null=True)

    rows: ClassVar = RowSecurity(staff=PROGRAM.staff, staff_writes="INSERT UPDATE DELETE")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["bulk", "case"], name="bulk_case_once")]

    def __str__(self) -> str:
        return f"{self.case} in a {self.bulk}"
