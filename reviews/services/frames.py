"""A program's own wording around its notices, and the one place where a notice is put into a party's portal."""

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import get_language

from channelconflict.models import User
from partners.language import speaking_to
from partners.models import Partner, Program
from partners.permissions import may
from partners.services import NotPossibleError, StaleRowError, save_row
from reviews.channel.keeping import keep_notice
from reviews.frames import LONGEST, Frame, framed, problems
from reviews.models import Notice, NoticeKind, NoticeTemplate
from reviews.permissions import NotAllowedError
from reviews.text import Text


@transaction.atomic
def change_template(
    *,
    program: Program,
    kind: str,
    language: str = settings.LANGUAGE_CODE,
    frame: Frame,
    reason: str,
    by: User,
    at: datetime,
    seen_version: int,
) -> NoticeTemplate:
    """Keep a program's own template of a kind in a language as its next version; 0 was seen by whoever saw the standard one.

    Going back to the standard is a change like any other: its words become the next version.
    """
    if not may(by, "change_rules", program):
        raise NotAllowedError("Notice texts are changed by program admins and sales operations.")
    if kind not in NoticeKind.values:
        raise NotPossibleError("There is no such kind of notice.")
    if language not in dict(settings.LANGUAGES):
        raise NotPossibleError("There is no such language.")
    wrong = problems(kind, frame, language)
    if len(frame.body) > LONGEST:
        wrong.append(f"The text is longer than {LONGEST} characters.")
    if wrong:
        raise NotPossibleError(" ".join(wrong))
    Program.objects.select_for_update(no_key=True).get(pk=program.pk)  # two first versions at once: the second sees it
    row = NoticeTemplate.objects.filter(program=program, kind=kind, language=language).first()
    version = row.version if row else 0
    if version != seen_version:
        raise StaleRowError(
            f"This text was changed by somebody else meanwhile (version {version}, you saw {seen_version}). "
            "Nothing was saved: compare, and send yours again."
        )
    row = row or NoticeTemplate(program=program, kind=kind, language=language, version=0)
    row.subject, row.body, row.version, row.changed_at = frame.subject, frame.body, row.version + 1, at
    facts = {"kind": kind, "language": language, "version": row.version}
    return save_row(row, by=by, at=at, action="notice_template.changed", reason=reason, facts=facts)


def put_notice(
    *, program_id: uuid.UUID, partner_id: uuid.UUID | None, kind: NoticeKind, text: Text, at: datetime, **about: Any
) -> Notice:
    """Put a notice into a party's portal, in its language, and in the program's own wording if it has one.

    `about`: registration, side, offer or breach.
    """
    with speaking_to(partner_id):
        text, language = in_own_words(program_id, partner_id, kind, text, about.get("registration")), get_language()
    return keep_notice(Notice(
        program_id=program_id, partner_id=partner_id, direct=partner_id is None, kind=kind, language=language,
        subject=text.subject[:300], body=text.body, sent_at=at, **about,
    ))  # fmt: skip


def templates_of(program: Program, kinds: Iterable[str]) -> dict[tuple[str, str], NoticeTemplate]:
    """A program's own templates of these kinds of notices, by kind and language."""
    return {(row.kind, row.language): row for row in NoticeTemplate.objects.filter(program=program, kind__in=kinds)}


def in_own_words(program_id: uuid.UUID, partner_id: uuid.UUID | None, kind: str, text: Text, registration: Any) -> Text:
    """A notice as the program words it in the active language: one query, two more where it has a template of its own."""
    row = NoticeTemplate.objects.filter(program=program_id, kind=kind, language=get_language()).first()
    if row is None:
        return text.written
    partner = Partner.objects.filter(pk=partner_id).first() if partner_id else None
    return worded(row, text, str(partner or "Direct team"), Program.objects.get(pk=program_id).name, registration)


def worded(row: NoticeTemplate | None, text: Text, party: str, program: str, registration: Any) -> Text:
    """A notice in the active language, in the words of a program's own template if there is one."""
    if row is None:
        return text.written
    about = {"customer": registration.account_name, "number": registration.ref} if registration else {}
    return framed(Frame(row.subject, row.body), text, {"partner": party, "program": program, **about})
