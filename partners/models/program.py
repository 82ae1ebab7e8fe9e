"""The program (the tenant: everything belongs to one), its product lines, and the source of every fact."""

import uuid
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase
from simple_history.models import HistoricalRecords

from channelconflict.database.rights import OF_USER, PROGRAM, PROGRAM_IDS, PROGRAM_SHARED, RowSecurity
from channelconflict.models import Row
from partners.calendar import Calendar

CODE = RegexValidator(r"^[a-z0-9][a-z0-9_-]*$", "Use small letters, digits, - and _, beginning with a letter or digit.")


def working_days() -> list[int]:
    """Monday to Friday as ISO weekdays."""
    return [1, 2, 3, 4, 5]


class Program(Row):
    """A vendor's partner program. Its calendar says when a decision is due."""

    code = models.CharField(max_length=40, unique=True, validators=[CODE])
    name = models.CharField(max_length=200)
    currency = models.CharField(max_length=3, default="USD")
    timezone = models.CharField(max_length=64, default="UTC")
    open_weekdays = ArrayField(models.PositiveSmallIntegerField(), default=working_days)
    holidays = ArrayField(models.DateField(), default=list, blank=True)
    lead_offer_hours = models.PositiveSmallIntegerField(default=48)  # open hours in which a partner answers an offer
    breach_days = models.PositiveSmallIntegerField(default=365)  # how long a confirmed breach counts
    settle_days = models.PositiveSmallIntegerField(default=5)  # open days in which the sides of a case settle
    undo_minutes = models.PositiveSmallIntegerField(
        default=10
    )  # between the last approval and what it sets off; 0 = none
    opinion_share = models.PositiveSmallIntegerField(
        default=5
    )  # of 100 cases so many ask for the reviewer's own view before the recommendation shows
    opinion_high_impact = models.BooleanField(default=True)  # and every case on which more than one role decides
    reply_to = models.EmailField("replies go to", blank=True)  # of the mails to partners
    resubmissions = models.PositiveSmallIntegerField(default=3)  # how often an ended registration may come again
    created_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)
    history = HistoricalRecords(user_db_constraint=False)

    # Readable before any scope exists: it names the tenant and holds no partner data. Written as one's own only.
    rows: ClassVar = RowSecurity(
        portal="true", staff="true", staff_writes="INSERT UPDATE", staff_check=f"id = ANY ({PROGRAM_IDS})", login="true"
    )

    class Meta:
        default_permissions = ()
        permissions = [
            ("view_desk", "See the queue and the cases"),
            ("register_deals", "Register deals on a partner's behalf and for the direct team"),
            ("change_rules", "Edit territories, agreements, exceptions, partners and accounts"),
            ("import_records", "Import records"),
            ("read_audit", "Read the record of acts"),
            ("read_survey_texts", "Read what partners wrote about how they were handled"),
            ("act_as_partner_manager", "Decide as a partner manager"),
            ("act_as_channel_lead", "Decide as channel lead"),
            ("act_as_sales_ops", "Decide as sales operations"),
            ("act_as_legal", "Decide as legal"),
            ("act_as_revenue_lead", "Decide as revenue lead"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def program_id(self) -> uuid.UUID:
        """The program that the row belongs to, as of every other row: itself."""
        return self.pk

    @property
    def calendar(self) -> Calendar:
        """The business calendar that every clock of this program runs on."""
        return Calendar(self.timezone, frozenset(self.open_weekdays), frozenset(self.holidays))


_OF_OWN_PROGRAM = f"content_object_id = ANY ({PROGRAM_IDS})"


class ProgramUserPermission(UserObjectPermissionBase):
    """guardian's table: what one user may do in one program."""

    content_object = models.ForeignKey(Program, on_delete=models.CASCADE)
    rows: ClassVar = RowSecurity(portal=OF_USER, staff=_OF_OWN_PROGRAM, staff_writes="INSERT DELETE", login="true")


class ProgramGroupPermission(GroupObjectPermissionBase):
    """guardian's table: what a role (a group) may do in one program."""

    content_object = models.ForeignKey(Program, on_delete=models.CASCADE)
    rows: ClassVar = RowSecurity(staff=_OF_OWN_PROGRAM, staff_writes="INSERT DELETE", login="true")


class ProductLine(Row):
    """Something the vendor sells through the channel, and the certification that selling it takes ("" = none)."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="product_lines")
    code = models.CharField(max_length=60, validators=[CODE])
    name = models.CharField(max_length=200)
    required_certification = models.CharField(max_length=60, blank=True)
    history = HistoricalRecords(user_db_constraint=False)

    rows: ClassVar = PROGRAM_SHARED

    class Meta:
        constraints = [models.UniqueConstraint(fields=["program", "code"], name="product_line_code")]

    def __str__(self) -> str:
        return self.name


class ImportBatch(Row):
    """One file that came in: who brought it, what it was, and what became of its rows."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    kind = models.CharField(max_length=40)
    file_name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    imported_by_id = models.UUIDField(null=True)
    imported_at = models.DateTimeField()
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)

    rows: ClassVar = PROGRAM

    class Meta:
        verbose_name = "import"

    def __str__(self) -> str:
        return f"{self.file_name} ({self.kind})"


class SourceRecord(Row):
    """The raw row that a fact came from: kept as it was, so that every fact can be traced to its file and line."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    batch = models.ForeignKey(ImportBatch, on_delete=models.PROTECT)
    kind = models.CharField(max_length=40)
    line = models.PositiveIntegerField()
    external_id = models.CharField("reference", max_length=200)
    raw = models.JSONField()
    target_id = models.UUIDField()

    rows: ClassVar = PROGRAM

    class Meta:
        indexes = [models.Index(fields=["target_id"], name="source_target")]

    def __str__(self) -> str:
        return f"{self.kind} {self.external_id}, line {self.line}"
