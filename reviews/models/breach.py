"""The breach register: a partner broke a rule of engagement; it may comment, and a second person confirms or dismisses."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from channelconflict.database.rights import PARTNER, PROGRAM, RowSecurity
from channelconflict.models import Row
from partners.models import Partner, Program
from partners.models.registration import registration_number
from reviews.models.case import Case


def breach_number() -> str:
    """A number as registrations have, with a B in front."""
    return "B" + registration_number()[1:]


class BreachCategory(models.TextChoices):
    """The rules of engagement that can be broken."""

    FALSE_STATEMENT = "false_statement", _("A statement in a registration was not true")
    BYPASSED_OWNER = "bypassed_owner", _("The buyer was approached on a deal that was protected for somebody else")
    BROKE_HOLD = "broke_hold", _("The buyer was approached while the claims were on hold")
    PRICE = "price", _("A price or discount outside the policy was offered")
    OUTSIDE_TERRITORY = "outside_territory", _("Sold outside the territory or the agreement")
    CONFIDENCE = "confidence", _("Something confidential was passed on")
    NO_FOLLOW_UP = "no_follow_up", _("Deals were registered and not worked")
    OTHER = "other", _("Another rule")


class BreachStatus(models.TextChoices):
    RECORDED = "recorded", _("Not yet confirmed")
    CONFIRMED = "confirmed", _("Confirmed")
    DISMISSED = "dismissed", _("Dismissed")


class Breach(Row):
    """One entry; the partner reads all of this row and may comment once. Nothing follows from it by itself.

    Confirmed, it counts until `counts_until` (the last day that counts).
    """

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="breaches")
    number = models.CharField(max_length=20, default=breach_number, editable=False)
    category = models.CharField(max_length=30, choices=BreachCategory.choices)
    what = models.TextField()
    happened_on = models.DateField()
    recorded_at = models.DateTimeField()
    comment_until = models.DateTimeField()
    comment = models.TextField(blank=True)
    commented_at = models.DateTimeField(null=True, blank=True)
    status = models.CharField(max_length=20, choices=BreachStatus.choices, default=BreachStatus.RECORDED)
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    counts_until = models.DateField(null=True, blank=True)
    history = HistoricalRecords(user_db_constraint=False)

    rows: ClassVar = RowSecurity(
        portal=PARTNER.portal, portal_writes="UPDATE", portal_columns=("comment", "commented_at"), staff=PARTNER.staff
    )

    class Meta:
        verbose_name_plural = "breaches"
        constraints = [
            models.UniqueConstraint(fields=["program", "number"], name="breach_number"),
            models.CheckConstraint(
                condition=models.Q(status="recorded", answered_at__isnull=True)
                | models.Q(status__in=["confirmed", "dismissed"], answered_at__isnull=False),
                name="breach_answered_when_settled",
            ),
            models.CheckConstraint(
                condition=models.Q(status="confirmed", counts_until__isnull=False)
                | models.Q(~models.Q(status="confirmed"), counts_until__isnull=True),
                name="only_a_confirmed_breach_counts",
            ),
        ]
        indexes = [models.Index(fields=["partner", "-recorded_at"], name="breach_partner")]

    def __str__(self) -> str:
        return self.number


class BreachFile(Row):
    """What is behind an entry, for staff alone: the case or the words that show it, and the two persons."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    breach = models.OneToOneField(Breach, on_delete=models.PROTECT, related_name="file")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, blank=True, related_name="breach_files")
    evidence = models.TextField(blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    reasons = models.TextField(blank=True)
    history = HistoricalRecords(user_db_constraint=False)

    rows: ClassVar = PROGRAM

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(case__isnull=False) | ~models.Q(evidence=""), name="breach_has_evidence"
            ),
        ]

    def __str__(self) -> str:
        return f"file of {self.breach}"
