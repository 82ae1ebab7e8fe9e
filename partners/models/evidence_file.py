"""The file of a paper: what it is, and by which hash its bytes lie in the storage."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from channelconflict.database.rights import PARTNER, RowSecurity
from channelconflict.models import Row
from partners.models.partner import Partner
from partners.models.program import Program
from partners.models.registration import Evidence, Registration


class FileForm(models.TextChoices):
    """What a file is, by its content; the value is its ending."""

    PDF = "pdf", "PDF"
    PNG = "png", "PNG image"
    JPEG = "jpeg", "JPEG image"
    TXT = "txt", "Text"
    DOCX = "docx", "Word document"
    XLSX = "xlsx", "Excel workbook"
    EML = "eml", "Mail"


class EvidenceFile(Row):
    """One file, as it was brought. The row never changes; its bytes lie under their hash (partners/evidence_files.py)."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, null=True, blank=True)
    registration = models.ForeignKey(Registration, on_delete=models.PROTECT, related_name="files")
    evidence = models.OneToOneField(Evidence, on_delete=models.PROTECT, related_name="file")
    name = models.CharField(max_length=200)
    form = models.CharField(max_length=8, choices=FileForm.choices)
    size = models.PositiveIntegerField()  # bytes
    sha256 = models.CharField(max_length=64)
    flags = ArrayField(models.CharField(max_length=30), default=list, blank=True)  # codes of papers.refusing.FLAGS
    added_by_id = models.UUIDField(null=True, editable=False)
    added_at = models.DateTimeField()

    rows: ClassVar = RowSecurity(
        portal=PARTNER.portal, portal_writes="INSERT", staff=PARTNER.staff, staff_writes="INSERT", insert_only=True
    )

    class Meta:
        indexes = [models.Index(fields=["program", "partner", "sha256"], name="evidence_file_bytes")]

    def __str__(self) -> str:
        return self.name
