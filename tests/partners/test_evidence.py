"""Papers with files: kept once and whole, fetched by whoever may, taken back from a draft, swept when nobody names them."""

import os
import re
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from channelconflict.models import AuditEvent
from channelconflict.scope import acting
from channelconflict.whole_files import WholeFileStorage
from conflicts.load import load_facts
from partners import evidence, evidence_files
from partners.models import Account, Evidence, EvidenceFile
from partners.permissions import scope_of
from partners.services import NotPossibleError, save_draft, withdraw_registration
from reviews.services import request_information
from tests import factories
from tests.factories import AT
from tests.furniture_papers import brought
from tests.hostile import PDF, SVG, docx, png

pytestmark = pytest.mark.django_db


@pytest.fixture
def portal(cast, client):
    """acme_rep, signed in."""
    client.force_login(cast.acme_rep)
    return client


@pytest.fixture
def deal(cast):
    """A registration of Alpha's that is under way."""
    return factories.submitted(cast, cast.alpha, by=cast.acme_rep)


@pytest.fixture
def drafted(cast):
    """A draft of Alpha's."""
    with cast.scope():
        return save_draft(registration=factories.draft(cast, cast.alpha), by=cast.acme_rep, at=AT)


def send(client, registration, *files, kind="customer_letter", note=""):
    """Post the form of the proof page, as a browser does."""
    sent = [SimpleUploadedFile(name, content) for name, content in files]
    data = {"paper": "1", "paper-kind": kind, "paper-note": note, "paper-file": sent}
    return client.post(reverse("portal:proof", args=[registration.pk]), data, follow=True)


def files(cast, **wanted):
    """The files of the program."""
    with cast.scope():
        return list(EvidenceFile.objects.filter(program=cast.program, **wanted).order_by("pk"))


def add(cast, registration, *contents, **words):
    """Add files through the service, as their party."""
    given = {"kind": "meeting_notes", "by": cast.acme_rep, "at": AT, **words}
    with acting(scope_of(cast.acme_rep)):
        return evidence.add_files(registration=registration, files=[brought(content) for content in contents], **given)


def folder(cast):
    """Where Alpha's bytes lie."""
    return Path(evidence_files.storage().path(evidence_files.place(cast.program.pk, cast.alpha.pk)))


def test_several_files_become_papers_with_their_bytes(cast, portal, deal):
    answer = send(portal, deal, ("letter.pdf", PDF), ("photo.png", png()), note="They prefer us.")
    assert "2 files added." in answer.content.decode()
    first, second = files(cast)
    assert (first.name, first.form, first.size, first.flags) == ("letter.pdf", "pdf", len(PDF), [])
    assert (first.partner_id, first.registration_id, first.added_by_id) == (cast.alpha.pk, deal.pk, cast.acme_rep.pk)
    assert (folder(cast) / first.sha256).read_bytes() == PDF
    with cast.scope():
        kept = list(Evidence.objects.order_by("pk").values_list("kind", "note", "verified"))
        assert kept == [("customer_letter", "They prefer us.", False)] * 2
        assert AuditEvent.objects.filter(action="evidence.file_added", actor_id=cast.acme_rep.pk).count() == 2
    page = answer.content.decode()
    assert reverse("portal:file", args=[second.pk]) in page
    assert "photo.png" in page


def test_the_same_file_twice_is_kept_once_with_a_sentence(cast, portal, deal):
    send(portal, deal, ("letter.pdf", PDF), ("copy.pdf", PDF))
    again = send(portal, deal, ("again.pdf", PDF), ("photo.png", png()))
    assert "again.pdf was added to this registration before: it is kept once." in again.content.decode()
    assert [file.name for file in files(cast)] == ["letter.pdf", "photo.png"]


def test_a_bad_file_keeps_all_of_them_out_and_what_was_typed_stays(cast, portal, deal):
    answer = send(portal, deal, ("letter.pdf", PDF), ("drawing.png", SVG), note="They prefer us.").content.decode()
    assert "drawing.png is a web page, a drawing or a document in disguise" in answer
    assert "Choose the files again: nothing was kept." in answer
    assert "They prefer us." in answer
    assert files(cast) == []
    with cast.scope():
        assert not Evidence.objects.exists()


def test_a_paper_needs_a_file_or_words(cast, portal, deal):
    assert "Choose a file, or write below" in send(portal, deal).content.decode()
    assert "Added. It counts from now on." in send(portal, deal, note="Mrs Ortiz wrote.").content.decode()
    with cast.scope():
        assert not hasattr(Evidence.objects.get(), "file")


def test_what_is_too_large_is_thrown_away_while_it_comes(cast, portal, deal, settings):
    settings.UPLOAD_MAX_BYTES, settings.UPLOAD_MAX_BYTES_OF_REQUEST = 200_000, 500_000
    answer = send(portal, deal, ("large.txt", b"x" * 200_001)).content.decode()
    assert "large.txt has 200,001 bytes; 200,000 are allowed." in answer
    several = [(f"{n}.txt", f"{n}".encode() * 180_000) for n in range(1, 4)]
    assert "3.txt was one too many: send up to 0 MB at once." in send(portal, deal, *several).content.decode()
    assert portal.post(reverse("portal:proof", args=[deal.pk]), {"paper-file": [
        SimpleUploadedFile("a.txt", b"x" * 1_100_000)]}).status_code == 400  # fmt: skip
    assert "1.txt" in send(portal, deal, ("1.txt", b"x" * 200_000)).content.decode()
    assert [file.size for file in files(cast)] == [200_000]


