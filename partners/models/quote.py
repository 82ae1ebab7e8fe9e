"""What other systems know of the market: CRM opportunities, price quotes, support tickets."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from simple_history.models import HistoricalRecords

from channelconflict.database.rights import PROGRAM
from channelconflict.models import Row
from partners.models.account import Account, direct_or_partner
from partners.models.partner import Partner
from partners.models.program import Program

CLOSED_STAGES = ("closed_won", "closed_lost")


class CrmOpportunity(Row):
    """An opportunity in the vendor's CRM. The direct team's open ones are claims; a partner's own are history."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    external_id = models.CharField("reference", max_length=200)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, blank=True, related_name="opportunities")
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, null=True, blank=True, related_name="opportunities")
    direct = models.BooleanField(default=False)
    product_lines = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    amount = models.DecimalField(max_digits=18, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    stage = models.CharField(max_length=40)
    created_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    last_activity_at = models.DateTimeField(null=True, blank=True)
    co_sell_partner = models.ForeignKey(
        Partner, on_delete=models.PROTECT, null=True, blank=True, related_name="co_sell_opportunities"
    )
    history = HistoricalRecords(user_db_constraint=False)

    rows: ClassVar = PROGRAM

    class Meta:
        verbose_name = "CRM opportunity"
        verbose_name_plural = "CRM opportunities"
        constraints = [
            direct_or_partner("opportunity"),
            models.UniqueConstraint(fields=["program", "external_id"], name="opportunity_external_id"),
        ]
        indexes = [models.Index(fields=["account", "stage"], name="opportunity_account")]

    def __str__(self) -> str:
        return self.external_id


class PriceQuote(Row):
    """A seller's price for an account and product line (percentages 0-100)."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    external_id = models.CharField("reference", max_length=200)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, null=True, blank=True, related_name="quotes")
    direct = models.BooleanField(default=False)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="quotes")
    product_line = models.CharField(max_length=60)
    unit_price = models.DecimalField(max_digits=18, decimal_places=4, null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    list_price = models.DecimalField(max_digits=18, decimal_places=4, null=True, blank=True)
    discount_pct = models.DecimalField(max_digits=6, decimal_places=2, null=True, blank=True)
    valid_from = models.DateField(null=True, blank=True)
    valid_until = models.DateField(null=True, blank=True)
    history = HistoricalRecords(user_db_constraint=False)

    rows: ClassVar = PROGRAM

    class Meta:
        constraints = [
            direct_or_partner("quote"),
            models.UniqueConstraint(fields=["program", "external_id"], name="quote_external_id"),
        ]

    def __str__(self) -> str:
        return self.external_id


class SupportTicket(Row):
    """A ticket of a partner's customer: an early sign of trouble."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    external_id = models.CharField("reference", max_length=200)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="tickets")
    opened_at = models.DateTimeField()
    escalated = models.BooleanField(default=False)
    subject = models.CharField(max_length=500, blank=True)
    history = HistoricalRecords(user_db_constraint=False)

    rows: ClassVar = PROGRAM

    class Meta:
        constraints = [models.UniqueConstraint(fields=["program", "external_id"], name="ticket_external_id")]

    def __str__(self) -> str:
        return self.external_id
