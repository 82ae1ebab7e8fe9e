"""Talks under way get more time, or another facilitator: who may, what every side is told, and what stays true after it."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from channelconflict.models import AuditEvent
from partners.models import Registration
from partners.services import NotPossibleError
from reviews import stages
from reviews.models import Case, Mediation, MediationSide, Notice
from reviews.permissions import NotAllowedError
from reviews.services import StaleCaseError, approve
from reviews.services.changing_talks import change_facilitator, extend_talks
from reviews.states import WrongStateError
from tests import factories
from tests.factories import AT
from tests.reviews.at_the_desk import fresh, said, text_of
from tests.reviews.in_talks import asked, mediated

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def case(cast):
    return factories.conflict_case(cast)


def extended(cast, talks, *, days=3, body="A fair is on.", by=None, at=AT, seen=None):
    with cast.scope():
        version = seen or Case.objects.get(pk=talks.case_id).version
        return extend_talks(mediation=talks, days=days, body=body, by=by or cast.lena, at=at, seen_version=version)


def changed(cast, talks, to=None, *, reason="Lena is ill.", by=None, at=AT):
    with cast.scope():
        version = Case.objects.get(pk=talks.case_id).version
        return change_facilitator(
            mediation=talks, facilitator=to or cast.olga, reason=reason, by=by or cast.lena, at=at, seen_version=version
        )


def newest(cast, partner):
    with cast.scope():
        return Notice.objects.filter(partner=partner).latest("sent_at", "pk")


def test_more_time_moves_the_deadline_the_reminder_and_what_the_sides_were_promised(cast, case):
    talks = mediated(cast, case)
    calendar, before = cast.program.calendar, talks.due_at
    with cast.scope():
        promised = Registration.objects.get(partner=cast.beta).due_at
    later = extended(cast, talks, at=AT + HOUR)
    assert calendar.hours_between(before, later.due_at) == pytest.approx(72)
    assert AT < later.remind_at < later.due_at
    with cast.scope():
        assert {side.due_at for side in MediationSide.objects.filter(mediation=talks)} == {later.due_at}
        moved = Registration.objects.get(partner=cast.beta).due_at
        assert calendar.hours_between(promised, moved) == pytest.approx(72)
        act = AuditEvent.objects.get(action="case.talks_extended")
        assert act.actor_id == cast.lena.pk
    assert (fresh(cast, case).status, fresh(cast, case).paused_at) == ("mediation", AT)
    told = newest(cast, cast.beta)
    assert "there is more time to talk" in told.subject
    assert "A fair is on." in told.body
    stages.look_after(cast.program, before)
    assert fresh(cast, case).status == "mediation"
    stages.look_after(cast.program, later.due_at)
    assert fresh(cast, case).status == "in_review"


@pytest.mark.parametrize(("words", "error", "sentence"), [
    ({"days": 0}, NotPossibleError, "1 to 30 open days more"),
    ({"days": 30}, NotPossibleError, "30 open days from now at the latest"),
    ({"body": "  "}, NotPossibleError, "every side reads it"),
    ({"at": AT + 30 * DAY}, WrongStateError, "The deadline has passed"),
    ({"seen": 1}, StaleCaseError, "changed while you were looking"),
])  # fmt: skip
def test_more_time_is_refused_with_a_sentence(cast, case, words, error, sentence):
    talks = mediated(cast, case)
    with pytest.raises(error, match=sentence):
        extended(cast, talks, **words)


def test_of_informal_talks_whoever_may_ask_gives_more_time_but_nobody_facilitates(cast, case):
    talks = asked(cast, case)
    assert extended(cast, talks, by=cast.carl).due_at > talks.due_at
    with pytest.raises(NotAllowedError):
        extended(cast, talks, by=cast.audrey)
    with pytest.raises(WrongStateError, match="parties talk"):
        changed(cast, talks, by=cast.carl)


def test_another_facilitates_and_who_did_before_still_does_not_decide(cast, case):
    talks = mediated(cast, case, facilitator=cast.cleo)
    now = changed(cast, talks, cast.lena, by=cast.cleo, at=AT + HOUR)
    assert (now.facilitator, now.earlier_facilitators) == (cast.lena, [cast.cleo.pk])
    told = newest(cast, cast.alpha)
    assert told.body.startswith("Lena mediates the talk about Orion Chemicals")
    assert "Beta" not in told.subject + told.body
    assert "ill" not in told.body
    with cast.scope():
        assert {side.facilitator_name for side in MediationSide.objects.all()} == {"Lena"}
        assert AuditEvent.objects.get(action="case.facilitator_changed").actor_id == cast.cleo.pk
    with pytest.raises(NotAllowedError, match="Lena facilitates this mediation"):
        extended(cast, talks, by=cast.cleo)
    stages.look_after(cast.program, talks.due_at)
    with cast.scope(), pytest.raises(NotAllowedError, match="You mediated this case"):
        approve(case=case, by=cast.cleo, at=talks.due_at, seen_version=fresh(cast, case).version)


@pytest.mark.parametrize(("by", "to", "error", "sentence"), [
    ("bob", "olga", NotAllowedError, "Lena hands it over, or a channel lead"),
    ("audrey", "olga", NotAllowedError, "reads cases"),
    ("lena", "lena", NotPossibleError, "facilitates already"),
    ("lena", "ada", NotPossibleError, "manages Alpha Flow"),
    ("lena", "pat", NotPossibleError, "somebody who decides"),
])  # fmt: skip
def test_a_change_is_refused_with_a_sentence(cast, case, by, to, error, sentence):
    talks = mediated(cast, case)
    with pytest.raises(error, match=sentence):
        changed(cast, talks, cast.staff[to], by=cast.staff[by])


def test_a_lead_steps_in_and_a_reason_is_wanted(cast, case):
    talks = mediated(cast, case)
    with pytest.raises(NotPossibleError, match="goes on the record"):
        changed(cast, talks, reason=" ", by=cast.carl)
    assert changed(cast, talks, by=cast.rita).facilitator == cast.olga


def test_both_are_done_on_the_page_of_the_talks(client, cast, case):
    talks = mediated(cast, case, at=timezone.now())
    client.force_login(cast.lena)
    address = reverse("review:mediation", args=[talks.pk])
    page = text_of(client.get(address))
    assert "Give more time…" in page
    assert "Another facilitator…" in page
    version = fresh(cast, case).version
    wrong = client.post(reverse("review:extend_talks", args=[talks.pk]), {"seen_version": version, "days": "9"})
    assert (wrong.status_code, "every side reads it" in text_of(wrong)) == (400, True)
    sent = {"seen_version": version, "days": "2", "body": "Holidays."}
    done = client.post(reverse("review:extend_talks", args=[talks.pk]), sent)
    assert done.status_code == 302
    assert "there is time until" in said(done)[0]
    stale = {"seen_version": version, "facilitator": str(cast.olga.pk), "reason": "Ill."}
    assert client.post(reverse("review:change_facilitator", args=[talks.pk]), stale).status_code == 409
    done = client.post(
        reverse("review:change_facilitator", args=[talks.pk]), stale | {"seen_version": fresh(cast, case).version}
    )
    assert said(done) == ["Every side is told: Olga facilitates from now on."]
    assert "Give more time" not in text_of(client.get(address))
    client.force_login(cast.carl)
    page = text_of(client.get(address))
    assert "Another facilitator…" in page
    assert "Give more time" not in page
    with cast.scope():
        assert Mediation.objects.get(pk=talks.pk).facilitator == cast.olga
