"""Invitations: a partner's admin asks a colleague to act for the company."""

from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models
from simple_history.models import HistoricalRecords

from channelconflict.database.rights import OF_MANAGED, PROGRAM, RowSecurity
from channelconflict.models import Row
from partners.models.partner import MemberRole, Partner
from partners.models.program import Program

VALID = timedelta(days=7)


class Invitation(Row):
    """One person asked to join, by mail address. The link holds a token that works once; only its hash is kept.

    Whether the address has an account anywhere is not looked at: an invitation says nothing about that.
    """

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="invitations")
    email = models.EmailField("mail address")
    role = models.CharField(max_length=20, choices=MemberRole.choices, default=MemberRole.USER)
    token_sha256 = models.CharField(max_length=64, editable=False)
    invited_at = models.DateTimeField()
    invited_by_id = models.UUIDField(editable=False)
    expires_at = models.DateTimeField()
    joined_at = models.DateTimeField(null=True, blank=True)
    joined_by_id = models.UUIDField(null=True, editable=False)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    history = HistoricalRecords(user_db_constraint=False)

    # A partner's admin alone; the person invited reads it in that scope, for one act, by the signed link (people.join).
    rows: ClassVar = RowSecurity(portal=OF_MANAGED, portal_writes="INSERT UPDATE", staff=PROGRAM.staff, staff_writes="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["token_sha256"], name="invitation_token"),
            models.CheckConstraint(
                condition=models.Q(joined_at__isnull=True) | models.Q(withdrawn_at__isnull=True),
                name="invitation_ends_once",
            ),
            models.CheckConstraint(
                condition=models.Q(joined_at__isnull=True, joined_by_id__isnull=True)
                | models.Q(joined_at__isnull=False, joined_by_id__isnull=False),
                name="invitation_joined_by_somebody",
            ),
        ]
        indexes = [models.Index(fields=["partner", "-invited_at"], name="invitation_partner")]

    def __str__(self) -> str:
        return self.email

    def open_at(self, at: datetime) -> bool:
        """Whether its link still works."""
        return self.joined_at is None and self.withdrawn_at is None and at < self.expires_at
