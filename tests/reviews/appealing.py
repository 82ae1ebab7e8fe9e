"""Appeals as tests file and answer them, and what they look at afterwards."""

from datetime import timedelta
from typing import Any

from channelconflict.scope import acting
from partners import permissions
from partners.models import Protection, Registration
from reviews import interim
from reviews.choices import Choice
from reviews.models import (
    Appeal,
    AppealAnswer,
    Case,
    Notice,
    Party,
)
from reviews.services import answer_appeals, approve, confirm_answer, file_appeal
from reviews.services.appeals import Answer
from tests import factories
from tests.factories import AT
from tests.reviews.at_the_desk import fresh

DAY = timedelta(days=1)
LATER = AT + DAY
STANDS = Answer("Alpha worked it, Beta did not.", "We looked at everything you sent.")


def decided_case(cast) -> Case:
    """Alpha has the Orion deal, Bob approved it."""
    with cast.scope():
        permissions.grant_manager(cast.ada, cast.beta)  # Ada manages both: she has no interest
    case = factories.conflict_case(cast)
    with cast.scope():
        approve(case=case, by=cast.bob, at=AT, seen_version=case.version)
    return fresh(cast, case)


def side(cast, case, partner) -> Party:
    with cast.scope():
        return Party.objects.select_related("registration__program", "partner").get(case=case, partner=partner)


def filed(cast, case, partner=None, by=None, at=LATER, **extra: Any) -> Appeal:
    """As Beta's people file it, in their own scope; the worker takes it up."""
    partner, by = partner or cast.beta, by or cast.rival_rep
    party = side(cast, case, partner)
    words: dict[str, Any] = {"ground": "new_evidence", "text": "We met the buyer in May.", **extra}
    with acting(permissions.scope_of(by)):
        appeal = file_appeal(party=party, by=by, at=at, **words)
    interim.look_after(cast.program, at)
    return appeal


def another(cast, to=None, **words: Any) -> Answer:
    choice = to or Choice("award", str(cast.beta.pk))
    return Answer("Beta's meeting came first.", "Your meeting counts.", choice, "evidence_wrong", **words)


def answered(cast, case, answer=STANDS, by=None, at=LATER, seen=None) -> AppealAnswer:
    case = fresh(cast, case)
    with cast.scope():
        return answer_appeals(case=case, answer=answer, by=by or cast.carl, at=at, seen_version=seen or case.version)


def confirmed(cast, case, by=None, at=LATER) -> AppealAnswer:
    case = fresh(cast, case)
    with cast.scope():
        return confirm_answer(case=case, by=by or cast.rita, at=at, seen_version=case.version)


def registration(cast, partner) -> Registration:
    with cast.scope():
        return Registration.objects.select_related("program").get(partner=partner)


def told(cast, partner, since=LATER) -> list[str]:
    with cast.scope():
        rows = Notice.objects.filter(partner=partner, sent_at__gte=since).order_by("sent_at", "pk")
        return [f"{notice.subject}\n{notice.body}" for notice in rows]


def protected(cast) -> dict[str, Any]:
    with cast.scope():
        rows = Protection.objects.filter(ended_at__isnull=True).select_related("registration__partner")
        return {row.registration.partner.name: row.period for row in rows}
