"""The way out: other systems, the writes to them, and each try."""

from typing import ClassVar

from django.db import models
from simple_history.models import HistoricalRecords

from channelconflict.database.rights import PROGRAM
from channelconflict.models import Row
from partners.models import Program, Registration
from reviews.models.case import Case
from reviews.models.decision import Decision


class TargetKind(models.TextChoices):
    FILE = "file", "File (JSON lines)"


class Target(Row):
    """Another system that decided outcomes are written to."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="targets")
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=30, choices=TargetKind.choices)
    settings = models.JSONField(default=dict, blank=True)
    enabled = models.BooleanField(default=True)
    history = HistoricalRecords(user_db_constraint=False)

    rows: ClassVar = PROGRAM

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["name"], name="target_name")
        ]  # a file target's file is called so

    def __str__(self) -> str:
        return self.name


class OutboxStatus(models.TextChoices):
    WAITING = "waiting", "Waiting"
    SENDING = "sending", "Being sent"
    DELIVERED = "delivered", "Delivered"
    DEAD = "dead", "Needs a person"


class Outbox(Row):
    """One write to one target, put here in the decision's own transaction. `key` is fixed before the first try.

    `preview` lists the fields as [name, before, after]: what the decider approved is what is sent.
    """

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="outbox", null=True)
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="outbox", null=True)
    registration = models.ForeignKey(Registration, on_delete=models.PROTECT, related_name="outbox", null=True)
    target = models.ForeignKey(Target, on_delete=models.PROTECT, related_name="outbox")
    object_ref = models.CharField(max_length=200)
    key = models.CharField(max_length=64, unique=True)
    preview = models.JSONField()
    status = models.CharField(max_length=20, choices=OutboxStatus.choices, default=OutboxStatus.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_key = models.UUIDField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    rows: ClassVar = PROGRAM

    class Meta:
        verbose_name_plural = "outbox"
        indexes = [
            models.Index(fields=["due_at"], condition=models.Q(status__in=["waiting", "sending"]), name="outbox_due"),
            models.Index(fields=["target", "object_ref", "id"], name="outbox_object"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status="sending", lease_until__isnull=False, lease_key__isnull=False)
                | (~models.Q(status="sending") & models.Q(lease_until__isnull=True, lease_key__isnull=True)),
                name="only_a_leased_write_is_being_sent",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.object_ref} to {self.target}"


class Attempt(Row):
    """One try at a write: when it began, how it ended."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    outbox = models.ForeignKey(Outbox, on_delete=models.PROTECT, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    result = models.CharField(max_length=30, default="started")
    detail = models.TextField(blank=True)

    rows: ClassVar = PROGRAM

    class Meta:
        constraints = [models.UniqueConstraint(fields=["outbox", "number"], name="attempt_number")]

    def __str__(self) -> str:
        return f"try {self.number} of {self.outbox}"
