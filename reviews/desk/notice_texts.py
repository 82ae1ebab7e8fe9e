"""The wording of notices as the desk shows it: the list of kinds, and one kind with a preview and its versions."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from channelconflict.models import User
from partners.models import Program
from partners.permissions import may
from partners.tracker import written
from reviews.desk.playbooks import versions_of
from reviews.desk.words import stamp
from reviews.frames import DECISIONS, NAMES, SUBJECT, Frame, framed, parts_of, standard
from reviews.models import NoticeKind, NoticeTemplate
from reviews.notices import Outcome, write
from reviews.reasons import Basis, Own
from reviews.text import Text

# Whom a preview is written to: nobody real.
SAMPLE = {"partner": "Northwind Flow", "customer": "Orion Chemicals Inc.", "number": "R-7K2M9-4TQ8Z"}


@dataclass(frozen=True)
class TextRow:
    """One kind of notice in the list."""

    kind: str
    title: str
    changed: list[str]  # one for each language in which the words are the program's own


@dataclass(frozen=True)
class TextPage:
    """One kind: the template in force, what may stand in it, its versions, and whether the reader may change it."""

    kind: NoticeKind
    language: str
    frame: Frame
    version: int
    changed: str
    names: list[tuple[str, str]]
    versions: list[tuple[int, str, str, str]]
    why_not: str
    is_standard: bool


def text_rows(program: Program) -> list[TextRow]:
    """Every kind of notice, with whose words are in force."""
    own: dict[str, list[NoticeTemplate]] = defaultdict(list)
    for row in NoticeTemplate.objects.filter(program=program).order_by("language"):
        own[row.kind].append(row)
    return [
        TextRow(
            kind.value,
            str(kind.label),
            [
                f"{row.get_language_display()}: version {row.version}, {stamp(row.changed_at)}"
                for row in own[kind.value]
            ],
        )
        for kind in NoticeKind
    ]


def text_page(user: User, program: Program, kind: str, language: str) -> TextPage | None:
    """One kind's template in a language; None where there is no such kind or language."""
    if kind not in NoticeKind.values or language not in dict(settings.LANGUAGES):
        return None
    own = NoticeTemplate.objects.filter(program=program, kind=kind, language=language).first()
    frame = Frame(own.subject, own.body) if own else standard(kind)
    may_change = may(user, "change_rules", program)
    return TextPage(
        kind=NoticeKind(kind),
        language=language,
        frame=frame,
        version=own.version if own else 0,
        changed=stamp(own.changed_at) if own else "",
        names=[*parts_of(kind).items(), *NAMES.items(), (SUBJECT, "the product's own subject")],
        versions=versions_of(own, "notice_template.changed") if own else [],
        why_not="" if may_change else "Program admins and sales operations change notice texts.",
        is_standard=frame == standard(kind),
    )


def sample(program: Program, kind: NoticeKind, frame: Frame, language: str) -> Text:
    """A notice of this kind to a made-up party, in the words of a template of a language."""
    with override(language):
        return framed(frame, _told(program, kind), {**SAMPLE, "program": program.name})


def _told(program: Program, kind: NoticeKind) -> Text:
    if kind not in DECISIONS:
        what = _("(Here stands what is told under ‘%(kind)s’: dates, names and figures of the party's own.)")
        return Text(f"{SAMPLE['number']}: {kind.label}", what % {"kind": kind.label})
    won, now = kind in (NoticeKind.APPROVED, NoticeKind.SHARED), timezone.now()
    own = Own(
        (_("You registered it on %(day)s.") % {"day": written(date(2026, 3, 2))},),
        () if won else (_("A letter in which the customer prefers you. We check it."),),
    )
    return write(
        Outcome(
            number=SAMPLE["number"], account=SAMPLE["customer"], kind=kind, own=own, zone=program.timezone,
            basis=Basis(1, "R-08", "Score", "Whoever is well ahead in the evidence wins."),
            protected_until=now + timedelta(days=90) if won else None,
            share_pct=45 if kind == NoticeKind.SHARED else None, another_claim=kind == NoticeKind.NOT_APPROVED,
            appeal_until=None if kind == NoticeKind.APPROVED else now + timedelta(days=14),
        )
    )  # fmt: skip
