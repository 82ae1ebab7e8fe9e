"""A paper of a party is withdrawn by staff: the party reads why, so the words are read before."""

from datetime import datetime

from django.db import transaction

from channelconflict.models import User
from partners.evidence import withdraw_evidence
from partners.models import Evidence
from reviews.services.wording import check_words_about


@transaction.atomic
def withdraw_paper(*, evidence: Evidence, reason: str, by: User, at: datetime) -> Evidence:
    """Withdraw a paper for a reason that names nobody else and does not judge; it counts no more."""
    check_words_about(reason, evidence.registration)
    return withdraw_evidence(evidence=evidence, reason=reason, by=by, at=at)
