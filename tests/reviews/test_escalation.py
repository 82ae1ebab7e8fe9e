"""Escalation: handed to the next role by a person, told to it by the clock."""

from datetime import timedelta

import pytest
from django.urls import reverse

from channelconflict.models import AuditEvent
from partners.models import Registration
from partners.services import NotPossibleError, add_activity
from reviews import pipeline, stages
from reviews.choices import Choice
from reviews.models import Case, Escalation
from reviews.permissions import NotAllowedError
from reviews.services import StaleCaseError, approve, claim_case, decide
from reviews.services.decisions import Override
from reviews.services.escalation import escalate
from reviews.states import WrongStateError
from tests import factories
from tests.factories import AT
from tests.reviews.at_the_desk import fresh, opened, said, send, text_of
from tests.reviews.in_talks import asked

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


# --- by hand ---


@pytest.fixture
def case(cast):
    """Submitted at AT: 48 open hours are left."""
    factories.submitted(cast, cast.alpha)
    factories.submitted(cast, cast.beta)
    pipeline.detect(cast.program, AT)
    with cast.scope():
        return Case.objects.get()


def hand_on(cast, case, by, reason="Both call me."):
    with cast.scope():
        return escalate(case=case, reason=reason, by=by, at=AT, seen_version=fresh(cast, case).version)


def with_work(cast, case):
    """Alpha has worked the deal: the rules award it."""
    with cast.scope():
        mine = Registration.objects.get(partner=cast.alpha)
        for days in (1, 2):
            on = AT.date() - timedelta(days=days)
            add_activity(registration=mine, kind="sow_signed", occurred_on=on, by=None, at=AT)
    pipeline.detect(cast.program, AT)
    return fresh(cast, case)


def test_the_next_role_takes_it_and_the_lower_one_does_not_any_more(cast, case):
    case = with_work(cast, case)
    with cast.scope():
        claim_case(case=case, by=cast.bob, at=AT)
    handed = hand_on(cast, case, cast.ada)  # she manages one side alone: handing on is what she can do
    assert (handed.pending, handed.handed_to, handed.escalated_to) == (["channel_lead"], "channel_lead", "channel_lead")
    with cast.scope():
        assert not case.assignments.filter(released_at=None).exists()
        kept = Escalation.objects.get()
        assert (kept.cause, kept.from_role, kept.to_role, kept.reason) == (
            "hand", "partner_manager", "channel_lead", "Both call me.",
        )  # fmt: skip
        seen = fresh(cast, case).version
        with pytest.raises(NotAllowedError, match="This step is for channel lead"):
            approve(case=case, by=cast.bob, at=AT, seen_version=seen)
        approve(case=case, by=cast.carl, at=AT, seen_version=seen)
    assert fresh(cast, case).status == "decided"


def test_it_stays_handed_on_when_facts_change(cast, case):
    hand_on(cast, case, cast.bob)
    assert with_work(cast, case).pending == ["channel_lead"]


def test_an_override_that_waits_for_a_second_person_is_handed_on_too(cast, case):
    case = with_work(cast, case)
    with cast.scope():
        why = Override("timing", "They were quicker.")
        choice = Choice("award", str(cast.beta.pk))
        decide(case=case, choice=choice, by=cast.bob, at=AT, seen_version=case.version, override=why)
    assert hand_on(cast, case, cast.bob).pending == ["second:channel_lead"]


def test_up_to_the_top_and_no_further(cast, case):
    hand_on(cast, case, cast.bob)
    hand_on(cast, case, cast.carl)
    with pytest.raises(NotPossibleError, match="the top of the line"):
        hand_on(cast, case, cast.rita)


def test_refused_without_a_reason_a_role_the_present_version_or_a_fitting_state(cast, case):
    with pytest.raises(NotPossibleError, match="Say in a sentence"):
        hand_on(cast, case, cast.bob, " ")
    with pytest.raises(NotAllowedError):
        hand_on(cast, case, cast.audrey)
    with cast.scope(), pytest.raises(StaleCaseError):
        escalate(case=case, reason="x", by=cast.bob, at=AT, seen_version=case.version + 1)
    asked(cast, case)
    with pytest.raises(WrongStateError):
        hand_on(cast, case, cast.bob)


# --- by time ---


def test_the_clock_tells_the_next_role_at_risk_and_the_one_above_when_it_is_breached(client, cast, case):
    assert stages.look_after(cast.program, case.at_risk_at - HOUR) == 0
    version = fresh(cast, case).version
    for _ in range(2):
        stages.look_after(cast.program, case.at_risk_at)
    assert (fresh(cast, case).escalated_to, fresh(cast, case).version) == ("channel_lead", version)
    assert fresh(cast, case).pending == case.route  # whose step it is does not change
    for _ in range(2):
        stages.look_after(cast.program, case.due_at)
    with cast.scope():
        rows = Escalation.objects.order_by("escalated_at").values_list("cause", "to_role")
        assert list(rows) == [("at_risk", "channel_lead"), ("breached", "revenue_lead")]
        acts = AuditEvent.objects.filter(chain=f"case:{case.pk}", action="case.escalated")
        assert [event.actor_id for event in acts] == [None, None]
    page = text_of(opened(client, cast.rita, case))
    assert "told by the clock: the promise is missed" in page
    assert "escalated to revenue lead" in page  # on the timeline
    queue = client.get(reverse("review:queue"), {"view": "escalated"})
    assert case.ref in text_of(queue)
    assert "escalated" in text_of(queue)
    link = next(i for group in queue.context["navigation"] for i in group["items"] if i["label"] == "Escalated to you")
    assert link["count"] == 1
    client.force_login(cast.carl)
    assert case.ref not in text_of(client.get(reverse("review:queue"), {"view": "escalated"}))


def test_a_clock_that_stands_tells_nobody(cast, case):
    talks = asked(cast, case)
    stages.look_after(cast.program, talks.due_at - HOUR)
    with cast.scope():
        assert not Escalation.objects.exists()


# --- by the form ---


def test_by_the_form(client, cast, case):
    refused = send(client, cast.bob, "escalate", case)
    assert refused.status_code == 400
    assert "Say in a sentence why the next role should take it." in text_of(refused)
    done = send(client, cast.bob, "escalate", case, reason="Both call me.")
    assert said(done) == [f"{case.ref} is with the channel lead now."]
    assert "‘Both call me.’" in text_of(opened(client, cast.carl, case))
