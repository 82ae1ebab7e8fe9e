"""Drafts of territory rules: what is proposed, by whom, who agreed, and from which day it holds."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from channelconflict.database.rights import PROGRAM, RowSecurity
from channelconflict.models import Row
from partners.models import Program, Territory


class DraftStatus(models.TextChoices):
    DRAFT = "draft", "Draft"
    AWAITING = "awaiting", "Awaits a second person"
    SCHEDULED = "scheduled", "Scheduled"
    LIVE = "live", "Live"
    REJECTED = "rejected", "Rejected"
    WITHDRAWN = "withdrawn", "Withdrawn"


class TerritoryDraft(Row):
    """A named set of changes to territory rules. `live_on` empty means: as soon as the second person agrees.

    `confirmed` holds the overlaps that the second person accepted (ids and sentence), `reason` why somebody decided so, `note`
    what kept a scheduled draft from going live.
    """

    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="territory_drafts")
    name = models.CharField(max_length=120)
    why = models.TextField(blank=True)
    live_on = models.DateField(null=True, blank=True)
    status = models.CharField(max_length=20, choices=DraftStatus.choices, default=DraftStatus.DRAFT)
    version = models.PositiveIntegerField(default=1)
    created_by_id = models.UUIDField(null=True, editable=False)
    created_at = models.DateTimeField()
    asked_by_id = models.UUIDField(null=True, editable=False)
    asked_at = models.DateTimeField(null=True, blank=True)
    decided_by_id = models.UUIDField(null=True, editable=False)
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True)
    confirmed = models.JSONField(default=list, blank=True)
    note = models.TextField(blank=True)
    live_at = models.DateTimeField(null=True, blank=True)
    reverses = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="reversed_by")
    history = HistoricalRecords(user_db_constraint=False)

    rows: ClassVar = RowSecurity(staff=PROGRAM.staff, locked_when="OLD.status IN ('live', 'rejected', 'withdrawn')")

    class Meta:
        indexes = [models.Index(fields=["program", "status", "-created_at"], name="territory_draft_list")]
        constraints = [
            models.CheckConstraint(
                condition=Q(status="live", live_at__isnull=False) | (~Q(status="live") & Q(live_at__isnull=True)),
                name="territory_draft_live_at_when_live",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=("scheduled", "live"))
                | Q(decided_by_id__isnull=False, asked_by_id__isnull=False) & ~Q(decided_by_id=models.F("asked_by_id")),
                name="territory_draft_two_persons",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ChangeKind(models.TextChoices):
    ADD = "add", "New rule"
    CHANGE = "change", "Changed"
    END = "end", "Ended"


class TerritoryChange(Row):
    """One rule of a draft: as it was seen (`before`, with the version) and as it shall be (`after`).

    Both are conflicts.drafting.values: the rule's fields and its assignments. A new rule has no territory until the
    draft is live; an ended one has no `after`: its last day is the one before the draft goes live.
    """

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    draft = models.ForeignKey(TerritoryDraft, on_delete=models.PROTECT, related_name="changes")
    kind = models.CharField(max_length=20, choices=ChangeKind.choices)
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, null=True, blank=True, related_name="drafted")
    seen_version = models.PositiveIntegerField(null=True, blank=True)
    before = models.JSONField(default=dict, blank=True)
    after = models.JSONField(default=dict, blank=True)
    made_by_id = models.UUIDField(null=True, editable=False)
    made_at = models.DateTimeField()

    rows: ClassVar = RowSecurity(staff=PROGRAM.staff, staff_writes="INSERT UPDATE DELETE")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["draft", "territory"], name="territory_once_a_draft"),
            models.CheckConstraint(
                condition=Q(kind="add") | Q(territory__isnull=False, seen_version__isnull=False),
                name="territory_change_saw_a_rule",
            ),
        ]

    def __str__(self) -> str:
        return str((self.after or self.before).get("name", "")) or self.kind
