"""The one question after a decision: once a decision, changeable for 14 days, figures of five or more, texts for leaders."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone

from channelconflict.scope import acting
from partners.permissions import scope_of
from partners.services import NotPossibleError
from reviews.desk.satisfaction import FEWEST, Line, _since, protect
from reviews.models import Notice, NoticeKind, Survey
from reviews.services.cases import tell
from reviews.services.surveys import answer_survey
from reviews.text import Text
from tests import factories
from tests.factories import AT

pytestmark = pytest.mark.django_db


def told(cast, kind=NoticeKind.APPROVED, at=None, of=None, registration=None):
    """A registration whose party was told a decision."""
    row = registration or factories.submitted(cast, of or cast.alpha)
    with cast.scope():
        tell(row.partner_id, row, kind, Text("Decided", "With reasons."), at or timezone.now())
    return row


def said(cast, row, score, text="", by=None, at=None):
    """Answer as a party's person."""
    by = by or (cast.acme_rep if row.partner_id == cast.alpha.pk else cast.rival_rep)
    with acting(scope_of(by)):
        return answer_survey(registration=row, score=score, text=text, by=by, at=at or timezone.now())


def test_a_party_answers_on_the_page_and_changes_its_answer(cast, client) -> None:
    row = told(cast)
    client.force_login(cast.acme_rep)
    address, here = reverse("portal:survey", args=[row.pk]), reverse("portal:registration", args=[row.pk])
    with cast.scope():
        notice = Notice.objects.get(registration=row)
    for page in (here, reverse("portal:notice", args=[notice.pk])):
        assert "Was this handled fairly and clearly?" in client.get(page).content.decode()
    empty = client.post(address, {"text": "Only words."})
    assert empty.status_code == 400
    assert "Choose one of the five answers." in empty.content.decode()
    assert "Only words." in empty.content.decode()
    assert client.post(address, {"score": "9"}).status_code == 400
    assert client.post(address, {"score": "4", "text": " Quick. "}).status_code == 302
    assert "You answered <b>4: mostly</b>" in client.get(here).content.decode()
    assert client.post(address, {"score": "2"}).status_code == 302
    with cast.scope():
        kept = Survey.objects.get()
        assert (kept.score, kept.text, kept.outcome, kept.notice) == (2, "", "approved", notice)
        assert kept.history.count() == 2


def test_when_it_can_be_answered_and_changed(cast) -> None:
    now = timezone.now()
    undecided = factories.submitted(cast, cast.alpha)
    late = told(cast, at=now - timedelta(days=91))
    changed = told(cast, at=now - timedelta(days=30))
    said(cast, changed, 3, at=now - timedelta(days=15))
    refused = (
        (undecided, "once your registration is decided"),
        (late, "for 90 days"),
        (changed, "14 days have passed"),
    )
    for row, sentence in refused:
        with pytest.raises(NotPossibleError, match=sentence):
            said(cast, row, 5, at=now)
    told(cast, NoticeKind.NOT_APPROVED, at=now, registration=changed)  # decided anew, on an appeal: asked anew
    said(cast, changed, 1, at=now)
    with cast.scope():
        assert list(Survey.objects.order_by("answered_at").values_list("score", "outcome")) == [
            (3, "approved"), (1, "not_approved"),
        ]  # fmt: skip


def test_nobody_answers_for_somebody_else(cast, client) -> None:
    row = told(cast)
    client.force_login(cast.rival_rep)
    assert client.post(reverse("portal:survey", args=[row.pk]), {"score": "1"}).status_code == 404
    with cast.scope(), pytest.raises(NotPossibleError, match="own people"):
        answer_survey(registration=row, score=1, text="", by=cast.ada, at=AT)
    with cast.scope():
        notice = Notice.objects.get(registration=row)
    with pytest.raises(DatabaseError), acting(scope_of(cast.ada)), transaction.atomic():  # wall two: not even staff
        Survey.objects.create(program=cast.program, partner=cast.alpha, registration=row, notice=notice, score=5,
                              outcome="approved", answered_at=AT, answered_by_id=cast.ada.pk)  # fmt: skip


def test_deciders_see_figures_of_five_and_leaders_the_words(cast, client) -> None:
    def page(user) -> str:
        desk = type(client)()
        desk.force_login(user)
        answer = desk.get(reverse("review:satisfaction"))
        assert answer.status_code == 200
        return answer.content.decode()

    for number in range(4):
        said(cast, told(cast, of=cast.alpha), 4, f"Fine {number}.")
    assert "Too few answers yet" in page(cast.ada)
    assert "Fine" not in page(cast.carl)
    for score in (5, 5, 1):
        said(cast, told(cast, of=cast.beta), score)
    said(cast, told(cast, NoticeKind.NOT_APPROVED, of=cast.beta), 1, "Nobody told us why.")
    lead, decider = page(cast.carl), page(cast.ada)
    for words in ("Nobody told us why.", "Fine 3."):
        assert words in lead
        assert words not in decider
    for words in ("Alpha", "Beta", "acme_rep", "rival_rep"):
        assert words not in lead, words
    assert "<dd>8</dd>" in decider
    assert "fewer than 5" in decider
    assert "not shown" in decider  # the one refusal could be reckoned from the total: the approvals are hidden too
    assert "3.6" not in decider.split("By outcome")[1].split("By month")[0]


@pytest.mark.parametrize(
    ("answers", "shown"),
    [((7,), [True]), ((4,), [False]), ((9, 6, 2), [True, False, False]), ((9, 4, 3), [True, False, False]),
     ((9, 0), [True, True]), ((5, 5), [True, True])],
)  # fmt: skip
def test_no_figure_stands_on_fewer_than_five_or_can_be_reckoned(answers, shown) -> None:
    lines = protect([Line(str(i), n, 3 * n, n) for i, n in enumerate(answers)])
    assert [not line.hidden for line in lines] == shown
    hidden = sum(line.answers for line in lines if line.hidden)
    assert hidden == 0 or hidden >= FEWEST or len(answers) == 1
    assert all(line.mean == "–" for line in lines if line.hidden)


@pytest.mark.parametrize(
    ("now", "since"),
    [((2026, 3), (2025, 4)), ((2026, 12), (2026, 1)), ((2026, 1), (2025, 2)), ((2026, 11), (2025, 12))],
)
def test_figures_are_of_twelve_months(now, since) -> None:
    assert _since(AT.replace(year=now[0], month=now[1])) == AT.replace(year=since[0], month=since[1], day=1, hour=0)