def test_no_more_files_and_bytes_than_there_is_room(cast, deal, settings):
    settings.EVIDENCE_FILES_OF_REGISTRATION, settings.EVIDENCE_BYTES_OF_PARTNER = 3, 100
    add(cast, deal, b"one", b"two")
    with pytest.raises(NotPossibleError, match="holds up to 3 files: this one has 2, and you bring 2 more"):
        add(cast, deal, b"three", b"four")
    with pytest.raises(NotPossibleError, match="Your company's files may take"):
        add(cast, factories.submitted(cast, cast.alpha), b"x" * 95)
    add(cast, deal, b"three")
    assert len(files(cast)) == 3


def test_a_closed_registration_takes_nothing(cast, portal, deal):
    with cast.scope():
        withdraw_registration(registration=deal, by=cast.acme_rep, at=AT)
    assert "Nothing can be added" in send(portal, deal, ("letter.pdf", PDF)).content.decode()
    with pytest.raises(NotPossibleError, match="this registration is withdrawn"):
        add(cast, deal, b"x")


def test_files_come_with_an_answer(cast, portal):
    case = factories.conflict_case(cast)
    with cast.scope():
        party = case.parties.get(partner=cast.alpha)
        request_information(case=case, parties=[party], fields=["stage"], body="Who?", by=cast.bob, at=AT)
    address = reverse("portal:answer", args=[party.registration_id])
    assert 'enctype="multipart/form-data"' in portal.get(address).content.decode()
    data = {"stage": "proposal", "body": "The owner.", "paper-file": [SimpleUploadedFile("letter.pdf", PDF)]}
    assert "Choose what the files are." in portal.post(address, data).content.decode()
    assert files(cast) == []
    data["paper-file"] = [SimpleUploadedFile("letter.pdf", PDF)]
    answer = portal.post(address, {**data, "paper-kind": "customer_letter"}, follow=True).content.decode()
    assert "Your answer is sent" in answer
    assert [file.name for file in files(cast, registration=party.registration_id)] == ["letter.pdf"]


# --- fetching ---


def test_a_file_is_fetched_as_an_attachment_that_nothing_opens(cast, portal, deal):
    add(cast, deal, b"words", note="n")
    (file,) = files(cast)
    answer = portal.get(reverse("portal:file", args=[file.pk]))
    assert b"".join(answer.streaming_content) == b"words"
    assert answer["Content-Disposition"] == 'attachment; filename="notes.txt"'
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["Content-Type"] == "text/plain; charset=utf-8"


def test_the_other_side_is_told_nothing_and_staff_are_put_on_the_record(cast, client, deal):
    add(cast, deal, b"words")
    (file,) = files(cast)
    client.force_login(cast.rival_rep)
    foreign, absent = (client.get(reverse("portal:file", args=[key])) for key in (file.pk, deal.pk))
    assert (foreign.status_code, foreign.content) == (404, absent.content)
    assert client.get(reverse("review:file", args=[file.pk])).status_code == 404
    client.force_login(factories.make_cast("southwind").ada)
    assert client.get(reverse("review:file", args=[file.pk])).status_code == 404
    client.force_login(cast.ada)
    answer = client.get(reverse("review:file", args=[file.pk]))
    assert b"".join(answer.streaming_content) == b"words"
    with cast.scope():
        read = AuditEvent.objects.get(action="evidence.file_read")
        assert (read.actor_id, read.subject_id) == (cast.ada.pk, file.pk)


def test_bytes_that_are_gone_are_not_found(cast, portal, deal):
    add(cast, deal, b"words that vanish")
    (file,) = files(cast)
    (folder(cast) / file.sha256).unlink()
    assert portal.get(reverse("portal:file", args=[file.pk])).status_code == 404


# --- taken back, withdrawn ---


def test_a_party_takes_a_paper_back_from_a_draft_only(cast, portal, drafted, deal):
    add(cast, drafted, b"draft")
    add(cast, deal, b"sent")
    (mine, sent) = files(cast)
    assert "Take back" in portal.get(reverse("portal:registration", args=[drafted.pk])).content.decode()
    answer = portal.post(reverse("portal:take_back", args=[mine.evidence_id]), follow=True).content.decode()
    assert "Taken back." in answer
    assert "notes.txt" not in answer
    assert portal.get(reverse("portal:file", args=[mine.pk])).status_code == 404
    assert portal.post(reverse("portal:take_back", args=[mine.evidence_id])).status_code == 404
    refused = portal.post(reverse("portal:take_back", args=[sent.evidence_id]), follow=True).content.decode()
    assert "It was sent: papers can be taken back from a draft only." in refused
    assert "Take back" not in refused
    with cast.scope():
        assert list(Evidence.objects.counting().values_list("pk", flat=True)) == [sent.evidence_id]
        assert Evidence.history.filter(id=mine.evidence_id).count() == 2
    add(cast, drafted, b"draft")  # after all
    assert len(files(cast, registration=drafted)) == 2


