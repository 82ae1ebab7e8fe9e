"""Who wants to be told when an account is free: told once, in the same words, at a moment that tells nothing."""

from datetime import timedelta

import pytest

from partners import services
from partners.models import Agreement, Registration, RegistrationStatus, WaitingParty
from partners.protection import ask_to_be_told
from partners.services import NotPossibleError
from reviews import pipeline
from reviews.models import Case, Notice, NoticeKind
from reviews.services import approve
from tests import factories
from tests.factories import AT
from tests.reviews.as_time_passes import DAY, ENDS, approved, pass_time, told, work

pytestmark = pytest.mark.django_db


def lost(cast, *, to=None) -> Registration:
    """Beta's registration, not approved: because of Alpha's, or by a rule of its own."""
    case = factories.conflict_case(cast) if to else None
    if case is None:
        with cast.scope():
            agreement = Agreement.objects.get(partner=cast.beta)
            agreement.status = "suspended"
            services.record_agreement(agreement=agreement, by=None, at=AT)
        factories.submitted(cast, cast.beta)
        pipeline.detect(cast.program, AT)
        with cast.scope():
            case = Case.objects.get()
    with cast.scope():
        approve(case=case, by=cast.bob, at=AT, seen_version=fresh_version(case))
        row = Registration.objects.get(partner=cast.beta)
        assert row.status == RegistrationStatus.REJECTED
        ask_to_be_told(registration=row, by=cast.rival_rep, at=AT + DAY)
        return row


def fresh_version(case) -> int:
    case.refresh_from_db()
    return case.version


def test_who_lost_to_another_claim_is_told_when_it_ends(cast):
    row = lost(cast, to=cast.alpha)
    with cast.scope():
        held = Registration.objects.get(partner=cast.alpha)
    work(cast, held, (ENDS - DAY).date())
    for days in (1, 30, 90, 91, 179):
        pass_time(cast, AT + days * DAY)
        assert NoticeKind.FREE_AGAIN not in told(cast, row)
    pass_time(cast, AT + 180 * DAY)
    pass_time(cast, AT + 181 * DAY)
    assert told(cast, row).count(NoticeKind.FREE_AGAIN) == 1
    with cast.scope():
        text = Notice.objects.get(kind=NoticeKind.FREE_AGAIN)
        assert "Alpha" not in text.subject + text.body


@pytest.mark.parametrize("protected", [False, True])
def test_who_was_told_of_no_other_claim_learns_nothing_from_the_moment(cast, protected):
    """The words and the moment are the same, whether or not somebody is protected there by then."""
    row = lost(cast)
    if protected:
        approved(cast, cast.alpha, at=AT + 20 * DAY)
    pass_time(cast, ENDS - timedelta(seconds=1))
    assert NoticeKind.FREE_AGAIN not in told(cast, row)
    pass_time(cast, ENDS)
    with cast.scope():
        notice = Notice.objects.get(registration=row, kind=NoticeKind.FREE_AGAIN)
    assert notice.sent_at == ENDS
    assert "may be registered again" in notice.body


def only(cast, partner) -> Registration:
    with cast.scope():
        return Registration.objects.get(partner=partner)


def test_being_told_is_offered_on_what_was_not_approved(cast, deal):
    with cast.scope(), pytest.raises(NotPossibleError, match="not approved"):
        ask_to_be_told(registration=deal, by=cast.acme_rep, at=AT)
    row = lost(cast)
    with cast.scope():
        ask_to_be_told(registration=row, by=cast.rival_rep, at=AT)
        assert WaitingParty.objects.count() == 1
