"""Every kind of notice, as the services write it: nothing of another party in page, mail or webhook, in every language;
and no sentence that no translator can reach.

The furniture of the crawl makes cases go every way. Each text is caught where all notices are put, and built again.
"""

import json
import re
from dataclasses import dataclass, field
from unittest.mock import patch

import pytest
from django.conf import settings
from django.utils import translation

from partners.models import Activity, Evidence, LeadOffer, Partner, ProtectionTerms, Registration
from reviews import interim_notices, notices, talk_notices
from reviews.channel.mail import compose
from reviews.channel.webhooks import payload
from reviews.models import (
    Appeal,
    AppealStatus,
    Enclosure,
    MediationSide,
    MediationStatus,
    Notice,
    NoticeKind,
    Sending,
    Way,
)
from reviews.reasons import Basis
from reviews.services import frames
from reviews.text import Text, put_off
from tests.factories import AT
from tests.furniture import furnish
from tests.pseudo import bracketed, unmarked

pytestmark = pytest.mark.django_db
NEVER_HERE = {NoticeKind.RULES_CHANGED}  # one statement writes it for every partner: tests/reviews/test_company.py
# Words of the rows in a notice: who and what it is about, what people wrote, the words of the policy.
ROWS = re.compile(
    r"\b(?:CST|CDT|UTC|EST|EDT)\b|The buyer was called\.|Never mind\.|Who signs\?|Please settle it[^.]*\.|It is fair, \d\."
    r"|As we told \w+ \w+\.|Whoever is well ahead in the evidence wins\.|Nothing stands against this registration\."
    r"|We look at what you raised together [^⟦]*|It stays so\."
)


@dataclass
class Caught:
    """What was put to a party: its notice, and the same text in every language."""

    notices: list[Notice] = field(default_factory=list)
    texts: list[dict[str, Text]] = field(default_factory=list)


@pytest.fixture
def caught(monkeypatch):
    """Every notice of a furnished program with its texts."""
    found, told, keep = Caught(), {}, frames.keep_notice

    def look(program_id, partner_id, kind, text, registration):
        anew = getattr(text, "_setupfunc", None)
        assert anew is not None, f"{kind} was written before it was known to whom"
        with bracketed():
            told["?"] = anew()
        for language, _name in settings.LANGUAGES:
            with translation.override(language):
                told[language] = anew()
        return text.written

    def kept(notice):
        found.notices.append(keep(notice))
        found.texts.append(dict(told))
        return notice

    monkeypatch.setattr(frames, "in_own_words", look)
    monkeypatch.setattr(frames, "keep_notice", kept)
    with patch.object(settings, "EMAIL_BACKEND", "django.core.mail.backends.dummy.EmailBackend"):
        found.cast = furnish("northwind")
        with found.cast.scope():
            the_rest(found.cast)
    return found


def the_rest(cast):
    """The kinds that the furniture does not come to, by their own builders from its rows, to Alpha."""
    row = Registration.objects.filter(partner=cast.alpha, protected_until__isnull=False).first()
    terms = ProtectionTerms(renewals=1, renewable_from=AT.date(), extendable_from=AT, extension_days=30)
    side = MediationSide.objects.filter(partner=cast.alpha).first()
    side.result = MediationStatus.AGREED
    offer, appeal = (model.objects.filter(partner=cast.alpha).first() for model in (LeadOffer, Appeal))
    appeal.status, appeal.answer = AppealStatus.UPHELD, "It stays so."
    zone, basis, worked = cast.program.timezone, Basis(1), AT.date()
    supports = notices.Outcome(row.ref, row.account_name, NoticeKind.SUPPORT, basis, zone, appeal_until=AT)
    about = {"registration": row}
    for kind, text, of in (
        (NoticeKind.SUPPORT, put_off(notices.write)(supports), about),
        (NoticeKind.RENEWED, notices.renewed(row, terms), about),
        (NoticeKind.EXPIRING, notices.reminder(row, terms, None, AT), about),
        (NoticeKind.EXPIRING, notices.reminder(row, terms, worked, AT), about),
        (NoticeKind.EXTENDED, notices.extension_answered(row, 30, True, ""), about),
        (NoticeKind.NOT_EXTENDED, notices.extension_answered(row, 30, False, ""), about),
        (NoticeKind.FREE_AGAIN, notices.may_register_again(row), about),
        (NoticeKind.INFORMATION_REMINDER, notices.question_waits(row, AT), about),
        (NoticeKind.APPEAL_CLOSES, notices.appeal_closes(row, AT), about),
        (NoticeKind.LEAD_REMINDER, notices.lead_reminder(offer), {"offer": offer}),
        (NoticeKind.LEAD_GONE, notices.lead_gone(offer), {"offer": offer}),
        (NoticeKind.TALK_REMINDER, talk_notices.reminder(side, zone), {"registration": side.registration, "side": side}),
        (NoticeKind.AGREED, talk_notices.ended(side), {"registration": side.registration, "side": side}),
        (NoticeKind.APPEAL_ANSWERED, interim_notices.appeal_answered(appeal, row), about),
        (NoticeKind.HOLD_ENDED, interim_notices.hold_ended(row), about),
    ):  # fmt: skip
        frames.put_notice(program_id=cast.program.pk, partner_id=cast.alpha.pk, kind=kind, text=text, at=AT, **of)


def names_of(partner):
    """What stands for a partner and nobody else."""
    yield from (partner.name, partner.external_id)
    for row in Registration.objects.filter(partner=partner):
        yield from (row.ref, row.number, row.contact_email, row.note)
        yield from Activity.objects.filter(registration=row).values_list("note", flat=True)
        yield from Evidence.objects.filter(registration=row).values_list("note", flat=True)


def test_every_notice(caught):
    """One test, since the furniture takes its time."""
    with caught.cast.scope():
        kinds = {notice.kind for notice in caught.notices}
        wrong = [("no notice of this kind was made", str(kind)) for kind in set(NoticeKind) - NEVER_HERE - kinds]
        partners = Partner.objects.filter(program=caught.cast.program)
        own = {partner.pk: {name for name in names_of(partner) if len(name) > 3} for partner in partners}
        for notice, texts in zip(caught.notices, caught.texts, strict=True):
            others = {name for names in own.values() for name in names} - own.get(notice.partner_id, set())
            told = [f"{text.subject}\n{text.body}" for text in texts.values()]
            told += list(outside(notice, caught.cast.acme_rep)) if notice.partner_id else []
            wrong += [(notice.kind, name) for name in others for text in told if name.lower() in text.lower()]
            wrong += [(notice.kind, text) for text in unmarked(f"{texts['?'].subject}\n\n{texts['?'].body}", ROWS)]
            if notice.partner_id and texts["de"].subject == texts["en"].subject:
                wrong.append((notice.kind, texts["de"].subject))
        assert not wrong, "\n".join(f"{kind}: {what}" for kind, what in wrong)


def outside(notice, reader):
    """The same notice as a mail in each language, and as a webhook's message."""
    sending = Sending(
        program=notice.program, partner=notice.partner, user=reader, way=Way.MAIL, created_at=notice.sent_at
    )
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            mail = compose(sending, [notice])
        yield mail.subject + mail.body + "".join(str(part[0]) for part in mail.alternatives)
    yield json.dumps(payload(sending, Enclosure(notice=notice)))
