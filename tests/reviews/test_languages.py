"""What a partner is told, and its portal, in the language that it chose; and a catalogue that leaves nothing out."""

import gettext
import re
from pathlib import Path

import polib
import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import ProgrammingError, transaction
from django.utils import translation

from channelconflict.models import AuditEvent
from channelconflict.scope import acting
from partners.language import choose_language, speaking_to
from partners.models import PartnerLanguage
from partners.permissions import scope_of
from partners.services import NotPossibleError
from reviews.frames import Frame
from reviews.models import NoticeKind
from reviews.services.frames import change_template, put_notice
from reviews.text import Text, put_off
from tests import factories
from tests.factories import AT
from tests.reviews.told_outside import give_addresses

FOLDER = Path(settings.LOCALE_PATHS[0])
OTHERS = [code for code, _ in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
PLACEHOLDER = re.compile(r"%\(\w+\)s|%%|<[^<>]+>")


def speak(cast, partner, by, language="de"):
    with acting(scope_of(by)):
        return choose_language(partner=partner, language=language, by=by, at=AT)


@put_off
def _hello() -> Text:
    return Text(translation.gettext("Registration %(number)s is approved") % {"number": "R-1"}, "…")


@pytest.mark.django_db
class TestTheLanguageOfACompany:
    @pytest.fixture(autouse=True)
    def admins(self, cast):
        give_addresses(cast)

    def test_its_admin_chooses_it_and_it_is_recorded(self, cast):
        speak(cast, cast.alpha, cast.acme_admin)
        with cast.scope():
            assert PartnerLanguage.objects.get(partner=cast.alpha).language == "de"
            event = AuditEvent.objects.filter(action="language.chosen").get()
            assert event.actor_id == cast.acme_admin.pk
        speak(cast, cast.alpha, cast.acme_admin, "en")
        with cast.scope():
            assert PartnerLanguage.objects.get(partner=cast.alpha).language == "en"

    def test_nobody_else_does(self, cast):
        for by in (cast.acme_rep, cast.rival_rep):
            with pytest.raises(NotPossibleError, match="Only an admin of your company"):
                speak(cast, cast.alpha, by)
        with pytest.raises(NotPossibleError, match="Choose one of the languages"):
            speak(cast, cast.alpha, cast.acme_admin, "tlh")

    def test_not_even_past_the_service(self, cast):
        speak(cast, cast.alpha, cast.acme_admin)
        refused = pytest.raises(ProgrammingError, match="row-level security")
        with acting(scope_of(cast.acme_rep)), refused, transaction.atomic():
            PartnerLanguage.objects.filter(partner=cast.alpha).update(language="en")
        with acting(scope_of(cast.rival_rep)):
            assert not PartnerLanguage.objects.exists()

    def test_notices_are_written_in_it(self, cast):
        speak(cast, cast.alpha, cast.acme_admin)
        with cast.scope():
            told = {
                partner: put_notice(
                    program_id=cast.program.pk,
                    partner_id=partner.pk,
                    kind=NoticeKind.APPROVED,
                    text=_hello(),
                    at=AT,
                    registration=factories.submitted(cast, partner),
                ).subject
                for partner in (cast.alpha, cast.beta)
            }
        assert told[cast.beta] == "Registration R-1 is approved"
        with translation.override("de"):
            assert told[cast.alpha] == translation.gettext("Registration %(number)s is approved") % {"number": "R-1"}
        assert told[cast.alpha] != told[cast.beta]

    def test_a_program_words_each_language_for_itself(self, cast):
        speak(cast, cast.alpha, cast.acme_admin)
        body = "Guten Tag,\n\n" + "\n\n".join(
            f"{{{part}}}" for part in ("decided", "rule", "counted", "priority", "could", "protected", "appeal")
        )
        with cast.scope():
            change_template(
                program=cast.program, kind=NoticeKind.APPROVED, language="de", frame=Frame("Gruß: {subject}", body),
                reason="Ton", by=cast.pat, at=AT, seen_version=0,
            )  # fmt: skip
            told = [
                put_notice(
                    program_id=cast.program.pk,
                    partner_id=p.pk,
                    kind=NoticeKind.APPROVED,
                    text=_hello(),
                    at=AT,
                    registration=factories.submitted(cast, p),
                )
                for p in (cast.alpha, cast.beta)
            ]
        assert [notice.subject.startswith("Gruß: ") for notice in told] == [True, False]

    def test_it_is_chosen_on_the_page_of_how_one_is_told(self, cast, client):
        client.force_login(cast.acme_admin)
        assert (
            f'action="/portal/partners/{cast.alpha.pk}/language/"'
            in client.get("/portal/how-you-are-told/").content.decode()
        )
        answer = client.post(f"/portal/partners/{cast.alpha.pk}/language/", {"language": "de"}, follow=True)
        assert '<option value="de" lang="de" selected>' in answer.content.decode()
        refused = client.post(f"/portal/partners/{cast.alpha.pk}/language/", {"language": "tlh"}, follow=True)
        assert "Wählen Sie eine der Sprachen." in refused.content.decode()
        client.force_login(cast.rival_rep)
        assert "/language/" not in client.get("/portal/how-you-are-told/").content.decode()
        assert client.post(f"/portal/partners/{cast.alpha.pk}/language/", {"language": "en"}).status_code == 404
        with cast.scope(), speaking_to(cast.alpha.pk):
            assert translation.get_language() == "de"

    def test_the_portal_speaks_it_and_nobody_else_hears_it(self, cast, client):
        speak(cast, cast.alpha, cast.acme_admin)
        with cast.scope():
            deal = factories.submitted(cast, cast.alpha)
        client.force_login(cast.acme_rep)
        for path, status, words in (
            ("/portal/", 200, "Ihre Geschäfte"),
            ("/portal/register/", 200, "25.000 – 50.000 USD"),
            ("/portal/register/", 200, "Deutschland"),
            (f"/portal/registrations/{deal.pk}/", 200, "Eingegangen"),
            (f"/portal/registrations/{cast.alpha.pk}/", 404, "Hier ist nichts für Sie"),
        ):
            answer = client.get(path)
            assert (answer.status_code, '<html lang="de"' in answer.content.decode()) == (status, True), path
            assert words in answer.content.decode(), (path, words)
        file = SimpleUploadedFile("deals.csv", b"Name;Colour\nA;red\n")
        bad = client.post("/portal/register/many/", {"claimant": str(cast.alpha.pk), "file": file})
        assert "deals.csv hat eine Spalte, die nicht bekannt ist" in bad.content.decode()
        withdrawn = client.post(f"/portal/registrations/{deal.pk}/withdraw/", {"reason": "Vorbei"}, follow=True)
        assert "zurückgezogen" in withdrawn.content.decode()
        for who, path, words in ((cast.rival_rep, "/portal/", "Your deals"), (cast.pat, "/review/", "Queue")):
            client.force_login(who)
            page = client.get(path).content.decode()
            assert words in page
            assert '<html lang="en"' in page
        assert translation.get_language() == "en"


@pytest.mark.parametrize("language", OTHERS)
class TestACatalogue:
    """Read without a database: complete, with the same places for values, and compiled as it stands."""

    def entries(self, language):
        return polib.pofile(str(FOLDER / language / "LC_MESSAGES" / "django.po"))

    def test_leaves_nothing_out(self, language):
        catalogue = self.entries(language)
        live = [entry for entry in catalogue if not entry.obsolete]
        assert len(live) > 400
        assert [entry.msgid for entry in live if not entry.translated() or entry.fuzzy] == []

    def test_keeps_the_places_for_values(self, language):
        wrong = []
        for entry in self.entries(language):
            forms = list(entry.msgstr_plural.values()) or [entry.msgstr]
            wanted = set(PLACEHOLDER.findall(entry.msgid)) | set(PLACEHOLDER.findall(entry.msgid_plural))
            for form in forms:
                found = set(PLACEHOLDER.findall(form))
                if found - wanted or ((wanted - found) and not entry.msgid_plural):
                    wrong.append((entry.msgid, form))
        assert wrong == []

    def test_is_compiled_as_it_stands(self, language):
        with (FOLDER / language / "LC_MESSAGES" / "django.mo").open("rb") as file:
            compiled = gettext.GNUTranslations(file)
        for entry in self.entries(language):
            if not entry.obsolete and not entry.msgid_plural:
                told = compiled.pgettext(entry.msgctxt, entry.msgid) if entry.msgctxt else compiled.gettext(entry.msgid)
                assert told == entry.msgstr, "run `make messages`"
