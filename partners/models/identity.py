"""What people said about who is who: verdicts on a registration's customer, merges and splits. Each can be taken back."""

from typing import ClassVar

from django.db import models
from simple_history.models import HistoricalRecords

from channelconflict.database.rights import PROGRAM, RowSecurity
from channelconflict.models import Row
from partners.models.account import Account
from partners.models.program import Program


class Verdict(models.TextChoices):
    SAME = "same", "Same company"
    FAMILY = "family", "A relative"
    DIFFERENT = "different", "Not the same"


class MatchVerdict(Row):
    """A person said that what a registration names is this account, a relative of it, or neither; it wins over the machine.

    It also holds for whatever else names its customer in the same way (`typed`: partners.identity.typed_key).
    """

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    registration = models.ForeignKey("partners.Registration", on_delete=models.PROTECT, related_name="match_verdicts")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="match_verdicts")
    verdict = models.CharField(max_length=20, choices=Verdict.choices)
    typed = models.CharField(max_length=700, blank=True)
    # [{account, facts, related, grounded}]: what the machine saw of each candidate at that moment; the weights learn from it.
    seen = models.JSONField(default=list, blank=True)
    said_by_id = models.UUIDField()
    said_at = models.DateTimeField()
    history = HistoricalRecords(user_db_constraint=False)

    rows: ClassVar = PROGRAM

    class Meta:
        constraints = [models.UniqueConstraint(fields=["registration", "account"], name="match_verdict_once")]
        indexes = [models.Index(fields=["program", "typed"], name="match_verdict_typed")]

    def __str__(self) -> str:
        return f"{self.get_verdict_display()}: {self.account}"


class ChangeKind(models.TextChoices):
    MERGE = "merge", "Merge"
    SPLIT = "split", "Split"


class IdentityChange(Row):
    """A merge or a split of accounts or partners, with what it moved, so that it can be undone.

    A merge makes `subject` count as `target`; a split takes `moved` from `subject` to `target`, which it made.
    `moved` holds, per kind of record, the ids that went along.
    """

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    of_partners = models.BooleanField(default=False)
    kind = models.CharField(max_length=20, choices=ChangeKind.choices)
    subject_id = models.UUIDField()
    subject_name = models.CharField(max_length=500)
    target_id = models.UUIDField()
    target_name = models.CharField(max_length=500)
    moved = models.JSONField(default=dict, blank=True)
    reason = models.TextField()
    made_by_id = models.UUIDField(null=True)
    made_at = models.DateTimeField()
    undone_by_id = models.UUIDField(null=True)
    undone_at = models.DateTimeField(null=True)
    examined_at = models.DateTimeField(null=True)  # null: the conflicts it concerns wait to be looked at again

    rows: ClassVar = RowSecurity(
        staff=PROGRAM.staff, locked_when="true", locked_except=("undone_by_id", "undone_at", "examined_at")
    )

    class Meta:
        indexes = [
            models.Index(fields=["program", "subject_id"], name="identity_change_subject"),
            models.Index(fields=["program", "target_id"], name="identity_change_target"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(undone_at__isnull=True) | models.Q(undone_at__gte=models.F("made_at")),
                name="identity_change_undone_after_it_was_made",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.subject_name} / {self.target_name}"
