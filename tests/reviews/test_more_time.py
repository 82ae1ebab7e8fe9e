"""Requests for more time: when, how often, who answers, and what the answer does."""

import pytest
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from partners import services
from partners.models import Protection, RegistrationStatus
from partners.services import NotPossibleError
from reviews import pipeline
from reviews.models import Notice, NoticeKind, Outbox
from reviews.permissions import NotAllowedError
from tests import factories
from tests.factories import AT
from tests.reviews.as_time_passes import DAY, ENDS, answered, asked, fresh, pass_time, told, work

pytestmark = pytest.mark.django_db


def test_more_time_is_asked_for_once_and_granted(cast, deal):
    pass_time(cast, ENDS - 12 * DAY)
    answered(cast, asked(cast, deal), granted=True, by=cast.ada)
    row = fresh(cast, deal)
    assert row.protected_until == ENDS + 30 * DAY
    with cast.scope():
        assert Protection.objects.get().period.upper == ENDS + 30 * DAY
        assert row.terms.extendable_from is None
        assert Outbox.objects.filter(preview__contains=[["protected_until", ENDS.isoformat(),
                                                         (ENDS + 30 * DAY).isoformat()]]).exists()  # fmt: skip
    with pytest.raises(NotPossibleError, match="No more time"):
        asked(cast, deal, at=ENDS + 20 * DAY)
    pass_time(cast, ENDS + 20 * DAY)
    assert told(cast, deal) == [NoticeKind.EXPIRING, NoticeKind.EXTENDED, NoticeKind.EXPIRING]
    pass_time(cast, ENDS + 30 * DAY)
    assert fresh(cast, deal).status == RegistrationStatus.EXPIRED


def test_more_time_is_refused_with_a_reason(cast, deal):
    answered(cast, asked(cast, deal), granted=False, by=cast.carl)
    row = fresh(cast, deal)
    with cast.scope():
        notice = Notice.objects.get(kind=NoticeKind.NOT_EXTENDED)
        assert (row.protected_until, row.terms.extendable_from) == (ENDS, None)
    assert "Agreed." in notice.body
    with pytest.raises(NotPossibleError, match="No more time"):
        asked(cast, deal)


@pytest.mark.parametrize(
    ("at", "days", "sentence"),
    [(ENDS - 15 * DAY, 30, "from 17 May 2026 on"), (ENDS, 30, "while a deal is protected"),
     (ENDS - DAY, 0, "1 to 90 days"), (ENDS - DAY, 91, "1 to 90 days, not for 91")],
)  # fmt: skip
def test_when_and_for_how_long_more_time_can_be_asked_for(cast, deal, at, days, sentence):
    with pytest.raises(NotPossibleError, match=sentence):
        asked(cast, deal, at=at, days=days)


def test_one_request_is_open_at_a_time(cast, deal):
    asked(cast, deal)
    with pytest.raises(NotPossibleError, match="asked already"):
        asked(cast, deal)


def test_what_was_not_answered_in_time_lapses_and_is_not_counted(cast, deal):
    work(cast, deal, (ENDS - 3 * DAY).date())
    extension = asked(cast, deal)
    pass_time(cast, ENDS)
    assert fresh(cast, extension).status == "lapsed"
    with pytest.raises(NotPossibleError, match="answered already"):
        answered(cast, extension, granted=True, by=cast.bob, at=ENDS)
    assert asked(cast, deal, at=ENDS + 80 * DAY).days == 30


def test_who_answers(cast, deal):
    extension = asked(cast, deal)
    for who in (cast.olga, cast.lena, cast.audrey, cast.pat):
        with pytest.raises(NotAllowedError, match="partner manager, or a higher role"):
            answered(cast, extension, granted=True, by=who)
    factories.submitted(cast, cast.beta, days_ago=-85)
    pipeline.detect(cast.program, ENDS - 5 * DAY)
    with pytest.raises(NotAllowedError, match="You manage Alpha Flow, who is against"):
        answered(cast, extension, granted=True, by=cast.ada, at=ENDS - 4 * DAY)
    assert answered(cast, extension, granted=True, by=cast.bob, at=ENDS - 4 * DAY).status == "granted"


def test_more_time_is_not_given_over_another_deal(cast, deal):
    extension = asked(cast, deal)
    with cast.scope():
        own = Protection.objects.get()
        other = factories.draft(cast, cast.beta, status="approved", submitted_at=AT, protected_from=ENDS,
                                protected_until=ENDS + 9 * DAY)  # fmt: skip
        services.save_row(other, by=None, at=AT, action="registration.loaded")
        period = DateTimeTZRange(ENDS, ENDS + 9 * DAY)
        services.save_row(
            Protection(program=cast.program, account=own.account, product_line="pumps", period=period, deal=other.pk,
                       registration=other),
            by=None, at=AT, action="protection.begun",
        )  # fmt: skip
    with pytest.raises(NotPossibleError, match="Another deal is protected"):
        answered(cast, extension, granted=True, by=cast.bob)
    assert fresh(cast, deal).protected_until == ENDS
    assert fresh(cast, extension).status == "asked"
