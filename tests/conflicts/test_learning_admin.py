"""The pages of the weights: who may press what, what a version shows, and that others see nothing of it."""

from __future__ import annotations

import pytest
from django.urls import reverse

from conflicts.models import IdentityWeights
from tests import factories
from tests.conflicts import made_up, reviews_said
from tests.staff_site import address, as_

pytestmark = pytest.mark.django_db
LEARN = "/admin/conflicts/identityweights/learn/"


@pytest.fixture
def draft(cast) -> IdentityWeights:
    """A draft of 120 reviewed queries, made by the button."""
    with cast.scope():
        reviews_said.say(cast, made_up.reviewed(120, seed=2))
    answer = as_(cast.pat).post(LEARN, {"program": cast.program.pk}, follow=True)
    assert "p-1 is a draft" in answer.content.decode()
    with cast.scope():
        return IdentityWeights.objects.get()


def act(name: str, row: IdentityWeights) -> str:
    return reverse(f"admin:conflicts_identityweights_{name}", args=[row.pk])


def page_of(user, row: IdentityWeights) -> str:
    return as_(user).get(address(IdentityWeights, "change", row.pk)).content.decode()


def test_the_list_says_what_judges_and_when_there_is_enough(cast):
    with cast.scope():
        reviews_said.say(cast, made_up.reviewed(120, seed=2)[:12])
    pat = as_(cast.pat)
    page = pat.get(address(IdentityWeights, "changelist")).content.decode()
    assert "The shipped weights (" in page
    assert "People have said of 12 registrations whom they name; from 100 on" in page
    answer = pat.post(LEARN, {"program": cast.program.pk}, follow=True).content.decode()
    assert "12 reviewed queries so far: from 100 on they say enough" in answer


def test_a_version_goes_in_force_and_back_by_buttons(cast, draft):
    pat, page = as_(cast.pat), page_of(cast.pat, draft)
    assert "It may be put in force." in page
    assert "reviewed registrations that nothing was learned from" in page
    assert "Each doubling of accounts with that name" in page
    assert 'class="was"' in page
    assert "p-1 is in force" in pat.post(act("publish", draft), follow=True).content.decode()
    page = pat.get(address(IdentityWeights, "changelist")).content.decode()
    assert "<b>p-1</b> judges" in page
    page = page_of(cast.pat, draft)
    assert "In force</b> since" in page
    assert "Return to the shipped weights (" in page
    assert "The shipped weights are in force again." in pat.post(act("return", draft), follow=True).content.decode()
    assert "only a draft can be put in force" in pat.post(act("publish", draft), follow=True).content.decode()


def test_a_version_that_errs_more_has_no_button_and_is_refused(cast, draft):
    with cast.scope():
        reviews_said.say(cast, made_up.neighbours(40))
        draft.start += 12
        draft.trial["holds"] = False
        draft.save()
    page = page_of(cast.pat, draft)
    assert "It may not be put in force." in page
    assert 'form="publish"' not in page
    assert "p-1 would be right in" in as_(cast.pat).post(act("publish", draft), follow=True).content.decode()


def test_what_is_judged_otherwise_is_told_with_what_people_said(cast, draft):
    with cast.scope():
        key = str(factories.m.MatchVerdict.objects.first().registration_id)
        change = {"key": key, "held_out": True, "before": "possible", "after": "same", "known": True, "better": False}
        draft.trial |= {"changes": [change], "changed": 1}
        draft.save()
    page = page_of(cast.ada, draft)
    assert "Orion Chemicals" in page
    assert "agree less" in page


def test_who_may_look_presses_nothing(cast, draft):
    ada = as_(cast.ada)
    assert 'form="publish"' not in page_of(cast.ada, draft)
    assert ada.post(act("publish", draft)).status_code == 403
    assert ada.post(act("return", draft)).status_code == 403
    assert ada.post(LEARN, {"program": cast.program.pk}).status_code == 404
    assert ada.get(act("publish", draft)).status_code == 405
    with cast.scope():
        assert IdentityWeights.objects.get().status == "draft"


def test_others_find_nothing(cast, draft):
    other = factories.make_cast("southsea")
    pat = as_(other.pat)
    assert pat.get(address(IdentityWeights, "change", draft.pk)).status_code == 404
    assert pat.post(act("publish", draft)).status_code == 404
    assert pat.post(act("return", draft)).status_code == 404
    for program in (cast.program.pk, "", "nonsense"):
        assert pat.post(LEARN, {"program": program}).status_code == 404
    assert as_(cast.acme_rep).post(act("publish", draft)).status_code in (302, 403, 404)
    page = pat.get(address(IdentityWeights, "changelist")).content.decode()
    assert "People have said of 0 registrations" in page
    assert "p-1" not in page
