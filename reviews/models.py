"""The decision: cases, parties, who decided what on which facts, what each party was told, and the way out."""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from simple_history.models import HistoricalRecords

from channelconflict.database.rights import PARTNER, PROGRAM, RowSecurity
from channelconflict.locked import LockedModel
from channelconflict.models import Row
from conflicts.models import Conflict, PolicyVersion, Recommendation
from partners.models import Account, LeadOffer, Partner, Program, Registration
from partners.models.account import direct_or_partner
from reviews.states import UNDECIDED, CaseStatus


class Case(Row):
    """What people do about a conflict: its state, its clock and its route of approvals."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    conflict = models.ForeignKey(Conflict, on_delete=models.PROTECT, related_name="cases")
    number = models.PositiveIntegerField(editable=False)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="cases")
    kind = models.CharField(max_length=40)
    status = models.CharField(max_length=30, choices=CaseStatus.choices, default=CaseStatus.OPEN)
    product_lines = ArrayField(models.CharField(max_length=60), default=list)
    amount = models.DecimalField(max_digits=18, decimal_places=2, null=True, blank=True)
    route = ArrayField(models.CharField(max_length=30), default=list)
    pending = ArrayField(models.CharField(max_length=30), default=list)
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField()
    at_risk_at = models.DateTimeField()
    paused_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    history = HistoricalRecords(user_db_constraint=False)

    rows: ClassVar = PROGRAM

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "number"], name="case_number"),
            models.UniqueConstraint(
                fields=["conflict"],
                condition=models.Q(status__in=[s.value for s in UNDECIDED]),
                name="one_open_case_a_conflict",
            ),
            models.CheckConstraint(
                condition=models.Q(paused_at__isnull=True) | models.Q(status__in=["awaiting_information", "snoozed"]),
                name="only_a_waiting_case_is_paused",
            ),
        ]
        indexes = [models.Index(fields=["program", "status", "due_at"], name="case_queue")]

    def __str__(self) -> str:
        return self.ref

    @property
    def ref(self) -> str:
        """The number people use: CF-2041."""
        return f"CF-{self.number}"


class PartyOutcome(models.TextChoices):
    OPEN = "", "Not decided"
    OWNER = "owner", "Owns the deal"
    SHARED = "shared", "Shares the deal"
    SUPPORT = "support", "Supports the deal"
    NOT_AWARDED = "not_awarded", "Not approved"


class Party(Row):
    """One side of a case: the only thing of a case that a partner ever sees."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="parties")
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, null=True, blank=True, related_name="parties")
    direct = models.BooleanField(default=False)
    registration = models.ForeignKey(
        Registration, on_delete=models.PROTECT, null=True, blank=True, related_name="parties"
    )
    outcome = models.CharField(max_length=20, choices=PartyOutcome.choices, blank=True)
    share_pct = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    joined_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True, blank=True)
    history = HistoricalRecords(user_db_constraint=False)

    rows: ClassVar = PARTNER

    class Meta:
        verbose_name_plural = "parties"
        constraints = [
            direct_or_partner("party"),
            models.UniqueConstraint(fields=["case", "partner", "direct"], name="party_once", nulls_distinct=False),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The partner's name, or the direct team."""
        return self.partner.name if self.partner else "Direct team"


class Assignment(Row):
    """Who is working a case, until the lease ends or it is given back."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="assignments")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="assignments")
    taken_at = models.DateTimeField()
    lease_until = models.DateTimeField()
    released_at = models.DateTimeField(null=True, blank=True)

    rows: ClassVar = PROGRAM

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=models.Q(released_at__isnull=True), name="one_assignment_a_case"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} on {self.case}"


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


class Message(Row):
    """Something said to a party or by it; a request for information names the fields that may be changed."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="messages")
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, null=True, blank=True)
    registration = models.ForeignKey(Registration, on_delete=models.PROTECT, null=True, related_name="messages")
    from_party = models.BooleanField(default=False)
    body = models.TextField()
    requested_fields = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    author_id = models.UUIDField(null=True, editable=False)
    sent_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)

    rows: ClassVar = RowSecurity(portal=PARTNER.portal, portal_writes="INSERT", staff=PARTNER.staff)

    def __str__(self) -> str:
        return f"message to {self.party}"


class WorkNote(Row):
    """An internal note on a case; no party ever sees it."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="notes")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    written_at = models.DateTimeField()

    rows: ClassVar = PROGRAM

    def __str__(self) -> str:
        return f"note on {self.case}"


class NoticeKind(models.TextChoices):
    APPROVED = "approved", "Approved"
    SHARED = "shared", "Shared"
    SUPPORT = "support", "Support role"
    NOT_APPROVED = "not_approved", "Not approved"
    INFORMATION_WANTED = "information_wanted", "Information wanted"
    EXPIRING = "expiring", "Protection ends soon"
    RENEWED = "renewed", "Renewed"
    EXPIRED = "expired", "Protection ended"
    LOOKED_AT_AGAIN = "looked_at_again", "Looked at again"
    EXTENDED = "extended", "Extended"
    NOT_EXTENDED = "not_extended", "Not extended"
    FREE_AGAIN = "free_again", "May be registered again"
    LEAD_OFFERED = "lead_offered", "Lead offered"
    LEAD_REMINDER = "lead_reminder", "Lead waits for your answer"
    LEAD_GONE = "lead_gone", "Lead no longer offered"


class Notice(Row):
    """What a party was told, in neutral words and from its own facts alone."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, null=True, blank=True, related_name="notices")
    direct = models.BooleanField(default=False)
    registration = models.ForeignKey(
        Registration, on_delete=models.PROTECT, related_name="notices", null=True, blank=True
    )
    offer = models.ForeignKey(LeadOffer, on_delete=models.PROTECT, related_name="notices", null=True, blank=True)
    kind = models.CharField(max_length=30, choices=NoticeKind.choices)
    subject = models.CharField(max_length=300)
    body = models.TextField()
    sent_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)

    rows: ClassVar = RowSecurity(
        portal=PARTNER.portal, portal_writes="UPDATE", portal_columns=("read_at",), staff=PARTNER.staff
    )

    class Meta:
        constraints = [
            direct_or_partner("notice"),
            models.CheckConstraint(
                condition=models.Q(registration__isnull=False, offer__isnull=True)
                | models.Q(registration__isnull=True, offer__isnull=False),
                name="notice_of_a_registration_or_an_offer",
            ),
        ]
        indexes = [models.Index(fields=["partner", "-sent_at"], name="notice_partner")]

    def __str__(self) -> str:
        return self.subject


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
