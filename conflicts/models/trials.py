"""Policies tried on past cases, and what a version in shadow would have said beside each recommendation."""

from typing import ClassVar

from django.db import models

from channelconflict.database.rights import PROGRAM, RowSecurity
from channelconflict.models import Row
from conflicts.models.reasoning import PolicyVersion, Recommendation
from partners.models import Partner, Program


class TrialKind(models.TextChoices):
    BACKTEST = "backtest", "Back-test"
    WHATIF = "whatif", "What if"


class PolicyTrial(Row):
    """A policy (a version, or a document that is none yet) tried on past cases beside the version that was live.

    `changes` is what is supposed to be otherwise in the facts (conflicts.backtest.supposing); `result` the counts so
    far (conflicts.backtest.Trial): it goes on after a kill from `resume_at`, the case it had come to.
    """

    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="policy_trials")
    kind = models.CharField(max_length=20, choices=TrialKind.choices, default=TrialKind.BACKTEST)
    title = models.CharField(max_length=300)
    policy = models.ForeignKey(
        PolicyVersion, on_delete=models.SET_NULL, null=True, blank=True, related_name="trials"
    )  # none: a document from a file, or a live version with other numbers
    held_against = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="+")
    document = models.JSONField()
    document_sha256 = models.CharField(max_length=64)
    changes = models.JSONField(default=list)
    most = models.PositiveIntegerField(null=True, blank=True)  # only the newest so many cases
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    result = models.JSONField(default=dict)
    resume_at = models.UUIDField(null=True, blank=True)
    started_by_id = models.UUIDField(null=True, editable=False)
    started_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True, blank=True)  # somebody works on it until then
    lease_key = models.UUIDField(null=True, blank=True)
    seconds = models.FloatField(default=0)  # worked on it
    cancelled_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)

    rows: ClassVar = PROGRAM

    class Meta:
        verbose_name = "policy trial"
        indexes = [
            models.Index(fields=["program", "document_sha256"], name="trial_document"),
            models.Index(fields=["program"], condition=models.Q(finished_at=None), name="trial_waiting"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(lease_until__isnull=True, lease_key__isnull=True)
                | models.Q(lease_until__isnull=False, lease_key__isnull=False, finished_at__isnull=True),
                name="only_an_unfinished_trial_is_worked_on",
            ),
            models.CheckConstraint(
                condition=models.Q(cancelled_at__isnull=True) | models.Q(error=""), name="trial_cancelled_or_failed"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def ended_well(self) -> bool:
        """It went through all that was asked for."""
        return self.finished_at is not None and self.cancelled_at is None and not self.error

    @property
    def is_whole(self) -> bool:
        """It ended well, on all past cases, with the facts as they were: what publishing asks for."""
        return self.ended_well and self.most is None and not self.changes


class ShadowAnswer(Row):
    """What a version in shadow says on the facts of a recommendation, written with it. Nobody is advised by it."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    recommendation = models.ForeignKey(Recommendation, on_delete=models.PROTECT, related_name="shadow_answers")
    policy = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="shadow_answers")
    action = models.CharField(max_length=30)
    owner = models.ForeignKey(Partner, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    owner_direct = models.BooleanField(default=False)
    support = models.JSONField(default=list)
    shares = models.JSONField(default=dict)
    rule_id = models.CharField(max_length=60)
    live_rule_id = models.CharField(max_length=60)  # that of the recommendation, beside it for counting
    differs = models.BooleanField()
    made_at = models.DateTimeField()

    rows: ClassVar = RowSecurity(staff=PROGRAM.staff, staff_writes="INSERT", insert_only=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["recommendation", "policy"], name="shadow_answer_once"),
            models.CheckConstraint(
                condition=models.Q(owner_direct=False) | models.Q(owner__isnull=True),
                name="shadow_answer_has_one_owner",
            ),
        ]
        indexes = [models.Index(fields=["policy", "differs", "-made_at"], name="shadow_by_policy")]

    def __str__(self) -> str:
        return f"{self.policy} in shadow: {self.action}"
