"""A concern becomes a case by hand: its claims are looked at under the family's lock, whatever is found on them."""

from datetime import datetime

from django.db import transaction

from channelconflict.models import User
from partners.services import NotPossibleError
from reviews.examining import examine
from reviews.models import Case, Concern
from reviews.services.concerns import claims_about, lock_concern, put_in_case
from reviews.states import UNSETTLED, CaseStatus

NOTHING_TO_DECIDE = (
    "No live registration stands behind this: there is nothing to decide between anybody. Register the deal first, or "
    "answer the concern."
)
SEVERAL = "Several separate deals are registered on this account: raise it for the products of one of them."


@transaction.atomic
def make_case(*, concern: Concern, by: User, at: datetime, seen_version: int) -> Case:
    """Open a case on the claims that a concern is about, or join the one that is open on them already."""
    concern = lock_concern(concern, by, seen_version)
    claims = list(claims_about(concern))
    if not claims:
        raise NotPossibleError(NOTHING_TO_DECIDE)
    accounts = {key for c in claims for key in (c.account_id, c.possible_account_id, c.related_account_id) if key}
    about = {claim.registration_id for claim in claims if claim.registration_id}
    examine(concern.program, accounts, at, raised=about)
    cases = Case.objects.filter(conflict__claims__registration__in=about, status__in=UNSETTLED).distinct()
    found = list(cases.order_by("number")[:2])
    if not found:
        raise NotPossibleError(NOTHING_TO_DECIDE)
    if len(found) > 1:
        raise NotPossibleError(SEVERAL)
    if found[0].status == CaseStatus.SETTLING:
        raise NotPossibleError(
            f"{found[0].ref} was just decided on these claims: undo that first, or answer the concern."
        )
    put_in_case(concern=concern, case=found[0], by=by, at=at)
    return found[0]
