"""Territory rules: what they cover and who is assigned to them."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from simple_history.models import HistoricalRecords

from channelconflict.database.rights import OF_PARTNER, PROGRAM, RowSecurity
from channelconflict.models import Row
from partners.models.account import DatedQuerySet, OwnershipRole, dates_in_order, direct_or_partner
from partners.models.partner import Partner
from partners.models.program import Program


def _strings(length: int) -> ArrayField:
    return ArrayField(models.CharField(max_length=length), default=list, blank=True)


class Territory(Row):
    """A rule of coverage. An empty dimension means 'all'; account lists hold external ids of accounts."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    external_id = models.CharField("reference", max_length=200)
    name = models.CharField(max_length=200)
    countries = _strings(2)
    subdivisions = _strings(6)
    postal_prefixes = _strings(20)
    industries = _strings(60)
    employees_min = models.PositiveIntegerField(null=True, blank=True)
    employees_max = models.PositiveIntegerField(null=True, blank=True)
    product_lines = _strings(60)
    named_accounts = _strings(200)
    excluded_accounts = _strings(200)
    exclusive = models.BooleanField(default=False)
    priority = models.IntegerField(default=0)
    valid_from = models.DateField(null=True, blank=True)
    valid_until = models.DateField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    history = HistoricalRecords(user_db_constraint=False)

    # A partner reads the rules that it is assigned to (who else is, it does not see), and none of their history.
    rows: ClassVar = RowSecurity(
        portal=f"id IN (SELECT territory_id FROM partners_territoryassignment WHERE {OF_PARTNER})",  # noqa: S608
        staff=PROGRAM.staff,
    )
    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "territories"
        constraints = [
            models.UniqueConstraint(fields=["program", "external_id"], name="territory_external_id"),
            dates_in_order("territory"),
            models.CheckConstraint(
                condition=models.Q(employees_min__isnull=True)
                | models.Q(employees_max__isnull=True)
                | models.Q(employees_max__gte=models.F("employees_min")),
                name="territory_employees_in_order",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class TerritoryAssignment(Row):
    """Who works a territory: a partner or the direct team, as owner or in support."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="assignments")
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, null=True, blank=True, related_name="assignments")
    direct = models.BooleanField(default=False)
    role = models.CharField(max_length=20, choices=OwnershipRole.choices, default=OwnershipRole.OWNER)
    history = HistoricalRecords(user_db_constraint=False)

    rows: ClassVar = RowSecurity(portal=OF_PARTNER, staff=PROGRAM.staff, staff_writes="INSERT UPDATE DELETE")

    class Meta:
        constraints = [
            direct_or_partner("assignment"),
            models.UniqueConstraint(
                fields=["territory", "partner", "direct", "role"], name="assignment_once", nulls_distinct=False
            ),
        ]

    def __str__(self) -> str:
        return f"{self.territory}: {self.partner or 'direct'}"
