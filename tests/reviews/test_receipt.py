"""The receipt: a page, the same in a notice that is read already, and a log head that can be compared."""

import re
from io import StringIO

import pytest
from django.core.management import call_command
from django.urls import reverse

from channelconflict.audit import head_at
from channelconflict.models import AuditEvent
from reviews import pipeline
from reviews.models import Notice, NoticeKind
from tests import factories
from tests.factories import AT
from tests.partners.test_portal import only, typed

pytestmark = pytest.mark.django_db


@pytest.fixture
def portal(cast, client):
    """acme_rep, signed in."""
    client.force_login(cast.acme_rep)
    return client


def received(cast, **which):
    """The notices of receipt."""
    with cast.scope():
        return list(Notice.objects.filter(kind=NoticeKind.RECEIVED, **which))


def test_the_receipt_says_number_times_way_and_log_head(cast, portal):
    address = portal.post(reverse("portal:register"), typed(portal)).headers["Location"]
    row = only(cast)
    assert address == reverse("portal:receipt", args=[row.pk])
    page = portal.get(address).content.decode()
    with cast.scope():
        head = AuditEvent.objects.get(action="registration.submitted", subject_id=row.pk).hash
    for words in (row.number, head, "You hear from us by", "You read the decision with its reasons"):
        assert words in page


def test_a_draft_has_no_receipt(cast, portal):
    portal.post(reverse("portal:register"), typed(portal, draft="1"))
    row = only(cast)
    answer = portal.get(reverse("portal:receipt", args=[row.pk]))
    assert answer.headers["Location"] == reverse("portal:registration", args=[row.pk])


def test_every_claim_is_confirmed_alike_once_and_read(cast, portal):
    factories.submitted(cast, cast.beta, by=cast.rival_rep)
    for name in ("Orion Chemicals", "Zephyr Chemicals"):  # one collides, the other is approved at once
        portal.post(reverse("portal:register"), typed(portal, account_name=name, account_domain=f"{name[:5]}.example"))
    pipeline.detect(cast.program, AT)
    pipeline.process_registration(cast.program, only(cast, account_name="Zephyr Chemicals").pk, AT)
    told = received(cast, partner=cast.alpha)
    assert len(told) == 2
    assert all(notice.read_at for notice in told)
    masked = []
    for notice in told:
        row = only(cast, pk=notice.registration_id)
        with cast.scope():
            head = head_at(subject=row, action="registration.submitted")
        assert head in notice.body
        text = notice.body
        for varying in (row.number, row.account_name, head):
            text = text.replace(varying, "-")
        masked.append(text)
    assert masked[0] == masked[1]
    page = portal.get(reverse("portal:registrations")).content.decode()
    assert not re.search(r"<li>[^<]*<svg[^>]*>.*?</svg><span><a[^>]*>Registration \S+: received", page)
    assert "Log head" in portal.get(reverse("portal:notice", args=[told[0].pk])).content.decode()


def test_what_nobody_typed_has_no_receipt(cast):
    factories.submitted(cast, cast.alpha)  # as an import brings it
    factories.submitted(cast, None, by=cast.olga)
    pipeline.detect(cast.program, AT)
    assert received(cast) == []


def test_a_colleague_finds_the_head_in_the_notice(cast, portal, client):
    portal.post(reverse("portal:register"), typed(portal))
    pipeline.detect(cast.program, AT)
    with cast.scope():
        colleague = factories.rep(cast.alpha, "acme_two")
    client.force_login(colleague)
    page = client.get(reverse("portal:receipt", args=[only(cast).pk])).content.decode()
    assert "in the notice of receipt" in page
    (told,) = received(cast)
    assert re.search(r"Log head: [0-9a-f]{64}", told.body)
    assert "Log head" in client.get(reverse("portal:registration", args=[told.registration_id])).content.decode()


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_the_record_can_be_asked_for_the_head_of_a_receipt(committed_cast):
    cast = committed_cast
    row = factories.submitted(cast, cast.alpha, by=cast.acme_rep)
    with cast.scope():
        head = head_at(subject=row, action="registration.submitted")
    said = StringIO()
    call_command("verify_audit", holds=head, stdout=said)
    assert f"It holds this log head: registration.submitted {row.pk}" in said.getvalue()
    with pytest.raises(Exception, match="No link has this log head"):
        call_command("verify_audit", holds="0" * 64, stdout=said)
