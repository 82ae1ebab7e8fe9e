"""Partners are reminded of questions that wait and of appeals that close: in time, so often and no more, itself alone."""

from datetime import timedelta

import pytest

from partners.models import Registration, RegistrationStatus
from reviews import reminding
from reviews.models import Notice, NoticeKind, Party
from reviews.services import answer_request, approve, file_appeal, request_information
from tests import factories
from tests.factories import AT

DAY = timedelta(days=1)


def reminders(cast, kind):
    with cast.scope():
        return list(Notice.objects.filter(kind=kind).order_by("sent_at", "pk"))


@pytest.fixture
def asked(cast):
    """On Monday both sides are asked."""
    case = factories.conflict_case(cast)
    with cast.scope():
        parties = list(case.parties.filter(partner__isnull=False))
        request_information(case=case, parties=parties, fields=["note"], body="Who signs?", by=cast.bob, at=AT)
    return case


def test_a_question_that_waits_is_told_again_after_two_and_after_five_open_days(cast, asked):
    told = []
    for hours in (1, 47, 49, 60, 95, 119, 121, 144, 167, 169, 200, 400, 4000):
        reminding.look_after(cast.program, AT + timedelta(hours=hours))
        told.append(len(reminders(cast, NoticeKind.INFORMATION_REMINDER)) // 2)
    # Asked on Monday at ten: two open days are over on Wednesday, five on the next Monday (the weekend does not count).
    assert told == [0, 0, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2]
    texts = {notice.partner_id: notice.body for notice in reminders(cast, NoticeKind.INFORMATION_REMINDER)}
    assert set(texts) == {cast.alpha.pk, cast.beta.pk}
    assert "On 2 March 2026 we asked for more information" in texts[cast.alpha.pk]
    assert "Alpha" not in texts[cast.beta.pk]
    assert "Who signs" not in texts[cast.beta.pk]


def test_who_answered_is_not_reminded(cast, asked):
    with cast.scope():
        mine = Registration.objects.get(partner=cast.alpha)
        answer_request(registration=mine, changes={"note": "x"}, body="The owner.", by=cast.acme_rep, at=AT)
        assert mine.__class__.objects.get(pk=mine.pk).status == RegistrationStatus.SUBMITTED
    reminding.look_after(cast.program, AT + 3 * DAY)
    assert [n.partner_id for n in reminders(cast, NoticeKind.INFORMATION_REMINDER)] == [cast.beta.pk]


@pytest.fixture
def decided(cast):
    """Alpha has the deal: Beta may appeal for fourteen days."""
    case = factories.conflict_case(cast)
    with cast.scope():
        approve(case=case, by=cast.bob, at=AT, seen_version=case.version)
    return case


def test_an_appeal_that_closes_is_told_once_to_whoever_may_appeal(cast, decided):
    told = []
    for days in (1, 11.9, 12.1, 13, 13.9, 14.1, 20):
        reminding.look_after(cast.program, AT + days * DAY)
        told.append(len(reminders(cast, NoticeKind.APPEAL_CLOSES)))
    assert told == [0, 0, 1, 1, 1, 1, 1]
    (notice,) = reminders(cast, NoticeKind.APPEAL_CLOSES)
    assert notice.partner_id == cast.beta.pk
    assert "until 16 March 2026, 10:00 UTC" in notice.body
    assert "Alpha" not in notice.subject + notice.body


def test_who_appealed_is_not_reminded(cast, decided):
    with cast.scope():
        party = Party.objects.get(case=decided, partner=cast.beta)
        file_appeal(
            party=party, ground="new_evidence", text="We met first.", by=cast.rival_rep, at=AT
        )  # fmt: skip
    reminding.look_after(cast.program, AT + 13 * DAY)
    assert reminders(cast, NoticeKind.APPEAL_CLOSES) == []
