"""A text or e-mail that somebody pasted, and what was read from it into a draft registration."""

from typing import ClassVar

from django.db import models

from channelconflict.database.rights import PARTNER, RowSecurity
from channelconflict.models import Row
from partners.models.partner import Partner
from partners.models.program import Program
from partners.models.registration import Registration


class PastedText(Row):
    """What was pasted, kept as it came, and the line that each field was read from. Only that partner and staff read it."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="pasted_texts")
    registration = models.OneToOneField(Registration, on_delete=models.PROTECT, related_name="pasted")
    text = models.TextField()
    readings = models.JSONField(default=dict)  # {field of the form: {value, quote}}
    notes = models.JSONField(default=list)  # sentences about what was seen and not taken
    created_by_id = models.UUIDField(null=True, editable=False)
    created_at = models.DateTimeField()

    rows: ClassVar = RowSecurity(portal=PARTNER.portal, portal_writes="INSERT", staff=PARTNER.staff)

    def __str__(self) -> str:
        return f"text behind {self.registration}"
