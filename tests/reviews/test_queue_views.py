"""Saved views and skipping: what comes back, to whom, and in which order."""

import pytest
from django.urls import reverse
from django.utils import timezone

from partners.models import Registration
from partners.services import NotPossibleError, add_activity
from reviews import pipeline
from reviews.desk.queue import first_free
from reviews.models import Case, SavedView, Skip
from reviews.permissions import NotAllowedError
from reviews.services import claim_case
from reviews.services.saved import change_view, delete_view, save_view
from reviews.services.skipping import skip_case
from reviews.states import WrongStateError
from tests import factories
from tests.factories import AT
from tests.reviews.at_the_desk import fresh, many_cases, opened, said, send, text_of

pytestmark = pytest.mark.django_db


def saved(cast, name="Big ones", *, by=None, shared=False, query="view=high&sort=amount"):
    with cast.scope():
        return save_view(program=cast.program, name=name, query=query, shared=shared, by=by or cast.bob, at=AT)


def test_a_view_is_saved_by_the_form_and_its_link_is_enough_to_come_back(client, cast):
    many_cases(cast, 1)
    client.force_login(cast.bob)
    filtered = {"view": "step", "sort": "amount", "q": "Customer"}
    page = text_of(client.get(reverse("review:queue"), filtered))
    assert "Save this view" in page
    client.post(reverse("review:saved_views"), {**filtered, "name": "  My  pumps "})
    with cast.scope():
        view = SavedView.objects.get()
    assert (view.name, view.query, view.shared) == ("My pumps", "view=step&q=Customer&sort=amount", False)
    back = client.get(reverse("review:saved_view", args=[view.pk]), follow=True)
    assert [row.account for row in back.context["page"].rows] == ["Customer 000 Water Works"]
    assert "My pumps" in text_of(back)
    assert "This view is saved already." in text_of(back)
    (line,) = [line for line in back.context["saved"] if line.query == back.context["asked_query"]]
    assert line.view == view
    assert "My step · 'Customer' · by at stake" in text_of(client.get(reverse("review:saved_views")))


def test_what_is_shared_is_read_by_colleagues_and_changed_by_its_owner(client, cast):
    own, told = saved(cast, "Mine alone"), saved(cast, "For all", shared=True)
    client.force_login(cast.carl)
    page = text_of(client.get(reverse("review:queue")))
    assert "For all" in page
    assert "Mine alone" not in page
    assert client.get(reverse("review:saved_view", args=[own.pk])).status_code == 404
    refused = client.post(reverse("review:saved_view", args=[told.pk]), {"delete": "1"})
    assert refused.status_code == 403
    assert "somebody else" in text_of(refused)
    other = factories.make_cast("southwind")
    client.force_login(other.carl)
    assert client.get(reverse("review:saved_view", args=[told.pk])).status_code == 404
    assert "For all" not in text_of(client.get(reverse("review:queue")))


def test_rename_share_and_delete(client, cast):
    view, second = saved(cast), saved(cast, "Second")
    client.force_login(cast.bob)
    address = reverse("review:saved_view", args=[view.pk])
    client.post(address, {"name": "Renamed", "shared": "on"})
    with cast.scope():
        view.refresh_from_db()
        assert (view.name, view.shared) == ("Renamed", True)
        with pytest.raises(NotPossibleError, match="called 'second' already"):
            change_view(view=view, name="second", shared=False, by=cast.bob, at=AT)
        with pytest.raises(NotAllowedError):
            delete_view(view=second, by=cast.carl, at=AT)
    assert client.post(address, {"name": ""}).status_code == 400
    client.post(address, {"delete": "1"})
    with cast.scope():
        assert not SavedView.objects.filter(pk=view.pk).exists()
    assert said(client.post(reverse("review:saved_views"), {"name": "x" * 61}))
    assert "already" in said(client.post(reverse("review:saved_views"), {"name": "SECOND", "view": "mine"}))[0]


# Skipping


def skip(cast, case, *, by=None, reason="time", text="", at=AT):
    with cast.scope():
        return skip_case(
            case=case,
            reason=reason,
            text=text,
            by=by or cast.bob,
            at=at,
            seen_version=Case.objects.get(pk=case.pk).version,
        )


def next_of(cast, who):
    with cast.scope():
        return first_free(who, {}, timezone.now())


def test_a_skipped_case_comes_last_to_the_same_person_and_as_before_to_others(cast):
    many_cases(cast, 3)
    first = next_of(cast, cast.bob)
    skip(cast, first)
    second = next_of(cast, cast.bob)
    assert second != first
    assert next_of(cast, cast.carl) == first
    skip(cast, second)
    third = next_of(cast, cast.bob)
    skip(cast, third)
    assert next_of(cast, cast.bob) == first, "when the others are done, the one that was skipped first"


def test_a_skipped_case_comes_back_at_once_when_it_changed(cast):
    many_cases(cast, 2)
    first = next_of(cast, cast.bob)
    skip(cast, first)
    with cast.scope():
        claim_case(case=first, by=cast.carl, at=AT)  # that somebody looked at it is no change
    with cast.scope():
        theirs = Registration.objects.get(partner=cast.beta, parties__case=first)
        add_activity(registration=theirs, kind="sow_signed", occurred_on=AT.date(), by=None, at=AT)
    assert next_of(cast, cast.bob) != first
    pipeline.look_again(cast.program, AT)
    assert next_of(cast, cast.bob) == first


def test_skipping_gives_back_and_needs_a_reason(cast):
    case = factories.conflict_case(cast)
    with cast.scope():
        claim_case(case=case, by=cast.bob, at=AT)
    with pytest.raises(NotPossibleError, match="Choose the reason"):
        skip(cast, case, reason="")
    with pytest.raises(NotPossibleError, match="few words"):
        skip(cast, case, reason="other")
    with pytest.raises(NotAllowedError):
        skip(cast, case, by=cast.audrey)
    skip(cast, case, reason="other", text="It is late.")
    assert fresh(cast, case).status == "open"
    with cast.scope():
        Case.objects.filter(pk=case.pk).update(status="snoozed")
    with pytest.raises(WrongStateError):
        skip(cast, case)


def test_by_the_form_the_next_case_opens_by_itself(client, cast):
    many_cases(cast, 2)
    client.force_login(cast.bob)
    started = client.post(reverse("review:start"), {"queue": "1", "q": "Customer"}, follow=True)
    first = started.context["page"].case
    assert "Skip…" in text_of(started)
    refused = send(client, cast.bob, "skip", first)
    assert refused.status_code == 400
    assert "Choose the reason for skipping." in text_of(refused)
    client.force_login(cast.bob)
    client.post(reverse("review:start"), {"queue": "1", "q": "Customer"})
    after = client.post(
        reverse("review:skip", args=[first.pk]),
        {"seen_version": fresh(cast, first).version, "reason": "time"},
        follow=True,
    )
    second = after.context["page"].case
    assert second != first
    assert f"{first.ref} is skipped" in text_of(after)
    assert "Skipped once: you (needs more time than i have now)" in text_of(opened(client, cast.bob, first))
    with cast.scope():
        assert Skip.objects.get().recommendation == first.conflict.recommendations.get(superseded_at=None)


def test_the_only_case_skipped_leads_back_to_the_queue(client, cast):
    case = factories.conflict_case(cast)
    done = send(client, cast.bob, "skip", case, reason="time")
    assert done["Location"] == reverse("review:queue")
    assert "every other open case of this view is taken" in said(done)[-1]
