"""Accounts (the end customers), and who owns or supports them."""

from datetime import date
from typing import ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from simple_history.models import HistoricalRecords

from channelconflict.database.rights import PROGRAM, RowSecurity
from channelconflict.models import Row
from partners.models.partner import Partner
from partners.models.program import Program


class Segment(models.TextChoices):
    STANDARD = "standard", "Standard"
    STRATEGIC = "strategic", "Strategic"
    HOUSE = "house", "House"
    NAMED = "named", "Named"


class Unit(models.TextChoices):
    SUBSIDIARY = "subsidiary", "Subsidiary"
    BRANCH = "branch", "Branch"


class Account(Row):
    """A buying organisation of one country unit, as the vendor's CRM keeps it. The portal never sees this table."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="accounts")
    external_id = models.CharField("reference", max_length=200, blank=True)
    name = models.CharField(max_length=500)
    domain = models.CharField(max_length=253, blank=True)
    country = models.CharField(max_length=2, blank=True)
    subdivision = models.CharField(max_length=6, blank=True)
    city = models.CharField(max_length=120, blank=True)
    postal_code = models.CharField(max_length=20, blank=True)
    industry = models.CharField(max_length=60, blank=True)
    employees = models.PositiveIntegerField(null=True, blank=True)
    annual_revenue = models.DecimalField(max_digits=20, decimal_places=2, null=True, blank=True)
    segment = models.CharField(max_length=20, choices=Segment.choices, default=Segment.STANDARD)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    unit = models.CharField("is to its parent", max_length=20, choices=Unit.choices, blank=True)
    # People said that this row is another one's company: it stays as its source knows it, and counts as that one.
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="merged", editable=False)
    phone = models.CharField(max_length=40, blank=True)
    lei = models.CharField(max_length=20, blank=True)
    vat_id = models.CharField(max_length=30, blank=True)
    duns = models.CharField(max_length=9, blank=True)
    history = HistoricalRecords(user_db_constraint=False)

    rows: ClassVar = PROGRAM

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["program", "external_id"], condition=~models.Q(external_id=""), name="account_external_id"
            ),
            models.CheckConstraint(condition=~models.Q(parent=models.F("id")), name="account_is_not_its_own_parent"),
            models.CheckConstraint(
                condition=~models.Q(merged_into=models.F("id")), name="account_is_not_merged_into_itself"
            ),
        ]
        indexes = [
            models.Index(fields=["program", "domain"], name="account_domain"),
            models.Index(fields=["program", "name"], name="account_name"),
            models.Index(fields=["program", "country", "subdivision"], name="account_place"),
        ]

    def __str__(self) -> str:
        return self.name


class AccountName(Row):
    """A name that an account is known by, as a key (partners.naming.name_key) that spellings share."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="names")
    name = models.CharField(max_length=500)
    key = models.CharField(max_length=500)
    history = HistoricalRecords(user_db_constraint=False)

    rows: ClassVar = RowSecurity(staff=PROGRAM.staff, staff_writes="INSERT UPDATE DELETE")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "key"], name="account_name_once")]
        indexes = [
            models.Index(fields=["program", "key"], name="account_name_key"),
        ]

    def __str__(self) -> str:
        return self.name


class OwnershipRole(models.TextChoices):
    OWNER = "owner", "Owner"
    SUPPORT = "support", "Support"


class DatedQuerySet(models.QuerySet):
    """Words for rows with valid_from / valid_until (both days count; empty = open)."""

    def in_force_on(self, day: date) -> Self:
        """Rows whose dates include `day`."""
        return self.filter(
            models.Q(valid_from__isnull=True) | models.Q(valid_from__lte=day),
            models.Q(valid_until__isnull=True) | models.Q(valid_until__gte=day),
        )


def direct_or_partner(name: str) -> models.CheckConstraint:
    """The vendor's own team (`direct`) and a partner exclude each other, and one of them is named."""
    return models.CheckConstraint(
        condition=models.Q(direct=True, partner__isnull=True) | models.Q(direct=False, partner__isnull=False),
        name=f"{name}_direct_or_partner",
    )


def dates_in_order(name: str) -> models.CheckConstraint:
    """The last day that counts is not before the first one."""
    return models.CheckConstraint(
        condition=models.Q(valid_from__isnull=True)
        | models.Q(valid_until__isnull=True)
        | models.Q(valid_until__gte=models.F("valid_from")),
        name=f"{name}_dates_in_order",
    )


class Ownership(Row):
    """Who owns or supports an account. Shares of the owners of one account, product scope and period sum to 100."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="ownerships")
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, null=True, blank=True, related_name="ownerships")
    direct = models.BooleanField(default=False)
    role = models.CharField(max_length=20, choices=OwnershipRole.choices, default=OwnershipRole.OWNER)
    product_lines = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    valid_from = models.DateField(null=True, blank=True)
    valid_until = models.DateField(null=True, blank=True)
    last_activity_at = models.DateTimeField(null=True, blank=True)
    share_pct = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    history = HistoricalRecords(user_db_constraint=False)

    rows: ClassVar = PROGRAM
    objects = DatedQuerySet.as_manager()

    class Meta:
        constraints = [
            direct_or_partner("ownership"),
            dates_in_order("ownership"),
            models.CheckConstraint(
                condition=models.Q(share_pct__isnull=True) | models.Q(share_pct__gt=0, share_pct__lte=100),
                name="ownership_share_is_a_percentage",
            ),
            models.UniqueConstraint(
                fields=["account", "partner", "direct", "role", "valid_from"],
                name="ownership_once",
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account}: {self.partner or 'direct'} ({self.role})"
