"""Papers: agreements with partners, and dated exceptions that lift findings."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from simple_history.models import HistoricalRecords

from channelconflict.database.rights import PARTNER, PROGRAM
from channelconflict.models import Row
from partners.models.account import Account, DatedQuerySet, dates_in_order
from partners.models.partner import Partner
from partners.models.program import Program


class AgreementStatus(models.TextChoices):
    DRAFT = "draft", "Draft"
    ACTIVE = "active", "Active"
    SUSPENDED = "suspended", "Suspended"
    ENDED = "ended", "Ended"


class Agreement(Row):
    """What a partner may sell, until when, and with how much discount. No product lines = all of them."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="agreements")
    external_id = models.CharField("reference", max_length=200)
    product_lines = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    exclusive = models.BooleanField(default=False)
    max_discount_pct = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    status = models.CharField(max_length=20, choices=AgreementStatus.choices, default=AgreementStatus.ACTIVE)
    valid_from = models.DateField(null=True, blank=True)
    valid_until = models.DateField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    history = HistoricalRecords(user_db_constraint=False)

    rows: ClassVar = PARTNER
    objects = DatedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "external_id"], name="agreement_external_id"),
            dates_in_order("agreement"),
        ]

    def __str__(self) -> str:
        return self.external_id


class AccountException(Row):
    """A dated, owned, reasoned record that lifts named findings on an account (or its whole family).

    Neither `partner` nor `direct` = it holds for everybody.
    """

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    external_id = models.CharField("reference", max_length=200)
    kind = models.CharField(max_length=60)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="exceptions")
    family = models.BooleanField(default=False)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, null=True, blank=True, related_name="exceptions")
    direct = models.BooleanField(default=False)
    product_lines = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    lifts = ArrayField(models.CharField(max_length=60), default=list)
    valid_from = models.DateField(null=True, blank=True)
    valid_until = models.DateField(null=True, blank=True)
    reason = models.TextField()
    owner_email = models.EmailField()
    version = models.PositiveIntegerField(default=1)
    history = HistoricalRecords(user_db_constraint=False)

    rows: ClassVar = PROGRAM
    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = "exception"
        constraints = [
            models.UniqueConstraint(fields=["program", "external_id"], name="exception_external_id"),
            dates_in_order("exception"),
            models.CheckConstraint(
                condition=models.Q(direct=False) | models.Q(partner__isnull=True), name="exception_party_is_one"
            ),
            models.CheckConstraint(condition=~models.Q(reason=""), name="exception_has_a_reason"),
            models.CheckConstraint(condition=models.Q(lifts__len__gt=0), name="exception_lifts_something"),
        ]

    def __str__(self) -> str:
        return self.external_id
