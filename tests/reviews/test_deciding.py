"""Every button of the case page: what it does, who may press it, and that nothing typed is lost."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from partners.models import Registration
from reviews import desk, pipeline
from reviews.models import Case, Decision, Message, Outbox, WorkNote
from reviews.services import claim_case
from tests import factories
from tests.reviews.at_the_desk import ACTS, fresh, opened, said, send, text_of, url

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(cast):
    return factories.conflict_case(cast)


def test_approving_decides_and_shows_the_outcome(client, cast, case):
    response = send(client, cast.bob, "approve", case)
    assert response["Location"] == url("case", case)
    assert "is decided" in said(response)[0]
    page = text_of(client.get(url("case", case)))
    with cast.scope():
        decision = Decision.objects.get()
        assert Outbox.objects.count() == 2
    for shown in (
        "Award to Alpha Flow",
        "Bob",
        decision.snapshot_sha256,
        "in review → approved",
        "what each side was told",
    ):
        assert shown in page.replace("in_review", "in review"), shown
    listed = text_of(client.get(reverse("review:decided")))
    assert "Award to Alpha Flow" in listed
    assert "0 of 2 written" in listed
    assert "Orion" not in text_of(client.get(reverse("review:queue")))


def test_a_manager_with_an_interest_reads_why_the_button_is_off(client, cast, case):
    page = opened(client, cast.ada, case)
    assert "You manage Alpha Flow" in text_of(page)
    assert page.context["page"].panel.approve.disabled
    refused = send(client, cast.ada, "approve", case)
    assert refused.status_code == 403
    assert "You manage Alpha Flow" in text_of(refused)
    assert fresh(cast, case).status == "open"


def test_a_step_for_another_role_says_whose_it_is(client, cast, case):
    page = opened(client, cast.lena, case)
    assert "This step is for partner manager." in text_of(page)
    assert send(client, cast.lena, "approve", case).status_code == 403


def test_an_auditor_reads_and_does_nothing(client, cast, case):
    page = opened(client, cast.audrey, case)
    panel = page.context["page"].panel
    assert all(button.disabled for button in (panel.approve, panel.owner, panel.share, panel.ask, panel.claim))
    for name, data in (("claim", {}), ("note", {"text": "x"}), ("approve", {})):
        refused = send(client, cast.audrey, name, case, **data)
        assert refused.status_code == 403, name
        assert "Your role reads cases" in text_of(refused) or "This step is for" in text_of(refused)
    assert fresh(cast, case).version == case.version


def test_a_stale_decision_is_refused_with_what_changed_and_keeps_what_was_typed(client, cast, case):
    with cast.scope():
        claim_case(case=case, by=cast.carl, at=timezone.now())
    answer = send(
        client, cast.bob, "decide", case, form="owner", owner=str(cast.beta.pk), reason_code="relationship",
        reason_text="The buyer asked for Beta on Monday.",
    )  # fmt: skip
    page = text_of(answer)
    assert answer.status_code == 409
    assert "changed while you were looking at it" in page
    assert re.search(r"taken – Carl", page)
    html = answer.content.decode()
    assert "The buyer asked for Beta on Monday." in html
    assert re.search(rf'name="owner" value="{cast.beta.pk}"[^>]*checked', html)
    assert f'name="seen_version" value="{case.version + 1}"' in html
    assert f'name="seen_version" value="{case.version}"' not in html
    with cast.scope():
        assert not Decision.objects.exists()


def test_another_owner_waits_for_a_second_person_who_sees_who_chose_what_and_why(client, cast, case):
    answer = send(
        client, cast.bob, "decide", case, form="owner", owner=str(cast.beta.pk), reason_code="evidence_wrong",
        reason_text="The validation was at another site.",
    )  # fmt: skip
    assert "a second person" in said(answer)[0]
    mine = opened(client, cast.bob, case)
    assert "You have already approved this decision" in text_of(mine)
    page = opened(client, cast.carl, case)
    waiting = page.context["page"].panel.waiting
    assert (waiting.title, waiting.by, waiting.reason) == (
        "Award to Beta Industrial",
        "Bob",
        "Evidence wrong or outdated",
    )
    assert "The validation was at another site." in text_of(page)
    assert page.context["page"].panel.approve.label == "Approve: Award to Beta Industrial"
    send(client, cast.carl, "approve", fresh(cast, case))
    with cast.scope():
        assert Registration.objects.get(partner=cast.beta).status == "approved"
        assert Registration.objects.get(partner=cast.alpha).status == "rejected"
    assert "Otherwise than recommended" in text_of(client.get(url("case", case)))
    assert "override" in text_of(client.get(reverse("review:decided")))


def test_an_override_without_its_reason_is_refused_beside_the_field(client, cast, case):
    answer = send(client, cast.bob, "decide", case, form="owner", owner=str(cast.beta.pk), reason_text="because")
    assert answer.status_code == 400
    assert "Choose the reason for deciding otherwise." in text_of(answer)
    assert ">because</textarea>" in answer.content.decode().replace("\n", "")


def test_a_split_must_sum_to_a_hundred(client, cast, case):
    reason = {"form": "share", "mode": "split", "reason_code": "other", "reason_text": "They worked together."}
    page = opened(client, cast.bob, case)
    names = list(page.context["forms"]["share"].share_names)[:2]
    answer = send(client, cast.bob, "decide", case, **reason, **dict(zip(names, ("60", "30"), strict=True)))
    assert answer.status_code == 400
    assert "must sum to 100" in text_of(answer)
    assert 'value="60"' in answer.content.decode()
    send(client, cast.bob, "decide", case, **reason, **dict(zip(names, ("60", "40"), strict=True)))
    page = opened(client, cast.carl, case).context["page"]
    assert page.panel.waiting.title == "Split Alpha Flow 60 %, Beta Industrial 40 %"
    assert {letter.chip.text for letter in page.letters} == {"shared"}


def test_a_co_sell_names_owner_and_support(client, cast, case):
    reason = {"form": "share", "mode": "co_sell", "reason_code": "other", "reason_text": "Both are needed."}
    answer = send(client, cast.bob, "decide", case, **reason)
    assert answer.status_code == 400
    assert "Choose who owns the deal." in text_of(answer)
    send(client, cast.bob, "decide", case, **reason, owner=str(cast.alpha.pk), support=[str(cast.beta.pk)])
    page = opened(client, cast.carl, case).context["page"]
    assert page.panel.waiting.title == "Co-sell: Alpha Flow owns, Beta Industrial supports"


def test_asking_pauses_the_clock_and_says_for_whom_it_waits(client, cast, case):
    page = opened(client, cast.bob, case)
    beta = next(side for side in desk.sides_of(page.context["page"].case) if side.name == "Beta Industrial")
    asked = {"parties": [beta.party_id], "body": "Please date your meetings.", "fields_wanted": ["note", "place"]}
    assert send(client, cast.bob, "ask", case, **{**asked, "parties": []}).status_code == 400
    answer = send(client, cast.bob, "ask", case, **asked)
    assert "Asked Beta Industrial" in said(answer)[0]
    with cast.scope():
        assert Message.objects.get().requested_fields == ["note", "account_country", "account_subdivision"]
    page = text_of(client.get(url("case", case)))
    assert "waits for Beta Industrial" in page
    assert "Please date your meetings." in page
    assert "waits for Beta Industrial" in text_of(client.get(reverse("review:queue")))
    refused = send(client, cast.bob, "approve", fresh(cast, case))
    assert refused.status_code == 409
    assert fresh(cast, case).status == "awaiting_information"


def test_a_note_stays_inside(client, cast, case):
    assert send(client, cast.bob, "note", case, text="  ").status_code == 400
    send(client, cast.bob, "note", case, text="Called <b>Alpha</b>.")
    assert "Called &lt;b&gt;Alpha&lt;/b&gt;." in client.get(url("case", case)).content.decode()
    with cast.scope():
        assert WorkNote.objects.get().author == cast.bob


def test_giving_back_what_one_does_not_hold_is_refused(client, cast, case):
    assert send(client, cast.bob, "release", case).status_code == 409
    send(client, cast.bob, "claim", case)
    assert send(client, cast.carl, "claim", case).status_code == 409
    answer = send(client, cast.bob, "release", case)
    assert answer["Location"] == reverse("review:queue")
    assert fresh(cast, case).status == "open"


def test_who_follows_the_address_of_an_act_lands_on_the_case(client, cast, case):
    client.force_login(cast.bob)
    for name in ACTS:
        assert client.get(url(name, case))["Location"] == url("case", case)


# Who is who


@pytest.fixture
def unsure(cast):
    """Beta typed a name that may be Orion, under another domain: a person says first."""
    factories.submitted(cast, cast.alpha, days_ago=4)
    factories.submitted(cast, cast.beta, days_ago=1, account_name="Orion Chemicals Inc", account_domain="other.example",
                        contact_email="buyer@other.example")  # fmt: skip
    pipeline.detect(cast.program, factories.AT)
    with cast.scope():
        return Case.objects.get()


def test_a_possible_match_is_asked_and_the_answer_is_final(client, cast, unsure):
    page = opened(client, cast.bob, unsure)
    (question,) = page.context["page"].table.questions
    assert "Is ‘Orion Chemicals Inc’ the same company" in text_of(page)
    assert "identity unconfirmed" in text_of(page)
    said_so = {"registration": question.registration_id, "account": question.account_id}
    answer = send(client, cast.bob, "identity", unsure, **said_so, verdict="same")
    assert said(answer) == ["Kept. The findings and the recommendation were made anew."]
    page = client.get(url("case", unsure))
    assert page.context["page"].table.questions == []
    assert "identity unconfirmed" not in text_of(page)
    again = send(client, cast.bob, "identity", fresh(cast, unsure), **said_so, verdict="different")
    assert again.status_code == 409


def test_not_the_same_dissolves_a_case_that_rested_on_it(client, cast, unsure):
    (question,) = opened(client, cast.bob, unsure).context["page"].table.questions
    said_so = {"registration": question.registration_id, "account": question.account_id, "verdict": "different"}
    assert send(client, cast.audrey, "identity", unsure, **said_so).status_code == 403
    answer = send(client, cast.bob, "identity", unsure, **said_so)
    assert "closed" in said(answer)[0]
    assert "closed without a decision" in text_of(client.get(url("case", unsure)))
    with cast.scope():
        assert set(Registration.objects.values_list("status", flat=True)) == {"approved"}
