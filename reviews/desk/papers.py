"""The papers of a claim in the claims table: what each is, its file with size, hash and flags, and the acts on it."""

import uuid
from dataclasses import dataclass
from typing import Any

from django.template.defaultfilters import filesizeformat
from django.urls import reverse

from partners.forms import EVIDENCE_KINDS
from partners.models import Evidence, EvidenceFile, Registration
from partners.papers.refusing import FLAGS
from partners.permissions import roles_in
from reviews.desk.material import Material
from reviews.desk.words import day_of

KINDS = dict(EVIDENCE_KINDS)
HASH_SHOWN = 12


@dataclass(frozen=True)
class PaperLine:
    """One paper: `file` is its name ("" = described in words), `url` where its bytes are, `flags` what is strange."""

    key: uuid.UUID
    kind: str
    note: str
    verified: bool
    when: str
    file: str = ""
    about: str = ""  # form and size
    by: str = ""
    sha256: str = ""
    flags: tuple[str, ...] = ()
    url: str = ""
    withdrawn: str = ""  # when and by whom
    because: str = ""
    withdraw: str = ""  # where it can be withdrawn, by whoever may

    @property
    def short_hash(self) -> str:
        """Enough of the hash to compare it by eye."""
        return self.sha256[:HASH_SHOWN]


def paper_lines(m: Material, registration: Registration) -> tuple[PaperLine, ...]:
    """The papers of a registration that are on record, the earlier first."""
    may_withdraw = bool(roles_in(m.user, m.case.program_id))
    return tuple(_line(m, paper, may_withdraw) for paper in registration.evidence.all())


def _line(m: Material, paper: Evidence, may_withdraw: bool) -> PaperLine:
    file: EvidenceFile | None = getattr(paper, "file", None)
    about_file: dict[str, Any] = {} if file is None else {
        "file": file.name, "about": f"{file.get_form_display()}, {filesizeformat(file.size)}",
        "by": m.person(file.added_by_id), "sha256": file.sha256, "url": reverse("review:file", args=[file.pk]),
        "flags": tuple(FLAGS.get(flag, flag) for flag in file.flags),
    }  # fmt: skip
    ended = f"{day_of(paper.withdrawn_at)} by {m.person(paper.withdrawn_by_id)}" if paper.withdrawn_at else ""
    return PaperLine(
        key=paper.pk, kind=KINDS.get(paper.kind, paper.kind), note=paper.note, verified=paper.verified,
        when=day_of(paper.added_at), withdrawn=ended, because=paper.withdrawn_because,
        withdraw=reverse("review:withdraw_evidence", args=[paper.pk]) if may_withdraw and not ended else "", **about_file,
    )  # fmt: skip
