"""What a first opinion hides, on every way to the recommendation, until it is said."""

import re
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from channelconflict.models import AuditEvent
from conflicts.models import ShadowAnswer
from conflicts.services import policy_in_force
from partners.services import add_activity, add_evidence, save_row
from reviews import pipeline
from reviews.desk import cases
from reviews.desk.queue import queue_page
from reviews.models import Case
from reviews.services import approve
from reviews.services.asked_first import owes
from reviews.services.decisions import Override
from tests import factories
from tests.factories import AT
from tests.reviews.asked import ask_in, close_case, large_case, letter, say
from tests.reviews.at_the_desk import ACTS, fresh, many_cases, opened, send, text_of, url

pytestmark = pytest.mark.django_db
WHY = Override("timing", "The buyer cannot wait.")


@pytest.fixture
def case(cast):
    made = large_case(cast)
    ask_in(cast)
    return made


# What is hidden, and where


def told_of(cast, case):
    """What nobody may read before their own view: names of the sides, and what is recommended."""
    with cast.scope():
        answer = case.conflict.recommendations.get(superseded_at=None).result
    return ["Alpha", "Beta Industrial", "P-ALPHA", answer["sentence"], answer["options"][0]["title"], "onfidence"]


def test_the_page_hides_names_and_recommendation_until_it_is_said(client, cast, case):
    hidden = opened(client, cast.carl, case)
    text, html = text_of(hidden), hidden.content.decode()
    assert "Your own view first" in text
    assert "more than one role decides it" in text
    assert "Claimant A" in text
    assert "Claimant B" in text
    assert "Technical validation" in text
    assert not [word for word in told_of(cast, case) if word in html]
    for user in (cast.audrey, cast.pat, cast.lena, cast.bob):
        open_page = text_of(opened(client, user, case))
        assert "Alpha Flow" in open_page
        assert "Recommendation" in open_page

    b = letter(cast, case, str(cast.beta.pk))
    response = send(client, cast.carl, "first_opinion", case, view=b, text="Beta is nearer.")
    assert response.status_code == 302
    page = text_of(opened(client, cast.carl, case))
    assert f"Your first opinion: Beta Industrial (Claimant {b}) , other than recommended" in page
    assert "Beta is nearer." in page
    assert "Approve: Award to Alpha Flow" in page
    assert "Your own view first" in text_of(opened(client, cast.rita, case))
    assert "Beta is nearer." not in text_of(opened(client, cast.rita, case))
    assert f"Carl: Beta Industrial (Claimant {b})" in text_of(opened(client, cast.audrey, case))


def test_no_act_on_the_case_shows_its_page(client, cast, case):
    for name in (*ACTS, "mediate", "escalate", "say", "tick", "hold"):
        response = send(client, cast.carl, name, fresh(cast, case))
        html = response.content.decode() if response.status_code != 302 else ""
        assert not [word for word in told_of(cast, case) if word in html], name
    client.force_login(cast.carl)
    with cast.scope():
        party = case.parties.first().pk
    question = client.get(url("playbook_question", case), {"party": party})
    assert not [word for word in told_of(cast, case) if word in question.content.decode()]
    with cast.scope():
        assert not AuditEvent.objects.filter(action="feedback.given").exists()


def test_the_queue_says_neither_whose_it_is_nor_what_is_recommended(cast, case):
    with cast.scope():
        (row,) = queue_page(cast.carl, {}, AT).rows
        assert (row.advice, row.confidence, row.second) == ("Your own view first", None, None)
        assert (row.parties, row.all_parties) == ("2 claimants, names hidden", "")
        (open_row,) = queue_page(cast.audrey, {}, AT).rows
        assert (open_row.parties, open_row.advice) == ("Alpha Flow, Beta Industrial", "Award to Alpha Flow")
    say(cast, case, cast.carl)
    with cast.scope():
        assert queue_page(cast.carl, {}, AT).rows[0].advice == "Award to Alpha Flow"


def test_whether_the_rules_abstain_is_no_view_of_the_queue_either(cast):
    close_case(cast)
    with cast.scope():
        assert len(queue_page(cast.carl, {"view": "abstained"}, AT).rows) == 1
    ask_in(cast, share=100)
    with cast.scope():
        assert not queue_page(cast.carl, {"view": "abstained"}, AT).rows
        assert len(queue_page(cast.audrey, {"view": "abstained"}, AT).rows) == 1


@pytest.mark.parametrize("share", [0, 1, 30, 70, 100])
def test_the_list_and_the_page_agree_on_what_is_asked(cast, share):
    many_cases(cast, 8)
    large_case(cast)
    ask_in(cast, share=share)
    with cast.scope():
        for user in (cast.bob, cast.carl, cast.rita, cast.lena, cast.audrey):
            by_list = {row.pk for row in queue_page(user, {}, AT).rows if row.own_view_first}
            assert by_list == {case.pk for case in cases() if owes(user, case)}


