"""What queue, case page and portal show of appeals and holds; what a form refuses, it keeps."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from partners import services as partners_services
from reviews import interim, pipeline
from reviews.choices import Choice
from reviews.models import Case
from reviews.services import approve, decide
from reviews.services.decisions import Override
from tests import factories
from tests.reviews.at_the_desk import fresh, opened, said, send, text_of
from tests.reviews.test_appeals import filed, registration

pytestmark = pytest.mark.django_db
WHY = {"reason_text": "Beta met them first.", "told": "Your meeting counts."}


@pytest.fixture
def case(cast) -> Case:
    """As of now, since pages ask the clock: both share the Orion deal."""
    now = timezone.now()
    for partner, ago in ((cast.alpha, 2), (cast.beta, 1)):
        with cast.scope():
            partners_services.submit_registration(
                registration=factories.draft(cast, partner), by=None, at=now - timedelta(hours=ago)
            )
    pipeline.detect(cast.program, now)
    with cast.scope():
        case = Case.objects.get()
        halves = Choice("split", shares={str(p.pk): Decimal(50) for p in (cast.alpha, cast.beta)})
        why = Override("relationship", "Both worked it.")
        decide(case=case, choice=halves, by=cast.bob, at=now, seen_version=case.version, override=why)
        case.refresh_from_db()
        while case.pending:
            approve(case=case, by=cast.carl, at=now, seen_version=case.version)
            case.refresh_from_db()
    return case


def appealed(cast, case, partner=None, by=None) -> Case:
    filed(cast, case, partner, by, at=timezone.now())
    return fresh(cast, case)


def queries_of(client, user, case) -> int:
    opened(client, user, case)  # the reading is on the record by now
    with CaptureQueriesContext(connection) as queries:
        assert opened(client, user, case).status_code == 200
    return len(queries)


def test_the_desk_shows_the_grounds_to_whoever_may_answer_and_says_why_others_may_not(client, cast, case):
    case = appealed(cast, case)
    page = text_of(opened(client, cast.rita, case))
    assert "There is new evidence" in page
    assert "We met the buyer in May." in page
    assert "Uphold the decision…" in page
    assert "You approved the decision that is appealed against" in text_of(opened(client, cast.bob, case))
    reader = text_of(opened(client, cast.audrey, case))
    assert "for a channel lead or a higher role" in reader
    assert "Your role reads cases" in reader
    listed = text_of(client.get(reverse("review:queue") + "?view=appeals"))
    assert case.ref in listed
    assert " h left" in listed
    assert case.ref not in text_of(client.get(reverse("review:queue")))
    one = queries_of(client, cast.rita, case)
    case = appealed(cast, case, cast.alpha, cast.acme_rep)
    assert queries_of(client, cast.rita, case) == one, "a fixed number of queries"


def test_what_is_refused_is_kept_and_what_is_stale_says_so(client, cast, case):
    case = appealed(cast, case)
    typed = {"form": "owner", "owner": str(cast.beta.pk), "reason_code": "", **WHY}
    refused = send(client, cast.rita, "answer_appeal", case, **typed)
    assert refused.status_code == 400
    assert "Choose the reason for deciding otherwise." in text_of(refused)
    assert "Your meeting counts." in refused.content.decode()
    typed["reason_code"] = "evidence_wrong"
    not_hers = send(client, cast.bob, "answer_appeal", case, **typed)
    assert not_hers.status_code == 403
    stale = send(client, cast.rita, "answer_appeal", case, **{**typed, "seen_version": case.version - 1})
    assert stale.status_code == 409
    assert "an appeal was taken up" in text_of(stale)
    assert "Your meeting counts." in stale.content.decode()
    done = send(client, cast.rita, "answer_appeal", case, **typed)
    assert said(done) == ["Your answer is kept. It is not what the rules recommend: a second person stands behind it."]
    waits = text_of(opened(client, cast.rita, case))
    assert "You gave this answer: a second person stands behind it." in waits


def test_an_appeal_is_filed_for_a_side_that_wrote_a_letter(client, cast, case):
    with cast.scope():
        side = case.parties.get(partner=cast.beta)
    typed = {"party": side.pk, "ground": "procedure", "text": "Nobody asked us."}
    assert send(client, cast.audrey, "file_appeal", case, **typed).status_code == 403
    done = send(client, cast.carl, "file_appeal", case, **typed)
    assert "is filed for Beta Industrial" in said(done)[0]
    interim.look_after(cast.program, timezone.now())
    case = fresh(cast, case)
    assert case.status == "appealed"
    again = send(client, cast.carl, "file_appeal", case, **typed)
    assert again.status_code == 400, "it is not offered any more"


def test_put_on_hold_and_end_it_at_the_desk(client, cast, case):
    case = appealed(cast, case)
    day = (timezone.now() + timedelta(days=3)).date().isoformat()
    typed = {"speaks": f"user:{cast.lena.pk}", "until": day, "reason": "The buyer is confused."}
    assert send(client, cast.carl, "hold", case, **typed | {"speaks": f"user:{cast.acme_rep.pk}"}).status_code == 400
    missing = send(client, cast.carl, "hold", case, **typed | {"until": ""})
    assert missing.status_code == 400
    assert "The buyer is confused." in missing.content.decode()
    assert "All claims are on hold until" in said(send(client, cast.carl, "hold", case, **typed))[0]
    page = text_of(opened(client, cast.rita, case))
    assert "Lena speaks to the buyer." in page
    assert "end the hold first" in page
    assert "on hold until" in text_of(client.get(reverse("review:queue") + "?view=appeals"))
    done = send(client, cast.carl, "end_hold", fresh(cast, case))
    assert "The hold has ended" in said(done)[0]


def test_the_portal_offers_what_can_be_done_and_nothing_else(client, cast, case):
    mine = registration(cast, cast.beta)
    page, form = reverse("portal:registration", args=[mine.pk]), reverse("portal:appeal", args=[mine.pk])
    client.force_login(cast.rival_rep)
    assert "You can appeal against this decision once, until" in text_of(client.get(page))
    half = {"ground": "new_evidence", "text": "We met.", "kind_1": "meeting", "kind_2": "", "on_2": "2026-01-05"}
    refused = text_of(client.post(form, half))
    assert "Enter the day on which it happened." in refused
    assert "Choose what happened on this day." in refused
    late = (timezone.now() + timedelta(days=9)).date().isoformat()
    assert "still to come" in text_of(client.post(form, half | {"on_1": late, "on_2": ""}))
    assert client.post(form, half | {"on_1": "2026-01-05", "on_2": ""}).status_code == 302
    assert "Your appeal A-" in text_of(client.get(page))
    assert client.get(form).status_code == 302
    again = client.post(form, half | {"on_1": "2026-01-05", "on_2": ""})
    assert "can be appealed against once" in said(again)[0]
    client.force_login(cast.acme_rep)
    assert client.get(form).status_code == 404
