"""What people make of the queue: views that they keep, and cases that they passed by."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from channelconflict.database.rights import PROGRAM, RowSecurity
from channelconflict.models import Row
from conflicts.models import Recommendation
from partners.models import Program
from reviews.models.case import Case


class SavedView(Row):
    """A filter and an order of the queue under a name; `query` is the queue's address after the question mark."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="saved_views")
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=500, blank=True)
    shared = models.BooleanField(default=False)
    saved_at = models.DateTimeField()

    rows: ClassVar = RowSecurity(staff=PROGRAM.staff, staff_writes="INSERT UPDATE DELETE")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "owner", "name"], name="saved_view_name"),
        ]

    def __str__(self) -> str:
        return self.name


class SkipReason(models.TextChoices):
    """Why somebody passes a case by."""

    KNOWLEDGE = "knowledge", "Needs somebody who knows the account"
    COLLEAGUE = "colleague", "I wait for a colleague's answer"
    TIME = "time", "Needs more time than I have now"
    NEARNESS = "nearness", "I am too near to one of the sides"
    OTHER = "other", "Something else"


class Skip(Row):
    """Somebody passed a case by in the queue; it counts as long as the recommendation that they saw is in force."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="skips")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=20, choices=SkipReason.choices)
    text = models.CharField(max_length=500, blank=True)
    recommendation = models.ForeignKey(Recommendation, on_delete=models.PROTECT, related_name="+")
    skipped_at = models.DateTimeField()

    rows: ClassVar = RowSecurity(staff=PROGRAM.staff, staff_writes="INSERT", insert_only=True)

    class Meta:
        indexes = [
            models.Index(fields=["case", "user"], name="skip_case_user"),
            models.Index(fields=["program", "-skipped_at"], name="skip_program_at"),
        ]

    def __str__(self) -> str:
        return f"{self.user} passed {self.case} by"
