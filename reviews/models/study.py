"""Decided cases as studies: what they are found by, and the lessons that people draw from them."""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from simple_history.models import HistoricalRecords

from channelconflict.database.rights import PROGRAM
from channelconflict.models import Row
from partners.models import Program
from reviews.models.case import Case

LONGEST_TAG = 40


class Study(Row):
    """A decided case by what it is searched by: derived from case, decision and lessons, made anew with each of them.

    `words` is folded text (reviews.services.studies.folded); its index and search are in migration 0010.
    """

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="study")
    kind = models.CharField(max_length=40)
    action = models.CharField(max_length=30)
    is_override = models.BooleanField(default=False)
    reason_code = models.CharField(max_length=30, blank=True)
    country = models.CharField(max_length=2, blank=True)
    subdivision = models.CharField(max_length=10, blank=True)
    product_lines = ArrayField(models.CharField(max_length=60), default=list)
    tiers = ArrayField(models.CharField(max_length=60), default=list)
    tags = ArrayField(models.CharField(max_length=LONGEST_TAG), default=list)
    words = models.TextField()
    decided_at = models.DateTimeField()

    rows: ClassVar = PROGRAM

    class Meta:
        verbose_name_plural = "studies"
        # The list reads the newest of everything, of a kind, of an outcome; other filters run on what these bring.
        indexes = [
            models.Index(fields=["program", "-decided_at", "-id"], name="study_newest"),
            models.Index(fields=["program", "kind", "-decided_at", "-id"], name="study_kind"),
            models.Index(fields=["program", "action", "-decided_at", "-id"], name="study_action"),
        ]

    def __str__(self) -> str:
        return f"study of {self.case}"


class Lesson(Row):
    """What a decider or a lead learned from a decided case."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="lessons")
    text = models.TextField("lesson learned")
    tags = ArrayField(models.CharField(max_length=LONGEST_TAG), default=list, blank=True)
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)
    history = HistoricalRecords(user_db_constraint=False)

    rows: ClassVar = PROGRAM

    def __str__(self) -> str:
        return f"lesson of {self.case}"