def test_a_party_writes_no_other_column_of_its_paper(cast, deal):
    add(cast, deal, b"words")
    with pytest.raises(Exception, match="permission denied"), acting(scope_of(cast.acme_rep)):
        Evidence.objects.filter(registration=deal).update(verified=True)
    with pytest.raises(Exception, match="permission denied"), acting(scope_of(cast.acme_rep)):
        EvidenceFile.objects.filter(registration=deal).update(name="other.pdf")
    with acting(scope_of(cast.rival_rep)):
        assert not EvidenceFile.objects.exists()
        assert not Evidence.objects.filter(registration=deal).update(withdrawn_at=AT)


def test_what_staff_withdraw_stays_and_counts_no_more(cast, portal, deal):
    paper = add(cast, deal, b"words", kind="customer_letter").papers[0]
    with cast.scope():
        for words, by in (("", cast.bob), ("It is old.", cast.audrey)):
            with pytest.raises(NotPossibleError):
                evidence.withdraw_evidence(evidence=paper, reason=words, by=by, at=AT)
        evidence.withdraw_evidence(evidence=paper, reason="It is of another deal.", by=cast.bob, at=AT)
        with pytest.raises(NotPossibleError, match="withdrawn already"):
            evidence.withdraw_evidence(evidence=paper, reason="Again.", by=cast.bob, at=AT)
        account = Account.objects.get(program=cast.program)
        assert load_facts(cast.program, [account.pk], AT).evidence == ()
    page = portal.get(reverse("portal:registration", args=[deal.pk])).content.decode()
    assert "It is of another deal." in page
    (file,) = files(cast)
    assert b"".join(portal.get(reverse("portal:file", args=[file.pk])).streaming_content) == b"words"


# --- bytes and rows agree ---


def test_bytes_without_a_row_are_swept_and_others_stay(cast, deal, drafted, monkeypatch):
    add(cast, deal, b"kept")
    gone = add(cast, drafted, b"taken back").papers[0]
    with acting(scope_of(cast.acme_rep)):
        evidence.take_evidence_back(evidence=gone, by=cast.acme_rep, at=AT)

    def crash(*_, **__):
        raise RuntimeError("the database went away")

    monkeypatch.setattr(evidence, "add_evidence", crash)  # the bytes are there, their row is not
    with pytest.raises(RuntimeError):
        add(cast, deal, b"orphan")
    (folder(cast) / "part-abc").write_bytes(b"half a fi")  # a process died while it wrote
    assert len(list(folder(cast).iterdir())) == 4
    with cast.scope():
        assert evidence_files.sweep(cast.program, timezone.now()) == 0  # it may be on its way
        later = timezone.now() + timedelta(hours=2)
        assert evidence_files.sweep(cast.program, later) == 3
    (left,) = folder(cast).iterdir()
    assert left.read_bytes() == b"kept"


def test_an_orphan_is_taken_over_by_the_next_who_brings_the_same(cast, deal, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(evidence, "add_evidence", lambda **_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            add(cast, deal, b"again")
    add(cast, deal, b"again")
    with cast.scope():
        assert evidence_files.sweep(cast.program, timezone.now() + timedelta(hours=2)) == 0
    assert (folder(cast) / files(cast)[0].sha256).read_bytes() == b"again"


def test_a_file_lies_there_whole_or_not_at_all(tmp_path, monkeypatch):
    store = WholeFileStorage(location=tmp_path)
    content = brought(b"a" * 200_000).file

    def torn(self):
        yield b"a" * 100
        raise OSError("No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(type(content), "chunks", torn)
        with pytest.raises(OSError, match="space"):
            store.save("x/one", content)
    assert list((tmp_path / "x").iterdir()) == []
    store.save("x/one", content)
    before = os.stat(tmp_path / "x" / "one").st_mtime_ns
    time.sleep(0.01)
    store.save("x/one", brought(b"b").file)  # never written over
    assert (tmp_path / "x" / "one").read_bytes() == b"a" * 200_000
    assert os.stat(tmp_path / "x" / "one").st_mtime_ns == before
    assert len(list((tmp_path / "x").iterdir())) == 1


def test_pages_ask_the_same_number_of_questions_for_many_papers(cast, portal, deal):
    address = reverse("portal:registration", args=[deal.pk])
    add(cast, deal, b"1")
    few = _queries(portal, address)
    add(cast, deal, *(str(n).encode() for n in range(2, 12)))
    assert _queries(portal, address) == few
    assert _queries(portal, reverse("portal:proof", args=[deal.pk])) <= 20


def _queries(client, address):
    with CaptureQueriesContext(connection) as seen:
        assert client.get(address).status_code == 200
    return len(seen)


def test_names_as_a_browser_sends_them_are_cleaned(cast, portal, deal):
    send(portal, deal, ("..\\..\\letter.docx", docx()))
    assert re.fullmatch(r"letter\.docx", files(cast)[0].name)
