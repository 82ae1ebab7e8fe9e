"""Playbooks: the standard ones are whole and neutral, a program keeps its own as versions, items are ticked on a case."""

from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from channelconflict.models import AuditEvent
from conflicts.policy import KINDS
from partners.services import NotPossibleError, StaleRowError
from reviews.models import Playbook, PlaybookTick
from reviews.permissions import NotAllowedError
from reviews.playbooks import NAMES, STANDARD_PLAYS, problems, written
from reviews.playbooks.play import MOST_ITEMS
from reviews.services import approve
from reviews.services.playbooks import change_playbook, play_for, tick_item
from reviews.states import WrongStateError
from tests import factories
from tests.factories import AT
from tests.reviews.at_the_desk import fresh, opened, send, text_of

KIND = "competing_registration"
db = pytest.mark.django_db


@pytest.fixture
def case(cast):
    return factories.conflict_case(cast)


def changed(cast, play, *, seen=0, by=None, reason="We learned."):
    with cast.scope():
        return change_playbook(
            program=cast.program, play=play, reason=reason, by=by or cast.pat, at=AT, seen_version=seen
        )


# --- the words themselves ---


def test_every_kind_of_case_has_a_standard_playbook():
    assert set(STANDARD_PLAYS) == {*KINDS, "routine", "raised_concern"}
    assert all(kind == play.kind and play.title for kind, play in STANDARD_PLAYS.items())


@pytest.mark.parametrize("kind", sorted(STANDARD_PLAYS))
def test_a_standard_playbook_is_whole_and_its_texts_are_neutral(kind):
    play = STANDARD_PLAYS[kind]
    assert 1 <= len(play.gather) <= MOST_ITEMS
    assert len(set(play.gather)) == len(play.gather)
    assert play.weigh
    for text in (play.question, play.notice):
        assert problems(text) == []
        assert "{registration}" in text
        filled = written(text, dict.fromkeys(NAMES, "Orion"))
        assert not set("{}") & set(filled)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Dear {nobody}", "{nobody} is no name"),
        ("Dear {partner", "A brace stands alone"),
        ("The other partner was first", "‘other partner’ tells of others"),
        ("Unfortunately not", "‘unfortunately’ is not neutral"),
        ("Dear {partner}, about {customer}", ""),
    ],
)
def test_what_is_wrong_with_a_text_is_said(text, sentence):
    found = problems(text)
    assert found == [] if not sentence else sentence in found[0]


@given(st.text(), st.dictionaries(st.sampled_from(sorted(NAMES)), st.text()))
def test_filling_in_never_fails_and_leaves_what_it_does_not_know(text, names):
    filled = written(text, names)
    if "{" not in text:
        assert filled == text


@given(st.dictionaries(st.sampled_from(sorted(NAMES)), st.text(alphabet="abc{}"), min_size=len(NAMES)))
def test_a_name_is_never_filled_in_twice(names):
    assert written("{partner}|{customer}", names) == f"{names['partner']}|{names['customer']}"


# --- a program's own ---


@db
def test_a_program_keeps_its_own_words_as_versions(cast):
    play = replace(STANDARD_PLAYS[KIND], gather=("One", "Two"))
    first = changed(cast, play)
    second = changed(cast, replace(play, gather=("One", "Three")), seen=1, reason="Two was in vain.")
    assert (first.version, second.version) == (1, 2)
    with cast.scope():
        assert play_for(cast.program, KIND)[0].gather == ("One", "Three")
        assert play_for(cast.program, "routine")[1] is None
        history = list(
            second.history.order_by("history_date", "version").values_list("version", "history_change_reason")
        )
        assert history == [(1, "We learned."), (2, "Two was in vain.")]
        assert AuditEvent.objects.filter(action="playbook.changed").count() == 2


@db
@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"gather": ()}, "what to gather"),
        ({"gather": ("x",) * 2}, "twice"),
        ({"weigh": ("x" * 301,)}, "longer than 300"),
        ({"gather": tuple(map(str, range(13)))}, "1 to 12"),
        ({"question": " "}, "text is missing"),
        ({"notice": "Your rival won"}, "tells of others"),
        ({"kind": "nothing"}, "no such kind"),
    ],
)
def test_a_playbook_that_is_none_is_refused(cast, change, sentence):
    with pytest.raises(NotPossibleError, match=sentence):
        changed(cast, replace(STANDARD_PLAYS[KIND], **change))
    with cast.scope():
        assert not Playbook.objects.exists()


@db
def test_who_may_change_it_and_from_which_version(cast):
    with pytest.raises(NotAllowedError):
        changed(cast, STANDARD_PLAYS[KIND], by=cast.bob)
    changed(cast, STANDARD_PLAYS[KIND])
    with pytest.raises(StaleRowError, match="version 1, you saw 0"):
        changed(cast, STANDARD_PLAYS[KIND])


