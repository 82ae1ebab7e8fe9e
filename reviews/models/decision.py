"""Who decided what, on which facts and by which policy, and who stands behind it."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from channelconflict.database.rights import PROGRAM, RowSecurity
from channelconflict.locked import LockedModel
from channelconflict.models import Row
from conflicts.models import PolicyVersion, Recommendation
from partners.models import Partner, Program
from reviews.models.case import Case
from reviews.models.mediation import Mediation

BY_RULE = "rule "  # `decided_as` begins so where no person decided, and names the policy's rule


class OverrideReason(models.TextChoices):
    """The nine coded reasons for deciding otherwise than recommended (TRUST 7)."""

    EVIDENCE_MISSING = "evidence_missing", "Evidence missing"
    EVIDENCE_WRONG = "evidence_wrong", "Evidence wrong or outdated"
    IDENTITY_WRONG = "identity_wrong", "Identity wrong"
    RULE_WRONG = "rule_wrong", "Rule wrong or outdated"
    EXCEPTION = "exception", "Right rule, but an exception"
    RELATIONSHIP = "relationship", "Relationship"
    AGREEMENT_CLAUSE = "agreement_clause", "Agreement clause"
    TIMING = "timing", "Timing"
    OTHER = "other", "Other"


class Decision(LockedModel, Row):
    """An outcome as somebody chose it: pinned to a policy version, with what the decider saw. Never edited.

    `shares` maps partner ids (or "direct") to percentages that sum to 100; `support` lists partner ids.
    """

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="decisions")
    number = models.PositiveSmallIntegerField()
    action = models.CharField(max_length=30)
    owner = models.ForeignKey(Partner, on_delete=models.PROTECT, null=True, related_name="decisions")
    owner_direct = models.BooleanField(default=False)
    support = models.JSONField(default=list)
    shares = models.JSONField(default=dict)
    is_override = models.BooleanField(default=False)
    reason_code = models.CharField(max_length=30, choices=OverrideReason.choices, blank=True)
    reason_text = models.TextField(blank=True)
    agreed_in = models.ForeignKey(Mediation, on_delete=models.PROTECT, null=True, related_name="decisions")
    recommendation = models.ForeignKey(Recommendation, on_delete=models.PROTECT, related_name="decisions")
    policy = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="decisions")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decided_as = models.CharField(max_length=30)
    decided_at = models.DateTimeField()
    case_version = models.PositiveIntegerField()
    snapshot = models.JSONField()
    snapshot_sha256 = models.CharField(max_length=64)

    rows: ClassVar = RowSecurity(staff=PROGRAM.staff, staff_writes="INSERT", insert_only=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "number"], name="decision_number"),
            models.CheckConstraint(
                condition=models.Q(is_override=False) | (~models.Q(reason_code="") & ~models.Q(reason_text="")),
                name="override_has_reason_and_text",
            ),
            models.CheckConstraint(
                condition=models.Q(owner_direct=False) | models.Q(owner__isnull=True), name="decision_has_one_owner"
            ),
        ]

    def __str__(self) -> str:
        return f"decision {self.number} of {self.case}"

    @property
    def is_by_rule(self) -> bool:
        """Whether no person decided, but the policy's rule for cases of low risk."""
        return self.decided_as.startswith(BY_RULE)

    @property
    def is_taken_back(self) -> bool:
        """Whether it never left (read it with select_related("taken_back"))."""
        return hasattr(self, "taken_back")


class Approval(LockedModel, Row):
    """One step of the route: this person, in this role, stands behind this decision."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="approvals")
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="approvals")
    role = models.CharField(max_length=30)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField()

    rows: ClassVar = RowSecurity(staff=PROGRAM.staff, staff_writes="INSERT", insert_only=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["decision", "approved_by"], name="approval_once_a_person"),
        ]

    def __str__(self) -> str:
        return f"{self.role} on {self.decision}"
