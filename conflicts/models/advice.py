"""What recommendations are measured by: decided cases as precedents, and how often deciders agreed at which confidence."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from channelconflict.database.rights import PROGRAM, RowSecurity
from channelconflict.models import Row
from conflicts.models.reasoning import Conflict, PolicyVersion
from partners.models import Program


class Precedent(Row):
    """A decided conflict by what others are compared with it: derived from its decision, made anew when decided anew.

    Words as in conflicts.precedents (Traits, Given); `to` is direct, first or later.
    """

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    conflict = models.OneToOneField(Conflict, on_delete=models.PROTECT, related_name="precedent")
    kind = models.CharField(max_length=40)
    finding_kinds = ArrayField(models.CharField(max_length=40), default=list)
    country = models.CharField(max_length=2, blank=True)
    subdivision = models.CharField(max_length=10, blank=True)
    segment = models.CharField(max_length=10, blank=True)
    product_lines = ArrayField(models.CharField(max_length=60), default=list)
    band = models.SmallIntegerField()
    tiers = ArrayField(models.CharField(max_length=60), default=list)
    action = models.CharField(max_length=30)
    to = models.CharField(max_length=10, blank=True)
    is_override = models.BooleanField(default=False)
    policy = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()

    rows: ClassVar = PROGRAM

    class Meta:
        # The case page reads the latest of each: alike in place and size, alike in segment and size, of the kind at all.
        indexes = [
            models.Index(fields=["program", "kind", "subdivision", "band", "-decided_at"], name="precedent_place"),
            models.Index(fields=["program", "kind", "segment", "band", "-decided_at"], name="precedent_segment"),
            models.Index(fields=["program", "kind", "-decided_at"], name="precedent_kind"),
        ]

    def __str__(self) -> str:
        return f"precedent of {self.conflict}"


class Calibration(Row):
    """How often deciders did what was recommended, by the confidence of the rules: one version, never edited.

    `bins` are conflicts.recommend.confidence.Bin as objects; `error` is the calibration error on decisions that the map
    was not fitted on. The latest version that `holds` is the one that pages tell.
    """

    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="calibrations")
    number = models.PositiveIntegerField()
    bins = models.JSONField()
    decisions = models.PositiveIntegerField()
    agreed = models.PositiveIntegerField()
    error = models.FloatField()
    holds = models.BooleanField(default=False)
    fitted_at = models.DateTimeField()

    rows: ClassVar = RowSecurity(staff=PROGRAM.staff, staff_writes="INSERT", insert_only=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "number"], name="calibration_number"),
            models.CheckConstraint(condition=models.Q(agreed__lte=models.F("decisions")), name="calibration_counts"),
        ]

    def __str__(self) -> str:
        return f"calibration v{self.number}"
