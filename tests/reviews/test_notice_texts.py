"""Notice texts: every part of a statement stays in, the words around it are a program's own, previewed and linted."""

from dataclasses import replace

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from channelconflict.models import AuditEvent
from partners.services import NotPossibleError, StaleRowError
from reviews.frames import DECISIONS, NAMES, Frame, framed, parts_of, problems, standard
from reviews.models import Notice, NoticeKind, NoticeTemplate
from reviews.notices import PARTS
from reviews.permissions import NotAllowedError
from reviews.services import approve
from reviews.services.frames import change_template
from reviews.text import Text
from tests import factories
from tests.factories import AT
from tests.reviews.at_the_desk import opened, text_of

db = pytest.mark.django_db
OWN = Frame("{program}: {subject}", "Dear {partner},\n\n" + standard("not_approved").body + "\n\nYour {program} team")


def change(cast, frame=OWN, kind="not_approved", *, seen=0, by=None):
    with cast.scope():
        return change_template(
            program=cast.program, kind=kind, frame=frame, reason="Warmer.", by=by or cast.pat, at=AT, seen_version=seen
        )


@pytest.mark.parametrize("kind", NoticeKind.values)
def test_the_standard_of_every_kind_is_sound_and_changes_nothing(kind):
    assert problems(kind, standard(kind)) == []
    text = Text("About it", "One.\n\nTwo.", dict.fromkeys(PARTS, "") | {"decided": "One.", "rule": "Two."})
    if kind not in DECISIONS:
        text = replace(text, parts=None)
    assert framed(standard(kind), text, dict.fromkeys(NAMES, "x")) == text


@pytest.mark.parametrize(
    ("frame", "sentence"),
    [
        (replace(OWN, body=OWN.body.replace("{rule}", "")), "{rule} must stand in the text once: the rule"),
        (replace(OWN, body=OWN.body + "{rule}"), "{rule} must stand in the text once"),
        (replace(OWN, body=OWN.body + " {rival}"), "{rival} is no name"),
        (replace(OWN, body=OWN.body + " {"), "A brace stands alone"),
        (replace(OWN, body=OWN.body + " Unfortunately."), "‘unfortunately’ is not neutral"),
        (replace(OWN, body=OWN.body + " A competitor won."), "‘competitor’ tells of others"),
        (replace(OWN, subject="{rule}"), "{rule} belongs into the text"),
        (replace(OWN, subject=" "), "The subject is one line"),
        (replace(OWN, subject="a\nb"), "The subject is one line"),
    ],
)
def test_what_is_wrong_with_a_template_is_said(frame, sentence):
    assert any(problem.startswith(sentence) for problem in problems("not_approved", frame))


@given(
    st.dictionaries(st.sampled_from(sorted({*NAMES, *PARTS})), st.text(alphabet="ab{}\n", max_size=9)),
    st.text(max_size=60),
)
def test_slots_are_filled_once_and_nothing_is_left_of_a_brace(slots, body):
    names = {name: slots.get(name, "") for name in NAMES}
    parts = {name: slots.get(name, "") for name in PARTS}
    told = framed(Frame("{subject}", "{decided}\n\n{partner}"), Text("S", "", parts), names)
    assert told.subject == "S"
    assert told.body == "\n\n".join(part for part in (parts["decided"].strip(), names["partner"].strip()) if part)
    assert framed(Frame("x", body), Text("S", "", parts), names) is not None


@db
def test_a_party_reads_the_program_s_words_and_the_desk_shows_them_before(client, cast):
    case = factories.conflict_case(cast)
    change(cast)
    shown = {letter.to: letter for letter in opened(client, cast.bob, case).context["page"].letters}
    with cast.scope():
        approve(case=case, by=cast.bob, at=AT, seen_version=case.version)
        told = {notice.kind: notice for notice in Notice.objects.select_related("registration")}
    lost, won = told["not_approved"], told["approved"]
    assert lost.subject == f"Northwind Partners: Registration {lost.registration.ref} is not approved"
    assert lost.body.startswith("Dear Beta Industrial,\n\nYour registration")
    assert lost.body.endswith("Your Northwind Partners team")
    assert "Alpha" not in lost.body
    assert shown["Beta Industrial"].body.startswith("Dear Beta Industrial,")
    assert not won.body.startswith("Dear")