@db
def test_the_form_of_a_playbook_keeps_what_was_typed_when_it_is_stale(client, cast):
    client.force_login(cast.pat)
    url = reverse("review:playbook", args=[KIND])
    form = client.get(url).context["form"]
    typed = {name: "" if form[name].value() is None else form[name].value() for name in form.fields} | {
        "gather": "One\r\n Two ",
        "reason": "Short.",
    }
    assert client.post(url, typed).status_code == 302
    with cast.scope():
        assert Playbook.objects.get().gather == ["One", "Two"]
    stale = client.post(url, typed | {"gather": "Mine"})
    page = text_of(stale)
    assert (stale.status_code, "changed by somebody else" in page, "Mine" in page) == (409, True, True)
    assert client.post(url, typed | {"gather": "Mine", "seen_version": 1}).status_code == 302
    page = text_of(client.get(url))
    assert "Version 2: Short." in page
    assert "version 2" in text_of(client.get(reverse("review:playbooks")))
    client.force_login(cast.bob)
    assert "Program admins and sales operations change playbooks." in text_of(client.get(url))
    assert client.post(url, typed | {"seen_version": 2}).status_code == 403
    assert client.get(reverse("review:playbook", args=["nothing"])).status_code == 404


# --- on a case ---


@db
def test_an_item_is_ticked_with_who_and_when_and_taken_back(client, cast, case):
    item = STANDARD_PLAYS[KIND].gather[0]
    page = text_of(opened(client, cast.bob, case))
    assert "0 of 6 gathered" in page
    before = fresh(cast, case).version
    assert send(client, cast.bob, "tick", case, item=item, done="on").status_code == 302
    page = text_of(opened(client, cast.ada, case))
    assert "1 of 6 gathered" in page
    assert "Bob, " in page
    assert fresh(cast, case).version == before, "whoever decides need not look again"
    send(client, cast.ada, "tick", case, item=item)
    assert "0 of 6 gathered" in text_of(opened(client, cast.bob, case))
    with cast.scope():
        tick = PlaybookTick.objects.get()
        assert (tick.done, tick.said_by_id, tick.history.count()) == (False, cast.ada.pk, 2)
        chain = AuditEvent.objects.filter(chain=f"case:{case.pk}").values_list("action", flat=True)
        assert {"case.item_done", "case.item_undone"} <= set(chain)


@db
def test_what_is_no_item_and_who_only_reads_is_refused(cast, case):
    with cast.scope():
        with pytest.raises(NotPossibleError, match="not on the playbook"):
            tick_item(case=case, item="Ask the oracle", done=True, by=cast.bob, at=AT)
        with pytest.raises(NotAllowedError):
            tick_item(case=case, item=STANDARD_PLAYS[KIND].gather[0], done=True, by=cast.audrey, at=AT)


@db
def test_the_checklist_of_a_decided_case_stays_as_it_was(client, cast, case):
    item = STANDARD_PLAYS[KIND].gather[0]
    with cast.scope():
        tick_item(case=case, item=item, done=True, by=cast.bob, at=AT)
        approve(case=case, by=cast.carl, at=AT, seen_version=case.version)
        with pytest.raises(WrongStateError):
            tick_item(case=case, item=item, done=False, by=cast.bob, at=AT)
    page = text_of(opened(client, cast.bob, case))
    assert "1 of 6 gathered" in page
    assert "its checklist stays as it was" in page


@db
def test_an_item_that_was_ticked_under_earlier_words_is_still_told(client, cast, case):
    item = STANDARD_PLAYS[KIND].gather[0]
    with cast.scope():
        tick_item(case=case, item=item, done=True, by=cast.bob, at=AT)
    changed(cast, replace(STANDARD_PLAYS[KIND], gather=("Other words",)))
    page = text_of(opened(client, cast.bob, case))
    assert "0 of 1 gathered" in page
    assert "(an item of an earlier version)" in page


@db
def test_a_text_is_filled_with_the_partys_own_names_and_taken_into_the_question(client, cast, case):
    response = opened(client, cast.bob, case)
    texts = response.context["page"].playbook.texts
    alpha, beta = (next(t for t in texts if t.name == name) for name in ("Alpha Flow", "Beta Industrial"))
    assert "Dear Alpha Flow" in alpha.question
    assert "for Orion Chemicals we" in alpha.question
    assert "ORION CHEMICALS, INCORPORATED" in beta.question
    assert "Beta" not in alpha.question + alpha.notice
    asked = client.get(reverse("review:playbook_question", args=[case.pk]), {"party": beta.party_id})
    form = asked.context["forms"]["ask"]
    assert form["body"].value() == beta.question
    assert form["parties"].value() == [beta.party_id]
    assert client.get(reverse("review:playbook_question", args=[case.pk]), {"party": "x"}).status_code == 302


@db
def test_ticks_do_not_add_queries_one_by_one(client, cast, case):
    counts = []
    for ticked in (1, 4):
        with cast.scope():
            for item in STANDARD_PLAYS[KIND].gather[:ticked]:
                tick_item(case=case, item=item, done=True, by=cast.bob, at=AT)
        opened(client, cast.bob, case)
        with CaptureQueriesContext(connection) as queries:
            opened(client, cast.bob, case)
        counts.append(len([q for q in queries if not q["sql"].startswith(("SAVEPOINT", "RELEASE"))]))
    assert counts[0] == counts[1]
