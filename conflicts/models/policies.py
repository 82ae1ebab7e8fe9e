"""Versions of a program's policy, and what partners may read of the one in force."""

import json
from functools import lru_cache
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from channelconflict.database.rights import PROGRAM, PROGRAM_SHARED, RowSecurity
from channelconflict.models import Row
from conflicts.policy import Policy
from partners.models import Program


class PolicyStatus(models.TextChoices):
    DRAFT = "draft", "Draft"
    SHADOW = "shadow", "Shadow"
    LIVE = "live", "Live"
    RETIRED = "retired", "Retired"
    DISCARDED = "discarded", "Discarded"


USED = ("live", "retired")  # it decides, or it once did
NEVER_USED = ("draft", "shadow", "discarded")


@lru_cache(maxsize=64)
def _read(document: str) -> Policy:
    """By its text, so that a change is another document: reading takes milliseconds, and every case asks."""
    return Policy.from_document(json.loads(document))


class PolicyVersion(Row):
    """The policy document of a program, as data. Once live it is locked; every outcome is pinned to one version.

    `version` counts the edits of a draft, `written_by` who made them. Asked: a second person decides about exactly the
    document with `asked_sha256`; `accepted` holds the warnings that were ticked off. `replaced` was live before it;
    `restores` is the retired version whose document a rollback put in force again.
    """

    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="policies")
    number = models.PositiveIntegerField()
    status = models.CharField(max_length=20, choices=PolicyStatus.choices, default=PolicyStatus.DRAFT)
    document = models.JSONField()
    sha256 = models.CharField(max_length=64)
    why = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=1)
    source = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="drafts")
    live_from = models.DateTimeField(null=True, blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)
    created_by_id = models.UUIDField(null=True, editable=False)
    created_at = models.DateTimeField()
    written_by = ArrayField(models.UUIDField(), default=list, editable=False)
    asked_by_id = models.UUIDField(null=True, editable=False)
    asked_at = models.DateTimeField(null=True, blank=True)
    asked_sha256 = models.CharField(max_length=64, blank=True)
    ask_reason = models.TextField(blank=True)
    accepted = models.JSONField(default=list, blank=True)
    published_by_id = models.UUIDField(null=True, editable=False)
    reason = models.TextField(blank=True)
    replaced = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="replaced_by")
    restores = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="restored_by")
    history = HistoricalRecords(user_db_constraint=False)

    # Beside this lock a trigger (conflicts/migrations/0020) lets a used version only be retired, and nothing else.
    rows: ClassVar = RowSecurity(
        staff=PROGRAM.staff,
        locked_when="OLD.status IN ('live', 'retired', 'discarded')",
        locked_except=("status", "retired_at"),
    )

    class Meta:
        verbose_name = "policy"
        verbose_name_plural = "policies"
        constraints = [
            models.UniqueConstraint(fields=["program", "number"], name="policy_number"),
            models.UniqueConstraint(fields=["program"], condition=Q(status="live"), name="one_live_policy_a_program"),
            models.UniqueConstraint(
                fields=["program"], condition=Q(status="shadow"), name="one_shadow_policy_a_program"
            ),
            models.CheckConstraint(
                condition=Q(status__in=USED, live_from__isnull=False)
                | Q(status__in=NEVER_USED, live_from__isnull=True),
                name="policy_live_from_when_used",
            ),
            models.CheckConstraint(
                condition=Q(status="retired", retired_at__isnull=False)
                | ~Q(status="retired") & Q(retired_at__isnull=True),
                name="policy_retired_at_when_retired",
            ),
            models.CheckConstraint(
                condition=Q(asked_by_id__isnull=True, asked_at__isnull=True, asked_sha256="")
                | Q(asked_by_id__isnull=False, asked_at__isnull=False, asked_sha256=F("sha256")),
                name="policy_asked_is_as_asked",
            ),
            # The first version comes with the program; a rollback puts back what two persons agreed to before.
            models.CheckConstraint(
                condition=Q(status__in=NEVER_USED)
                | Q(number=1)
                | Q(restores__isnull=False, published_by_id__isnull=False)
                | Q(asked_by_id__isnull=False, published_by_id__isnull=False) & ~Q(published_by_id=F("asked_by_id")),
                name="policy_two_persons",
            ),
        ]

    def __str__(self) -> str:
        return f"policy v{self.number}"

    @property
    def policy(self) -> Policy:
        """The document, read; PolicyError where it is none (only a draft's)."""
        return _read(json.dumps(self.document))

    @property
    def awaits(self) -> bool:
        """Somebody asked a second person, who has not decided yet."""
        return self.asked_by_id is not None and self.status in (PolicyStatus.DRAFT, PolicyStatus.SHADOW)


class PolicySummary(Row):
    """What partners may read of a version, in the words in which it went live (conflicts.policy.readable). Never changed."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="+")
    policy = models.OneToOneField(PolicyVersion, on_delete=models.PROTECT, related_name="summary")
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=200)
    parts = models.JSONField()
    live_from = models.DateTimeField()

    rows: ClassVar = RowSecurity(
        portal=PROGRAM_SHARED.portal, staff=PROGRAM.staff, staff_writes="INSERT", insert_only=True
    )

    class Meta:
        verbose_name_plural = "policy summaries"
        indexes = [models.Index(fields=["program", "-live_from"], name="policy_summary_newest")]

    def __str__(self) -> str:
        return f"{self.title}, version {self.number}"
