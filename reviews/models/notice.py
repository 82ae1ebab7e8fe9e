"""What each party was told."""

from typing import ClassVar

from django.db import models

from channelconflict.database.rights import PARTNER, RowSecurity
from channelconflict.models import Row
from conflicts.models import PolicySummary
from partners.models import LeadOffer, Partner, Program, Registration
from partners.models.account import direct_or_partner
from reviews.models.breach import Breach
from reviews.models.mediation import MediationSide


class NoticeKind(models.TextChoices):
    RECEIVED = "received", "Received"
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
    APPEAL_ANSWERED = "appeal_answered", "Appeal answered"
    HELD = "held", "On hold"
    HOLD_ENDED = "hold_ended", "Hold ended"
    BREACH_RECORDED = "breach_recorded", "Breach recorded"
    BREACH_ANSWERED = "breach_answered", "Breach confirmed or dismissed"
    ASKED_TO_SETTLE = "asked_to_settle", "Asked to settle"
    IN_MEDIATION = "in_mediation", "In mediation"
    PROPOSED = "proposed", "A proposal to answer"
    TALK_REMINDER = "talk_reminder", "A talk waits for you"
    AGREED = "agreed", "Agreed"
    TALK_ENDED = "talk_ended", "A talk has ended"
    CONCERN_ANSWERED = "concern_answered", "Concern answered"
    INFORMATION_REMINDER = "information_reminder", "Our question waits for you"
    APPEAL_CLOSES = "appeal_closes", "Appeal ends soon"
    RULES_CHANGED = "rules_changed", "The rules change"


class Notice(Row):
    """What a party was told, in neutral words and from its own facts alone."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, null=True, blank=True, related_name="notices")
    direct = models.BooleanField(default=False)
    registration = models.ForeignKey(
        Registration, on_delete=models.PROTECT, related_name="notices", null=True, blank=True
    )
    offer = models.ForeignKey(LeadOffer, on_delete=models.PROTECT, related_name="notices", null=True, blank=True)
    breach = models.ForeignKey(Breach, on_delete=models.PROTECT, related_name="notices", null=True, blank=True)
    side = models.ForeignKey(MediationSide, on_delete=models.PROTECT, related_name="notices", null=True, blank=True)
    policy = models.ForeignKey(PolicySummary, on_delete=models.PROTECT, related_name="notices", null=True, blank=True)
    kind = models.CharField(max_length=30, choices=NoticeKind.choices)
    subject = models.CharField(max_length=300)
    body = models.TextField()
    sent_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    queued_at = models.DateTimeField(null=True, blank=True, editable=False)  # when its sendings were planned

    rows: ClassVar = RowSecurity(
        portal=PARTNER.portal, portal_writes="UPDATE", portal_columns=("read_at",), staff=PARTNER.staff
    )

    class Meta:
        constraints = [
            direct_or_partner("notice"),
            models.CheckConstraint(
                condition=models.Q(
                    models.Q(registration__isnull=False, offer__isnull=True, breach__isnull=True)
                    | models.Q(registration__isnull=True, offer__isnull=False, side__isnull=True, breach__isnull=True)
                    | models.Q(registration__isnull=True, offer__isnull=True, side__isnull=False, breach__isnull=True)
                    | models.Q(registration__isnull=True, offer__isnull=True, side__isnull=True, breach__isnull=False),
                    policy__isnull=True,
                )
                | models.Q(
                    registration__isnull=True,
                    offer__isnull=True,
                    side__isnull=True,
                    breach__isnull=True,
                    policy__isnull=False,
                ),
                name="notice_of_one_thing",
            ),
        ]
        indexes = [
            models.Index(fields=["partner", "-sent_at"], name="notice_partner"),
            models.Index(
                fields=["program", "sent_at"],
                condition=models.Q(queued_at__isnull=True, partner__isnull=False),
                name="notice_unplanned",
            ),
        ]

    def __str__(self) -> str:
        return self.subject
