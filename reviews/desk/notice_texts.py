"""The wording of notices as the desk shows it: the list of kinds, and one kind with a preview and its versions."""

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from channelconflict.models import User
from partners.models import Program
from partners.permissions import may
from reviews.desk.playbooks import versions_of
from reviews.desk.words import stamp
from reviews.frames import DECISIONS, NAMES, SUBJECT, Frame, framed, parts_of, standard
from reviews.models import NoticeKind, NoticeTemplate
from reviews.notices import Outcome, Text, write
from reviews.reasons import Basis, Own

# Whom a preview is written to: nobody real.
SAMPLE = {"partner": "Northwind Flow", "customer": "Orion Chemicals Inc.", "number": "R-7K2M9-4TQ8Z"}


@dataclass(frozen=True)
class TextRow:
    """One kind of notice in the list."""

    kind: str
    title: str
    changed: str


@dataclass(frozen=True)
class TextPage:
    """One kind: the template in force, what may stand in it, its versions, and whether the reader may change it."""

    kind: NoticeKind
    frame: Frame
    version: int
    changed: str
    names: list[tuple[str, str]]
    versions: list[tuple[int, str, str, str]]
    why_not: str
    is_standard: bool


def text_rows(program: Program) -> list[TextRow]:
    """Every kind of notice, with whose words are in force."""
    own = {row.kind: row for row in NoticeTemplate.objects.filter(program=program)}
    return [
        TextRow(kind.value, str(kind.label), f"version {row.version}, {stamp(row.changed_at)}" if row else "")
        for kind in NoticeKind
        for row in [own.get(kind.value)]
    ]


def text_page(user: User, program: Program, kind: str) -> TextPage | None:
    """One kind's template; None where there is no such kind."""
    if kind not in NoticeKind.values:
        return None
    own = NoticeTemplate.objects.filter(program=program, kind=kind).first()
    frame = Frame(own.subject, own.body) if own else standard(kind)
    may_change = may(user, "change_rules", program)
    return TextPage(
        kind=NoticeKind(kind),
        frame=frame,
        version=own.version if own else 0,
        changed=stamp(own.changed_at) if own else "",
        names=[*parts_of(kind).items(), *NAMES.items(), (SUBJECT, "the product's own subject")],
        versions=versions_of(own, "notice_template.changed") if own else [],
        why_not="" if may_change else "Program admins and sales operations change notice texts.",
        is_standard=frame == standard(kind),
    )


def sample(program: Program, kind: NoticeKind, frame: Frame) -> Text:
    """A notice of this kind to a made-up party, in the words of a template."""
    return framed(frame, _told(program, kind), {**SAMPLE, "program": program.name})


def _told(program: Program, kind: NoticeKind) -> Text:
    if kind not in DECISIONS:
        what = f"(Here stands what is told under ‘{kind.label}’: dates, names and figures of the party's own.)"
        return Text(f"Registration {SAMPLE['number']}: {str(kind.label).lower()}", what)
    won, now = kind in (NoticeKind.APPROVED, NoticeKind.SHARED), timezone.now()
    own = Own(
        ("You registered it on 2 March 2026.", "Your meeting of 4 March 2026 shows work on the account."),
        () if won else ("A letter in which the customer prefers you. We check it.",),
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
