"""What an approval protects, until when and on which terms, and what a party may ask for: more time, or to be told."""

from datetime import timedelta
from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from channelconflict.database.rights import PARTNER, PROGRAM, RowSecurity
from channelconflict.models import Row
from partners.models.account import Account
from partners.models.partner import Partner
from partners.models.program import Program
from partners.models.registration import Registration


class Protection(Row):
    """One deal protected on one account and product line at one time: the database enforces it.

    A distribution chain, a split and a co-sell share one `deal`, so their rows do not exclude each other.
    """

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    account = models.ForeignKey(Account, on_delete=models.PROTECT)
    product_line = models.CharField(max_length=60)
    period = DateTimeRangeField()
    deal = models.UUIDField()
    registration = models.ForeignKey(Registration, on_delete=models.PROTECT, related_name="protections")
    ended_at = models.DateTimeField(null=True, blank=True)
    history = HistoricalRecords(user_db_constraint=False)

    rows: ClassVar = PROGRAM

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="one_deal_protected_at_a_time",
                expressions=[
                    ("account", RangeOperators.EQUAL),
                    ("product_line", RangeOperators.EQUAL),
                    ("period", RangeOperators.OVERLAPS),
                    ("deal", RangeOperators.NOT_EQUAL),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account}, {self.product_line}"


class ProtectionTerms(Row):
    """What a party may count on while its registration is protected; the worker writes it anew with each new end.

    `reminded_days` is the last reminder sent for the present end (empty = none yet).
    """

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, null=True, blank=True)
    registration = models.OneToOneField(Registration, on_delete=models.PROTECT, related_name="terms")
    renewals = models.PositiveSmallIntegerField("renewed so often", default=0)
    renewable_from = models.DateField("first day whose activity renews it", null=True, blank=True)
    extendable_from = models.DateTimeField("more time can be asked for from", null=True, blank=True)
    extension_days = models.PositiveSmallIntegerField("days that can be asked for", default=0)
    reminded_days = models.PositiveSmallIntegerField(null=True, blank=True)
    history = HistoricalRecords(user_db_constraint=False)

    rows: ClassVar = PARTNER

    class Meta:
        verbose_name_plural = "protection terms"

    def __str__(self) -> str:
        return f"terms of {self.registration}"


class ExtensionStatus(models.TextChoices):
    ASKED = "asked", _("Asked")
    GRANTED = "granted", _("Granted")
    REFUSED = "refused", _("Refused")
    LAPSED = "lapsed", _("The protection ended first")


class Extension(Row):
    """A party asks for more days of protection, with its reason; the vendor grants or refuses them with its own."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, null=True, blank=True)
    registration = models.ForeignKey(Registration, on_delete=models.PROTECT, related_name="extensions")
    days = models.PositiveSmallIntegerField()
    reason = models.TextField()
    status = models.CharField(max_length=20, choices=ExtensionStatus.choices, default=ExtensionStatus.ASKED)
    asked_at = models.DateTimeField()
    asked_by_id = models.UUIDField(null=True, editable=False)
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by_id = models.UUIDField(null=True, editable=False)
    history = HistoricalRecords(user_db_constraint=False)

    rows: ClassVar = RowSecurity(portal=PARTNER.portal, portal_writes="INSERT", staff=PARTNER.staff)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["registration"], condition=models.Q(status="asked"), name="one_open_extension_a_registration"
            ),
            models.CheckConstraint(condition=models.Q(days__gt=0), name="extension_has_days"),
            models.CheckConstraint(
                condition=models.Q(status="asked", answered_at__isnull=True)
                | (~models.Q(status="asked") & models.Q(answered_at__isnull=False)),
                name="extension_is_asked_or_answered",
            ),
        ]
        indexes = [
            models.Index(fields=["program"], condition=models.Q(status="asked"), name="extension_asked"),
            models.Index(fields=["registration"], name="extension_registration"),
        ]

    def __str__(self) -> str:
        return f"{self.days} more days for {self.registration}"

    @property
    def length(self) -> timedelta:
        """The days as a stretch of time."""
        return timedelta(days=self.days)


class WaitingParty(Row):
    """A party whose registration was not approved wants to be told when the account may be registered again."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, null=True, blank=True)
    registration = models.OneToOneField(Registration, on_delete=models.PROTECT, related_name="waiting")
    asked_at = models.DateTimeField()
    asked_by_id = models.UUIDField(null=True, editable=False)
    told_at = models.DateTimeField(null=True, blank=True)
    history = HistoricalRecords(user_db_constraint=False)

    rows: ClassVar = RowSecurity(portal=PARTNER.portal, portal_writes="INSERT", staff=PARTNER.staff)

    class Meta:
        verbose_name_plural = "waiting parties"
        indexes = [
            models.Index(fields=["program"], condition=models.Q(told_at__isnull=True), name="waiting_party_untold")
        ]

    def __str__(self) -> str:
        return f"{self.registration} waits"
