"""The pages of trials and of versions in shadow: what each shows, who may begin one, and that they ask for little."""

import pytest
from django.test import Client
from django.urls import reverse

from conflicts.models import PolicyStatus, PolicyTrial
from partners.services import save_row
from reviews.backtest.running import work_on_trial
from tests import factories
from tests.factories import AT
from tests.reviews.at_the_desk import many_cases, text_of
from tests.reviews.test_backtest import begin, changed, tried, version

pytestmark = pytest.mark.django_db
LIST = "admin:conflicts_policytrial_changelist"
START = "admin:conflicts_policytrial_start"


def as_(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page_of(trial) -> str:
    return reverse("admin:conflicts_policytrial_change", args=[trial.pk])


def test_an_empty_list_says_what_will_come(cast) -> None:
    body = text_of(as_(cast.pat).get(reverse(LIST)))
    assert "Nothing has been tried yet" in body
    assert "Try a policy" in body


def test_a_version_is_tried_from_the_page(cast) -> None:
    factories.conflict_case(cast)
    row, client = version(cast, changed(margin=90)), as_(cast.pat)
    form = client.get(reverse(START), {"policy": row.pk})
    assert f'value="{row.pk}" selected' in form.content.decode()
    begun = client.post(reverse(START), {"what": "version", "policy": row.pk, "most": ""})
    waiting = client.get(begun.url).content.decode()
    assert 'http-equiv="refresh"' in waiting
    assert "<progress" in waiting
    with cast.scope():
        trial = PolicyTrial.objects.get()
    work_on_trial(cast.program, trial.pk)
    done = client.get(begun.url)
    assert 'http-equiv="refresh"' not in done.content.decode()
    body = text_of(done)
    for told in (
        "Outcomes that change 1 of 1 cases",
        "Alpha Flow gets it",
        "By partner",
        "By rule",
        "Decided by another rule",
    ):
        assert told in body
    assert "Cases with another outcome 1" in body
    assert text_of(client.get(reverse(LIST))).count("Version 2") == 1


def test_something_is_supposed_from_the_page(cast) -> None:
    many_cases(cast, 2)
    client = as_(cast.pat)
    wanted = {
        "what": "suppose",
        "program": cast.program.pk,
        "gone": "P-BETA",
        "dimension": "countries",
        "parameters.margin": "15",
    }
    begun = client.post(reverse(START), wanted)
    with cast.scope():
        trial = PolicyTrial.objects.get()
    assert trial.title == "Beta Industrial has left"
    work_on_trial(cast.program, trial.pk)
    assert "Beta Industrial has left" in text_of(client.get(begun.url))


@pytest.mark.parametrize(("sent", "told"), [
    ({"gone": "P-NOBODY"}, "There is no partner P-NOBODY"),
    ({"territory": "T-NONE"}, "There is no territory T-NONE"),
    ({}, "Everything is as it is now"),
    ({"parameters.margin": "-1"}, "greater than or equal to 0"),
    ({"gone": "P-ALPHA", "most": "0"}, "greater than or equal to 1"),
])  # fmt: skip
def test_what_cannot_be_supposed_is_said_at_the_field(cast, sent, told) -> None:
    wanted = {"what": "suppose", "program": cast.program.pk, "dimension": "countries", **sent}
    answer = as_(cast.pat).post(reverse(START), wanted)
    assert told in text_of(answer)
    with cast.scope():
        assert not PolicyTrial.objects.exists()


def test_a_trial_is_cancelled_and_tried_again(cast) -> None:
    client, trial = as_(cast.pat), begin(cast)
    assert "Cancelled after 0 of 0 cases" in text_of(client.post(page_of(trial), {"act": "cancel"}, follow=True))
    assert "ended already" in text_of(client.post(page_of(trial), {"act": "cancel"}, follow=True))
    again = client.post(page_of(trial), {"act": "again"})
    assert again.url != page_of(trial)
    with cast.scope():
        assert PolicyTrial.objects.filter(finished_at=None).count() == 1


def test_a_trial_without_cases_and_one_that_failed_say_so(cast) -> None:
    trial, _ = tried(cast)
    assert "No past cases yet" in text_of(as_(cast.pat).get(page_of(trial)))
    with cast.scope():
        PolicyTrial.objects.filter(pk=trial.pk).update(error="It failed (OSError). The log of the worker says more.")
    assert "It failed (OSError)" in text_of(as_(cast.pat).get(page_of(trial)))


def test_nothing_changes_is_said_as_well(cast) -> None:
    factories.conflict_case(cast)
    trial, _ = tried(cast)
    body = text_of(as_(cast.pat).get(page_of(trial)))
    assert "Every past case comes out as it does under the live version." in body


def test_changed_cases_are_found_by_what_they_name(cast) -> None:
    many_cases(cast, 3)
    trial, found = tried(cast, changed(margin=90))
    assert found.changed == 3
    client = as_(cast.ada)
    ref = found.changes[0].ref
    assert client.get(page_of(trial), {"q": ref}).context["listed"].number == 1
    assert client.get(page_of(trial), {"q": "alpha"}).context["listed"].number == 3
    empty = client.get(page_of(trial), {"q": "zebra\x00", "page": "99"})
    assert "No changed case names “zebra”" in text_of(empty)


def test_two_trials_stand_side_by_side(cast) -> None:
    many_cases(cast, 2)
    one, other = tried(cast, changed(margin=90))[0], tried(cast)[0]
    page = reverse("admin:conflicts_policytrial_beside", args=[one.pk])
    body = text_of(as_(cast.audrey).get(page, {"with": other.pk}))
    assert "Outcomes that change 2 0" in body
    assert "Alpha Flow -2 +0" in body
    assert "as live: Alpha Flow gets it" in body
    for wrong in ("", "x", str(cast.program.pk)):
        assert as_(cast.audrey).get(page, {"with": wrong}).status_code == 404


@pytest.mark.parametrize("who", ["ada", "lena", "audrey"])
def test_who_may_not_change_rules_reads_only(cast, who) -> None:
    trial, client = begin(cast), as_(cast.staff[who])
    assert client.get(page_of(trial)).status_code == 200
    assert "Only people who may change" in text_of(client.get(reverse(START)))
    live = trial.held_against_id
    client.post(reverse(START), {"what": "version", "policy": live, "most": ""})
    client.post(reverse(START), {"what": "suppose", "program": cast.program.pk, "gone": "P-BETA"})
    for act in ("cancel", "again"):
        client.post(page_of(trial), {"act": act})
    with cast.scope():
        assert PolicyTrial.objects.get().finished_at is None


def test_foreign_and_absent_trials_are_answered_alike(cast) -> None:
    trial, _ = tried(cast)
    other = factories.make_cast("southwind")
    mine, _ = tried(other)
    client, absent = as_(other.pat), str(cast.program.pk)
    for key in (trial.pk, absent):
        for name in ("change", "beside"):
            page = reverse(f"admin:conflicts_policytrial_{name}", args=[key])
            assert client.get(page, {"with": mine.pk}).status_code == 404
        assert (
            client.post(reverse("admin:conflicts_policytrial_change", args=[key]), {"act": "again"}).status_code == 404
        )
    beside = reverse("admin:conflicts_policytrial_beside", args=[mine.pk])
    assert client.get(beside, {"with": trial.pk}).status_code == client.get(beside, {"with": absent}).status_code == 404
    row = version(cast, changed(margin=3))
    answer = client.post(reverse(START), {"what": "version", "policy": row.pk, "most": ""})
    assert "Select a valid choice" in text_of(answer)


def test_pages_ask_the_same_number_of_questions_for_any_number_of_trials(cast, django_assert_max_num_queries) -> None:
    many_cases(cast, 2)
    trial, _ = tried(cast, changed(margin=90))
    for _ in range(4):
        tried(cast)
    client = as_(cast.pat)
    for address in (reverse(LIST), page_of(trial), reverse(START)):
        with django_assert_max_num_queries(22):
            assert client.get(address).status_code == 200


# --- shadow ---

SHADOW = "admin:conflicts_shadowanswer_changelist"


def test_without_a_shadow_the_page_says_what_will_come(cast) -> None:
    assert "No version runs in shadow" in text_of(as_(cast.audrey).get(reverse(SHADOW)))


def test_a_version_in_shadow_is_shown_rule_by_rule(cast) -> None:
    row = version(cast, changed(margin=90), PolicyStatus.SHADOW)
    assert "The next recommendation brings the first answer." in text_of(as_(cast.audrey).get(reverse(SHADOW)))
    many_cases(cast, 2)
    client = as_(cast.audrey)
    answer = client.get(reverse(SHADOW), {"policy": row.pk})
    (delta,) = answer.context["deltas"]
    assert (delta.number, delta.differ) == (2, 2)
    body = text_of(answer)
    assert "Answers 2" in body
    assert "One gets it: Alpha Flow" in body
    assert client.get(reverse(SHADOW), {"policy": "x"}).status_code == 404
    other = factories.make_cast("southwind")
    assert as_(other.audrey).get(reverse(SHADOW), {"policy": row.pk}).status_code == 404
    assert "No version runs in shadow" in text_of(as_(other.audrey).get(reverse(SHADOW)))


def test_a_case_page_knows_nothing_of_the_shadow(cast) -> None:
    row = version(cast, changed(margin=90), PolicyStatus.SHADOW)
    with cast.scope():
        row.document = {**row.document, "title": "Moonlight draft"}
        save_row(row, by=None, at=AT, action="t")
    case = factories.conflict_case(cast)
    body = text_of(as_(cast.carl).get(reverse("review:case", args=[case.pk])))
    assert "Moonlight" not in body
    assert "shadow" not in body.lower()