def test_the_queue_takes_as_many_queries_whatever_is_asked(cast):
    many_cases(cast, 3)
    counts = []
    for share in (0, 0, 100):
        ask_in(cast, share=share)
        with cast.scope(), CaptureQueriesContext(connection) as queries:
            queue_page(cast.bob, {}, AT)
        counts.append(len(queries))
    assert counts[1] == counts[2]  # the first also reads what Bob may do


def test_the_page_asks_the_database_a_fixed_number_of_questions(client, cast, case):
    counts = []
    for number in (0, 3):
        for n in range(number):
            with cast.scope():
                other = factories.partner(cast, f"P-{number}{n}", f"Gamma {n}")
            factories.submitted(cast, other, amount=10_000 + n)
        pipeline.detect(cast.program, AT)
        opened(client, cast.carl, case)
        with CaptureQueriesContext(connection) as queries:
            assert "Your own view first" in text_of(opened(client, cast.carl, case))
        counts.append(len(queries))
    assert counts[0] == counts[1]


# Whatever is in the records


WORDS = st.text("abcdefghij", min_size=3, max_size=8)


@settings(
    max_examples=6, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(st.data())
def test_nothing_that_could_name_a_side_is_on_the_hidden_page(client, data):
    """Planted words in every text of every side, at random deals: none of them, and nothing of the recommendation."""
    with transaction.atomic():
        cast = factories.make_cast()
        planted = {name: f"zq{name}{data.draw(WORDS, label=name)}zq" for name in (*"abcdefgh",)}
        a, b, c, d, e, f, g, h = planted.values()
        with cast.scope():
            for partner, name in ((cast.alpha, a), (cast.beta, b)):
                partner.name, partner.external_id = f"{name} Trading", f"P-{name}"
                save_row(partner, by=None, at=AT, action="partner.renamed")
        new = data.draw(st.booleans(), label="a customer that we did not know, called after a side")
        customer = {"account_name": f"{a} Trading subsidiary {g}", "account_domain": f"{g}.example"} if new else {}
        words = {"contact_email": f"{c}@{d}.example", "note": e, "incumbent": f, "account_city": h, **customer}
        amounts = st.sampled_from([300_000, 251_000, 260_500])
        first = factories.submitted(cast, cast.alpha, days_ago=4, amount=Decimal(data.draw(amounts)), **words)
        factories.submitted(cast, cast.beta, days_ago=data.draw(st.integers(0, 3)), amount=Decimal(9_000), **words)
        with cast.scope():
            kind = data.draw(st.sampled_from(["first_contact", "meeting", "technical_validation", "sow_signed"]))
            add_activity(registration=first, kind=kind, occurred_on=AT.date(), by=None, at=AT, note=e)
            add_evidence(registration=first, kind="customer_letter", by=None, at=AT, note=f, verified=True)
        pipeline.detect(cast.program, AT)
        ask_in(cast)
        with cast.scope():
            case = Case.objects.get(parties__registration=first)
            answer = case.conflict.recommendations.get().result
        html = opened(client, cast.carl, case).content.decode()
        assert "Your own view first" in html
        # Co-sell is an answer that everybody is offered.
        titles = {option["title"] for option in answer["options"]} - {"Co-sell"}
        hidden = [*planted.values(), answer["sentence"], *titles]
        if new:  # our record of the customer was made of what a partner typed: only names of sides are taken out of it
            hidden.remove(g)
        assert not [word for word in hidden if word.lower() in html.lower()]
        transaction.set_rollback(True)


# The staff site


def test_no_page_of_the_staff_site_tells_it_either(client, cast, case):
    say(cast, case, cast.carl)
    with cast.scope():
        approve(case=case, by=cast.carl, at=AT, seen_version=case.version)
        decision = case.decisions.get()
        policy = policy_in_force(cast.program).row
        advice = case.conflict.recommendations.get(superseded_at=None)
        shadow = ShadowAnswer.objects.create(
            program=cast.program, policy=policy, recommendation=advice, action="split", rule_id="S-1", live_rule_id="L-1",
            differs=True, made_at=AT,
        )  # fmt: skip
    pages = {
        reverse("admin:reviews_decision_changelist"): case.ref,
        reverse("admin:conflicts_shadowanswer_changelist"): "S-1",
    }
    objects = [
        reverse("admin:reviews_decision_change", args=[decision.pk]),
        reverse("admin:conflicts_shadowanswer_change", args=[shadow.pk]),
    ]
    for user, shown in ((cast.rita, False), (cast.carl, True), (cast.audrey, True)):
        client.force_login(user)
        for address, word in pages.items():
            rows = [
                row for row in re.findall(r"<tr.*?</tr>", client.get(address).content.decode(), re.S) if word in row
            ]
            one_of_the_case = [row for row in rows if "Orion" in row or case.ref in row]
            assert bool(one_of_the_case) is shown, (user, address)
        assert {client.get(address).status_code for address in objects} == ({200} if shown else {404})
