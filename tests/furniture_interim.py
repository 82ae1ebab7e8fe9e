"""Furniture of the crawl: appeals of both sides, an answer that waits, a hold, and entries of the breach register."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from reviews import interim
from reviews.choices import Choice
from reviews.models import Case
from reviews.services import answer_appeals, answer_breach, approve, decide, file_appeal, put_on_hold, record_breach
from reviews.services.appeals import Answer, Work
from reviews.services.breaches import Entry
from reviews.services.decisions import Override
from tests.factories import AT, Cast


def appeal_and_hold(cast: Cast, case: Case) -> None:
    """Both share the deal of a case, both appeal, an answer waits for a second person, and the claims are on hold.

    Each partner also has an entry in the breach register; Beta's was dismissed.
    """
    sides = ((cast.alpha, cast.acme_rep), (cast.beta, cast.rival_rep))
    with cast.scope():
        split = Choice("split", shares={str(partner.pk): Decimal(50) for partner, _ in sides})
        why = Override("relationship", "Both worked for it.")
        decide(case=case, choice=split, by=cast.bob, at=AT, seen_version=case.version, override=why)
        case.refresh_from_db()
        approve(case=case, by=cast.carl, at=AT, seen_version=case.version)
        for partner, rep in sides:
            words: dict[str, Any] = {"ground": "overlooked", "text": "We did more.", "by": rep, "at": AT}
            work = [Work("proposal", AT.date(), "In our office.")]
            file_appeal(party=case.parties.get(partner=partner), work=work, **words)
    interim.look_after(cast.program, AT)
    with cast.scope():
        case.refresh_from_db()
        more = Choice("split", shares={str(cast.alpha.pk): Decimal(70), str(cast.beta.pk): Decimal(30)})
        told = Answer("Alpha did more.", "We counted it.", more, "evidence_wrong")  # not recommended: it waits
        answer_appeals(case=case, answer=told, by=cast.rita, at=AT, seen_version=case.version)
        case.refresh_from_db()
        put_on_hold(
            case=case, speaks=cast.lena, until=AT + timedelta(days=80), reason="The buyer is confused.", by=cast.carl,
            at=AT, seen_version=case.version,
        )  # fmt: skip
        for partner, _ in sides:
            entry = Entry("broke_hold", "The buyer was called.", AT.date(), "Her mail says so.", case)
            breach = record_breach(partner=partner, entry=entry, by=cast.bob, at=AT)
        answer_breach(
            breach=breach,
            confirmed=False,
            answer="Never mind.",
            reasons="A mistake.",
            comment_seen=False,
            by=cast.carl,
            at=AT,
        )
