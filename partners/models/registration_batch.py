"""Many registrations from one file: what each row would do, and what became of it."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from channelconflict.database.rights import PARTNER, RowSecurity
from channelconflict.models import Row
from partners.models.partner import Partner
from partners.models.program import Program
from partners.models.registration import Registration


class RowState(models.TextChoices):
    """What a row would do before the batch is sent, and what it did afterwards."""

    NEW = "new", _("Will be registered")
    DUPLICATE = "duplicate", _("You have it already")
    BAD = "bad", _("To mend")
    DONE = "done", _("Registered")
    FAILED = "failed", _("Not registered")


class RegistrationBatch(Row):
    """A file of deals that a partner means to register: previewed, sent once, worked through by a worker."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="registration_batches")
    file_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    columns = models.JSONField(default=list)  # of the file, as they stood
    brought_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    brought_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    rows: ClassVar = RowSecurity(
        portal=PARTNER.portal, portal_writes="INSERT UPDATE", portal_columns=("sent_at",), staff=PARTNER.staff,
        staff_writes="UPDATE DELETE",
    )  # fmt: skip

    class Meta:
        verbose_name_plural = "registration batches"
        indexes = [
            models.Index(fields=["partner", "-id"], name="batch_partner"),
            models.Index(fields=["program"], condition=models.Q(sent_at__isnull=False, finished_at__isnull=True),
                         name="batch_unfinished"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.file_name


class BatchRow(Row):
    """One row of the file: its cells as they stood, what the form said of them, and the registration that it made."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="+")
    batch = models.ForeignKey(RegistrationBatch, on_delete=models.CASCADE, related_name="lines")
    line = models.PositiveIntegerField()  # in the file
    cells = models.JSONField(default=list)  # in the order of the batch's columns
    account_name = models.CharField(max_length=500, blank=True)
    state = models.CharField(max_length=20, choices=RowState.choices)
    told = models.TextField(blank=True)  # what is wrong, or which registration is meant, in sentences
    token = models.UUIDField()  # a registration's form_token: the row makes one, however often it is worked on
    registration = models.ForeignKey(Registration, on_delete=models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)

    rows: ClassVar = RowSecurity(
        portal=PARTNER.portal, portal_writes="INSERT", staff=PARTNER.staff, staff_writes="UPDATE DELETE"
    )

    class Meta:
        verbose_name_plural = "batch rows"
        constraints = [models.UniqueConstraint(fields=["batch", "line"], name="batch_line_once")]

    def __str__(self) -> str:
        return f"line {self.line} of {self.batch}"
