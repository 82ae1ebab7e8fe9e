"""Accounts (or partners) of the stock that look like one company: scans, what they propose, and what people said.

Pairs and clusters name accounts or partners by their ids (`of_partners` says which).
"""

from typing import ClassVar

from django.db import models

from channelconflict.database.rights import PROGRAM, RowSecurity
from channelconflict.models import Row
from partners.models import Program

_RENEWED = RowSecurity(staff=PROGRAM.staff, staff_writes="INSERT UPDATE DELETE")


def in_words(probability: float) -> str:
    """A probability for people: nothing is certain."""
    return f"{probability:.3f}" if probability < 0.9995 else "> 0.999"


class Engine(models.TextChoices):
    INDEX = "index", "Index"
    SPLINK = "splink", "Splink"


class DuplicateScan(Row):
    """One look through all accounts (or partners) of a program; it goes on after a kill from where it had come."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="duplicate_scans")
    of_partners = models.BooleanField(default=False)
    engine = models.CharField(max_length=20, choices=Engine.choices, default=Engine.INDEX)
    threshold = models.FloatField()  # probability from which a pair is proposed
    weights = models.CharField(max_length=20, blank=True)
    started_by_id = models.UUIDField(null=True)
    started_at = models.DateTimeField()
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    resume_at = models.CharField(max_length=36, blank=True)  # the account, or the piece, after which it goes on
    lease_until = models.DateTimeField(null=True)  # somebody works on it until then
    cancelled_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)

    rows: ClassVar = PROGRAM

    class Meta:
        verbose_name = "look for duplicates"
        verbose_name_plural = "looks for duplicates"
        constraints = [
            models.UniqueConstraint(
                fields=["program", "of_partners"], condition=models.Q(finished_at=None), name="one_scan_at_a_time"
            ),
            models.CheckConstraint(
                condition=models.Q(threshold__gt=0, threshold__lte=1), name="scan_threshold_is_a_probability"
            ),
        ]

    def __str__(self) -> str:
        return f"{'partners' if self.of_partners else 'accounts'}, {self.started_at:%d %b %Y %H:%M}"


class ClusterStatus(models.TextChoices):
    PROPOSED = "proposed", "Proposed"
    ACCEPTED = "accepted", "Accepted"
    REJECTED = "rejected", "Rejected"
    OUTDATED = "outdated", "Outdated"


class DuplicateCluster(Row):
    """Accounts (or partners) that look like one company. `probability` is that of the weakest link that holds it together."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    scan = models.ForeignKey(DuplicateScan, on_delete=models.PROTECT, related_name="clusters")
    of_partners = models.BooleanField(default=False)
    title = models.CharField(max_length=500)
    size = models.PositiveSmallIntegerField()
    probability = models.FloatField()
    status = models.CharField(max_length=20, choices=ClusterStatus.choices, default=ClusterStatus.PROPOSED)
    changes = models.JSONField(default=list)  # ids of the merges that accepting it made
    note = models.TextField(blank=True)  # why it is outdated
    decided_by_id = models.UUIDField(null=True)
    decided_at = models.DateTimeField(null=True)

    rows: ClassVar = _RENEWED

    class Meta:
        verbose_name = "possible duplicate"
        indexes = [models.Index(fields=["program", "status", "-probability"], name="cluster_by_probability")]

    def __str__(self) -> str:
        return self.title

    @property
    def likely(self) -> str:
        """Its probability for people."""
        return in_words(self.probability)


class DuplicatePair(Row):
    """Two of a cluster, judged: probability, bits, and what each field says (`left_id` is the smaller id)."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    scan = models.ForeignKey(DuplicateScan, on_delete=models.PROTECT, related_name="pairs")
    cluster = models.ForeignKey(DuplicateCluster, on_delete=models.CASCADE, null=True, related_name="pairs")
    left_id = models.UUIDField()
    right_id = models.UUIDField()
    probability = models.FloatField()
    bits = models.FloatField()
    reasons = models.JSONField(default=list)  # [{field, bits, sentence}]

    rows: ClassVar = _RENEWED

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scan", "left_id", "right_id"], name="duplicate_pair_once")]

    def __str__(self) -> str:
        return f"{self.left_id} and {self.right_id}"

    @property
    def likely(self) -> str:
        """Its probability for people."""
        return in_words(self.probability)


class KeptApart(Row):
    """People said that these two are not one company: they are never proposed again (`left_id` is the smaller id)."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    cluster = models.ForeignKey(DuplicateCluster, on_delete=models.PROTECT, related_name="kept_apart")
    left_id = models.UUIDField()
    right_id = models.UUIDField()
    said_by_id = models.UUIDField(null=True)
    said_at = models.DateTimeField()

    rows: ClassVar = RowSecurity(staff=PROGRAM.staff, staff_writes="INSERT DELETE")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["program", "left_id", "right_id"], name="kept_apart_once")]

    def __str__(self) -> str:
        return f"{self.left_id} is not {self.right_id}"
