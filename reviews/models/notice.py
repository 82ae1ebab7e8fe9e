"""What each party was told."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from channelconflict.database.rights import PARTNER, RowSecurity
from channelconflict.models import Row
from conflicts.models import PolicySummary
from partners.models import LeadOffer, Partner, Program, Registration
from partners.models.account import direct_or_partner
from reviews.models.breach import Breach
from reviews.models.mediation import MediationSide


class NoticeKind(models.TextChoices):
    RECEIVED = "received", _("Received")
    APPROVED = "approved", _("Approved")
    SHARED = "shared", _("Shared")
    SUPPORT = "support", _("Support role")
    NOT_APPROVED = "not_approved", _("Not approved")
    INFORMATION_WANTED = "information_wanted", _("Information wanted")
    EXPIRING = "expiring", _("Protection ends soon")
    RENEWED = "renewed", _("Renewed")
    EXPIRED = "expired", _("Protection ended")
    LOOKED_AT_AGAIN = "looked_at_again", _("Looked at again")
    EXTENDED = "extended", _("Extended")
    NOT_EXTENDED = "not_extended", _("Not extended")
    FREE_AGAIN = "free_again", _("May be registered again")
    LEAD_OFFERED = "lead_offered", _("Lead offered")
    LEAD_REMINDER = "lead_reminder", _("Lead waits for your answer")
    LEAD_GONE = "lead_gone", _("Lead no longer offered")
    APPEAL_ANSWERED = "appeal_answered", _("Appeal answered")
    HELD = "held", _("On hold")
    HOLD_ENDED = "hold_ended", _("Hold ended")
    BREACH_RECORDED = "breach_recorded", _("Breach recorded")
    BREACH_ANSWERED = "breach_answered", _("Breach confirmed or dismissed")
    ASKED_TO_SETTLE = "asked_to_settle", _("Asked to settle")
    IN_MEDIATION = "in_mediation", _("In mediation")
    PROPOSED = "proposed", _("A proposal to answer")
    TALK_REMINDER = "talk_reminder", _("A talk waits for you")
    AGREED = "agreed", _("Agreed")
    TALK_ENDED = "talk_ended", _("A talk has ended")
    CONCERN_ANSWERED = "concern_answered", _("Concern answered")
    INFORMATION_REMINDER = "information_reminder", _("Our question waits for you")
    APPEAL_CLOSES = "appeal_closes", _("Appeal ends soon")
    RULES_CHANGED = "rules_changed", _("The rules change")


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
    language = models.CharField(max_length=10, choices=settings.LANGUAGES, default=settings.LANGUAGE_CODE)
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
            models.Index(fields=["partner", "-id"], name="notice_partner"),
            models.Index(fields=["partner", "-id"], condition=models.Q(read_at__isnull=True), name="notice_unread"),
            models.Index(
                fields=["program", "sent_at"],
                condition=models.Q(queued_at__isnull=True, partner__isnull=False),
                name="notice_unplanned",
            ),
        ]

    def __str__(self) -> str:
        return self.subject
