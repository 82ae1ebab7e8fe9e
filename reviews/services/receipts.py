"""The receipt of a registration, put among what its party was told."""

from datetime import datetime

from django.db import transaction

from channelconflict.audit import head_at, record
from partners.models import Registration, RegistrationStatus
from reviews import notices
from reviews.models import Notice, NoticeKind
from reviews.services.cases import tell


@transaction.atomic
def confirm_receipt(*, registration: Registration, at: datetime) -> Notice | None:
    """Tell the party once that its registration came, of every claim alike; None where it was told or nobody typed it.

    The worker writes it, as the portal may not write notices. The receipt page showed the same to whoever submitted,
    so that it is read already. What was imported, and the direct team's own, has no form and no receipt.
    """
    r = registration
    if r.status != RegistrationStatus.SUBMITTED or r.partner_id is None or r.created_by_id is None:
        return None
    head = head_at(subject=r, action="registration.submitted")
    if not head or Notice.objects.filter(registration=r, kind=NoticeKind.RECEIVED).exists():
        return None
    told = tell(r.partner_id, r, NoticeKind.RECEIVED, notices.received(r, head), at)
    told.read_at = at
    told.save(update_fields=["read_at"])
    record(action="registration.receipt_told", by=None, at=at, subject=r, program_id=r.program_id)
    return told