@db
def test_versions_and_who_may(cast):
    with pytest.raises(NotAllowedError):
        change(cast, by=cast.bob)
    assert change(cast).version == 1
    with pytest.raises(StaleRowError, match="version 1, you saw 0"):
        change(cast)
    assert change(cast, standard("not_approved"), seen=1).version == 2
    with pytest.raises(NotPossibleError, match="no such kind"):
        change(cast, kind="nothing")
    with pytest.raises(NotPossibleError, match="must stand in the text once"):
        change(cast, Frame("x", "y"), seen=2)
    with cast.scope():
        assert NoticeTemplate.objects.get().history.count() == 2
        assert AuditEvent.objects.filter(action="notice_template.changed").count() == 2


@db
def test_the_page_previews_keeps_and_refuses(client, cast):
    client.force_login(cast.pat)
    url = reverse("review:notice_text", args=["not_approved"])
    typed = {"subject": OWN.subject, "body": OWN.body, "seen_version": "0", "reason": ""}
    assert "As a party reads it" in text_of(client.get(url))
    tried = client.post(url, typed | {"preview": "1"})
    assert (tried.status_code, "Dear Northwind Flow," in text_of(tried), "not kept yet" in text_of(tried)) == (
        200,
        True,
        True,
    )
    assert client.post(url, typed).status_code == 400
    bad = client.post(url, typed | {"reason": "x", "body": "A competitor was first."})
    assert (bad.status_code, "tells of others" in text_of(bad), "A competitor was first." in text_of(bad)) == (
        400,
        True,
        True,
    )
    assert client.post(url, typed | {"reason": "Warmer."}).status_code == 302
    stale = client.post(url, typed | {"reason": "Mine."})
    assert (stale.status_code, "changed by somebody else" in text_of(stale)) == (409, True)
    assert "Version 1: Warmer." in text_of(client.get(url))
    assert "version 1" in text_of(client.get(reverse("review:notice_texts")))
    client.force_login(cast.bob)
    assert "Program admins and sales operations change notice texts." in text_of(client.get(url))
    assert client.post(url, typed | {"reason": "x", "seen_version": "1"}).status_code == 403
    assert client.get(reverse("review:notice_text", args=["nothing"])).status_code == 404
    for kind in NoticeKind.values:
        assert client.get(reverse("review:notice_text", args=[kind])).status_code == 200
        assert parts_of(kind)


@db
def test_each_language_has_its_own_words(client, cast):
    client.force_login(cast.pat)
    url = reverse("review:notice_text", args=["not_approved"]) + "?language=de"
    page = text_of(client.get(url))
    assert "Ihre Registrierung R-7K2M9-4TQ8Z für Orion Chemicals Inc. ist nicht genehmigt." in page
    body = "Guten Tag {partner},\n\n" + "\n\n".join(f"{{{part}}}" for part in PARTS)
    typed = {"subject": "{subject}", "body": body, "seen_version": "0", "reason": "Anrede."}
    judged = client.post(url, typed | {"body": f"Der Wettbewerber war schneller.\n\n{body}"})
    assert (judged.status_code, "tells of others" in text_of(judged)) == (400, True)
    hard = "Berücksichtigungsfähigkeitsvoraussetzungen unterliegen Registrierungsvollständigkeitsanforderungen."
    assert "Its LIX is" in text_of(client.post(url, typed | {"body": f"{hard}\n\n{body}"}))
    assert client.post(url, typed).status_code == 302
    assert "Version 1: Anrede." in text_of(client.get(url))
    assert "Version 1" not in text_of(client.get(url.replace("=de", "=en")))
    assert "Deutsch: version 1" in text_of(client.get(reverse("review:notice_texts")))
    assert client.get(url.replace("=de", "=xx")).status_code == 404
