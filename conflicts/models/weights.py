"""What a program's people taught the identity score: versions of its weights, each tried before it may be used."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from channelconflict.database.rights import PROGRAM, RowSecurity
from channelconflict.models import Row
from partners.models import Program


class WeightsStatus(models.TextChoices):
    DRAFT = "draft", "Draft"
    LIVE = "live", "In force"
    RETIRED = "retired", "Retired"


class IdentityWeights(Row):
    """One version of a program's weights. At most one is in force; none = the shipped ones. Once in force it is locked.

    `bits` says what each fact is worth (conflicts.identity.evidence.SIGNS), `trial` how the version did on reviewed
    queries beside the one in force then (conflicts.identity.trial.Trial.as_json).
    """

    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="identity_weights")
    number = models.PositiveIntegerField()
    status = models.CharField(max_length=20, choices=WeightsStatus.choices, default=WeightsStatus.DRAFT)
    start = models.FloatField()
    bits = models.JSONField()
    base = models.CharField("made from", max_length=20)  # the version that the reviewed queries moved
    reviewed = models.PositiveIntegerField("reviewed queries")
    same = models.FloatField()
    margin = models.FloatField()
    different = models.FloatField()
    trial = models.JSONField(default=dict)
    made_by_id = models.UUIDField(null=True, editable=False)
    made_at = models.DateTimeField()
    live_from = models.DateTimeField(null=True, blank=True)
    # The version that was in force before it: what a return goes to (null = the shipped weights).
    replaced = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="replaced_by")
    history = HistoricalRecords(user_db_constraint=False)

    rows: ClassVar = RowSecurity(
        staff=PROGRAM.staff, locked_when="OLD.status IN ('live', 'retired')", locked_except=("status",)
    )

    class Meta:
        verbose_name = "version of the weights"
        verbose_name_plural = "identity weights"
        constraints = [
            models.UniqueConstraint(fields=["program", "number"], name="identity_weights_number"),
            models.UniqueConstraint(
                fields=["program"], condition=Q(status="live"), name="one_live_identity_weights_a_program"
            ),
            models.CheckConstraint(
                condition=Q(different__gt=0, different__lt=models.F("same"), same__lte=1, margin__gte=0, margin__lte=1),
                name="identity_thresholds_in_order",
            ),
            models.CheckConstraint(
                condition=Q(status="draft", live_from__isnull=True) | (~Q(status="draft") & Q(live_from__isnull=False)),
                name="identity_weights_live_from_when_used",
            ),
        ]

    @property
    def version(self) -> str:
        """What claims keep of it (Claim.match_weights), as in p-3."""
        return f"p-{self.number}"

    def __str__(self) -> str:
        return self.version
