"""Cases and their parties, who works on which, and what is said to a party or noted about it."""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from channelconflict.database.rights import PARTNER, PROGRAM, RowSecurity
from channelconflict.models import Row
from conflicts.models import Conflict
from partners.models import Account, Partner, Program, Registration
from partners.models.account import direct_or_partner
from reviews.states import PAUSED, UNSETTLED, CaseStatus


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
    handed_to = models.CharField(max_length=30, blank=True)  # the role that takes lower roles' steps of the route
    escalated_to = models.CharField(max_length=30, blank=True)  # the role that was told last
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField()
    at_risk_at = models.DateTimeField()
    paused_at = models.DateTimeField(null=True, blank=True)
    settles_at = models.DateTimeField(null=True, blank=True)  # decided: when it leaves, unless it is undone before
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="assigned_cases", null=True, blank=True
    )
    decided_at = models.DateTimeField(null=True, blank=True)  # when the outcome left: parties were told, it took effect
    closed_at = models.DateTimeField(null=True, blank=True)
    held_until = models.DateTimeField(null=True, blank=True)  # all claims are on hold until then
    appeal_due_at = models.DateTimeField(null=True, blank=True)  # an appeal has a clock of its own
    appeal_at_risk_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    history = HistoricalRecords(user_db_constraint=False)

    rows: ClassVar = PROGRAM

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "number"], name="case_number"),
            models.UniqueConstraint(
                fields=["conflict"],
                condition=models.Q(status__in=[s.value for s in UNSETTLED]),
                name="one_open_case_a_conflict",
            ),
            models.CheckConstraint(
                condition=models.Q(paused_at__isnull=True)
                | models.Q(held_until__isnull=False)
                | models.Q(status__in=[s.value for s in PAUSED]),
                name="only_a_waiting_case_is_paused",
            ),
            models.CheckConstraint(
                condition=models.Q(status="settling", settles_at__isnull=False)
                | (~models.Q(status="settling") & models.Q(settles_at__isnull=True)),
                name="only_a_decided_case_settles",
            ),
        ]
        indexes = [
            models.Index(fields=["program", "status", "due_at"], name="case_queue"),
            models.Index(fields=["program", "settles_at"], condition=models.Q(status="settling"), name="case_settling"),
        ]

    def __str__(self) -> str:
        return self.ref

    @property
    def ref(self) -> str:
        """The number people use: CF-2041."""
        return f"CF-{self.number}"


class PartyOutcome(models.TextChoices):
    OPEN = "", _("Not decided")
    OWNER = "owner", _("Owns the deal")
    SHARED = "shared", _("Shares the deal")
    SUPPORT = "support", _("Supports the deal")
    NOT_AWARDED = "not_awarded", _("Not approved")


class Party(Row):
    """One side of a case: the only thing of a case that a partner ever sees.

    `appeal_until`: until when it may appeal. `held_until`: its claims are on hold until then; `speaker` is who speaks to
    the buyer meanwhile, as this side was told.
    """

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="parties")
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, null=True, blank=True, related_name="parties")
    direct = models.BooleanField(default=False)
    registration = models.ForeignKey(
        Registration, on_delete=models.PROTECT, null=True, blank=True, related_name="parties"
    )
    outcome = models.CharField(max_length=20, choices=PartyOutcome.choices, blank=True)
    share_pct = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    appeal_until = models.DateTimeField(null=True, blank=True)
    held_until = models.DateTimeField(null=True, blank=True)
    speaker = models.CharField(max_length=300, blank=True)
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
        indexes = [
            models.Index(
                fields=["appeal_until"], condition=models.Q(appeal_until__isnull=False), name="party_appeal_until"
            )
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

    class Meta:
        indexes = [
            models.Index(
                fields=["registration", "sent_at"],
                condition=models.Q(from_party=False, answered_at__isnull=True),
                name="message_unanswered",
            )
        ]

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
