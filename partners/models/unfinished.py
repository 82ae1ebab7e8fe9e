"""What stands in the form of a draft and does not fit its row yet: half an address, a day to come, proof not filed."""

from typing import ClassVar

from django.db import models

from channelconflict.database.rights import PARTNER, RowSecurity
from channelconflict.models import Row
from partners.models.partner import Partner
from partners.models.program import Program
from partners.models.registration import Registration


class Unfinished(Row):
    """The rest of a draft that keeps itself. It goes when the draft is kept or submitted whole."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="+")
    registration = models.OneToOneField(Registration, on_delete=models.PROTECT, related_name="unfinished")
    typed = models.JSONField(default=dict)  # {field of the form: what stands in it}
    saved_at = models.DateTimeField()

    # No history: it is half a sentence that nobody decides on, and it is deleted with the form's end.
    rows: ClassVar = RowSecurity(
        portal=PARTNER.portal,
        portal_writes="INSERT UPDATE DELETE",
        staff=PARTNER.staff,
        staff_writes="INSERT UPDATE DELETE",
    )

    class Meta:
        verbose_name_plural = "unfinished"

    def __str__(self) -> str:
        return f"rest of {self.registration}"
