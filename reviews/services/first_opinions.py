"""Saying a first opinion: once a person and case, on the recommendation in force, before it is shown."""

from datetime import datetime

from django.db import transaction

from channelconflict.audit import record
from channelconflict.models import User
from partners.services import NotPossibleError
from reviews.choices import DIRECT
from reviews.first_opinion import UNSURE, View, view_of
from reviews.models import Case, FirstOpinion, OpinionAction
from reviews.services.asked_first import letters_of, owes
from reviews.services.cases import lock_case
from reviews.services.decisions import current_recommendation, recommended_choice
from reviews.states import Act, check_can


@transaction.atomic
def say_first_opinion(*, case: Case, view: View, text: str, by: User, at: datetime, seen_version: int) -> FirstOpinion:
    """Keep what `by` would do with a case; after that the recommendation shows. The case's version stays as it was.

    Refused on a stale version, of who is not asked, and a second time.
    """
    case = lock_case(case, seen_version)
    check_can(case.status, Act.SAY_FIRST)
    if FirstOpinion.objects.filter(case=case, user=by).exists():
        raise NotPossibleError(f"You have said your first opinion on {case.ref} already: it stays as it was.")
    if not owes(by, case):
        raise NotPossibleError(f"{case.ref} does not ask you for a first opinion: the recommendation is shown.")
    called = letters_of(case)
    _check(view, called)
    recommendation = current_recommendation(case)
    recommended = recommended_choice(recommendation)
    comparable = recommended is not None and view.action != UNSURE
    opinion = FirstOpinion.objects.create(
        program_id=case.program_id, case=case, user=by, recommendation=recommendation, action=view.action,
        owner_id=view.owner if view.owner not in ("", DIRECT) else None, owner_direct=view.owner == DIRECT,
        letter=called.get(view.owner, ""), text=text.strip(), said_at=at,
        agreed=view == view_of(recommended) if comparable and recommended else None,
    )  # fmt: skip
    facts = {
        "opinion": opinion.pk, "action": view.action, "owner": view.owner, "recommendation": recommendation.pk,
        "agreed": opinion.agreed,
    }  # fmt: skip
    record(action="case.first_opinion", by=by, at=at, subject=case, program_id=case.program_id, case_id=case.pk,
           facts=facts, private={"text": opinion.text} if opinion.text else None)  # fmt: skip
    return opinion


def _check(view: View, called: dict[str, str]) -> None:
    """Refuse what is no view, or gives the deal to nobody who is there."""
    if view.action not in OpinionAction.values:
        raise NotPossibleError("Choose what you would do: one of the answers, or that you cannot tell.")
    award = view.action == OpinionAction.AWARD
    if bool(view.owner) != award or (award and view.owner not in {*called, DIRECT}):
        raise NotPossibleError("Choose one of the claimants of this case.")
