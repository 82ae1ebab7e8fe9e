"""Papers at the desk: in the claims table with their files, fetched, and withdrawn for a reason."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from channelconflict.scope import acting
from partners import evidence
from partners.models import Evidence, EvidenceFile
from partners.permissions import scope_of
from tests import factories
from tests.factories import AT
from tests.furniture_papers import brought

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(cast):
    """Alpha and Beta want one deal; Alpha brought a file that is strange."""
    case = factories.conflict_case(cast)
    add(cast, case, b"They prefer Alpha.", flags=("script", "path"))
    return case


def add(cast, case, content, name="letter.pdf", flags=()):
    with cast.scope():
        deal = case.parties.get(partner=cast.alpha).registration
    with acting(scope_of(cast.acme_rep)):
        file = brought(content, name, "pdf", flags)
        words = {"kind": "customer_letter", "note": "Mrs Ortiz wrote.", "by": cast.acme_rep, "at": AT}
        return evidence.add_files(registration=deal, files=[file], **words).papers[0]


def test_the_claims_table_says_what_each_file_is(cast, client, case):
    client.force_login(cast.bob)
    page = client.get(reverse("review:case", args=[case.pk])).content.decode()
    with cast.scope():
        file = EvidenceFile.objects.get()
    for words in ("letter.pdf", "PDF, 18", "acme_rep", file.sha256[:12], "holds a script or an automatic action",
                  "its name held a path", "Mrs Ortiz wrote.", reverse("review:file", args=[file.pk]),
                  reverse("review:withdraw_evidence", args=[file.evidence_id])):  # fmt: skip
        assert words in page, words
    client.force_login(cast.audrey)
    page = client.get(reverse("review:case", args=[case.pk])).content.decode()
    assert reverse("review:file", args=[file.pk]) in page
    assert "/withdraw/" not in page


def test_a_paper_is_withdrawn_with_a_reason_and_stays_to_be_read(cast, client, case):
    client.force_login(cast.bob)
    with cast.scope():
        paper = Evidence.objects.get()
    address = reverse("review:withdraw_evidence", args=[paper.pk])
    assert "Mrs Ortiz wrote." in client.get(address).content.decode()
    refused = client.post(address, {"reason": ""})
    assert refused.status_code == 400
    assert "Say in a sentence why it counts no more." in refused.content.decode()
    other = cast.beta if paper.partner_id == cast.alpha.pk else cast.alpha
    told = client.post(address, {"reason": f"{other.name} sent the same letter."})
    assert (told.status_code, "must not read it" in told.content.decode()) == (400, True)
    answer = client.post(address, {"reason": "It is of another deal."}, follow=True)
    page = answer.content.decode()
    assert answer.redirect_chain[0][0] == reverse("review:case", args=[case.pk])
    assert "It is of another deal." in page
    assert "letter.pdf" in page
    assert "It is withdrawn already." in client.post(address, {"reason": "Again."}).content.decode()


def test_papers_add_no_queries_one_by_one(cast, client, case):
    client.force_login(cast.bob)
    address = reverse("review:case", args=[case.pk])
    client.get(address)  # the reading is recorded once
    few = _queries(client, address)
    for number in range(8):
        add(cast, case, f"letter {number}".encode(), f"{number}.pdf")
    assert _queries(client, address) == few


def _queries(client, address):
    with CaptureQueriesContext(connection) as seen:
        assert client.get(address).status_code == 200
    return len(seen)
