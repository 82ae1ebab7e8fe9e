"""Furniture of the crawl: files with planted bytes, a paper that was withdrawn, and files of many deals."""

from django.core.files.base import ContentFile

from channelconflict.scope import acting
from partners import evidence
from partners import models as m
from partners.batch_rows import COLUMNS, Reader
from partners.batches import preview_batch, send_batch
from partners.evidence_files import Brought, digest
from partners.permissions import scope_of
from tests.factories import AT, Cast


def brought(content: bytes, name: str = "notes.txt", form: str = "txt", flags: tuple[str, ...] = ()) -> Brought:
    """A file as the form would hand it over."""
    file = ContentFile(content)
    return Brought(name, form, len(content), digest(file), flags, file)


def bring_papers(cast: Cast) -> None:
    """Alpha and Beta each: a file that counts and one that staff withdrew, on what is under way, and two files of deals."""
    letter = "s" if cast.program.code.endswith("southwind") else "n"
    for partner, rep, owner in ((cast.alpha, cast.acme_rep, "alp"), (cast.beta, cast.rival_rep, "bet")):
        with cast.scope():
            mine = m.Registration.objects.filter(partner=partner, status=m.RegistrationStatus.IN_REVIEW).order_by("pk")
            files = [brought(f"cnry{owner}{letter}fff planted {n} {partner.pk}".encode(), f"{n}.txt") for n in (1, 2)]
            words = {"registration": mine[0], "kind": "meeting_notes", "note": "As agreed.", "by": rep, "at": AT}
            (_, gone) = evidence.add_files(files=files, **words).papers
            evidence.withdraw_evidence(evidence=gone, reason="It is of another deal.", by=cast.bob, at=AT)
        with acting(scope_of(rep)):
            lines = list(m.ProductLine.objects.filter(program=cast.program))
            reader = Reader(partner, lines, AT.date(), list(COLUMNS.values()))
            for sent in (False, True):
                judged = reader.judge([(2, ["Altair Works"]), (3, _good(f"Deneb {sent}"))])
                batch = preview_batch(
                    partner=partner,
                    file_name="deals.csv",
                    sha256="0" * 64,
                    columns=reader.columns,
                    rows=judged,
                    by=rep,
                    at=AT,
                )
                if sent:
                    send_batch(batch=batch, by=rep, at=AT)


def _good(name: str) -> list[str]:
    domain = f"{name.split()[0].lower()}.example"
    return [name, domain, "US-TX", f"a@{domain}", "Pumps", "20000", "2026-06-30", "qualified", "", "", "", "A note."]
