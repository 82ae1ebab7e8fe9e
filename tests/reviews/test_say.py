"""A word on each output of a case page: the buttons, what is kept, who may, and the summary for those who write rules."""

import re

import pytest
from django.urls import reverse

from channelconflict.models import AuditEvent
from conflicts.learning.services import Output, give_feedback
from conflicts.models import Feedback, OutputPart, Recommendation
from partners.services import NotPossibleError
from reviews import pipeline
from tests import factories
from tests.factories import AT
from tests.reviews.at_the_desk import opened, said, send, text_of, url

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(cast):
    return factories.conflict_case(cast)


def say(client, cast, case, user, verdict, *, number=0, **more):
    page = opened(client, user, case).context["page"]
    asked = page.asked[number]
    data = {"recommendation": page.recommendation.pk, "say": f"{verdict}.{asked.key}"} | more
    return asked, send(client, user, "say", case, **data)


def kept(cast):
    with cast.scope():
        return list(Feedback.objects.select_related("reviewer").order_by("said_at", "pk"))


def test_every_output_has_three_buttons_in_one_form(client, cast, case):
    response = opened(client, cast.bob, case)
    page = response.context["page"]
    parts = [asked.output.part for asked in page.asked]
    assert parts[0] == OutputPart.RECOMMENDATION
    assert OutputPart.REASON in parts
    assert OutputPart.FINDING in parts
    html = response.content.decode()
    assert len(re.findall(r'<button form="feedback" name="say"', html)) == 3 * len(parts)
    assert html.count('id="feedback"') == 1
    assert html.count('aria-pressed="true"') == 0
    for asked in page.asked:
        assert f'id="say-{asked.key}"' in html
    assert len({asked.key for asked in page.asked}) == len(parts)


def test_a_word_is_kept_with_what_it_was_about_and_changed_by_saying_it_again(client, cast, case):
    asked, response = say(client, cast, case, cast.bob, "wrong")
    assert response["Location"] == f"{url('case', case)}?said={asked.key}#say-{asked.key}"
    row = kept(cast)[0]
    assert (row.verdict, row.part, row.about, row.told) == ("wrong", "recommendation", "R-08", asked.output.told)
    html = client.get(response["Location"]).content.decode()
    assert html.count('aria-pressed="true"') == 1
    assert "add words" in html
    say(client, cast, case, cast.bob, "wrong", text="Beta met the buyer first.")
    assert kept(cast)[0].text == "Beta met the buyer first."
    say(client, cast, case, cast.bob, "useful")
    say(client, cast, case, cast.carl, "unclear")
    rows = kept(cast)
    assert sorted((row.reviewer.username, row.verdict) for row in rows) == [("bob", "useful"), ("carl", "unclear")]
    assert next(row for row in rows if row.verdict == "useful").text == "Beta met the buyer first."
    with cast.scope():
        acts = AuditEvent.objects.filter(action="feedback.given").count()
    assert acts == 4


def test_pressing_the_pressed_one_takes_it_back(client, cast, case):
    say(client, cast, case, cast.bob, "wrong", text="No.")
    page = opened(client, cast.bob, case).context["page"]
    pressed = next(button for button in page.asked[0].buttons if button.pressed)
    assert pressed.value.startswith("taken_back.")
    say(client, cast, case, cast.bob, "taken_back")
    row = kept(cast)[0]
    assert (row.verdict, row.text) == ("taken_back", "")
    assert 'aria-pressed="true"' not in opened(client, cast.bob, case).content.decode()


def test_of_a_recommendation_that_is_gone_nothing_is_kept(client, cast, case):
    page = opened(client, cast.bob, case).context["page"]
    old = {"recommendation": page.recommendation.pk, "say": f"wrong.{page.asked[0].key}"}
    with cast.scope():
        partner = factories.partner(cast, "P-NEW", "Newcomer Trading")
    factories.submitted(cast, partner)
    pipeline.detect(cast.program, AT)
    response = send(client, cast.bob, "say", case, **old)
    assert "looked at again meanwhile" in said(response)[0]
    assert kept(cast) == []
    assert "choose one of the buttons" in said(send(client, cast.bob, "say", case))[-1]
    broken = {"recommendation": page.recommendation.pk, "say": "wrong.nothing"}
    assert "Nothing was kept" in said(send(client, cast.bob, "say", case, **broken))[-1]


def test_who_only_reads_has_no_buttons_and_is_refused(client, cast, case):
    response = opened(client, cast.audrey, case)
    assert 'name="say"' not in response.content.decode()
    asked = response.context["page"].asked[0]
    data = {"recommendation": response.context["page"].recommendation.pk, "say": f"wrong.{asked.key}"}
    assert "your role reads" in said(send(client, cast.audrey, "say", case, **data))[0]
    assert kept(cast) == []


def test_partners_and_other_programs_get_there_no_more_than_to_the_case(client, cast, case):
    client.force_login(cast.acme_rep)
    assert client.post(url("say", case)).status_code == 404
    other = factories.make_cast("southwind")
    client.force_login(other.bob)
    assert client.post(url("say", case)).status_code == 404
    with other.scope():
        assert not Feedback.objects.exists()


def test_a_word_of_nonsense_is_refused(cast, case):
    with cast.scope():
        advice = Recommendation.objects.get()
        output = Output(OutputPart.REASON, "R-08", "Alpha came first.", "a")
        with pytest.raises(NotPossibleError, match="useful, wrong or unclear"):
            give_feedback(recommendation=advice, output=output, verdict="maybe", text="", by=cast.bob, at=AT)


def test_the_summary_counts_by_what_it_is_about_and_is_for_those_who_write_rules(client, cast, case):
    client.force_login(cast.pat)
    empty = text_of(client.get(reverse("review:feedback")))
    assert "Nobody has said anything yet" in empty
    say(client, cast, case, cast.bob, "wrong", text="Beta met the buyer first.")
    say(client, cast, case, cast.carl, "useful")
    say(client, cast, case, cast.bob, "unclear", number=-1)
    client.force_login(cast.pat)
    page = client.get(reverse("review:feedback")).context["page"]
    assert (page.tallies[0].about, page.tallies[0].useful, page.tallies[0].wrong) == ("R-08 Score", 1, 1)
    assert page.total == 3
    shown = text_of(client.get(reverse("review:feedback") + "?verdict=wrong"))
    assert "Beta met the buyer first." in shown
    assert case.ref in shown
    assert "Carl" not in shown
    assert "Nothing found" not in shown
    client.force_login(cast.bob)
    assert client.get(reverse("review:feedback")).status_code == 403
    assert "Feedback" not in [item["label"] for group in navigation(client) for item in group["items"]]


def navigation(client):
    return client.get(reverse("review:queue")).context["navigation"]
